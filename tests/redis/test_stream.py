"""The stream, read by a worker: what others have written into it ends nobody."""

import asyncio
from contextlib import aclosing

from redis.asyncio import Redis as Client
from structlog.testing import capture_logs

from src.jobs.stream import Broker, Stream
from src.services.queue import Hint, Work
from tests.redis.conftest import Redis

NAME = "connectors"
QUEUE = f"hints:{NAME}"
HINT = Hint(Work.SLICE, "acme", "job_0123456789abcdef01234567")
LONG_MS = 1_000_000


async def test_entries_that_are_no_hints_are_dropped_and_end_no_worker(redis: Redis) -> None:
    broker = Broker(redis.url, NAME)
    stream, client = Stream(broker), Client.from_url(redis.url)
    # One that a worker has taken and died over, and a new one before a hint of ours.
    await client.xgroup_create(QUEUE, broker.consumer_group_name, id="0", mkstream=True)
    left = await client.xadd(QUEUE, {"nodata": "x"})
    await client.xreadgroup(broker.consumer_group_name, "dead", {QUEUE: ">"})
    await client.xclaim(
        QUEUE, broker.consumer_group_name, "dead", min_idle_time=0, message_ids=[left], idle=LONG_MS
    )
    await client.xadd(QUEUE, {"nodata": "x"})
    await stream.send(HINT)
    with capture_logs() as logs:
        async with asyncio.timeout(60), aclosing(broker.listen()) as messages:
            message = await anext(messages)
            assert HINT.id.encode() in message.data
            acknowledged = message.ack()
            if acknowledged is not None:
                await acknowledged
            await stream.send(HINT)
            # It comes after what the dead one has left.
            message = await anext(messages)
            acknowledged = message.ack()
            if acknowledged is not None:
                await acknowledged
    assert [entry["event"] for entry in logs] == ["hint.dropped"] * 2
    assert (await client.xpending(QUEUE, broker.consumer_group_name))["pending"] == 0
    await stream.close()
    await client.aclose()


async def test_an_outage_is_told_once_by_whoever_notices(redis: Redis) -> None:
    broker = Broker(redis.url, NAME)
    stream, other = Stream(broker), Stream(Broker(redis.url, NAME))
    redis.kill()
    with capture_logs() as logs:
        async with asyncio.timeout(60), aclosing(broker.listen()) as messages:
            coming = asyncio.ensure_future(anext(messages))
            while not logs:  # noqa: ASYNC110  nobody else can tell
                await asyncio.sleep(0.01)
            await stream.send(HINT)
            await asyncio.to_thread(redis.start)
            await other.send(HINT)
            message = await coming
    assert HINT.id.encode() in message.data
    assert [entry["event"] for entry in logs] == ["broker.missed", "broker.found"]
    await stream.close()
    await other.close()
