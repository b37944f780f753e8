"""The commands of docs/adding-a-connector.md, pasted one after the other."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from importlib.metadata import distributions
from pathlib import Path

import httpx

from src.db.keeper import free_port

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "adding-a-connector.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
END = "=== the end of a block ==="


def blocks() -> list[tuple[str, list[str]]]:
    """Each block of commands, and the lines that must come out of it."""
    found: list[tuple[str, list[str]]] = []
    for kind, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if kind == "bash":
            found.append((text, []))
        elif kind == "text":
            found[-1][1].extend(text.splitlines())
    return found


def shown() -> set[str]:
    """What the page says is in the folder."""
    (tree,) = [text for kind, text in BLOCK.findall(PAGE.read_text()) if kind == "tree"]
    cells = re.findall(r"^  ([\w./, ]+?)(?:  |$)", tree, re.MULTILINE)
    return {name.strip().rstrip("/") for cell in cells for name in cell.split(",")}


def fake_checkout(home: Path) -> Path:
    """A folder like this project's own, in which nothing of it is changed."""
    for entry in ROOT.iterdir():
        if not entry.name.startswith(".") and entry.name != "connectors":
            (home / entry.name).symlink_to(entry)
    (home / ".venv").symlink_to(sys.prefix)
    return home


def served(home: Path) -> None:
    """Step 10: the service finds the folder."""
    command = "SANDBOX=true make run"
    assert f"`{command}`" in PAGE.read_text()
    port = free_port()
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(
            ["/usr/bin/env", "bash", "-c", command],
            cwd=home,
            env={**os.environ, "CONNECTOR_PATHS": "connectors", "PORT": str(port)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"X-Tenant-Id": "my-team"}
        ) as client:
            while not _is_ready(client):
                assert process.poll() is None, (home / "server.log").read_text()
                time.sleep(0.1)
            catalogue = client.get("/api/connectors?q=acme").raise_for_status().json()
            assert [one["id"] for one in catalogue["data"]["items"]] == ["acme"]
            route = "/api/connectors/acme/connect/callback"
            connected = client.post(route, json={"apiKey": "sandbox-acme-token"})
            assert connected.json()["data"]["status"] == "connected"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(120)


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/api/health/ready").is_success
    except httpx.TransportError:
        return False


def installed(home: Path) -> None:
    """Step 10: the folder is a package, too; here it goes into a folder of its own."""
    command = "pip install ./connectors/acme"
    assert f"`{command}`" in PAGE.read_text()
    # What builds it is a requirement of ours, so that no network is needed.
    options = {"PIP_TARGET": "site", "PIP_NO_BUILD_ISOLATION": "0", "PIP_NO_INDEX": "1"}
    subprocess.run(
        ["/usr/bin/env", "bash", "-c", f"{sys.executable} -m {command}"],
        cwd=home,
        env={**os.environ, **options},
        check=True,
        capture_output=True,
    )
    found = [
        one
        for package in distributions(path=[str(home / "site")])
        for one in package.entry_points.select(group="connectors")
    ]
    assert [(one.name, one.module) for one in found] == [("acme", "acme_connector.connector")]
    assert (home / "site" / "acme_connector" / "icon.svg").is_file()


def squeezed(text: str) -> str:
    """The words of a text without the lines of tables."""
    return " ".join(re.sub(r"[│┃─━┏┓┗┛┡┩└┘┌┐]", " ", text).split())


def test_every_command_of_the_ten_steps_does_what_the_page_says(tmp_path: Path) -> None:
    steps = blocks()
    assert len(steps) == 7
    script = "".join(f"{commands}\necho '{END}'\n" for commands, _ in steps)
    kept = {name: os.environ[name] for name in ("HOME", "PATH", "TMPDIR") if name in os.environ}
    done = subprocess.run(
        ["/usr/bin/env", "bash", "-euo", "pipefail", "-c", script],
        cwd=fake_checkout(tmp_path),
        env={**kept, "LANG": "C.UTF-8", "COLUMNS": "120"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    said = done.stdout.split(END)
    for (commands, lines), output in zip(steps, said, strict=False):
        for line in lines:
            parts = [re.escape(squeezed(part)) for part in line.split("…")]
            assert re.search(".*".join(parts), squeezed(output)), (commands, line, output)
    folder = tmp_path / "connectors" / "acme"
    assert shown() == {entry.name for entry in folder.iterdir() if entry.name[0] not in "._"}
    assert (folder / "recorded" / "two_items.json").is_file()
    served(tmp_path)
    installed(tmp_path)
