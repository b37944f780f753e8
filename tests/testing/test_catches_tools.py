"""The suite catches tools and pickers that a form, an agent or a user could not rely on."""

from pathlib import Path

import pytest

from tests.testing.spoiling import failure_of, spoil

TOOLS = "test_tools_can_be_run"
PICKING = "test_resources_can_be_picked"
TROUBLE = "test_trouble_has_its_error_and_shows_no_secret"
BOOK = 'picked("shelf_place", description="What the note is about.")'
WRITTEN = (
    'written = await connector.rest.write("POST", WRITE, Note, json=given, shelf=shelf, book=book)'
)
TOLD = "return to_comment(written, shelf, book)"
PARENTS = 'return (to_place(await self.rest.get("/shelves/{shelf}", Shelf, shelf=place)),)'
PAGE = """        return await self.rest.page(
            BOOKS, below, query,"""
IMPORTS = (
    "import re\n",
    """import re
from dataclasses import replace
from src.connectors.tools import PagedArguments
from src.core.errors import AppError, InvalidCursor
""",
)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("PicksResources, RunsTools)", "PicksResources)", "derives from RunsTools"),
        ("Write a note about a book.", " ", "has no description: an agent"),
        ("What the note is about.", " ", "has no description: a form"),
        ('scopes=("notes:write",),', 'scopes=("note:write",),', "does not know"),
        ('"shelf_write_note"', '"shelf_writeNote"', "use lower case"),
        ("    text: str = F", "    theText: str = ''\n    text: str = F", "use lower case"),
        ("class WriteNote(ToolArguments)", "class WriteNote(BaseModel)", "no unknown keys"),
        (BOOK, BOOK.replace("place", "pl"), "which manifest.resource_types lacks"),
        (BOOK, BOOK.replace(")", ', depends_on="room")'), "which is no other argument"),
        (BOOK, BOOK.replace(")", ', depends_on="book")'), "which is no other argument"),
        (BOOK, BOOK.replace(")", ', filters={"size": 1})'), "its filter is not one of"),
        ("min_length=1, desc", "min_length=9, desc", "does not take its sample arguments"),
        (TOLD, "return [to_comment(written, shelf, book)]", "answers a list"),
        (
            TOLD,
            'return Page(items=(to_comment(written, shelf, book),), next_token="2")',
            "derive its arguments from PagedArguments",
        ),
        (
            WRITTEN,
            f"""try:
        {WRITTEN}
    except AppError:
        {WRITTEN}""",
            "sent 2 changes after a 503",
        ),
        (
            WRITTEN,
            f"""try:
        {WRITTEN}
    except AppError:
        written = Note(1, "")""",
            "hides a failure of its change",
        ),
    ],
)
async def test_a_tool_that_is_wrong_is_named(folder: Path, old: str, new: str, said: str) -> None:
    imported = ("from pydantic import Field", "from pydantic import BaseModel, Field")
    assert said in await failure_of(spoil(folder, (old, new), IMPORTS, imported), TOOLS)


async def test_arguments_are_wanted_for_every_tool_and_for_no_other(folder: Path) -> None:
    suite = spoil(folder)
    type(suite).tools = {}
    assert "name some that the sandbox takes" in await failure_of(suite, TOOLS)
    type(suite).tools = {**type(spoil(folder)).tools, "shelf_burn": {}}
    assert "['shelf_burn'], which manifest.tools" in await failure_of(suite, TOOLS)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("PicksResources, RunsTools)", "RunsTools)", "derives from PicksResources"),
        ('label="Shelf or book"', 'label=""', "has no label"),
        ('label="Shelf or book"', 'label="x", scopes=("books",)', "does not know"),
        ('label="Shelf or book"', 'label="x", filters=BaseModel', "extra='forbid'"),
        ('id=f"{place}:{book.number}"', 'id=f"{place}/{book.number}"', "is outside"),
        ('id=f"{place}:{book.number}"', 'id="1:1"', "comes twice"),
        ('type="shelf_place",\n                name=book', 'type="book", name=book', "must be"),
        ("name=book.title", 'name=""', "has no name"),
        (
            PAGE,
            f"""        if query.parent_id == "shelf:3":
            raise InvalidCursor("no")
{PAGE}""",
            "does not take shelf:3",
        ),
        (PAGE, f"        query = replace(query, token=None)\n{PAGE}", "comes twice"),
        (PAGE, f"        return Page(items=())\n{PAGE}", "finds nothing below"),
        (PARENTS, "return ()", "must end with shelf:1"),
        (PARENTS, PARENTS.replace("=place)", '="2")'), "must end with shelf:1"),
        ("selectable=False,", 'selectable=False, parent_id="room:1",', "begin at the top"),
        (
            PARENTS,
            'top = to_place(await self.rest.get("/shelves/{shelf}", Shelf, shelf="2"))\n'
            '        one = Resource(id=parent_id, type="x", name="x", parent_id="shelf:3")\n'
            "        return (top, one)",
            "it comes after shelf:2",
        ),
    ],
)
async def test_a_picker_that_is_wrong_is_named(folder: Path, old: str, new: str, said: str) -> None:
    imported = ("from pydantic import Field", "from pydantic import BaseModel, Field")
    assert said in await failure_of(spoil(folder, (old, new), IMPORTS, imported), PICKING)


async def test_a_parent_is_wanted_for_a_type_that_needs_one(folder: Path) -> None:
    suite = spoil(folder, ('label="Shelf or book"', 'label="x", needs_parent=True'))
    type(suite).resource_parents = {}
    assert "name one in resource_parents" in await failure_of(suite, PICKING)
    type(suite).resource_parents = {"shelf_room": "x"}
    assert "['shelf_room'], which" in await failure_of(suite, PICKING)


async def test_a_search_that_leaves_its_parent_is_named(folder: Path) -> None:
    words = 'words = f\'"{query.q.replace(chr(34), " ")}"\' if query.q else None'
    suite = spoil(folder, (words, "words = query.q"))
    said = await failure_of(suite, "test_a_search_stays_in_its_container")
    assert "below 'shelf:1', which are not there" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            WRITTEN,
            f"try:\n        {WRITTEN}\n    except AppError:\n        written = Note(1, '')",
            "tool",
        ),
        (PAGE, f"        return Page(items=())\n{PAGE}", "resources of shelf_place"),
    ],
)
async def test_trouble_of_tools_and_pickers_is_looked_at(
    folder: Path, old: str, new: str, said: str
) -> None:
    message = await failure_of(spoil(folder, (old, new), IMPORTS), TROUBLE, "404")
    assert message.startswith(said)
    assert "hides a failure" in message


async def test_a_request_for_each_item_is_named(folder: Path) -> None:
    listed = "        return await self.rest.page(\n            BOOKS, mapping,"
    each = f"        await self.rest.get('/me', User)\n{listed}"
    check = "test_browsing_takes_no_more_requests_than_the_provider_needs"
    suite = spoil(folder, (listed, each))
    assert "items takes 2 requests, not 1" in await failure_of(suite, check)
    type(suite).requests = {"items": 3}
    assert "items takes 2 requests, not 3" in await failure_of(suite, check)


async def test_what_a_way_to_authorize_does_not_open_must_be_refused(folder: Path) -> None:
    suite = spoil(folder)
    type(suite).beyond = ("shelf_write_note",)
    name = "test_what_the_way_to_authorize_does_not_open_is_refused"
    assert "DID NOT RAISE" in await failure_of(suite, name)
