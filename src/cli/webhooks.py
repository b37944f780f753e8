"""``webhooks address``: what the operator sets up at a provider for the platform's own app."""

from __future__ import annotations

from typing import Annotated

import typer

from src.cli.operator import AsJson, Exit, Operator, operate, say, show_json
from src.connectors.registry import discover
from src.db.receivers import Receivers
from src.services.webhooks.app_addresses import setup_of_platform

app = typer.Typer(help="Webhooks of the platform's own OAuth apps.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep the name of the only command."""


@app.command()
def address(
    connector: Annotated[str, typer.Argument(help="The connector's id, such as garmin.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show the address that the provider's own pages are given, which is a secret."""

    async def work(operator: Operator) -> Exit:
        await operator.require_root()
        setup = await setup_of_platform(
            operator.settings,
            discover(operator.settings.connector_paths),
            Receivers(lambda: operator.mongo.database),
            operator.encryption,
            connector,
        )
        told = {
            "url": setup.url.get_secret_value(),
            "header": setup.header,
            "secret": setup.secret and setup.secret.get_secret_value(),
        }
        if as_json:
            show_json({**told, "instructions": setup.instructions})
            return Exit.FINE
        say(setup.instructions)
        for name, value in told.items():
            if value is not None:
                say(f"{name}: {value}")
        return Exit.FINE

    operate(work, as_json=as_json)
