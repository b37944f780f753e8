"""What `connector check` finds, each thing with file, line and remedy."""

from pathlib import Path

import pytest

from src.connectors.registry import load, module_of
from src.testing.checking import Verdict, check
from src.testing.checking.blame import Event, finding_of
from src.testing.findings import Finding, Source, split
from src.testing.suites import find_suite
from tests.testing.dropins import Change, drop_shelf, line_of

ME = 'await self.rest.get("/me", User)'


def checked(folder: Path, time_limit: float = 300) -> Verdict:
    return check(folder.name, module_of(folder), folder, time_limit=time_limit)


def placed(finding: Finding) -> tuple[str, int]:
    assert finding.what.strip()
    assert finding.advice.endswith(".")
    return finding.path.name, finding.line


@pytest.mark.parametrize(
    ("change", "at", "what", "remedy"),
    [
        (("import re\n", "import re\nimport (\n"), "import (", "SyntaxError", "syntax"),
        (("import re\n", "import nowhere_at_all\n"), "nowhere", "No module named", "import"),
        (('id="shelf",', 'id="other",'), 'id="other"', "manifest says 'other'", "value"),
        (('version="1.0.0"', 'version="one"'), 'version="one"', "Manifest.version", "value"),
        (('id="key",', 'id="Key!",'), 'id="Key!"', "AuthMethod.id", "value"),
        (('id="shelf",', 'api_version=99, id="shelf",'), "api_version=99", "API 99", "newer"),
        (
            ("async def identify", "async def identity"),
            "class ShelfConnector",
            "lacks identify",
            "verbs",
        ),
        (("User(Struct)", "User(Strict)"), "class User", "Strict", "service does not start"),
    ],
)
def test_what_the_registry_refuses_has_its_line(
    tmp_path: Path, change: Change, at: str, what: str, remedy: str
) -> None:
    folder = drop_shelf(tmp_path, change)
    verdict = checked(folder)
    assert verdict.loaded is None
    (finding,) = verdict.findings
    assert finding.source is Source.REGISTRY
    assert placed(finding) == ("connector.py", line_of(folder / "connector.py", at))
    assert what in finding.what
    assert remedy in finding.advice


@pytest.mark.parametrize(
    ("file", "old", "new", "at", "said"),
    [
        (
            "tests/test_shelf.py",
            "from pathlib",
            "import nothing_here\nfrom pathlib",
            "import nothing_here",
            "cannot be imported: No module named 'nothing_here'",
        ),
        ("sandbox.py", "import json", "import json, zzz", "zzz", "No module named 'zzz'"),
        (
            "connector.py",
            ".sandbox:create_app",
            ".imitation:create_app",
            ".imitation:create_app",
            "imitation'",
        ),
    ],
)
def test_what_keeps_the_suite_from_running_has_its_line(
    tmp_path: Path, file: str, old: str, new: str, at: str, said: str
) -> None:
    folder = drop_shelf(tmp_path)
    path = folder / file
    path.write_text(path.read_text().replace(old, new, 1))
    verdict = checked(folder)
    (finding,) = verdict.findings
    assert (finding.path, finding.line) == (path, line_of(path, at))
    assert said in finding.what
    assert verdict.ran == 0


def test_a_missing_icon_is_named(tmp_path: Path) -> None:
    folder = drop_shelf(tmp_path)
    (folder / "icon.svg").unlink()
    (finding,) = checked(folder).findings
    assert placed(finding) == ("icon.svg", 1)
    assert "Put that file there" in finding.advice


LINT: list[tuple[Change, str]] = [
    (("import re\n", "import re\nimport time\n"), "import time"),
    ((ME, 'await self.rest.get(f"/{User}", User)'), 'f"/{User}"'),
    (("PAGES = Link", 'HEAD = "Authorization"\nPAGES = Link'), 'HEAD = "Authorization"'),
    (('description="Books on shelves."', 'description=" "'), 'description=" "'),
    (("https://library.example/docs", "https://library.example/?a=b"), "?a=b"),
    (('label="Key",\n                fields', 'label="",\n                fields'), 'label="",'),
    (('"book": _NUMBER', '"volume": _NUMBER'), '"volume": _NUMBER'),
    (("config_model=NoFields", "config_model=BaseModel"), "config_model=BaseModel"),
]


def test_the_lint_points_at_each_line_and_needs_no_suite(tmp_path: Path) -> None:
    imported = ("import re\n", "import re\n\nfrom pydantic import BaseModel\n")
    folder = drop_shelf(tmp_path, imported, *(change for change, _ in LINT))
    (folder / "icon.svg").write_text("GIF89a")
    (folder / "tests" / "test_shelf.py").unlink()
    verdict = checked(folder)
    places = {placed(one) for one in verdict.findings}
    lines = {("connector.py", line_of(folder / "connector.py", at)) for _, at in LINT}
    suite = ("connector.py", line_of(folder / "connector.py", "class ShelfConnector"))
    assert places == {*lines, suite, ("icon.svg", 1)}
    assert verdict.ran == 0
    assert "There is no suite" in verdict.findings[-1].what


def test_a_manifest_in_another_file_is_followed_there(tmp_path: Path) -> None:
    folder = drop_shelf(
        tmp_path,
        ("auth_methods=(\n            AuthMethod(", "auth_methods=(KEY,), streams=(\n"),
    )
    text = (folder / "connector.py").read_text()
    start, end = text.index("streams=(\n"), text.index("scopes=ScopeRules")
    (folder / "connector.py").write_text(
        f"from .ways import KEY\n{text[:start]}{text[end:]}".replace("AuthMethod,\n", "")
    )
    (folder / "ways.py").write_text(
        "from src.connectors.manifest import AuthKind, AuthMethod\n\n"
        'KEY = AuthMethod(\n    id="key",\n    kind=AuthKind.API_KEY,\n    label=" ",\n)\n'
    )
    (folder / "tests" / "test_shelf.py").unlink()
    found = {finding.what: placed(finding) for finding in checked(folder).findings}
    assert found["auth method key has no label"] == ("ways.py", 6)
    assert found["auth method key needs a field apiKey to be usable"] == ("ways.py", 3)


def test_the_suite_and_the_tests_point_at_what_is_at_fault(tmp_path: Path) -> None:
    folder = drop_shelf(
        tmp_path,
        ("        shelf = query.container_id", f"        {ME}\n        shelf = query.container_id"),
        ("return to_comment(written, shelf, book)", "return to_comment(nothing, shelf, book)"),
        ("body=note.text,", "body=note.text[3],"),
    )
    tests = folder / "tests" / "test_own.py"
    tests.write_text("def test_of_mine():\n    assert 1 == 2\n")
    verdict = checked(folder)
    code = folder / "connector.py"
    found = {(one.source, *placed(one)): one for one in verdict.findings}
    slow = found[Source.SUITE, "connector.py", line_of(code, "async def items")]
    assert "items takes 2 requests, not 1" in slow.what
    assert "Ask for all of a page at once" in slow.advice
    broken = found[Source.SUITE, "connector.py", line_of(code, "body=note.text[3]")]
    assert "IndexError" in broken.what
    named = found[Source.SUITE, "connector.py", line_of(code, "nothing, shelf")]
    assert "NameError" in named.what
    assert "a change is sent once" in named.advice
    own = found[Source.TESTS, "test_own.py", 2]
    assert "python -m pytest" in own.advice
    assert verdict.ran > 30
    assert "test_tools_can_be_run" in verdict.failed["TestShelf"]


def test_a_path_that_is_not_there_is_told_once_with_what_the_sandbox_answers(
    tmp_path: Path,
) -> None:
    folder = drop_shelf(tmp_path, ('List("/shelves/{shelf}/books"', 'List("/shelves/{shelf}/boks"'))
    verdict = checked(folder)
    (finding,) = verdict.findings
    listing = line_of(folder / "connector.py", "BOOKS, mapping, query") - 1
    assert placed(finding) == ("connector.py", listing)
    assert "GET /shelves/1/boks" in finding.what
    assert "→ 404" in finding.what
    assert finding.advice.startswith("Correct the path there")
    assert len(verdict.failed["TestShelf"]) > 1


def test_a_parameter_that_nobody_hands_in_is_told_at_its_template(tmp_path: Path) -> None:
    notes = 'List("/shelves/{shelf}/books/{book}/notes"'
    folder = drop_shelf(tmp_path, (notes, notes.replace("{book}", "{volume}")))
    finding = checked(folder).findings[0]
    assert placed(finding) == ("connector.py", line_of(folder / "connector.py", "{volume}"))
    assert "has the parameter 'volume', and no value is handed in" in finding.what
    assert finding.advice.startswith("Write one that there is (book, shelf), or hand it in")


def test_a_suite_without_an_end_is_ended(tmp_path: Path) -> None:
    folder = drop_shelf(tmp_path)
    (folder / "tests" / "test_own.py").write_text("while True:\n    pass\n")
    (finding,) = checked(folder, time_limit=0.5).findings
    assert finding.source is Source.TIME
    assert placed(finding)[0] == "connector.py"
    assert "--time-limit" in finding.advice


@pytest.mark.parametrize(
    ("check_name", "message", "file", "at"),
    [
        ("test_x", "containers hides a failure (500): let it pass", "connector", "def containers"),
        ("test_x", "item(1:1) has no body: a single item has one", "connector", "async def item("),
        ("test_x", "shelf_place has no end: look at it again", "connector", "def resources"),
        ("test_x", "tool shelf_write_note sent 2: send it once", "connector", "def write_note"),
        ("test_x", "shelf_write_note has no end: look at it", "connector", "def write_note"),
        ("test_x", "manifest.category is bad: take another one", "connector", 'category="'),
        ("test_x", "resource_parents('a', 'b') ends: go on", "connector", "def resource_parents"),
        ("test_x", "something else is wrong: mend it", "connector", "class ShelfConnector"),
        (
            "test_x",
            "CredentialStale: The provider does not accept it",
            "tests/test_shelf",
            "class TestShelf",
        ),
        ("test_the_account_is_the_same_each_time", "no: yes", "connector", "async def identify"),
        ("test_x", "item reads no answer: name landmarks", "tests/test_shelf", "class TestShelf"),
        ("test_x", "tools has no arguments for x: name", "tests/test_shelf", "class TestShelf"),
    ],
)
def test_a_failure_is_placed_at_the_verb_it_names(
    tmp_path: Path, check_name: str, message: str, file: str, at: str
) -> None:
    folder = drop_shelf(tmp_path)
    loaded = load("shelf", module_of(folder))
    event = Event(
        kind="failed",
        test=f"tests/test_shelf.py::TestShelf::{check_name}",
        path=str(folder / "tests" / "test_shelf.py"),
        check=check_name,
        suite="TestShelf",
        conformance=True,
        message=message,
    )
    finding = finding_of(loaded, event)
    path = folder / f"{file}.py"
    assert (finding.path, finding.line) == (path, line_of(path, at))


@pytest.mark.parametrize(
    ("message", "what", "remedy"),
    [
        (
            "items takes 2 (a: b), too many: ask for them at once",
            "items takes 2 (a: b), too many",
            "ask",
        ),
        ("q='x' found a stranger: escape q, it is data", "q='x' found a stranger", "escape q"),
        ("It fails with 500. Read the statuses there.", "It fails with 500", "Read the statuses"),
        (
            "items: 401 became ValueError (/a/{b}: b needs a value and a pattern), it must become"
            " CredentialRefused. Read the statuses in Dialect.classify, and: let mappings raise",
            "items: 401 became ValueError (/a/{b}: b needs a value and a pattern), it must become"
            " CredentialRefused",
            "Read the statuses",
        ),
        (
            "manifest.grade claims gold, and none is earned. Repair it, or claim less:\n"
            "lasting-grants (gold), no fault: the consent page answers 404",
            "manifest.grade claims gold, and none is earned:\n"
            "lasting-grants (gold), no fault: the consent page answers 404",
            "Repair it, or claim less",
        ),
        ("it fails", "it fails", "otherwise"),
    ],
)
def test_a_message_is_what_is_wrong_and_what_to_do(message: str, what: str, remedy: str) -> None:
    said = split(message, "otherwise")
    assert said[0] == what
    assert said[1].startswith(remedy)


def test_the_suite_of_a_folder_is_bound_to_the_class_that_was_loaded(tmp_path: Path) -> None:
    folder = drop_shelf(tmp_path)
    suite = folder / "tests" / "test_shelf.py"
    text = suite.read_text().replace("module = module_of(Path(__file__).parents[1])", "")
    suite.write_text(text)
    loaded = load("shelf", module_of(folder))
    bench = find_suite(loaded)().open_bench()
    assert type(bench.connector()) is loaded.connector_class
