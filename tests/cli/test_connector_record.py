"""`connector record`: a provider's answers become fixtures, without its people and tokens."""

import asyncio
import base64
import json
import stat
from pathlib import Path

import pytest

from src.connectors.registry import load, module_of
from src.testing.recorded import read_recordings, replay
from tests.cli.authors import Told, connector, provider
from tests.testing.dropins import drop_ledger, drop_shelf

TOKEN = "shelf-token-4711"
PACKED = base64.b64encode(b"Ask ada@engine.org").decode()
BASIC = base64.b64encode(f"ada:{TOKEN}".encode()).decode()
PERSON = (
    '"text": "…"}',
    '"text": "By Ada Lovelace", "author": {"name": "Ada Lovelace", "mail": "ada@engine.org"},'
    f' "echo": "Basic {BASIC}"}}',
)


pytestmark = pytest.mark.usefixtures("author")


def kept(folder: Path, *arguments: str) -> Told:
    return connector("record", folder.name, *arguments, "--path", folder, "--sandbox")


def test_what_is_recorded_is_redacted_and_can_be_replayed(tmp_path: Path) -> None:
    folder = drop_shelf(tmp_path, sandbox=(PERSON,))
    with provider(folder) as settings:
        told = connector(
            *("record", "shelf", "items", "--container", "shelf:1", "--path", folder),
            **{**settings, "CONNECTOR_TOKEN": TOKEN},
        )
    assert told.code == 0, told.complained
    path = folder / "recorded" / "items.json"
    assert f"{path}: 1 answer of Shelf, redacted." in told.said
    text = path.read_text()
    for secret in (TOKEN, BASIC, "Ada", "engine", "127.0.0.1", "librarian"):
        assert secret not in text
    document = json.loads(text)
    assert document["query"] == {"container_id": "shelf:1", "limit": 5}
    (exchange,) = document["exchanges"]
    assert exchange["request"] == {"method": "GET", "path": "/shelves/1/books?per_page=5"}
    assert set(exchange["response"]["headers"]) == {"content-type", "link"}
    books = exchange["response"]["json"]
    assert {book["author"]["name"] for book in books} == {books[0]["text"].removeprefix("By ")}
    recording = read_recordings(path.parent)["items"]
    page = asyncio.run(replay(load("shelf", module_of(folder)), recording))
    assert [item.title for item in page.items] == [book["title"] for book in books]


def test_the_same_names_come_each_time_by_a_key_that_only_we_can_read(tmp_path: Path) -> None:
    folder = drop_shelf(tmp_path, sandbox=(PERSON,))
    for name in ("first", "second"):
        assert kept(folder, "item", "--item", "1:1", "--name", name).code == 0
    first, second = (folder / "recorded" / f"{name}.json" for name in ("first", "second"))
    assert first.read_text() == second.read_text()
    key = tmp_path / ".data" / "recording.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.unlink()
    assert kept(folder, "item", "--item", "1:1", "--name", "third").code == 0
    assert (folder / "recorded" / "third.json").read_text() != first.read_text()


@pytest.mark.parametrize(
    ("verb", "question"),
    [
        ("identify", ()),
        ("containers", ()),
        ("comments", ("--item", "1:1")),
        ("resources", ("--type", "shelf_place")),
    ],
)
def test_every_verb_can_be_recorded(tmp_path: Path, verb: str, question: tuple[str, ...]) -> None:
    folder = drop_shelf(tmp_path)
    told = kept(folder, verb, *question)
    assert told.code == 0, told.complained
    document = json.loads((folder / "recorded" / f"{verb}.json").read_text())
    assert document["verb"] == verb


def test_a_run_is_recorded_whole_under_the_name_of_its_stream(tmp_path: Path) -> None:
    folder = drop_ledger(tmp_path)
    told = kept(folder, "sync", "--container", "book:2")
    assert told.code == 0, told.complained
    document = json.loads((folder / "recorded" / "entries.json").read_text())
    assert document["query"]["container_ids"] == ["book:2"]


def test_ids_are_redacted_on_demand(tmp_path: Path) -> None:
    folder = drop_shelf(tmp_path)
    told = kept(folder, "containers", "--redact", "*.name", "--redact", "*.number")
    assert told.code == 0, told.complained
    document = json.loads((folder / "recorded" / "containers.json").read_text())
    rows = document["exchanges"][0]["response"]["json"]
    assert "Shelf" not in [row["name"].partition(" ")[0] for row in rows]
    assert len({row["number"] for row in rows}) == 3


@pytest.mark.parametrize(
    ("sandbox", "said"),
    [
        (('"text": "…"}', f'"text": "see {PACKED}"}}'), "an e-mail address"),
        (('"text": "…"}', f'"text": "…", "{TOKEN}": 1}}'), "the credential"),
        (('"text": "…"}', '"text": "ghp_abcdefgh123456789"}'), "what looks like a secret"),
    ],
)
def test_nothing_is_written_while_something_secret_remains(
    tmp_path: Path, sandbox: tuple[str, str], said: str
) -> None:
    folder = drop_shelf(tmp_path, sandbox=(sandbox,))
    told = kept(folder, "item", "--item", "1:1")
    assert told.code == 2
    assert f"Nothing is written: {said}" in told.complained
    assert "has remained in the body of answer 1" in told.complained
    assert "--redact" in told.complained
    assert not (folder / "recorded").exists()
    for secret in (TOKEN, "engine", "abcdefgh"):
        assert secret not in told.complained


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("items",), "--container: is needed"),
        (("containers", "--name", "../x"), "--name: takes lower case"),
        (("sync",), "unsupported_capability"),
    ],
)
def test_a_wrong_call_is_explained(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    folder = drop_shelf(tmp_path)
    told = kept(folder, *arguments)
    assert (told.code, told.said) == (2, "")
    assert said in told.complained
    assert not (folder / "recorded").exists()


def test_a_recording_is_written_over_only_on_demand(tmp_path: Path) -> None:
    folder = drop_shelf(tmp_path)
    assert kept(folder, "containers").code == 0
    again = kept(folder, "containers")
    assert again.code == 2
    assert "say --replace, or give it another --name" in again.complained
    assert kept(folder, "containers", "--replace").code == 0
