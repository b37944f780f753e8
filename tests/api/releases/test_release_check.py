"""What breaks callers must stand in the changelog, and nothing else may stand there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from src.api.releases.check import main
from tests.api.releases.contract import Document, contract, put

TOLD = "- `answer Box.size: removed` in `getShelf`, `listShelves`,\n  `makeShelf`: read `width`.\n"
UNTOLD = TOLD.replace("read `width`.", "<what callers do now>")
REFUSED = "- `operation: removed` in `getShelf`: read the list.\n"


def tree(root: Path, entries: str, *, version: str = "1.0.0") -> Document:
    """A project whose Box has lost its size since version 1.0.0."""
    present = contract()
    put(present, "components schemas Box properties size", None)
    present["info"]["version"] = version
    (root / "interfaces/released").mkdir(parents=True)
    (root / "interfaces/released/openapi.json").write_text(json.dumps(contract()))
    (root / "interfaces/openapi.json").write_text(json.dumps(present))
    newer = f"\n## [{version}] - 2026-02-02\n" if version != "1.0.0" else ""
    breaks = f"\n### Breaking\n\n{entries}\n### Added\n\n- A thing.\n"
    older = f"\n## [1.0.0] - 2026-01-01\n\n### Breaking\n\n{REFUSED}"
    (root / "CHANGELOG.md").write_text(f"# Changelog\n\n## [Unreleased]\n{newer}{breaks}{older}")
    return present


def test_the_changelog_of_this_tree_names_what_breaks_callers() -> None:
    assert main([]) == 0


def test_a_change_that_is_told_passes(tmp_path: Path) -> None:
    tree(tmp_path, TOLD)
    assert main([], tmp_path) == 0


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ("", f"Add: {' '.join(UNTOLD.split())}"),
        (UNTOLD, "say what callers do now"),
        (TOLD + REFUSED, "No such difference: `operation: removed`"),
        (
            TOLD.replace(", `listShelves`", ""),
            "`answer Box.size: removed` is in `getShelf`, `listShelves`, `makeShelf`",
        ),
        (TOLD + "- Something else is gone.\n", "Cannot be read: - Something else is gone."),
    ],
    ids=["missing", "unexplained", "unnecessary", "other operations", "unreadable"],
)
def test_what_is_wrong_is_told_with_what_to_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], entries: str, said: str
) -> None:
    tree(tmp_path, entries)
    assert main([], tmp_path) == 1
    assert said in capsys.readouterr().err


def test_a_line_that_the_check_proposes_passes_once_it_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(tmp_path, "")
    main([], tmp_path)
    proposed = capsys.readouterr().err.partition("Add: ")[2]
    tree(tmp_path / "again", proposed.replace("<what callers do now>", "read `width`."))
    assert main([], tmp_path / "again") == 0


def test_a_release_takes_its_document_along(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    present = tree(tmp_path, TOLD, version="2.0.0")
    assert main([], tmp_path) == 1
    assert "`make release`" in capsys.readouterr().err
    assert main(["--release"], tmp_path) == 0
    assert json.loads((tmp_path / "interfaces/released/openapi.json").read_text()) == present
    assert main([], tmp_path) == 0


def test_a_release_without_its_version_in_the_changelog_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(tmp_path, TOLD)
    present = json.loads((tmp_path / "interfaces/openapi.json").read_text())
    present["info"]["version"] = "2.0.0"
    (tmp_path / "interfaces/openapi.json").write_text(json.dumps(present))
    assert main(["--release"], tmp_path) == 1
    assert "both must be the new version" in capsys.readouterr().err


def test_a_release_that_does_not_tell_what_breaks_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree(tmp_path, "", version="2.0.0")
    assert main(["--release"], tmp_path) == 1
    assert "Add: - `answer Box.size: removed`" in capsys.readouterr().err


def test_a_version_is_released_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree(tmp_path, TOLD)
    assert main(["--release"], tmp_path) == 1
    assert "1.0.0 is released" in capsys.readouterr().err


@pytest.mark.parametrize(
    "strange", [{"prefixItems": []}, {"allOf": [{}, {}]}], ids=["a keyword", "several parts"]
)
def test_what_is_not_compared_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], strange: Document
) -> None:
    present = tree(tmp_path, TOLD)
    put(present, "components schemas Shelf properties note", strange)
    (tmp_path / "interfaces/openapi.json").write_text(json.dumps(present))
    assert main([], tmp_path) == 1
    assert f"{next(iter(strange))} " in capsys.readouterr().err
