"""Texts of files: exports with their limits and oddities, bytes with their encodings, shortcuts."""

import pytest

from src.connectors.google.connector import GoogleConnector
from src.connectors.google.drive.texts import decoded
from src.core.errors import ProviderNotFound, ProviderUnavailable
from src.models.query import CommentQuery, OneItemQuery
from src.models.unified import Item
from src.sandbox.google.drive.seed import LINKED, LINKED_KEY, PROJECTS
from tests.connectors.google.conftest import Google


async def read(connector: GoogleConnector, file: str) -> Item:
    return await connector.item(OneItemQuery(item_id=f"drive:{file}"))


TEXTS = {
    "document": ("file:1RoadmapDocument000000000000", "markdown",
                 "# Roadmap\n\nThe theme of the year: über uns 🚀\n\n![][image1]\n\n"),
    "presentation": ("file:1PitchSlides0000000000000000", "text", "One\n\nTwo\n"),
    "plain": ("file:1PlainNotes00000000000000000", "text", "Zeile 1\nZeile 2 — Ende"),
    "markdown": ("file:1DeepNote0000000000000000000", "markdown", "# Deep"),
    "utf-16": ("file:1Utf16Notes00000000000000000", "text", "Grüße aus 東京"),
    "latin-1": ("file:1Latin1Notes0000000000000000", "text", "Straße;München"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "body_format", "text"), TEXTS.values(), ids=TEXTS)
async def test_a_text_comes_without_marks_and_without_pictures(
    connector: GoogleConnector, file: str, body_format: str, text: str
) -> None:
    item = await read(connector, file)
    assert item.body == text
    assert item.body_format == body_format
    assert item.fields["bodyMissing"] is None


async def test_of_a_spreadsheet_comes_the_first_sheet(connector: GoogleConnector) -> None:
    item = await read(connector, "file:1BudgetSpreadsheet0000000000")
    assert item.body == 'Item,Cost\r\nWheel,$20.50\r\nTür,"1,5"\r\n'
    assert item.fields["bodyCovers"] == "firstSheet"
    assert (await read(connector, "file:1EmptySpreadsheet00000000000")).body == ""


async def test_a_spreadsheet_names_its_sheets(connector: GoogleConnector, google: Google) -> None:
    item = await read(connector, "file:1BudgetSpreadsheet0000000000")
    assert [one["title"] for one in item.fields["sheets"]] == ["Sheet1", "O'Brien's / data"]
    assert item.fields["sheets"][0] == {
        "title": "Sheet1",
        "hidden": False,
        "rows": 1000,
        "columns": 26,
    }
    assert len(google.asked) == 3
    raw = await connector.item(OneItemQuery(item_id=item.id, include_raw=True))
    assert raw.fields["sheets"] == item.fields["sheets"]
    assert b"Budget" in bytes(raw.raw)


async def test_a_spreadsheet_is_there_without_the_api_of_sheets(
    connector: GoogleConnector, google: Google
) -> None:
    await google.fault({"kind": "forbidden", "path": "/v4/"})
    item = await read(connector, "file:1BudgetSpreadsheet0000000000")
    assert item.fields["sheets"] is None
    assert (item.body or "").startswith("Item,Cost")
    await google.fault({"kind": "server_error", "path": "/v4/"})
    with pytest.raises(ProviderUnavailable):
        await read(connector, "file:1BudgetSpreadsheet0000000000")


MISSING = {
    "a picture": ("file:1Picture00000000000000000000", "notText", 1),
    "a form": ("file:1SurveyForm00000000000000000", "notText", 1),
    "a folder": (f"folder:{PROJECTS}", "notText", 1),
    "a large log": ("file:1HugeLog00000000000000000000", "tooLarge", 1),
    "a large document": ("file:1TooLargeDocument00000000000", "tooLarge", 2),
    "no copies allowed": ("file:1LockedDocument0000000000000", "notAllowed", 1),
    "abusive": ("file:1AbusiveFile0000000000000000", "notAllowed", 2),
    "a shortcut to nowhere": ("shortcut:1ShortcutToNowhere0000000000", "targetGone", 2),
    "a shortcut to a folder out of a shared drive":
        ("shortcut:1ShortcutToFolder00000000000", "notText", 2),
}  # fmt: skip


@pytest.mark.parametrize(("file", "why", "requests"), MISSING.values(), ids=MISSING)
async def test_a_file_without_text_is_there_and_says_why(
    connector: GoogleConnector, google: Google, file: str, why: str, requests: int
) -> None:
    item = await read(connector, file)
    assert item.body == ""
    assert item.fields["bodyMissing"] == why
    assert len(google.asked) == requests


async def test_a_shortcut_has_the_text_of_what_it_leads_to(
    connector: GoogleConnector, google: Google
) -> None:
    item = await read(connector, "shortcut:1ShortcutToRoadmap0000000000")
    assert item.id == "drive:shortcut:1ShortcutToRoadmap0000000000"
    assert item.title == "Roadmap, shortly"
    assert (item.body or "").startswith("# Roadmap")
    assert item.fields["targetId"] == "drive:file:1RoadmapDocument000000000000"
    assert len(google.asked) == 3


async def test_a_shortcut_to_a_file_shared_by_link_brings_its_key(
    connector: GoogleConnector,
) -> None:
    item = await read(connector, "shortcut:1ShortcutToLinked00000000000")
    assert item.body == "by link"
    target = item.fields["targetId"]
    assert target == f"drive:file:{LINKED}~{LINKED_KEY}"
    assert (await connector.item(OneItemQuery(item_id=target))).body == "by link"
    assert (await connector.comments(CommentQuery(item_id=target))).items == ()
    with pytest.raises(ProviderNotFound):
        await read(connector, f"file:{LINKED}~0-wrong")


async def test_another_refusal_of_an_export_is_passed_on(
    connector: GoogleConnector, google: Google
) -> None:
    await google.fault({"kind": "not_found", "path": ".*/export"})
    with pytest.raises(ProviderNotFound):
        await read(connector, "file:1RoadmapDocument000000000000")


@pytest.mark.parametrize(
    ("content", "text"),
    [(b"", ""), (b"\xef\xbb\xbf", ""), (b"\xff\xfeA\x00", "A"), (b"\xfe\xff\x00A", "A"),
     (b"\xff\xfeA", "\ufffd"), (b"\x81\x8d", "\ufffd\ufffd"), (b"plain", "plain")],
)  # fmt: skip
def test_any_bytes_are_some_text(content: bytes, text: str) -> None:
    assert decoded(content) == text
