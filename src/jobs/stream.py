"""Hints in a stream of Redis, which as many workers read as there are."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing, suppress
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from taskiq import AckableMessage, AsyncBroker, TaskiqError
from taskiq_redis import RedisStreamBroker

from src.core.logging import get_logger
from src.jobs.tasks import NO_HINT, Do, HintTask, register
from src.services.queue import Hint

MOST_HINTS = 10_000
"""How many the stream keeps; what falls out comes again with the sweep."""
AT_A_TIME = 10
"""A worker that takes more leaves the others without."""
_BLOCK_MS = 2000
_ANSWER_SECONDS = 5.0
_SENDING_SECONDS = 0.5
"""Requests wait for this, and webhooks of providers that give up after two seconds."""
_STATE_SECONDS = 1.0
"""Who asks for readiness gives up soon, too."""
_PAUSE_SECONDS = 1.0
_SILENCE_SECONDS = 5.0
"""How long nothing is sent to a Redis that has just been away: the sweep finds the work anyway."""
_SILENT_SECONDS = 3600
_UNACKNOWLEDGED_MS = 120_000
_TROUBLE = (RedisError, TaskiqError, OSError)

log = get_logger(__name__)


class Broker(RedisStreamBroker):
    """Taskiq's broker, for which an absent Redis is nothing to end for."""

    def __init__(self, url: str, name: str) -> None:
        """Take the address, and what to call the stream: the database's name."""
        super().__init__(
            url,
            queue_name=f"hints:{name}",
            consumer_group_name="workers",
            # What was sent before the first worker came is not lost on it.
            consumer_id="0",
            xread_block=_BLOCK_MS,
            xread_count=AT_A_TIME,
            maxlen=MOST_HINTS,
            idle_timeout=_UNACKNOWLEDGED_MS,
            socket_connect_timeout=_ANSWER_SECONDS,
            socket_timeout=_ANSWER_SECONDS,
            # Redis's own client would try for long while a request waits.
            retry=Retry(NoBackoff(), 0),
        )
        self._on_leaving: Callable[[], None] | None = None
        self._is_missed = False

    def when_leaving(self, tell: Callable[[], None]) -> None:
        """Call this when the worker takes no more hints: what it does is to be handed over."""
        self._on_leaving = tell

    def tell_missed(self, error: BaseException) -> None:
        """Say that Redis is away: once for each outage, whoever notices."""
        if not self._is_missed:
            log.warning("broker.missed", reason=reason(error))
        self._is_missed = True

    def tell_found(self) -> None:
        """Say that it is back, if it was away."""
        if self._is_missed:
            log.warning("broker.found")
        self._is_missed = False

    async def startup(self) -> None:
        """Begin; the group of workers is made when hints are read, with a Redis that is there."""
        await AsyncBroker.startup(self)

    async def shutdown(self) -> None:
        """End, and be forgotten by Redis."""
        if self.is_worker_process:
            with suppress(*_TROUBLE):
                await self._redis().xgroup_delconsumer(
                    self.queue_name, self.consumer_group_name, self.consumer_name
                )
        await super().shutdown()

    async def listen(self) -> AsyncGenerator[AckableMessage, None]:
        """Hints as they come, also from a Redis that was away, or has lost everything."""
        try:
            while True:
                try:
                    await self._declare_consumer_group()
                    await self._forget_the_dead()
                    self.tell_found()
                    async with aclosing(self._messages()) as messages:
                        async for message in messages:
                            yield message
                except _TROUBLE as error:
                    self.tell_missed(error)
                    await asyncio.sleep(_PAUSE_SECONDS)
        finally:
            # Taskiq closes this when the worker has been told to end.
            if self._on_leaving is not None:
                self._on_leaving()

    async def _messages(self) -> AsyncGenerator[AckableMessage, None]:
        """New entries, and those that a worker has taken and not done; what is no hint is left out.

        Taskiq's own reading ends with an entry that somebody else has written.
        """
        redis, mine = self._redis(), (self.consumer_group_name, self.consumer_name)
        while True:
            streams: Any = await redis.xreadgroup(
                *mine, {self.queue_name: ">"}, count=self.count, block=self.block
            )
            self.tell_found()
            for _, entries in streams or ():
                async for message in self._hints(entries):
                    yield message
            _, entries, *_ = await redis.xautoclaim(
                self.queue_name, *mine, min_idle_time=self.idle_timeout, count=self.count
            )
            async for message in self._hints(entries):
                yield message

    async def _hints(self, entries: Iterable[tuple[Any, Any]]) -> AsyncGenerator[AckableMessage]:
        for entry_id, fields in entries:
            acknowledge = self._ack_generator(entry_id, self.queue_name)
            if fields and b"data" in fields:
                yield AckableMessage(data=fields[b"data"], ack=acknowledge)
            elif entry_id is not None:
                log.warning("hint.dropped", reason=NO_HINT)
                await acknowledge()

    def _ack_generator(self, id: str, queue_name: str) -> Callable[[], Awaitable[None]]:  # noqa: A002
        acknowledge = super()._ack_generator(id, queue_name)

        async def tolerant() -> None:
            # A hint that comes again changes nothing.
            with suppress(*_TROUBLE):
                await acknowledge()

        return tolerant

    async def _forget_the_dead(self) -> None:
        """Drop workers that have not been heard of for long: each process has a name of its own."""
        redis = self._redis()
        for one in await redis.xinfo_consumers(self.queue_name, self.consumer_group_name):
            if one["idle"] > _SILENT_SECONDS * 1000:
                await redis.xgroup_delconsumer(
                    self.queue_name, self.consumer_group_name, one["name"]
                )

    def _redis(self) -> Redis:
        return Redis(connection_pool=self.connection_pool)

    async def ping(self) -> None:
        """Ask Redis for a sign of life.

        Raises:
            RedisError: It gives none.
        """
        await self._redis().ping()


class Stream:
    """The stream, as who sends hints sees it."""

    def __init__(self, broker: Broker, do: Do | None = None) -> None:
        """Take the broker; ``do`` carries out the hints that come to this process."""
        self.broker = broker
        self._task: HintTask = register(broker, do or _nothing)
        self._missed_until = 0.0
        self._sending: set[asyncio.Task[None]] = set()

    async def send(self, hint: Hint) -> None:
        """Let a worker have a look, soon; an absent Redis is left alone for a moment."""
        if time.monotonic() < self._missed_until:
            return
        sending = asyncio.create_task(self._send(hint))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)
        # Whoever waits for less must not keep us from noticing that nobody answers.
        await asyncio.shield(sending)

    async def _send(self, hint: Hint) -> None:
        try:
            async with asyncio.timeout(_SENDING_SECONDS):
                await self._task.kiq(hint.work, hint.tenant_id, hint.id, hint.is_called)
        except _TROUBLE as error:
            self._missed_until = time.monotonic() + _SILENCE_SECONDS
            self.broker.tell_missed(error)
        else:
            self.broker.tell_found()

    async def state(self) -> str:
        """``ok``, or what is wrong and what to do."""
        try:
            async with asyncio.timeout(_STATE_SECONDS):
                await self.broker.ping()
        except _TROUBLE as error:
            return reason(error)
        return "ok"

    async def close(self) -> None:
        """Close the connections, once what is on its way has been sent or given up."""
        await asyncio.gather(*self._sending)
        await self.broker.shutdown()


async def _nothing(_: Hint) -> None:
    """Where hints are only sent."""


def reason(error: BaseException) -> str:
    """What is wrong with the broker, without any part of its address."""
    if isinstance(error, TaskiqError):
        error = error.__cause__ or error
    if isinstance(error, AuthenticationError | NoPermissionError):
        return "the broker refuses the user or password of JOBS_BROKER_URL"
    if isinstance(error, TimeoutError | RedisTimeoutError):
        return "the broker does not answer in time; jobs wait until it does"
    return "the broker cannot be reached at JOBS_BROKER_URL; jobs wait until it can"
