"""Files are made and found, with the smallest scope that does."""

from typing import Any

import pytest
from pydantic import ValidationError

from src.connectors.google import scopes
from src.connectors.google.connector import GoogleConnector
from src.connectors.google.manifest import MANIFEST
from src.core.errors import (
    InsufficientScope,
    ProviderNotFound,
    ProviderRejected,
    ProviderUnavailable,
    ValidationFailed,
)
from src.models.query import OneItemQuery
from src.models.unified import Item, Page
from tests.connectors.google.conftest import Google, Open

ROOT = "drive:folder:0AAnnRootFolder0000PVA"
MANY = "drive:folder:1ManyFilesFolder000000000000"


async def run(connector: GoogleConnector, tool_name: str, /, **arguments: Any) -> Any:
    tool = MANIFEST.tool(tool_name)
    assert tool is not None
    return await tool.run(connector, tool.arguments.model_validate(arguments))


async def titles(connector: GoogleConnector, **arguments: Any) -> list[str]:
    page: Page[Item] = await run(connector, "drive_search", **arguments)
    return sorted(one.title for one in page.items)


def test_each_tool_asks_for_the_least() -> None:
    needed = {tool.name: (tool.scopes, tool.read_only) for tool in MANIFEST.tools}
    assert needed["drive_create_file"] == ((scopes.DRIVE_FILE,), False)
    assert needed["drive_search"] == ((scopes.DRIVE_METADATA_READ,), True)
    assert needed["sheets_read_range"] == ((scopes.SHEETS_READ,), True)
    assert needed["sheets_append_rows"] == ((scopes.SHEETS,), False)


@pytest.mark.parametrize(
    ("arguments", "kind", "text"),
    [
        ({"name": "a.txt", "content": "Grüße\r\n--part--"}, "file", "Grüße\r\n--part--"),
        ({"name": "a.md", "content": "# A", "mime_type": "text/markdown",
          "google_type": "document"}, "document", "# A"),
        ({"name": "t", "content": "a,b", "mime_type": "text/csv", "google_type": "spreadsheet"},
         "spreadsheet", "a,b"),
        ({"name": "empty", "google_type": "document"}, "document", ""),
        ({"name": "O'Brien ☂ \"quoted\"", "content": ""}, "file", ""),
    ],
    ids=["text", "document", "spreadsheet", "empty", "odd name"],
)  # fmt: skip
async def test_a_file_is_made(
    connector: GoogleConnector, google: Google, arguments: dict[str, Any], kind: str, text: str
) -> None:
    made: Item = await run(connector, "drive_create_file", **arguments)
    assert len(google.asked) == 1
    assert (made.title, made.type, made.container_id) == (arguments["name"], kind, ROOT)
    assert (await connector.item(OneItemQuery(item_id=made.id))).body == text


async def test_a_folder_is_made_and_filled(open_with: Open) -> None:
    """An app that may reach what it has made, and nothing else."""
    connector = open_with(granted=(*scopes.IDENTITY, scopes.DRIVE_FILE))
    folder: Item = await run(connector, "drive_create_file", name="Out", google_type="folder")
    assert folder.has_children
    inside: Item = await run(
        connector, "drive_create_file", name="in.txt", content="in", folder=folder.id
    )
    assert inside.container_id == folder.id


async def test_a_folder_takes_no_content_and_what_others_share_is_none(
    connector: GoogleConnector, google: Google
) -> None:
    with pytest.raises(ValidationFailed):
        await run(connector, "drive_create_file", name="x", google_type="folder", content="text")
    for folder in ("drive:shared", "drive:file:1RoadmapDocument000000000000", "nonsense"):
        with pytest.raises(ValidationFailed):
            await run(connector, "drive_create_file", name="x", folder=folder)
    assert google.asked == []


async def test_a_foreign_folder_is_not_there_for_the_app(connector: GoogleConnector) -> None:
    with pytest.raises(ProviderNotFound):
        await run(
            connector, "drive_create_file", name="x", folder="drive:folder:1BensPrivate0000000"
        )


async def test_a_conversion_that_does_not_exist_is_refused(connector: GoogleConnector) -> None:
    with pytest.raises(ProviderRejected):
        await run(
            connector,
            "drive_create_file",
            name="x",
            content="{}",
            mime_type="application/json",
            google_type="spreadsheet",
        )


@pytest.mark.parametrize("content", [None, "text"])
async def test_a_file_is_made_once_also_when_nobody_knows(
    connector: GoogleConnector, google: Google, content: str | None
) -> None:
    await google.fault({"kind": "server_error", "status": 503, "method": "POST"})
    with pytest.raises(ProviderUnavailable):
        await run(connector, "drive_create_file", name="x", content=content)
    assert len(google.asked) == 1


@pytest.mark.parametrize(
    "mime_type", ["text/plain\r\nX-Evil: 1", "text", "text/plain; boundary=x", "a/b\n"]
)
def test_a_media_type_cannot_break_out_of_its_header(mime_type: str) -> None:
    tool = MANIFEST.tool("drive_create_file")
    assert tool is not None
    with pytest.raises(ValidationError):
        tool.arguments.model_validate({"name": "x", "content": "", "mime_type": mime_type})


async def test_files_are_found_by_their_names_in_all_drives(connector: GoogleConnector) -> None:
    assert await titles(connector, query="roadmap") == ["Roadmap", "Roadmap, shortly"]
    assert await titles(connector, query="capac") == ["Capacity"]
    assert await titles(connector, query="merger") == []
    assert await titles(connector, query="theme", type="document") == [
        "Ben's theme",
        "On call theme",
    ]


async def test_files_are_found_by_their_texts_if_the_grant_allows_it(
    open_with: Open, google: Google
) -> None:
    reader = open_with(granted=(scopes.DRIVE_READ,))
    assert await titles(reader, query="wheel", in_text=True) == ["Budget"]
    assert await titles(reader, query="wheel") == []
    google.forget()
    with pytest.raises(InsufficientScope):
        await titles(open_with(granted=(scopes.DRIVE_METADATA_READ,)), query="wheel", in_text=True)
    assert google.asked == []


async def test_a_search_in_a_folder_stays_there(connector: GoogleConnector) -> None:
    page: Page[Item] = await run(connector, "drive_search", query="theme", folder=MANY, limit=10)
    assert len(page.items) == 10
    assert {one.container_id for one in page.items} == {MANY}
    rest: Page[Item] = await run(
        connector, "drive_search", query="theme", folder=MANY, limit=10, cursor=page.next_token
    )
    assert not {one.id for one in page.items} & {one.id for one in rest.items}
    attack = "x' or name contains 'roadmap"
    assert await titles(connector, query=attack, folder=MANY) == []


async def test_files_are_found_by_their_change(connector: GoogleConnector) -> None:
    assert await titles(connector, query="roadmap", updated_since="2026-03-01T00:00:00+00:00") == [
        "Roadmap"
    ]
