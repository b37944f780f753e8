"""The root secret: claimed once, by whoever comes first."""

import asyncio

from src.db.client import Database, Mongo
from src.db.platform import PlatformStore, RootSecret

FIRST = RootSecret(b"first", "fingerprint-1")
SECOND = RootSecret(b"second", "fingerprint-2")


async def test_the_first_candidate_becomes_the_root_and_stays(database: Database) -> None:
    store = PlatformStore(database)
    assert await store.claim_root(FIRST) == FIRST
    assert await store.claim_root(SECOND) == FIRST
    assert await PlatformStore(database).claim_root(SECOND) == FIRST


async def test_of_many_candidates_at_once_all_get_the_same_root(mongo: Mongo) -> None:
    """On the real server only: the imitation does not run at the same time."""
    for _ in range(5):
        await mongo.database["platform_secrets"].delete_many({})
        candidates = [RootSecret(b"%d" % number, str(number)) for number in range(8)]
        roots = await asyncio.gather(
            *(PlatformStore(mongo.database).claim_root(each) for each in candidates)
        )
        assert len(set(roots)) == 1
        assert roots[0] in candidates
