"""The suite catches a connector that synchronizes badly, and says what is lost."""

from pathlib import Path

import pytest

from src.testing import ConnectorConformance, StreamSample
from tests.testing.spoiling import failure_of, spoil
from tests.testing.test_ledger import TestLedger as _LedgerSuite

LEDGER = Path(__file__).parent / "ledger"
ONCE = "test_a_full_run_gives_everything_once"
FETCHED = "test_a_record_is_fetched_as_it_is_listed"
GOES_ON = "test_a_run_goes_on_after_each_page"
MOVING = "test_nothing_is_lost_when_records_go_while_they_are_read"
CHANGES = "test_an_incremental_run_finds_what_was_added_and_changed"
DELETIONS = "test_deletions_are_found_as_the_manifest_says"
CHEAP = "test_a_run_that_finds_nothing_new_is_cheap"
GONE = "test_a_container_that_is_gone_is_told_and_the_others_are_read"
TROUBLE = "test_trouble_ends_a_run_and_it_goes_on_later"
GIVEN_UP = "test_a_run_that_is_given_up_leaves_nothing_behind"

BEGIN = "        yield SyncPage(checkpoint=overlap.next_checkpoint(query))\n"
GIVEN = "records=page.items, next_token=page.next_token, truncated=page.truncated"
FOUND = "lambda found: to_item(found, book),\n            raw=False"
AHEAD = "pages = read_ahead(sheets(Numbered), token, at_once=AT_ONCE)"
ONE_BY_ONE = """pages = self.one_by_one(sheets(Numbered), token)"""
PAGER = """
    async def one_by_one(self, sheets, token):
        number = int(token or 1)
        while number:
            sheet = await sheets.read(number)
            number = number + 1 if sheet.following else 0
            yield Page(items=tuple(sheet.items), next_token=str(number) if number else None)

    async def fetch("""
PAGE = "from src.models.unified import Item, Page"
IMPORT_PAGE = ("from src.models.unified import Item\n", PAGE + "\n")
LAST = "        async with aclosing(over_parts(query, self.books, entries)) as pages:\n"


def spoilt(folder: Path, *changes: tuple[str, str]) -> ConnectorConformance:
    return spoil(folder, *changes, good=LEDGER, suite=_LedgerSuite)


@pytest.mark.parametrize(
    ("check", "old", "new", "said"),
    [
        (ONCE, BEGIN, "", "must tell a UpdatedSince"),
        (
            ONCE,
            "overlap.next_checkpoint(query)",
            "UpdatedSince(updated_since=query.started_at.replace(year=2100))",
            "is later than the beginning",
        ),
        (ONCE, 'id=f"{book}:{entry.number}"', 'id=f"{book}/{entry.number}"', "is outside"),
        (ONCE, 'container_id=f"book:{book}"', 'container_id="book:9"', "its page says"),
        (ONCE, "records=page.items,", "records=[*page.items, *page.items],", "come twice"),
        (
            ONCE,
            LAST,
            BEGIN.replace("checkpoint=overlap.next_checkpoint(query)", 'position="http://x"')
            + LAST,
            "holds an address",
        ),
        (
            ONCE,
            LAST,
            BEGIN.replace("checkpoint=overlap.next_checkpoint(query)", 'position="x" * 70_000')
            + LAST,
            "keep them below",
        ),
        (FETCHED, FOUND, FOUND.replace("raw=False", "raw=True"), "differs from the record"),
        (FETCHED, '"/books/{book}/entries/{entry}"', '"/books/{book}/entr/{entry}"', "was listed"),
        (
            GOES_ON,
            BEGIN,
            "        yield SyncPage(checkpoint=UpdatedSince(updated_since="
            "query.started_at.replace(year=2001 if query.position else 2000)))\n",
            "must come to the checkpoint",
        ),
        (GOES_ON, GIVEN, GIVEN.replace("page.next_token", '"[9]"'), "are lost to who goes on"),
        (CHANGES, "pages = by_change(changed, since, token)", "return", "are not in the next"),
        (CHEAP, "if since is None:", "if since or not since:", "it takes"),
        (CHEAP, "if since is None:", "if since or not since:", "requests, not 2"),
        (
            GONE,
            "        async with aclosing(pages):\n",
            '        if book == "3":\n            return\n        async with aclosing(pages):\n',
            "tell it as `unread`",
        ),
    ],
)
async def test_what_is_wrong_is_named(
    tmp_path: Path, folder: Path, check: str, old: str, new: str, said: str
) -> None:
    assert said in await failure_of(spoilt(folder, (old, new)), check)


async def test_who_pages_one_by_one_loses_what_moves(folder: Path) -> None:
    suite = spoilt(folder, (AHEAD, ONE_BY_ONE), ("\n    async def fetch(", PAGER), IMPORT_PAGE)
    assert "are lost when 1:1 is deleted" in await failure_of(suite, MOVING)


async def test_a_failure_that_is_hidden_is_found(folder: Path) -> None:
    quiet = (
        LAST,
        "        with contextlib.suppress(Exception):\n"
        + "".join(f"    {line}\n" for line in LAST.splitlines())
        + "                async for page in pages:\n                    yield page\n"
        + "        return\n"
        + LAST,
    )
    suite = spoilt(folder, quiet, ("import re\n", "import contextlib\nimport re\n"))
    assert "let the error pass" in await failure_of(suite, TROUBLE)


async def test_a_task_that_is_left_behind_is_found(folder: Path) -> None:
    left = (BEGIN, BEGIN + "        LEFT.append(asyncio.create_task(asyncio.sleep(1)))\n")
    begins = ("import re\n", "import asyncio\nimport re\n\nLEFT = []\n")
    assert "leaves tasks behind" in await failure_of(spoilt(folder, left, begins), GIVEN_UP)


async def test_what_is_gone_must_not_be_found(folder: Path) -> None:
    suite = spoilt(
        folder,
        (
            "        return await self.rest.find_one(",
            "        found = await self.rest.find_one(",
        ),
        (
            "            entry=entry,\n        )\n",
            "            entry=entry,\n        )\n"
            '        return found or to_item(Entry(1, "", "2020-01-01T00:00:00Z"), book)\n',
        ),
    )
    assert "must be None" in await failure_of(suite, DELETIONS)


@pytest.mark.parametrize(
    ("samples", "said"),
    [
        ({}, "give each stream a StreamSample"),
        ({"entries": StreamSample()}, "needs `add` and `change`"),
    ],
    ids=["none", "empty"],
)
async def test_each_stream_needs_a_sample(
    folder: Path, samples: dict[str, StreamSample], said: str
) -> None:
    suite = spoilt(folder)
    type(suite).streams = samples
    assert said in await failure_of(suite, ONCE)


async def test_a_stream_for_an_auth_method_that_is_not_there_is_named(folder: Path) -> None:
    suite = spoilt(
        folder,
        ('name="entries",\n', 'name="entries",\n                auth_methods=("nobody",),\n'),
    )
    said = await failure_of(suite, "test_the_registry_loads_it_and_the_manifest_is_complete")
    assert "auth methods that are not there: {'nobody'}" in said
