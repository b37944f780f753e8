"""`connector try`: a provider is asked without a server, and no token is ever shown."""

import base64
import html
import json
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from src.cli.connector.explaining import Secrets
from src.core.errors import all_errors
from tests.cli.authors import Told, connector, provider
from tests.testing.dropins import drop_ledger, drop_shelf

TOKEN = "shelf-token-4711"
LEDGER_TOKEN = "ledger-token-4711"
ECHO = ('"name": "librarian"', '"name": request.headers["authorization"]')
INTERRUPT = (
    "    async def listed(self, request: Request) -> Response:\n",
    "    async def listed(self, request: Request) -> Response:\n"
    "        import signal\n\n"
    '        if request.query_params.get("page") == "2":\n'
    "            signal.raise_signal(signal.SIGINT)\n",
)


pytestmark = pytest.mark.usefixtures("author")


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return drop_shelf(tmp_path)


def asked(shelf: Path, *arguments: str) -> Told:
    return connector("try", "shelf", *arguments, "--path", shelf, "--sandbox")


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("identify",), ["librarian", "7"]),
        (("containers",), ["shelf:1", "Shelf 2", "3 entries on this page."]),
        (("items", "--container", "shelf:1", "--limit", "2"), ["Whale 1", "Next page: --cursor"]),
        (("items", "--container", "shelf:1", "--q", "ship"), ["Ship 2"]),
        (("item", "--item", "1:2"), ["title", "Ship 2", "bodyFormat"]),
        (("comments", "--item", "1:1", "--limit", "3"), ["1:1:1", "Hm.", "3 entries"]),
        (("resources", "--type", "shelf_place", "--parent", "shelf:1"), ["Whale 1", "selectable"]),
        (("tools",), ["shelf_write_note", "Write a note about a book.", "book, text", "yes"]),
        (
            (
                *("tools", "--tool", "shelf_write_note"),
                *("--arguments", '{"book": "1:1", "text": "Fine."}'),
            ),
            ["1:1:26", "Fine."],
        ),
    ],
)
def test_each_verb_is_shown_as_a_table(
    shelf: Path, arguments: tuple[str, ...], shown: list[str]
) -> None:
    told = asked(shelf, *arguments)
    assert told.code == 0, told.complained
    for text in shown:
        assert text in told.said


def test_a_page_leads_to_the_next(shelf: Path) -> None:
    question = ("items", "--container", "shelf:2", "--limit", "7", "--json")
    first = asked(shelf, *question).json
    assert len(first["items"]) == 7
    second = asked(shelf, *question, "--cursor", first["nextCursor"]).json
    assert [one["id"] for one in second["items"]] == [f"2:{number}" for number in range(8, 13)]
    assert second["nextCursor"] is None


def test_the_provider_is_asked_over_the_network_with_a_token_that_nobody_sees(
    tmp_path: Path,
) -> None:
    folder = drop_shelf(tmp_path, sandbox=(ECHO,))
    with provider(folder) as settings:
        by_variable = {**settings, "CONNECTOR_TOKEN": TOKEN}
        told = connector("try", "shelf", "identify", "--path", folder, **by_variable)
        assert told.code == 0, told.complained
        assert "Bearer ***" in told.said
        piped = ("try", "shelf", "items", "--path", folder, "--token", "-", "--json")
        found = connector(*piped, "--container", "shelf:1", typed=f"{TOKEN}\n", **settings)
        assert len(found.json["items"]) == 20
        wrong = connector(*piped, "--container", "shelf:1", typed="another-one\n", **settings)
    assert wrong.code == 1
    assert wrong.json["error"].startswith("reauthorization_required: ")
    assert "Check the token" in wrong.json["error"]
    for one in (told, found, wrong):
        assert TOKEN not in one.said + one.complained
        assert "another-one" not in one.said + one.complained


def test_private_addresses_of_a_manifest_are_not_called(tmp_path: Path) -> None:
    folder = drop_shelf(tmp_path, ("https://api.library.example", "https://127.0.0.1"))
    told = connector("try", "shelf", "identify", "--path", folder, CONNECTOR_TOKEN=TOKEN)
    assert told.code == 1
    assert told.complained.startswith("provider_error: The provider's address is not allowed")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("items",), 2, "--container: is needed for this"),
        (("item",), 2, "--item: is needed"),
        (("comments",), 2, "--item: is needed"),
        (("resources",), 2, "--type: is needed"),
        (("resources", "--type", "x"), 2, "must be one of: shelf_place"),
        (("sync",), 2, "unsupported_capability: Shelf has no sync"),
        (("containers", "--limit", "101"), 2, "at most 100"),
        (("containers", "--cursor", "x"), 2, "invalid_cursor"),
        (("items", "--container", "shelf:9"), 1, "not_found"),
        (("items", "--container", "no number"), 2, "validation_error"),
        (("containers", "--filter", "color=red"), 2, "color: is not known here, only: include"),
        (("items", "--container", "shelf:1", "--filter", "updatedSince=2026"), 2, "query: "),
        (("containers", "--filter", "color"), 2, "must look like key=value"),
        (("containers", "--config", "site"), 2, "must look like key=value"),
        (("containers", "--config", "site=x"), 2, "--config site: is not known here"),
        (("containers", "--setting", "pages=3"), 2, "--setting pages: is not known here"),
        (("items", "--container", "../../etc"), 2, "--container: not an id of this provider"),
        (("item", "--item", "../etc:1"), 2, "--item: not an id of this provider"),
        (("containers", "--token", "bad\ntoken"), 2, "--token: must be printable ASCII"),
        (("containers", "--auth-method", "oauth"), 2, "must be one of: key"),
        (("containers", "--token", "wrong"), 1, "reauthorization_required"),
        (("tools", "--tool", "x"), 2, "must be one of: shelf_write_note"),
        (("tools", "--tool", "shelf_write_note"), 2, "--arguments.book: is required"),
        (("tools", "--tool", "shelf_write_note", "--arguments", "{"), 2, "--arguments: "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_failure_is_one_sentence_with_our_code_and_what_to_do(
    shelf: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    told = asked(shelf, *arguments)
    assert (told.code, told.said) == (code, "")
    assert said in told.complained
    assert len(told.complained.splitlines()) == 1
    codes = {error.code.value for error in all_errors()}
    assert told.complained.partition(":")[0] in codes


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nobody", "identify"), "There is no connector 'nobody'"),
        (("shelf", "identify", "--path", "."), "no folder of a connector"),
        (("shelf", "identify", "--path", "shelf"), "There is no token. Set CONNECTOR_TOKEN"),
        (("shelf", "identify", "--path", "shelf", "--token", "-"), "The token is empty."),
    ],
)
def test_what_cannot_begin_says_why(shelf: Path, arguments: tuple[str, ...], said: str) -> None:
    told = connector("try", *arguments)
    assert (told.code, told.said) == (2, "")
    assert said in told.complained


def test_the_imitation_is_not_asked_with_the_providers_own_token(shelf: Path) -> None:
    real = {"CONNECTOR_TOKEN": "a-real-one", "CONNECTOR_SECRET": "and-its-half"}
    told = connector("try", "shelf", "identify", "--path", shelf, "--sandbox", **real)
    assert told.code == 0, told.complained
    assert "a-real-one" not in told.said


def test_what_is_not_there_is_told_with_what_is(ledger: Path) -> None:
    told = connector("try", "ledger", "tools", "--path", ledger, "--sandbox")
    assert told.code == 2
    assert "Ledger has no tools, only: " in told.complained
    assert "Ask for something that it has." in told.complained


def test_the_folder_of_a_connector_is_no_folder_of_connectors(shelf: Path) -> None:
    told = connector("try", "shelf", "identify", "--sandbox", CONNECTOR_PATHS=str(shelf))
    assert told.code == 2
    assert f"name the folder above: {shelf.parent}" in told.complained


def test_one_that_is_there_twice_is_told_by_its_folders(tmp_path: Path) -> None:
    folders = [drop_shelf(tmp_path / name) for name in ("one", "two")]
    paths = ",".join(str(folder.parent) for folder in folders)
    told = connector("try", "shelf", "identify", "--sandbox", CONNECTOR_PATHS=paths)
    assert told.code == 2
    assert f"is there twice: {folders[0]} and {folders[1]}. Remove one, or " in told.complained


def test_without_its_tests_an_imitation_is_asked_from_where_it_was_built(shelf: Path) -> None:
    shutil.rmtree(shelf / "tests")
    told = asked(shelf, "identify")
    assert told.code == 2
    assert "An installed package comes without its tests" in told.complained
    assert "--path DIR" in told.complained


def test_a_change_at_the_provider_needs_a_word(shelf: Path) -> None:
    arguments = ("tools", "--tool", "shelf_write_note", "--arguments", '{"book":"1:1","text":"x"}')
    with provider(shelf) as settings:
        given = {**settings, "CONNECTOR_TOKEN": TOKEN}
        told = connector("try", "shelf", *arguments, "--path", shelf, **given)
        assert told.code == 2
        assert "--allow-changes" in told.complained
        done = connector("try", "shelf", *arguments, "--path", shelf, "--allow-changes", **given)
    assert done.code == 0
    assert "1:1:26" in done.said


def test_a_bug_of_a_connector_is_told_with_its_line(tmp_path: Path) -> None:
    folder = drop_shelf(tmp_path, ("str(user.id)", "str(nothing)"))
    told = asked(folder, "identify")
    assert told.code == 1
    assert told.complained.startswith("internal_error: the connector raised NameError at ")
    assert "connector.py:" in told.complained


def test_one_that_is_broken_says_how_to_see_why(tmp_path: Path) -> None:
    folder = drop_shelf(tmp_path, ('id="shelf",', 'id="other",'))
    told = asked(folder, "identify")
    assert told.code == 2
    assert "connector check --path" in told.complained


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    return drop_ledger(tmp_path)


def run(folder: Path, *arguments: str) -> Told:
    return connector("try", "ledger", "sync", "--path", folder, "--sandbox", *arguments)


def test_a_run_shows_pages_records_and_where_the_next_begins(ledger: Path) -> None:
    told = run(ledger)
    assert told.code == 0
    assert "4 records, of book:2" in told.said
    assert "27 records, 0 deleted, 0 not read" in told.said
    assert "records/s); it ended at its end." in told.said
    checkpoint = told.said.rpartition("--checkpoint '")[2].partition("'")[0]
    later = run(ledger, "--checkpoint", checkpoint, "--json")
    assert later.json["records"] == 0
    assert later.json["ended"] == "at its end"


def test_a_run_stops_at_its_limit_and_goes_on(ledger: Path) -> None:
    told = run(ledger, "--container", "book:1", "--limit", "23")
    assert "23 records" in told.said
    assert "it ended at --limit 23." in told.said
    position = told.said.rpartition("--cursor '")[2].partition("'\n")[0]
    rest = run(ledger, "--container", "book:1", "--cursor", position, "--json")
    assert 0 < rest.json["records"] < 23


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--stream", "x"), "must be one of: entries"),
        (("--checkpoint", "{"), "--checkpoint: is no JSON"),
        (("--checkpoint", "{}"), "checkpoint.updatedSince: is required"),
    ],
)
def test_a_run_that_makes_no_sense(ledger: Path, arguments: tuple[str, str], said: str) -> None:
    told = run(ledger, *arguments)
    assert told.code == 2
    assert said in told.complained


@pytest.fixture
def interruptible() -> Iterator[None]:
    """As at a terminal: what a script starts in the background ignores interrupts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_a_run_can_be_interrupted(tmp_path: Path) -> None:
    told = run(drop_ledger(tmp_path, sandbox=(INTERRUPT,)))
    assert told.code == 130
    assert "it ended because it was interrupted." in told.said
    assert "Traceback" not in told.said + told.complained
    assert told.complained == "Interrupted.\n"


@pytest.mark.parametrize(
    ("status", "code", "said", "complained"),
    [
        (403, 0, "  not read: book:1 (forbidden: ", ""),
        (401, 1, "it ended because of an error.", "reauthorization_required: "),
    ],
)
def test_a_run_tells_what_it_cannot_read(
    tmp_path: Path, status: int, code: int, said: str, complained: str
) -> None:
    refuses = f"{INTERRUPT[0]}        raise Refused(PlainDialect().error({status}))\n"
    told = run(drop_ledger(tmp_path, sandbox=((INTERRUPT[0], refuses),)))
    assert told.code == code
    assert said in told.said
    assert told.complained.startswith(complained)
    assert bool(told.complained) == bool(complained)


def lower(escaped: str) -> str:
    return re.sub("%..", lambda one: one[0].lower(), escaped)


@pytest.mark.parametrize("token", ["to>>k??ABCDEFG", 'ATKey"x\\y12345', "tök-en/4711+a=b"])
def test_no_form_of_a_token_is_shown(token: str) -> None:
    secrets = Secrets((token, "a second one"))
    raw = token.encode()
    forms = [
        *(token, quote(token), lower(quote(token, safe="")), quote_plus(token), repr(token)),
        *(json.dumps(token), json.dumps(json.dumps(token)), html.escape(token), raw.hex()),
    ]
    for user in ("", "a:", "ada@engine.org:", "ada:"):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            forms.append(encode(user.encode() + raw).decode())
            forms.append(encode(user.encode() + raw + b":more").decode())
    for form in forms:
        masked = secrets.mask(f"It says {form}, twice: {form}")
        assert form not in masked
        assert secrets.are_in(form)
        assert masked.startswith("It says ")
    assert not secrets.are_in("Nothing of that kind, and bm90aGluZyBoZXJl.")
