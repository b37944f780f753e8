"""Pages that were asked for early: what a webhook has brought since is not overwritten."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

from src.connectors.syncing import SyncPage
from src.models.base import now
from src.models.unified import Item
from src.services.record_batches import Batch, latest
from src.services.sync.reading import Pages, fill
from tests.services.sync.ledger import World

ASKED = datetime(2026, 1, 1, 12, tzinfo=UTC)


def entry(text: str) -> Item:
    return Item(id="main-1", type="entry", container_id="main", title="Entry", body=text)


async def taken(*given: SyncPage) -> Pages:
    async def source() -> AsyncGenerator[SyncPage, None]:
        for page in given:
            yield page

    pages = Pages()
    await fill(pages, source())
    await pages.end()
    return pages


async def test_a_page_that_was_read_ahead_does_not_overwrite_what_a_webhook_brought(
    world: World,
) -> None:
    records = world.container.records
    later = Batch(records=[entry("newer")], fetched_at=ASKED + timedelta(seconds=1))
    await records.store(world.connection, "entries", later)

    pages = await taken(SyncPage(records=[entry("older")], container_id="main", asked_at=ASKED))
    for page in await pages.take(0) or []:
        await records.keep(world.connection, "entries", latest(page.versions))

    assert await world.copy() == {"main-1": "newer"}


async def test_a_page_that_does_not_tell_was_asked_for_behind_the_one_before() -> None:
    before = now()
    pages = await taken(SyncPage(records=[entry("one")]), SyncPage(records=[entry("two")]))
    moments = [one.fetched_at for page in await pages.take(0) or [] for one in page.versions]
    assert [before, *moments, now()] == sorted([before, *moments, now()])
    assert len(moments) == 2
