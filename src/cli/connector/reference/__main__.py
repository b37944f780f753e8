"""Write docs/connector-reference.md: ``python -m src.cli.connector.reference``.

With ``--check`` nothing is written: the exit status says whether the page is up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from griffe import Alias, Module, visit

from src.cli.connector.reference.chapters import CHAPTERS, Chapter
from src.cli.connector.reference.entries import entry, public_names
from src.connectors.versions import API_VERSION, HISTORY, OLDEST_API_VERSION

ROOT = Path(__file__).parents[4]
TARGET = ROOT / "docs" / "connector-reference.md"

_ABOUT = """# Connector reference

What connector authors may use, from the code (`make reference` writes this page). How to begin is
in [adding a connector](adding-a-connector.md), how the parts work together in
[topics for connector authors](connector-topics.md), what the words mean in the
[glossary](glossary.md). Import from the module that stands above an entry.
"""
_VERSIONS = f"""## Versions

The version of the plugin interface is {API_VERSION}; connectors from {OLDEST_API_VERSION} on work.
A manifest says which one it is written for: `api_version={API_VERSION}`, as a plain number, since
it is read before the connector is imported. Without it, it is 1. A connector that is too old, or
too new, is refused at the start by name, with both numbers. The number rises with each release that
adds something; the oldest one rises when something that connectors use has ended.

| version | what came |
|---|---|
"""


@cache
def page() -> str:
    """The whole page."""
    return "\n".join(_lines()).rstrip() + "\n"


def _lines() -> Iterator[str]:
    yield _ABOUT
    for chapter in CHAPTERS:
        yield f"- [{chapter.title}](#{chapter.title.lower().replace(' ', '-')}): {chapter.about}"
    yield ""
    yield _VERSIONS + "\n".join(f"| {number} | {came} |" for number, came in HISTORY.items())
    yield ""
    for chapter in CHAPTERS:
        yield from _chapter(chapter)


def _chapter(chapter: Chapter) -> Iterator[str]:
    yield f"## {chapter.title}"
    yield ""
    yield chapter.about
    yield ""
    for name, names in chapter.modules.items():
        module = _read(name)
        yield f"From `{name}`:"
        yield ""
        for one in public_names(module) if names is None else names:
            yield from entry(_home(module, one), one)


def _home(module: Module, name: str) -> Module:
    """Where a name is defined: in the module, or where that takes what it offers as its own."""
    member = module.members[name]
    if isinstance(member, Alias) and name in (module.exports or ()):
        return _read(member.target_path.rpartition(".")[0])
    return module


def _read(name: str) -> Module:
    file = ROOT / f"{name.replace('.', '/')}.py"
    return visit(name, filepath=file, code=file.read_text(encoding="utf-8"))


def main(arguments: list[str], target: Path = TARGET) -> int:
    """Write the page, or check it."""
    text = page()
    if "--check" in arguments:
        if target.is_file() and target.read_text(encoding="utf-8") == text:
            return 0
        sys.stderr.write(f"{target.name} is stale: run `make reference` and commit it.\n")
        return 1
    target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
