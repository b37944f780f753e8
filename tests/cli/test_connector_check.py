"""`connector check`: findings as a table, as JSON, and as annotations of a workflow."""

from pathlib import Path

import pytest

from tests.cli.authors import connector
from tests.testing.dropins import drop_shelf, line_of

BROKEN = ('version="1.0.0"', 'version="one"')


pytestmark = pytest.mark.usefixtures("author")


def test_a_finding_has_file_line_and_remedy_in_a_table(tmp_path: Path) -> None:
    folder = drop_shelf(tmp_path, BROKEN)
    told = connector("check", "--path", folder)
    assert told.code == 1
    line = line_of(folder / "connector.py", 'version="one"')
    assert f"shelf/connector.py:{line} " in told.said
    assert "Manifest.version" in told.said
    assert "Write a value that the model takes" in told.said
    assert "shelf: 1 finding; no test was run." in told.said


def test_a_finding_is_found_by_id_beside_others_that_are_broken(tmp_path: Path) -> None:
    drop_shelf(tmp_path / "mine", BROKEN)
    told = connector("check", "shelf", "--format", "json", CONNECTOR_PATHS=str(tmp_path / "mine"))
    assert told.code == 1
    (finding,) = told.json["findings"]
    assert finding["file"] == "mine/shelf/connector.py"
    assert finding["source"] == "registry"
    assert {"line", "what", "remedy", "check"} < set(finding)


def test_a_workflow_gets_annotations_on_one_line_each(tmp_path: Path) -> None:
    folder = drop_shelf(tmp_path, BROKEN)
    told = connector("check", "--path", folder, "--format", "github")
    assert told.code == 1
    line = line_of(folder / "connector.py", 'version="one"')
    (said,) = told.said.splitlines()
    start = f"::error file=shelf/connector.py,line={line},title=connector check%2C registry::"
    assert said.startswith(f"{start}Manifest.version: ")
    assert "%0AWrite a value" in said


def test_one_that_holds_is_told_with_its_grade(tmp_path: Path) -> None:
    folder = drop_shelf(tmp_path)
    told = connector("check", "shelf", "--path", folder, "--hostile", "--format", "json")
    assert told.json["findings"] == []
    assert told.code == 0
    assert told.json["ran"] > 30
    grade = told.json["grade"]
    assert {"earned", "claimed", "next", "missing", "line", "rules"} == set(grade)
    assert grade["rules"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Name the connector: by its id, or with --path DIR."),
        (("nobody",), "There is no connector 'nobody'"),
        (("--path", "nowhere"), "no folder of a connector"),
    ],
)
def test_what_is_not_there_is_no_finding(arguments: tuple[str, ...], said: str) -> None:
    told = connector("check", *arguments)
    assert (told.code, told.said) == (2, "")
    assert said in told.complained
