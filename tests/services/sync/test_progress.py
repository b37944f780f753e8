"""What a step tells of the pages that it stores."""

from src.connectors.manifest import Deletions, NoFields, Stream
from src.connectors.syncing import SyncPage
from src.models.base import now
from src.models.unified import Item
from src.services.sync.progress import step_of
from src.services.sync.reading import read_page

STREAM = Stream(name="entries", incremental=False, deletions=Deletions.NEVER, checkpoint=NoFields)


def test_a_record_that_comes_twice_in_a_batch_is_one() -> None:
    """As when a provider's list shifts while it is paged."""
    items = [Item(id=id_, type="entry", container_id="main", title="one") for id_ in "abc"]
    pages = [read_page(SyncPage(records=some), now()) for some in (items[:2], items[1:])]
    step = step_of(pages, STREAM)
    assert (step.pages, step.records) == (2, 3)
