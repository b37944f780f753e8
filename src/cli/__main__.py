"""The commands."""

from __future__ import annotations

from typing import Annotated

import typer

from src.cli import api_keys, audit, connector, keys, tenants, webhooks
from src.cli.backup import read_backup, write_backup
from src.cli.demo import run_demo
from src.cli.doctor import diagnose
from src.cli.serve import run_server
from src.cli.worker import work

app = typer.Typer(
    help="The connector platform.",
    no_args_is_help=True,
    add_completion=False,
    # A traceback must not show what variables hold.
    pretty_exceptions_show_locals=False,
)

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=1, max=65535)]


@app.command()
def serve(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    *,
    workers: Annotated[int, typer.Option(help="Processes that serve.", min=1, max=64)] = 1,
    reload: Annotated[bool, typer.Option(help="Start again when a file changes.")] = False,
) -> None:
    """Serve the API and say what to do next."""
    run_server(host, port, workers=workers, reload=reload)


@app.command()
def demo(
    port: Port = 8000,
    *,
    once: Annotated[bool, typer.Option(help="Stop the server at the end.")] = False,
) -> None:
    """Serve with imitation providers, connect an account over HTTP and browse it."""
    run_demo(port, once=once)


app.command("worker")(work)
app.command("doctor")(diagnose)
app.command("tenants")(tenants.list_tenants)
app.command("connections")(tenants.list_connections)
app.command("backup")(write_backup)
app.command("restore")(read_backup)
app.add_typer(tenants.one, name="tenant")
app.add_typer(keys.app, name="keys")
keys.app.command("list")(api_keys.list_keys)
keys.app.command("make")(api_keys.make_key)
keys.app.command("revoke")(api_keys.revoke_key)
app.add_typer(audit.app, name="audit")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(connector.app, name="connector")


if __name__ == "__main__":
    app()
