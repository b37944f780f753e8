"""The commands of docs/adding-a-connector.md, pasted one after the other."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

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
