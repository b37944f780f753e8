"""`connector new` refuses what makes no sense with one sentence, and writes nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.generated import new, write

ROOT = Path(__file__).parents[2]
REFUSED = [
    (("my-crm",), "Try my_crm."),
    (("Acme",), "Try acme."),
    (("3cx",), "begins with a letter"),
    (("a__b",), "Try a_b."),
    (("x" * 33,), "2 to 32"),
    (("../acme",), "cannot be the id"),
    (("github",), "a connector of ours"),
    (("rest",), "part of the toolkit"),
    (("json",), "the name of something in Python"),
    (("class",), "the name of something in Python"),
    (("acme", "--auth", "kerberos"), "api_key"),
    (("acme", "--paging", "none", "--data", "paging=seek"), "link_header"),
    (("acme", "--data", "colour=red"), "There are: name, api_url, auth"),
    (("acme", "--data", "taken=x"), "nothing is called 'taken'"),
    (("acme", "--data", "auth"), "key=value"),
    (("acme", "--data", "sync=perhaps"), "sync"),
    (("acme", "--containers", "Boards"), "lower-case"),
    (("acme", "--items", "projects"), "a word of its own"),
    (("acme", "--containers", "cards", "--items", "cards"), "a word of its own"),
    (("acme", "--items", "x" * 25), "24 characters"),
    (("acme", "--items", "fragments"), "taken by the template"),
    (("acme", "--data", "item=two words"), "lower-case"),
    (("acme", "--data", "container=task"), "a word of its own"),
    (("acme", "--name", 'A" + "B'), "letters, digits and spaces"),
    (("acme", "--name", "{{ 7 * 7 }}"), "letters, digits and spaces"),
    (("acme", "--api-url", "http://api.acme.example"), "https"),
    (("acme", "--api-url", "https://api.acme.example/"), "without a slash"),
    (("acme", "--data", "docs_url=javascript:x"), "https"),
    (("acme", "--name", "Acme\n"), "letters, digits and spaces"),
    (("acme", "--api-url", "https://x.test\n"), "https"),
    (("acme", "--data", "docs_url=https://x.test\n"), "https"),
    (("acme", "--containers", "projects\n"), "lower-case"),
    (("acme", "--data", "item=task\n"), "lower-case"),
    (("acme", "--data", "container_class=X(): pass\nimport os"), "nothing is called"),
    (("acme", "--data", "connector_class=X"), "nothing is called"),
]


@pytest.mark.parametrize(("arguments", "sentence"), REFUSED, ids=[str(one) for one, _ in REFUSED])
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    result = new(tmp_path, *arguments, "--defaults")
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_written_over_only_when_that_is_said(tmp_path: Path) -> None:
    mapping = write(tmp_path, "acme") / "mapping.py"
    written = mapping.read_text()
    mapping.write_text("# Mine.\n")
    refused = new(tmp_path, "acme", "--defaults")
    assert refused.exit_code == 2
    assert "--overwrite" in refused.stderr
    assert mapping.read_text() == "# Mine.\n"
    (notes := tmp_path / "acme" / "NOTES.md").write_text("Mine, too.\n")
    write(tmp_path, "acme", "--overwrite")
    assert mapping.read_text() == written
    write(tmp_path, "acme", "--overwrite", "--comments=none", "--no-sync")
    assert "Comment" not in mapping.read_text()
    recorded = {path.stem for path in (tmp_path / "acme" / "recorded").iterdir()}
    assert recorded == {"identify", "containers", "items", "item"}
    assert notes.read_text() == "Mine, too.\n"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = new(tmp_path / "file" / "below", "acme", "--defaults")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_nobody_is_asked_where_nobody_is(tmp_path: Path) -> None:
    result = new(tmp_path, "acme")
    assert result.exit_code == 2
    assert "--defaults" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_installed_is_named_with_what_installs_it(tmp_path: Path) -> None:
    code = "import sys; sys.modules['copier'] = None; from src.cli.__main__ import app; app()"
    command = [sys.executable, "-c", code, "connector", "new", "acme", "--defaults"]
    settings = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=settings, capture_output=True, check=False)
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert done.stderr.decode().strip().endswith("Install it with: make dev")


def test_a_folder_that_cannot_be_formatted_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (broken := tmp_path / "ruff").mkdir()
    (broken / "__init__.py").write_text("")
    (broken / "__main__.py").write_text("raise SystemExit(3)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    result = new(tmp_path / "into", "acme", "--defaults")
    assert result.exit_code == 2
    assert result.stderr.strip() == "Nothing was written: ruff, which formats it, ended with 3."
    assert not (tmp_path / "into").exists()
