"""What forms pick: folders by their tree, files by their type, spreadsheets at once."""

from typing import Any

import pytest

from src.connectors.google.connector import GoogleConnector
from src.connectors.google.manifest import MANIFEST
from src.core.errors import ProviderNotFound, ValidationFailed
from src.models.query import ResourceQuery
from src.models.unified import Resource
from src.sandbox.google.drive.seed import CASE, LEGAL
from src.testing.walking import entries, follow
from tests.connectors.google.conftest import Google

ROOT = "drive:folder:0AAnnRootFolder0000PVA"
DRIVE = "drive:drive:0AEngineeringDrive0PVA"
HANDBOOK = "drive:folder:1HandbookFolder0000000000000@0AEngineeringDrive0PVA"
SHEET = "application/vnd.google-apps.spreadsheet"
FOLDER, FILE, SHEETS = "google_drive_folder", "google_drive_file", "google_sheets"


async def pick(
    connector: GoogleConnector, kind: str, filters: dict[str, Any] | None = None, **asked: Any
) -> list[Resource]:
    resource_type = MANIFEST.resource_type(kind)
    assert resource_type is not None
    model = resource_type.filters.model_validate(filters or {})
    query = ResourceQuery(type=kind, filters=model, **asked)
    return entries(await follow(connector.resources, query))


@pytest.mark.parametrize("limit", [1, 50])
async def test_folders_begin_with_the_drives(connector: GoogleConnector, limit: int) -> None:
    found = await pick(connector, FOLDER, limit=limit)
    assert [(one.name, one.selectable) for one in found] == [
        ("My Drive", True),
        ("Shared with me", False),
        ("Engineering", True),
        ("Empty ∅", True),
    ]
    assert all(one.has_children for one in found)


async def test_a_way_down_to_a_folder(connector: GoogleConnector) -> None:
    found = await pick(connector, FOLDER, parent_id=DRIVE)
    assert [(one.id, one.selectable, one.parent_id) for one in found] == [(HANDBOOK, True, DRIVE)]
    assert await pick(connector, FOLDER, parent_id=HANDBOOK) == []


async def test_files_stand_among_the_folders_that_lead_on(connector: GoogleConnector) -> None:
    found = await pick(connector, FILE, parent_id=ROOT)
    folders = [one for one in found if not one.selectable]
    assert [one.name for one in folders] == ["Many", "Projects"]
    assert found[:2] == folders  # folders come first
    assert all(one.has_children for one in folders)
    assert "notes.txt" in {one.name for one in found}
    assert "Old draft" not in {one.name for one in found}


async def test_one_media_type(connector: GoogleConnector) -> None:
    found = await pick(connector, FILE, {"mimeType": SHEET}, parent_id=ROOT)
    assert {one.mime_type for one in found if one.selectable} == {SHEET}
    assert [one.name for one in found if one.selectable] == ["Empty sheet"]


async def test_a_search_goes_through_all_drives(connector: GoogleConnector) -> None:
    found = await pick(connector, FILE, {"mimeType": SHEET}, q="cap")
    assert [one.name for one in found] == ["Capacity"]
    assert [one.name for one in await pick(connector, FOLDER, q="hand")] == ["Handbook"]
    assert [one.name for one in await pick(connector, FILE, q="hand")] == ["To the handbook"]


async def test_spreadsheets_are_listed_at_once(connector: GoogleConnector, google: Google) -> None:
    found = await pick(connector, SHEETS, limit=100)
    assert {one.name for one in found} == {"Budget", "Empty sheet", "Capacity"}
    assert all(one.selectable for one in found)
    assert google.asked == ["GET /drive/v3/files"]
    below = await pick(connector, SHEETS, parent_id="drive:folder:1ProjectsFolder0000000000000")
    assert [(one.name, one.selectable) for one in below][-1] == ("Budget", True)


@pytest.mark.parametrize(
    ("parent", "names"),
    [
        (ROOT, ["My Drive"]),
        ("drive:folder:1NestedFolder000000000000000",
         ["My Drive", "Projects", "Ünïcode 📁 & 'quotes' \\ more"]),
        (DRIVE, ["Engineering"]),
        (HANDBOOK, ["Engineering", "Handbook"]),
        ("drive:shared", ["Shared with me"]),
        ("drive:folder:1BensSharedFolder00000000000", ["Shared with me", "Ben's folder"]),
        (f"drive:folder:{CASE}@{LEGAL}", ["Shared with me", "One case"]),
    ],
)  # fmt: skip
async def test_the_way_from_the_top(
    connector: GoogleConnector, parent: str, names: list[str]
) -> None:
    way = await connector.resource_parents(FOLDER, parent)
    assert [one.name for one in way] == names
    assert [one.parent_id for one in way] == [None, *[one.id for one in way[:-1]]]


async def test_what_is_no_folder_has_nothing_below(connector: GoogleConnector) -> None:
    for parent in ("drive:file:1RoadmapDocument000000000000", "1abc", "gmail:label:INBOX"):
        with pytest.raises(ValidationFailed):
            await pick(connector, FILE, parent_id=parent)
    with pytest.raises(ProviderNotFound):
        await connector.resource_parents(FILE, "drive:folder:1Nothing")


@pytest.mark.parametrize(
    ("kind", "filters"),
    [(FILE, {"mimeType": "x' or trashed = true"}), (FILE, {"mime": SHEET}),
     (SHEETS, {"mimeType": "text/csv"}), (FOLDER, {"mimeType": SHEET})],
)  # fmt: skip
def test_filters_take_nothing_else(kind: str, filters: dict[str, str]) -> None:
    resource_type = MANIFEST.resource_type(kind)
    assert resource_type is not None
    with pytest.raises(ValueError, match=r"mime|Extra"):
        resource_type.filters.model_validate(filters)
