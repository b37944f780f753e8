"""What a sync is held against, one process each, printing ``{"items", "seconds", "peakMb"}``.

``bulk``    the same documents from a file, upserted by ``_id`` as fast as the driver can.
``paged``   page after page from the provider, decoded, stored, and only then the next.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import bson
import msgspec
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import ReplaceOne
from pymongo.write_concern import WriteConcern

BATCH = 1000


class Issue(msgspec.Struct):
    """What of an issue is read."""

    id: int
    number: int
    title: str
    state: str
    updated_at: str
    body: str | None = None


def collection(name: str) -> Any:
    client: Any = AsyncIOMotorClient(os.environ["MONGODB_URL"])
    return client["baselines"].get_collection(name, write_concern=WriteConcern(w="majority"))


def documents(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as file:
        yield from bson.decode_file_iter(file)


async def bulk(path: Path) -> int:
    """Decoding from the file and writing go on side by side, as they do in a sync."""
    target = collection("bulk")
    await target.drop()
    count, writing = 0, None
    batch: list[ReplaceOne[Any]] = []

    async def write(full: list[ReplaceOne[Any]]) -> None:
        await target.bulk_write(full, ordered=False)

    for document in documents(path):
        batch.append(ReplaceOne({"_id": document["_id"]}, document, upsert=True))
        if len(batch) == BATCH:
            if writing is not None:
                await writing
            writing = asyncio.create_task(write(batch))
            await asyncio.sleep(0)
            count, batch = count + len(batch), []
    if writing is not None:
        await writing
    if batch:
        await write(batch)
    return count + len(batch)


async def paged(url: str) -> int:
    target = collection("paged")
    await target.drop()
    decode = msgspec.json.Decoder(list[Issue]).decode
    count, address = 0, f"{url}/repositories/1/issues?state=all&per_page=100"
    async with aiohttp.ClientSession() as session:
        while address:
            async with session.get(address) as answer:
                issues = decode(await answer.read())
                following = answer.links.get("next")
            writes = [
                ReplaceOne({"_id": one.id}, {"_id": one.id, **msgspec.structs.asdict(one)}, True)
                for one in issues
            ]
            await target.bulk_write(writes, ordered=False)
            count += len(issues)
            address = str(following["url"]) if following else ""
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["bulk", "paged"])
    parser.add_argument("where", help="a file of documents, or the provider's address")
    given = parser.parse_args()
    began = time.perf_counter()
    count = asyncio.run(bulk(Path(given.where)) if given.what == "bulk" else paged(given.where))
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"items": count, "seconds": seconds, "peakMb": peak}))


if __name__ == "__main__":
    main()
