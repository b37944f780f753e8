"""Files: what they are, how they are found, and that a search cannot leave its folder."""

from datetime import UTC, datetime

import pytest

from src.connectors.google.connector import GoogleConnector
from src.core.errors import (
    InvalidCursor,
    ProviderNotFound,
    UnsupportedFilter,
    ValidationFailed,
)
from src.models.query import ItemQuery, OneItemQuery, Sort
from src.models.unified import Item
from src.sandbox.google.drive.seed import (
    ANN_ROOT,
    BUDGET,
    CASE,
    ENGINEERING,
    HANDBOOK,
    LEGAL,
    MANY,
    ROADMAP,
)
from src.testing.walking import entries, follow
from tests.connectors.google.conftest import Google

ROOT = f"drive:folder:{ANN_ROOT}"
FOLDER = f"drive:folder:{MANY}"


async def every(connector: GoogleConnector, container: str, **asked: object) -> list[Item]:
    query = ItemQuery(container_id=container, **asked)  # type: ignore[arg-type]
    return entries(await follow(connector.items, query))


async def find(connector: GoogleConnector, name: str, container: str = ROOT) -> Item:
    return next(one for one in await every(connector, container) if one.title == name)


async def test_a_file_tells_what_it_is(connector: GoogleConnector) -> None:
    notes = await find(connector, "notes.txt")
    assert notes.type == "file"
    assert notes.mime_type == "text/plain"
    assert notes.size == len("Zeile 1\nZeile 2 — Ende".encode())
    assert notes.author is not None
    assert (notes.author.name, notes.author.email) == ("Ann Müller", "ann@example.com")
    assert not notes.has_children
    assert notes.container_id == ROOT
    assert notes.body is None
    assert notes.updated_at == "2026-02-10T09:00:00.000Z"
    assert notes.fields["owners"] == [{"name": "Ann Müller", "email": "ann@example.com"}]
    assert notes.fields["md5Checksum"] == "9e107d9d372bb6826bd81d3542a419d6"


async def test_googles_own_files_have_types_and_no_size(connector: GoogleConnector) -> None:
    kinds = {one.title: (one.type, one.size) for one in await every(connector, ROOT)}
    assert kinds["Roadmap"] == ("document", None)
    assert kinds["Empty sheet"] == ("spreadsheet", None)
    assert kinds["Pitch"] == ("presentation", None)
    assert kinds["Survey"] == ("form", None)
    assert kinds["Projects"] == ("folder", None)


async def test_times_keep_their_fractions_and_come_in_utc(connector: GoogleConnector) -> None:
    item = await connector.item(OneItemQuery(item_id=f"drive:file:{ROADMAP}"))
    assert item.updated_at == "2026-03-01T10:00:00.500Z"


async def test_folders_have_children_and_so_have_shortcuts_to_them(
    connector: GoogleConnector,
) -> None:
    assert (await find(connector, "Projects")).has_children
    to_folder = await find(connector, "To the handbook")
    assert to_folder.type == "shortcut"
    assert to_folder.has_children
    assert to_folder.fields["targetId"] == f"drive:folder:{HANDBOOK}"
    assert not (await find(connector, "Roadmap, shortly")).has_children


async def test_what_is_in_the_bin_is_not_listed(connector: GoogleConnector) -> None:
    assert "Old draft" not in {one.title for one in await every(connector, ROOT)}


async def test_files_of_a_shared_drive_have_no_owner_and_name_the_drive(
    connector: GoogleConnector,
) -> None:
    item = await find(connector, "Capacity", f"drive:drive:{ENGINEERING}")
    assert item.author is None
    assert item.fields["driveId"] == ENGINEERING
    one = await connector.item(OneItemQuery(item_id=item.id))
    assert one.container_id == f"drive:drive:{ENGINEERING}"
    below = await find(connector, "On call theme", f"drive:folder:{HANDBOOK}@{ENGINEERING}")
    one = await connector.item(OneItemQuery(item_id=below.id))
    assert one.container_id == f"drive:folder:{HANDBOOK}@{ENGINEERING}"


async def test_what_others_share_has_no_folder_in_sight(connector: GoogleConnector) -> None:
    shared = await every(connector, "drive:shared")
    assert {one.title for one in shared} == {"Ben's theme", "Ben's folder", "One case"}
    one = await connector.item(OneItemQuery(item_id="drive:file:1BensSharedDocument000000000"))
    assert one.container_id == "drive:shared"


async def test_a_folder_of_a_drive_opens_to_whoever_is_let_into_it_alone(
    connector: GoogleConnector, google: Google
) -> None:
    """Drive refuses the search of a drive that the account is not in."""
    case = f"drive:folder:{CASE}@{LEGAL}"
    page = await connector.items(ItemQuery(container_id=case, limit=1))
    assert [(one.title, one.container_id) for one in page.items] == [("brief.txt", case)]
    assert len(google.asked) == 2
    one = await connector.item(OneItemQuery(item_id=page.items[0].id))
    assert (one.container_id, one.body) == (case, "brief")
    folder = await connector.item(OneItemQuery(item_id=case))
    assert folder.container_id == "drive:shared"
    with pytest.raises(ProviderNotFound):
        await connector.items(ItemQuery(container_id=f"drive:drive:{LEGAL}"))


@pytest.mark.parametrize("kind", ["folder", "document", "spreadsheet", "form", "shortcut", "file"])
async def test_one_type(connector: GoogleConnector, kind: str) -> None:
    found = await every(connector, ROOT, type=kind)
    assert found
    assert {one.type for one in found} == {kind}
    everything = await every(connector, ROOT)
    assert len(found) == len([one for one in everything if one.type == kind])


async def test_what_has_changed_since(connector: GoogleConnector) -> None:
    since = datetime(2026, 6, 15, 12, tzinfo=UTC)
    found = await every(connector, FOLDER, updated_since=since)
    assert found
    assert min(one.updated_at or "" for one in found) == "2026-06-15T12:00:00.000Z"


@pytest.mark.parametrize("sort", list(Sort))
async def test_sorted_by_change(connector: GoogleConnector, sort: Sort) -> None:
    times = [one.updated_at or "" for one in await every(connector, FOLDER, sort=sort)]
    assert times == sorted(times, reverse=sort is Sort.UPDATED_DESCENDING)


@pytest.mark.parametrize(
    ("q", "titles"),
    [
        ("zeile", ["notes.txt"]),
        ("o'brien's plan", ["O'Brien's \\ plan (theme).txt"]),
        ("plan \\ theme", ["O'Brien's \\ plan (theme).txt"]),
        ('"plan" -theme', ["O'Brien's \\ plan (theme).txt"]),
    ],
)
async def test_words_are_data(connector: GoogleConnector, q: str, titles: list[str]) -> None:
    assert [one.title for one in await every(connector, ROOT, q=q)] == titles


ATTACKS = [
    "x' or trashed = true or name = 'x",
    "x' or '0ALegalSecretDrive0PVA' in parents or name = 'x",
    "\\' or mimeType != \\'x",
    "\\\\' or sharedWithMe = true or name contains \\'",
    "theme' or not name contains 'theme",
    "') or (trashed = false) or ('",
    "x\x00' or name contains 'Old",
    "'\u2028or trashed = true",
]


@pytest.mark.parametrize("attack", ATTACKS)
async def test_a_search_cannot_leave_its_folder_or_the_language(
    connector: GoogleConnector, google: Google, attack: str
) -> None:
    inside = {one.id for one in await every(connector, ROOT)}
    found = await every(connector, ROOT, q=attack)
    assert {one.id for one in found} <= inside
    # Drive has read it as a query: nothing of it was refused as broken.
    assert all("drive/v3/files" in path for path in google.asked)


async def test_words_without_letters_are_refused(connector: GoogleConnector) -> None:
    for q in ("'", '\\ "', "- --", "word " * 21):
        with pytest.raises(ValidationFailed):
            await connector.items(ItemQuery(container_id=ROOT, q=q))


@pytest.mark.parametrize(
    "asked",
    [
        {"parent_id": FOLDER},
        {"state": "open"},
        {"status": "draft"},
        {"type": "issue"},
        {"q": "theme", "sort": Sort.UPDATED_DESCENDING},
    ],
    ids=lambda asked: next(iter(asked)),
)
async def test_what_drive_cannot_filter_is_refused(
    connector: GoogleConnector, google: Google, asked: dict[str, object]
) -> None:
    with pytest.raises(UnsupportedFilter):
        await connector.items(ItemQuery(container_id=ROOT, **asked))  # type: ignore[arg-type]
    assert google.asked == []


async def test_a_page_is_one_request_and_takes_the_size_that_is_wanted(
    connector: GoogleConnector, google: Google
) -> None:
    page = await connector.items(ItemQuery(container_id=FOLDER, limit=100))
    assert len(page.items) == 100
    assert google.asked == ["GET /drive/v3/files"]
    pages = await follow(connector.items, ItemQuery(container_id=FOLDER, limit=100))
    assert [len(page.items) for page in pages] == [100, 100, 50]


async def test_the_token_of_another_question_is_no_cursor(connector: GoogleConnector) -> None:
    page = await connector.items(ItemQuery(container_id=FOLDER))
    with pytest.raises(InvalidCursor) as caught:
        await connector.items(ItemQuery(container_id=ROOT, token=page.next_token))
    assert caught.value.code == "invalid_cursor"


async def test_the_providers_own_row_comes_along_if_asked_for(connector: GoogleConnector) -> None:
    page = await connector.items(ItemQuery(container_id=FOLDER, limit=2, include_raw=True))
    assert b'"name":"file 000 theme.txt"' in bytes(page.items[0].raw)
    one = await connector.item(OneItemQuery(item_id=f"drive:file:{BUDGET}", include_raw=True))
    assert b'"mimeType":"application/vnd.google-apps.spreadsheet"' in bytes(one.raw)


async def test_texts_of_a_page_come_if_asked_for(
    connector: GoogleConnector, google: Google
) -> None:
    page = await connector.items(ItemQuery(container_id=FOLDER, limit=12, include_body=True))
    assert [one.body for one in page.items] == [f"number {number}" for number in range(12)]
    assert len(google.asked) == 13
    raw = await connector.items(
        ItemQuery(container_id=FOLDER, limit=1, include_body=True, include_raw=True)
    )
    assert b"file 000" in bytes(raw.items[0].raw)


async def test_texts_of_a_mixed_page_say_why_some_are_missing(connector: GoogleConnector) -> None:
    found = {one.title: one for one in await every(connector, ROOT, include_body=True)}
    assert found["Roadmap"].body_format == "markdown"
    assert found["Projects"].fields["bodyMissing"] == "notText"
    assert found["Encyclopedia"].fields["bodyMissing"] == "tooLarge"


@pytest.mark.parametrize(
    "item",
    ["drive:file:1BensPrivateFile000000000000", "drive:file:1LegalDocument00000000000000",
     "drive:file:1Nothing", "drive:file:1LinkSharedFile0000000000000"],
)  # fmt: skip
async def test_what_may_not_be_seen_does_not_exist(connector: GoogleConnector, item: str) -> None:
    with pytest.raises(ProviderNotFound):
        await connector.item(OneItemQuery(item_id=item))


@pytest.mark.parametrize("item", ["drive:drive:0AEngineeringDrive0PVA", "drive:shared", "drive:x"])
async def test_what_is_no_item_is_refused(connector: GoogleConnector, item: str) -> None:
    with pytest.raises(ValidationFailed):
        await connector.item(OneItemQuery(item_id=item))
