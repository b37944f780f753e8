"""Connectors as an author has them: a folder with an imitation and a suite of its own."""

import shutil
from pathlib import Path

TESTING = Path(__file__).parent
Change = tuple[str, str]

_SHELF = """
from pathlib import Path

from src.connectors.registry import module_of
from src.testing import ConnectorConformance


class TestShelf(ConnectorConformance):
    connector_id = "shelf"
    module = module_of(Path(__file__).parents[1])
    token = "shelf-token-4711"
    container = "shelf:1"
    item = "1:1"
    word = "whale"
    resource_parents = {"shelf_place": "shelf:1"}
    tools = {"shelf_write_note": {"book": "1:1", "text": "Good."}}
"""
_LEDGER = """
from src.testing import ConnectorConformance


class TestLedger(ConnectorConformance):
    connector_id = "ledger"
    token = "ledger-token-4711"
"""


def drop_shelf(home: Path, *changes: Change, sandbox: tuple[Change, ...] = ()) -> Path:
    """The small connector that browses, each first text replaced by the second."""
    return _drop(home, "shelf", "library", _SHELF, changes, sandbox)


def drop_ledger(home: Path, *changes: Change, sandbox: tuple[Change, ...] = ()) -> Path:
    """The small connector that synchronizes."""
    return _drop(home, "ledger", "bookkeeping", _LEDGER, changes, sandbox)


def _drop(
    home: Path,
    name: str,
    imitation: str,
    suite: str,
    changes: tuple[Change, ...],
    sandbox: tuple[Change, ...],
) -> Path:
    folder = home / name
    shutil.copytree(TESTING / name, folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(TESTING / f"{imitation}.py", folder / "sandbox.py")
    (folder / "tests").mkdir()
    (folder / "tests" / f"test_{name}.py").write_text(suite)
    moved = (f"tests.testing.{imitation}:create_app", ".sandbox:create_app")
    _change(folder / "connector.py", (moved, *changes))
    _change(folder / "sandbox.py", sandbox)
    return folder


def _change(path: Path, changes: tuple[Change, ...]) -> None:
    text = path.read_text()
    for old, new in changes:
        assert old in text, f"nothing to change: {old}"
        text = text.replace(old, new)
    path.write_text(text)


def line_of(path: Path, text: str) -> int:
    """The first line that holds a text."""
    lines = path.read_text().splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)
