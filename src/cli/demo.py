"""``demo``: the main walk over real HTTP, against the imitation of GitHub."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
import typer
from dotenv import dotenv_values
from rich.console import Console
from rich.json import JSON

from src.cli.serve import require_free

TENANT = "demo"
SANDBOX_TOKEN = "ghp_sandbox_octocat"  # noqa: S105  opens nothing but the imitation
CONFLICT = 409
_HOST = "127.0.0.1"
_EXAMPLES = Path(__file__).parents[2] / "examples"
_START_SECONDS = 60.0
_SHOWN_CHARACTERS = 1800
_CHECKS = frozenset({"mongodb", "replicaSet", "encryptionKey", "server"})
_LASTING = frozenset({"replicaSet", "encryptionKey"})
"""What no waiting mends."""
_WELL = frozenset({"ok", "unknown"})

console = Console()


def run_demo(port: int, *, once: bool) -> None:
    """Start a server in sandbox mode, walk, and leave it running unless ``once``."""
    require_free(_HOST, port, command="make demo")
    url = f"http://localhost:{port}"
    with _server(port, url) as server:
        with httpx.Client(
            base_url=url, headers={"X-Tenant-Id": TENANT}, timeout=30, trust_env=False
        ) as client:
            _wait_until_ready(client, server)
            _walk(client)
        if once:
            return
        console.print(
            f"\n[bold]The server stays at {url}[/] (tenant [bold]{TENANT}[/], docs at {url}/docs). "
            "Ctrl-C stops it."
        )
        _tell([f"  curl -s '{url}/api/connections' -H 'X-Tenant-Id: {TENANT}'"])
        _wait_for_end(server)


def _data_dir() -> str:
    """Beside the data of `make run`, so that neither sees the other's."""
    return os.environ.get("DATA_DIR", ".data/demo")


def _connector_paths() -> str:
    """What the caller has dropped in, else the examples, as far as what they need is installed."""
    given = {**dotenv_values(".env"), **os.environ}.get("CONNECTOR_PATHS")
    can_be_shown = _EXAMPLES.is_dir() and find_spec("asyncpg") is not None
    return given or (str(_EXAMPLES) if can_be_shown else "")


def _wait_for_end(server: subprocess.Popen[bytes]) -> None:
    try:
        server.wait()
    except KeyboardInterrupt:
        console.print("Stopping.")


@contextmanager
def _server(port: int, url: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = {
        **os.environ,
        "ENVIRONMENT": "development",
        "SANDBOX": "true",
        "AUTH_REQUIRED": "false",
        "API_PREFIX": "/api",
        "CONNECTORS__GITHUB__ENABLED": "true",
        "CONNECTOR_PATHS": _connector_paths(),
        "PUBLIC_URL": url,
        "DATA_DIR": _data_dir(),
        "MONGODB_DB": "connectors_demo",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "WARNING"),
    }
    command = [sys.executable, "-m", "uvicorn", "src.api.main:app"]
    server = subprocess.Popen(  # noqa: S603  our own module, no shell
        [*command, "--host", _HOST, "--port", str(port)], env=environment
    )
    # Ended from outside, the demo takes its server along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        yield server
    finally:
        server.terminate()
        server.wait()


def _wait_until_ready(client: httpx.Client, server: subprocess.Popen[bytes]) -> None:
    console.print("Starting the service with imitation providers …")
    started = time.monotonic()
    told: set[str] = set()
    while time.monotonic() - started < _START_SECONDS:
        if server.poll() is not None:
            raise typer.Exit(server.returncode)
        troubles = _troubles(client)
        if troubles == {}:
            console.print(f"Ready after {time.monotonic() - started:.1f} s.")
            return
        _tell(set((troubles or {}).values()) - told)
        told.update((troubles or {}).values())
        if _LASTING & (troubles or {}).keys():
            break
        time.sleep(0.05)
    _tell(["The service did not become ready.", *_way_out()])
    raise typer.Exit(1)


def _troubles(client: httpx.Client) -> dict[str, str] | None:
    """What readiness finds wrong; None while nobody answers."""
    try:
        answer = client.get("/api/health/ready")
    except httpx.TransportError:
        return None
    if answer.is_success:
        return {}
    details = answer.json()["error"]["details"] or {}
    wrong = {name: text for name, text in details.items() if name in _CHECKS and text not in _WELL}
    return wrong or {"server": f"The service answers {answer.status_code}."}


def _way_out() -> list[str]:
    """How to start empty, if the data is in a folder of ours."""
    folder = Path(_data_dir())
    if not (folder / "mongo").is_dir():
        return []
    return [f"The demo's data is in DATA_DIR={folder}: delete that folder, or name another one."]


def _tell(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def _walk(client: httpx.Client) -> None:
    connectors = "/api/connectors"
    _show(client, "What can be connected", "GET", connectors)
    examples = client.get(connectors, params={"category": "example"}).json()["data"]["items"]
    if examples:
        # The catalogue is longer than what is shown of it.
        names = ", ".join(one["name"] for one in examples)
        _tell([f"Dropped in by CONNECTOR_PATHS, in the category example: {names}"])
    connected = _show(
        client,
        "Connect a GitHub account with a personal access token",
        "POST",
        f"{connectors}/github/connect/callback",
        json={"apiKey": SANDBOX_TOKEN},
    )
    if connected["ok"]:
        connection_id = connected["data"]["connectionId"]
    else:
        connection_id = connected["error"]["details"]["connectionId"]
    github, params = f"{connectors}/github", {"connectionId": connection_id}
    _show(client, "The connection", "GET", f"/api/connections/{connection_id}")
    _show(client, "Organisations at the top", "GET", f"{github}/containers", params=params)
    page = _show(
        client,
        "Repositories of the account",
        "GET",
        f"{github}/containers",
        params={**params, "type": "repository", "limit": 3},
    )
    container_id = page["data"]["items"][0]["id"]
    page = _show(
        client,
        "Its open issues, the latest changes first",
        "GET",
        f"{github}/items",
        params={
            **params,
            "containerId": container_id,
            "type": "issue",
            "state": "open",
            "sort": "-updatedAt",
            "limit": 10,
        },
    )
    discussed = max(page["data"]["items"], key=lambda item: item["commentCount"] or 0)
    _show(client, "One of them", "GET", f"{github}/items/{discussed['id']}", params=params)
    _show(
        client,
        "What people say about it",
        "GET",
        f"{github}/comments",
        params={**params, "itemId": discussed["id"], "limit": 2},
    )


def _show(client: httpx.Client, title: str, method: str, path: str, **request: Any) -> Any:
    """Send a request and print it with its answer and the time it took."""
    started = time.perf_counter()
    answer = client.request(method, path, **request)
    ms = (time.perf_counter() - started) * 1000
    console.print(f"\n[bold]{title}[/]")
    console.print(f"{method} {answer.url.raw_path.decode()}", style="cyan", soft_wrap=True)
    console.print(f"{answer.status_code} in {ms:.0f} ms, {len(answer.content)} bytes")
    body = answer.json()
    text = JSON(answer.text).text.plain
    shown = text[:_SHOWN_CHARACTERS]
    cut = shown if shown == text else f"{shown}\n  … (cut here)"
    console.print(cut, soft_wrap=True)
    if not body["ok"] and answer.status_code != CONFLICT:
        raise typer.Exit(1)
    return body
