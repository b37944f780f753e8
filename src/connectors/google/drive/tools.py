"""What can be done in Drive: files made, files found."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from src.connectors.google.drive import search, uploads
from src.connectors.google.drive.access import DriveAccess
from src.connectors.google.drive.ids import parse_container
from src.connectors.google.drive.kinds import TYPES
from src.connectors.google.drive.mapping import to_item
from src.connectors.google.scopes import DRIVE_FILE, DRIVE_METADATA_READ, DRIVE_READ
from src.connectors.tools import PagedArguments, Tool, ToolArguments, picked
from src.core.errors import ValidationFailed
from src.models.unified import Item, Page

if TYPE_CHECKING:
    from src.connectors.google.connector import GoogleConnector

_MIME_TYPE = r"^[A-Za-z0-9.+-]{1,64}/[A-Za-z0-9.+-]{1,64}(; charset=[A-Za-z0-9-]{1,32})?$"
Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]
ItemType = Literal[
    "document",
    "drawing",
    "folder",
    "form",
    "map",
    "presentation",
    "script",
    "shortcut",
    "site",
    "spreadsheet",
    "file",
]
Made = Literal["document", "spreadsheet", "presentation", "folder"]


class CreateFile(ToolArguments):
    """Arguments of ``drive_create_file``."""

    name: Name = Field(description="The file's name, with its ending if it has one.")
    content: str | None = Field(
        default=None, max_length=900_000, description="Its text; without one it is empty."
    )
    mime_type: str = Field(
        default="text/plain",
        pattern=_MIME_TYPE,
        description="What the content is: text/plain, text/markdown, text/csv, text/html …",
    )
    google_type: Made | None = Field(
        default=None,
        description="Make a Google file of it: a document of text, Markdown or HTML, a spreadsheet"
        " of CSV; or a folder, which has no content. Otherwise the file stays as it is.",
    )
    folder: str | None = picked(
        "google_drive_folder",
        description="Where it is put; otherwise at the top of My Drive. The app must have made the"
        " folder, unless the connection may write to all of Drive.",
        default=None,
    )


class Search(PagedArguments):
    """Arguments of ``drive_search``."""

    query: str = Field(
        min_length=1, max_length=256, description="Words, all of which must be found."
    )
    in_text: bool = Field(
        default=False,
        description="Look into the texts, too, and not only at the beginnings of the words of"
        f" names. Needs {DRIVE_READ}.",
    )
    type: ItemType | None = Field(default=None, description="Only this type.")
    folder: str | None = picked(
        "google_drive_folder",
        description="Only directly in this folder or drive.",
        default=None,
    )
    updated_since: AwareDatetime | None = Field(
        default=None, strict=False, description="Only what was changed at this time or later."
    )


async def create_file(connector: GoogleConnector, arguments: CreateFile) -> Item:
    """Make a file, or a folder."""
    if arguments.google_type == "folder" and arguments.content is not None:
        raise ValidationFailed([("content", "a folder has none")])
    parent = None
    if arguments.folder is not None:
        parent = parse_container(arguments.folder, "folder")
        if parent is None:
            raise ValidationFailed([("folder", "what others share is no folder")])
    google_type = TYPES[arguments.google_type] if arguments.google_type else None
    metadata = uploads.Metadata(
        name=arguments.name,
        mime_type=google_type or arguments.mime_type,
        parents=[parent.id] if parent else None,
    )
    if arguments.content is None:
        return to_item(await uploads.create(connector.rest, metadata))
    content = arguments.content.encode()
    return to_item(await uploads.upload(connector.rest, metadata, content, arguments.mime_type))


async def search_files(connector: GoogleConnector, arguments: Search) -> Page[Item]:
    """Find files, in one folder or in all drives that the account reaches."""
    term = "name"
    if arguments.in_text:
        connector.need_scopes(DRIVE_READ)
        term = "fullText"
    clauses = (
        search.words(term, arguments.query, "query"),
        search.of_kind(arguments.type),
        search.since(arguments.updated_since),
    )
    access = DriveAccess(connector.rest)
    if arguments.folder is None:
        return await access.everywhere(to_item, arguments.page(), *clauses)
    folder = parse_container(arguments.folder, "folder")
    mapping = partial(to_item, container=arguments.folder)
    return await access.children(folder, mapping, arguments.page(), *clauses)


TOOLS = (
    Tool(
        name="drive_create_file",
        description="Make a file or a folder in Google Drive, if wanted as a Google document,"
        " spreadsheet or presentation.",
        arguments=CreateFile,
        run=create_file,
        scopes=(DRIVE_FILE,),
    ),
    Tool(
        name="drive_search",
        description="Find files in Google Drive by the words of their names, or of their texts.",
        arguments=Search,
        run=search_files,
        scopes=(DRIVE_METADATA_READ,),
        read_only=True,
    ),
)
