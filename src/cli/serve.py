"""``serve``: uvicorn with our settings, and a word on what to do next."""

from __future__ import annotations

import os
import socket

import typer
import uvicorn
from pydantic import ValidationError

from src.connectors.registry import discover
from src.core.config import Settings
from src.core.errors import StartError

_NEXT = """
  {name} {version} at {url}

    {url}/docs                 the API, to read and to try
    {url}/api/health/ready     is everything there?

  Next: connect a GitHub account with a personal access token

    curl -X POST {url}/api/connectors/github/connect/callback \\
      -H 'X-Tenant-Id: my-team' -H 'Content-Type: application/json' \\
      -d '{{"apiKey": "<your token>"}}'

  No token at hand? `make demo` shows everything on an imitation of GitHub.
  Ctrl-C stops.
"""


def run_server(host: str, port: int, *, workers: int, reload: bool) -> None:
    """Serve until interrupted.

    Raises:
        Exit: A setting is wrong or the port is taken; the reason has been printed.
    """
    settings = read_settings()
    require_free(host, port)
    _check_connectors(settings)
    url = f"http://localhost:{port}"
    if "public_url" not in settings.model_fields_set:
        # Callback and icon addresses follow the port, unless the operator set them.
        os.environ["PUBLIC_URL"] = url
    if not settings.production:
        typer.echo(_NEXT.format(name=settings.app_name, version=settings.app_version, url=url))
    uvicorn.run(
        "src.api.main:app",
        host=host,
        port=port,
        workers=workers,
        reload=reload,
        log_config=None,
        # Whose X-Forwarded-For is believed is ours to decide: nobody's, so far.
        proxy_headers=False,
        timeout_graceful_shutdown=settings.shutdown_timeout_seconds,
    )


def _check_connectors(settings: Settings) -> None:
    """Exit with a sentence if a connector is broken, before the server prints a traceback."""
    try:
        discover(settings.connector_paths)
    except StartError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None


def read_settings() -> Settings:
    """The settings, or an exit with one line for each that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        for problem in error.errors(include_url=False, include_input=False):
            name = "__".join(map(str, problem["loc"])).upper()
            typer.echo(
                f"{name or 'Settings'}: {problem['msg'].removeprefix('Value error, ')}", err=True
            )
        raise typer.Exit(2) from None


def require_free(host: str, port: int) -> None:
    """Exit with a sentence if somebody listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            typer.echo(
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                "Stop the other server, or choose another port: make run PORT=8010",
                err=True,
            )
            raise typer.Exit(2) from None
