"""What the documents for connector authors say is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from src.cli.connector.reference.__main__ import main, page
from src.connectors.versions import API_VERSION, FIRST_API_VERSION, HISTORY, OLDEST_API_VERSION

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def rows(text: str) -> list[str]:
    """The first cells of the rows of a table."""
    return re.findall(r"^\| ([^|]+) \| ", text, flags=re.MULTILINE)


def test_the_reference_is_up_to_date() -> None:
    assert main(["--check"]) == 0


def test_a_stale_reference_is_told_and_written_anew(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = tmp_path / "reference.md"
    stale.write_text(page().replace("required", "optional"))
    assert main(["--check"], stale) == 1
    assert "`make reference`" in capsys.readouterr().err
    assert main([], stale) == 0
    assert main(["--check"], stale) == 0


def test_the_reference_tells_type_default_and_meaning() -> None:
    text = page()
    assert "| `username` | `str \\| None` | `None`, `pattern ^[A-Za-z][A-Za-z0-9]*$` | For" in text
    assert "| `SWEEP` | `'sweep'` | What a full run does not meet is gone. |" in text
    assert "`async containers(query: ContainerQuery) -> Page[Container]`" in text
    assert "Raises `UnsupportedFilter`: The provider cannot honour a filter" in text


def test_each_version_of_the_interface_is_described() -> None:
    assert list(HISTORY) == list(range(FIRST_API_VERSION, API_VERSION + 1))
    assert FIRST_API_VERSION <= OLDEST_API_VERSION <= API_VERSION


def test_the_glossary_is_in_order_and_has_the_words_of_the_architecture() -> None:
    words = [word for word in rows(read("glossary.md")) if word not in {"word", "---"}]
    assert words == sorted(words)
    said = read("architecture.md").partition("\n## Words\n")[2].partition("\n## ")[0]
    listed = re.sub(r"\([^)]*\)", "", said.partition("has more of them.")[2])
    named = {word.strip(" .\n") for part in listed.split("·") for word in part.split(",")}
    assert named - {"cursor", "checkpoint"} <= set(words), named - set(words)


ARROW = re.compile(r"^\s+(\w+)-?->>(\w+): (.+)$", re.MULTILINE)
CALL = re.compile(r"(\w+)\(\)")


def diagrams() -> list[str]:
    found = re.findall(r"```mermaid\n(.+?)```", read("walks.md"), flags=re.DOTALL)
    assert len(found) == 2
    return found


@pytest.mark.parametrize("diagram", diagrams(), ids=["browse", "sync"])
def test_the_boxes_and_arrows_of_a_walk_are_in_the_code(diagram: str) -> None:
    modules = dict(re.findall(r"participant (\w+) as (\S+)", diagram))
    known = {*modules, *re.findall(r"actor (\w+) as", diagram)}
    arrows = ARROW.findall(diagram)
    assert len(arrows) > 10
    calls = 0
    for sender, receiver, says in arrows:
        assert {sender, receiver} <= known
        for name in CALL.findall(says):
            code = (ROOT / "src" / modules[receiver]).read_text(encoding="utf-8")
            assert f"def {name}(" in code, f"{modules[receiver]} has no {name}"
            calls += 1
    assert calls > 8
