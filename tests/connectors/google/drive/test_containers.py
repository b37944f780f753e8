"""Where files are: My Drive, what others share, shared drives, folders within folders."""

import pytest

from src.connectors.google.connector import GoogleConnector
from src.core.errors import InvalidCursor, ProviderNotFound, UnsupportedFilter, ValidationFailed
from src.models.query import ContainerQuery
from src.models.unified import Container
from src.sandbox.google.drive.seed import (
    ANN_ROOT,
    CASE,
    EMPTY_DRIVE,
    ENGINEERING,
    HANDBOOK,
    LEGAL,
    NESTED,
    PROJECTS,
    SHARED_FOLDER,
)
from src.testing.walking import entries, follow
from tests.connectors.google.conftest import Google, Open

ROOT = f"drive:folder:{ANN_ROOT}"
DRIVE = f"drive:drive:{ENGINEERING}"


async def every(connector: GoogleConnector, **asked: object) -> list[Container]:
    return entries(await follow(connector.containers, ContainerQuery(**asked)))  # type: ignore[arg-type]


async def test_the_top_is_my_drive_what_others_share_and_the_shared_drives(
    connector: GoogleConnector,
) -> None:
    found = [one for one in await every(connector) if one.id.startswith("drive:")]
    assert [(one.id, one.type, one.name) for one in found] == [
        (ROOT, "my_drive", "My Drive"),
        ("drive:shared", "shared_with_me", "Shared with me"),
        (DRIVE, "shared_drive", "Engineering"),
        (f"drive:drive:{EMPTY_DRIVE}", "shared_drive", "Empty ∅"),
    ]
    assert all(one.has_children and one.parent_id is None for one in found)


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_the_top_comes_page_by_page(connector: GoogleConnector, limit: int) -> None:
    whole = [one.id for one in await every(connector)]
    assert [one.id for one in await every(connector, limit=limit)] == whole


@pytest.mark.parametrize(
    ("kind", "ids"),
    [
        ("my_drive", [ROOT]),
        ("shared_with_me", ["drive:shared"]),
        ("shared_drive", [DRIVE, f"drive:drive:{EMPTY_DRIVE}"]),
        ("folder", []),
    ],
)
async def test_one_type_of_the_top(connector: GoogleConnector, kind: str, ids: list[str]) -> None:
    assert [one.id for one in await every(connector, type=kind)] == ids


@pytest.mark.parametrize(
    ("parent", "ids"),
    [
        (ROOT, [f"drive:folder:{PROJECTS}", "drive:folder:1ManyFilesFolder000000000000"]),
        (f"drive:folder:{PROJECTS}", [f"drive:folder:{NESTED}"]),
        ("drive:shared", [f"drive:folder:{SHARED_FOLDER}", f"drive:folder:{CASE}@{LEGAL}"]),
        (DRIVE, [f"drive:folder:{HANDBOOK}@{ENGINEERING}"]),
        (f"drive:folder:{HANDBOOK}@{ENGINEERING}", []),
    ],
)
async def test_the_tree_goes_down_folder_by_folder(
    connector: GoogleConnector, parent: str, ids: list[str]
) -> None:
    found = await every(connector, parent_id=parent)
    assert [one.id for one in found] == ids
    assert {one.parent_id for one in found} <= {parent}
    assert {one.type for one in found} <= {"folder"}


async def test_a_folder_tells_what_it_is(connector: GoogleConnector) -> None:
    projects = (await every(connector, parent_id=ROOT))[0]
    assert projects.name == "Projects"
    assert projects.description == "What we are at"
    assert projects.url == f"https://drive.google.com/drive/folders/{PROJECTS}"
    assert projects.updated_at == "2026-02-10T09:00:00.000Z"
    nested = (await every(connector, parent_id=projects.id))[0]
    assert nested.name == "Ünïcode 📁 & 'quotes' \\ more"


async def test_a_shared_drive_is_searched_as_one(
    connector: GoogleConnector, google: Google
) -> None:
    await connector.containers(ContainerQuery(parent_id=DRIVE))
    asked = dict(google.network.requests[-1].url.params)
    assert asked["corpora"] == "drive"
    assert asked["driveId"] == ENGINEERING
    assert asked["supportsAllDrives"] == asked["includeItemsFromAllDrives"] == "true"


@pytest.mark.parametrize(
    ("q", "names"),
    [("proj", ["Projects"]), ("handbook", ["Handbook"]), ("engin", ["Engineering"])],
)
async def test_a_search_at_the_top_goes_through_all_drives(
    connector: GoogleConnector, q: str, names: list[str]
) -> None:
    found = await every(connector, q=q, type="folder" if q != "engin" else "shared_drive")
    assert [one.name for one in found] == names


async def test_a_search_at_the_top_finds_a_folder_where_it_is(connector: GoogleConnector) -> None:
    (found,) = await every(connector, q="quotes", type="folder")
    assert found.parent_id == f"drive:folder:{PROJECTS}"


async def test_a_search_below_a_folder_stays_there(connector: GoogleConnector) -> None:
    assert await every(connector, parent_id=ROOT, q="handbook") == []
    assert [one.name for one in await every(connector, parent_id=ROOT, q="many")] == ["Many"]


async def test_a_drive_that_somebody_is_not_in_does_not_exist(connector: GoogleConnector) -> None:
    with pytest.raises(ProviderNotFound):
        await connector.containers(ContainerQuery(parent_id=f"drive:drive:{LEGAL}"))


async def test_a_list_that_was_cut_short_says_so(open_with: Open) -> None:
    """Of somebody in too many drives Drive searches some."""
    pages = await follow(
        open_with("ya29.sandbox-ben").containers, ContainerQuery(q="folder", type="folder")
    )
    assert pages[-1].truncated
    assert [one.name for page in pages for one in page.items] == ["Ben's folder"]


@pytest.mark.parametrize(
    "parent",
    ["drive:file:1RoadmapDocument000000000000", "drive:", "drive:folder:", "drive:folder:a/b",
     "drive:folder:..", "drive:folder:a@b@c", "drive:shared:x", "other:1", "1abc"],
)  # fmt: skip
async def test_what_is_no_container_is_refused(
    connector: GoogleConnector, google: Google, parent: str
) -> None:
    with pytest.raises(ValidationFailed):
        await connector.containers(ContainerQuery(parent_id=parent))
    assert google.asked == []


async def test_an_unknown_type_is_refused(connector: GoogleConnector) -> None:
    with pytest.raises(UnsupportedFilter):
        await connector.containers(ContainerQuery(type="bucket"))


async def test_a_token_of_another_form_is_refused(connector: GoogleConnector) -> None:
    for token in ("0~0~7", "9~", "0~x", "nonsense"):
        with pytest.raises(InvalidCursor):
            await connector.containers(ContainerQuery(token=token))
