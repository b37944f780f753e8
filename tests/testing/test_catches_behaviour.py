"""The suite catches a connector that behaves badly, and says what to do."""

from pathlib import Path

import pytest

from src.testing import ConnectorConformance
from tests.testing.spoiling import failure_of, run, spoil

LISTED = "test_every_container_can_be_listed"
FILTERED = "test_every_filter_is_heeded_or_refused"
FOLLOWED = "test_following_pages_ends_and_repeats_nothing"
SHELF = 'id=f"shelf:{shelf.number}"'
USER = '        user = await self.rest.get("/me", User)\n'
CONTAINERS = "        return await self.rest.page(SHELVES, to_container, query)\n"
PAGE = "        return await self.rest.page(\n            BOOKS, mapping, query,"
IMPORTS = (
    "import re\n",
    """import re
import asyncio
import contextlib
import itertools
from dataclasses import replace
from src.core.errors import CredentialRefused
from src.core.outbound import Request

COUNT = itertools.count()


def numbered(number, page):
    return Page(items=page.items, next_token=str(number + 1))
""",
)


@pytest.mark.parametrize(
    ("check", "old", "new", "said"),
    [
        (
            "test_the_account_is_the_same_each_time",
            "id=str(user.id)",
            "id=str(next(COUNT))",
            "another account id",
        ),
        (
            "test_the_account_is_the_same_each_time",
            "id=str(user.id)",
            'id=" "',
            "empty account id",
        ),
        (LISTED, SHELF, 'id=f"shelf {shelf.number}"', "is outside"),
        (FILTERED, 'query, "type", "q", why', 'query, "type", why', "containers ignores 'q'"),
        (FILTERED, 'query, "type", "q", why', 'query, "q", why', "containers ignores 'type'"),
        (
            FILTERED,
            '"parent_id", "type", "state",',
            '"parent_id", "state",',
            "items ignores 'type'",
        ),
        (FILTERED, '"state", "status",', '"status",', "items ignores 'state'"),
        (FILTERED, '"state", "status",', '"state",', "items ignores 'status'"),
        (FILTERED, '"parent_id", "type", "state",', '"type", "state",', "ignores 'parent_id'"),
        (FILTERED, 'params={"search": search}, at', "params={}, at", "items ignores 'q'"),
        (LISTED, SHELF, 'id="shelf:1"', "comes twice"),
        (LISTED, SHELF, 'id=f"shelf:{9 + shelf.number}"', "a container that is listed must"),
        (LISTED, 'id=f"{shelf}:{book.number}"', 'id=f"{shelf}/{book.number}"', "is outside"),
        (LISTED, 'container_id=f"shelf:{shelf}"', 'container_id="shelf:0"', "it was listed in"),
        (LISTED, "body=book.text", "body=None", "has no body"),
        (LISTED, 'item_id=f"{shelf}:{book}"', 'item_id="1:2"', "must have item_id"),
        (LISTED, 'id=f"{shelf}:{book}:{n', 'id=f"{shelf}/{book}/{n', "comment id"),
        (FOLLOWED, "LinkHeader()", 'LinkHeader(size="pagesize")', "ask the provider for"),
        (
            FOLLOWED,
            CONTAINERS,
            CONTAINERS.replace(", query", ", replace(query, token=None)"),
            "comes twice",
        ),
        (
            FOLLOWED,
            CONTAINERS,
            "        return Page(items=(), next_token=str(next(COUNT)))\n",
            "does not end",
        ),
        (
            FOLLOWED,
            CONTAINERS,
            "        with contextlib.suppress(Exception):\n"
            '            await self.rest._outbound.send(Request("GET", "https://else.example"))\n'
            + CONTAINERS,
            "It called {'else.example'}",
        ),
        (
            "test_a_repeated_page_is_an_error",
            PAGE,
            "        number = int(query.token or 0)\n"
            '        query, at = replace(query, token=None), {"shelf": shelf}\n'
            "        return numbered(number, await self.rest.page(BOOKS, mapping, query, at=at))\n"
            + PAGE,
            "comes twice",
        ),
        (
            "test_a_refused_key_is_not_tried_again",
            USER,
            f"        try:\n    {USER}        except CredentialRefused:\n    {USER}",
            "sent 2 requests after a 401",
        ),
        (
            "test_cancellation_closes_the_answer",
            'await self.rest.get("/me", User)',
            'await asyncio.shield(self.rest.get("/me", User))',
            "leaves an answer open",
        ),
        (
            "test_cancellation_closes_the_answer",
            USER,
            '        user = User(1, "x")\n',
            "reads no answer",
        ),
        (
            "test_a_search_stays_in_its_container",
            'f\'"{query.q.replace(chr(34), " ")}"\'',
            "query.q",
            "which is not in shelf:1",
        ),
        (
            "test_a_search_stays_in_its_container",
            'query.q.replace(chr(34), " ")',
            "query.q",
            "which is not in shelf:1",
        ),
    ],
)
async def test_bad_behaviour_is_named(
    folder: Path, check: str, old: str, new: str, said: str
) -> None:
    assert said in await failure_of(spoil(folder, (old, new), IMPORTS), check)


async def test_landmarks_that_fit_on_one_page_are_refused(folder: Path) -> None:
    suite = spoil(folder)
    type(suite).container = "shelf:2"
    assert "name one with more, or lower `limit`" in await failure_of(suite, FOLLOWED)


async def test_a_word_that_finds_nothing_is_refused(folder: Path) -> None:
    suite = spoil(folder)
    type(suite).word = "submarine"
    check = "test_a_search_stays_in_its_container"
    assert "finds nothing" in await failure_of(suite, check)


async def test_a_connector_without_search_needs_none(folder: Path) -> None:
    refusing = (
        "        shelf = query.c",
        "        refuse_filters(query, 'q', why='')\n        shelf = query.c",
    )
    suite = spoil(folder, refusing)
    type(suite).word = None
    await run(suite, "test_a_search_stays_in_its_container")


async def test_a_search_that_is_refused_leaves_nothing(folder: Path) -> None:
    reading = "        shelf = query.c"
    careful = (
        reading,
        "        if query.q not in {None, 'whale'}:\n"
        f"            raise UnsupportedFilter('q', 'no')\n{reading}",
    )
    imported = ("import re\n", "import re\nfrom src.core.errors import UnsupportedFilter\n")
    await run(spoil(folder, careful, imported), "test_a_search_stays_in_its_container")


async def test_a_search_for_containers_that_leaves_their_parent_is_named(folder: Path) -> None:
    below = (
        "            return Page(items=())\n",
        "            found = Shelf(number=9 if query.q else 1, name='x')\n"
        "            return Page(items=(to_container(found),))\n",
    )
    searching = ('query, "type", "q", why', 'query, "type", why')
    suite = spoil(folder, below, searching)
    type(suite).parent = "room:1"
    said = await failure_of(suite, "test_a_search_stays_in_its_container")
    assert "which is not below room:1" in said


async def test_a_container_may_say_that_it_has_no_items(folder: Path) -> None:
    reading = "        shelf = query.c"
    refusing = (
        reading,
        "        if query.container_id == 'shelf:3':\n"
        f"            raise UnsupportedCapability('no')\n{reading}",
    )
    imported = ("import re\n", "import re\nfrom src.core.errors import UnsupportedCapability\n")
    await run(spoil(folder, refusing, imported), LISTED)


async def test_what_a_connector_cannot_do_is_not_asked_of_it(folder: Path) -> None:
    less = ("(BrowsesComments, PicksResources, RunsTools)", "(BaseConnector)")
    imported = ("    BrowsesComments,\n    I", "    BaseConnector,\n    BrowsesComments,\n    I")
    nothing = (
        ("        resource_types=(", "        **{} and dict(resource_types=("),
        (
            """            ),
        ),
        config_model""",
            """            ),
        )),
        config_model""",
        ),
    )
    suite = spoil(folder, less, imported, *nothing)
    type(suite).tools, type(suite).resource_parents = {}, {}
    for check in (name for name in dir(suite) if name.startswith("test_")):
        await run(suite, check, "401" if "trouble" in check else "")


def test_a_check_is_overridden_only_with_a_reason() -> None:
    def override(**attributes: object) -> type[ConnectorConformance]:
        return type("TestMine", (ConnectorConformance,), attributes)

    name = "test_a_repeated_page_is_an_error"
    with pytest.raises(TypeError, match="write the reason"):
        override(**{name: failure_of})
    with pytest.raises(TypeError, match="write the reason"):
        override(**{name: None}, deviations={name: " "})
    with pytest.raises(TypeError, match="overrides no"):
        override(deviations={name: "pages by number only"})
    kept = override(**{name: None}, deviations={name: "pages by number only"})
    assert issubclass(kept, ConnectorConformance)
