"""What a newcomer is told, once the server answers."""

from __future__ import annotations

import socket
import threading
import time

import typer

from src.core.config import LOCKED_OUT, Settings

_POLL_SECONDS = 0.05
_HERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104  asked, not listened on

_BANNER = """
  {name} {version} at {url}

    {url}/docs                 the API, to read and to try
    {url}{prefix}/health/ready     is everything there?

{next_step}

  No token at hand? `make demo` shows everything on an imitation of GitHub.
  Ctrl-C stops.
"""
_CONNECT = """\
  Next: connect a GitHub account with a personal access token

    curl -X POST {url}{prefix}/connectors/github/connect/callback \\
{authorization}      -H 'X-Tenant-Id: my-team' -H 'Content-Type: application/json' \\
      -d '{{"apiKey": "<your token>"}}'"""
_AUTHORIZATION = "      -H 'Authorization: Bearer <ADMIN_API_KEY>' \\\n"


def announce(settings: Settings, host: str, port: int, url: str) -> None:
    """Print the banner when the server takes connections, and not at all if it never does."""
    address = _HERE.get(host, host), port
    text = _banner(settings, url)
    threading.Thread(target=_print_when_served, args=[address, text], daemon=True).start()


def _print_when_served(address: tuple[str, int], text: str) -> None:
    """The server's processes start the application first and listen then, so asking is enough."""
    while True:
        try:
            socket.create_connection(address, timeout=1).close()
        except OSError:
            time.sleep(_POLL_SECONDS)
        else:
            typer.echo(text)
            return


def _banner(settings: Settings, url: str) -> str:
    authorization = _AUTHORIZATION if settings.auth_required else ""
    connect = _CONNECT.format(url=url, prefix=settings.api_prefix, authorization=authorization)
    return _BANNER.format(
        name=settings.app_name,
        version=settings.app_version,
        url=url,
        prefix=settings.api_prefix,
        next_step=f"  {LOCKED_OUT}" if settings.locks_everybody_out else connect,
    )
