"""``serve``: uvicorn with our settings, and a word on what to do next."""

from __future__ import annotations

import os
import socket
from functools import partial
from typing import Any

import typer
import uvicorn
from pydantic import ValidationError

from src.bootstrap import require_known
from src.cli.banner import announce
from src.cli.protocol import BoundedProtocol
from src.connectors.registry import discover
from src.core.config import Settings
from src.core.errors import StartError
from src.models.base import complaint

OTHER_PORTS = (8010, 8020)


def run_server(host: str, port: int, *, workers: int, reload: bool) -> None:
    """Serve until interrupted.

    Raises:
        Exit: A setting is wrong or the port is taken; the reason has been printed.
    """
    settings = read_settings()
    require_free(host, port, command="make run")
    check_connectors(settings)
    url = f"http://localhost:{port}"
    if "public_url" not in settings.model_fields_set:
        # Callback and icon addresses follow the port, unless the operator set them.
        os.environ["PUBLIC_URL"] = url
    if not settings.production:
        announce(settings, host, port, url)
    # A class, says uvicorn, and calls it.
    protocol: Any = partial(BoundedProtocol, seconds=settings.request_read_timeout_seconds)
    uvicorn.run(
        "src.api.main:app",
        host=host,
        port=port,
        http=protocol,
        workers=workers,
        reload=reload,
        log_config=None,
        # Whose X-Forwarded-For is believed is ours to decide: nobody's, so far.
        proxy_headers=False,
        timeout_graceful_shutdown=settings.shutdown_timeout_seconds,
    )


def check_connectors(settings: Settings) -> None:
    """Exit with a sentence if a connector is broken, before the server prints a traceback."""
    try:
        require_known(settings, discover(settings.connector_paths))
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
            typer.echo(f"{name or 'Settings'}: {complaint(problem)}", err=True)
        raise typer.Exit(2) from None


def require_free(host: str, port: int, *, command: str) -> None:
    """Exit with a sentence if somebody listens on the port; ``command`` takes another one."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            other = next(each for each in OTHER_PORTS if each != port)
            typer.echo(
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                f"Stop the other server, or choose another port: {command} PORT={other}",
                err=True,
            )
            raise typer.Exit(2) from None
