"""A database that goes and comes back is told once each, whatever is asked meanwhile."""

import asyncio
import io
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from typing import Any

import httpx
import pytest
from pymongo.errors import AutoReconnect
from pymongo.hello import Hello
from pymongo.monitoring import ServerHeartbeatFailedEvent, ServerHeartbeatSucceededEvent
from pymongo.uri_parser import parse_uri

from src.core.errors import ServiceUnavailable
from src.core.logging import configure_logging
from src.db.client import Mongo
from src.db.presence import Address, Presence
from tests.conftest import StartService
from tests.services.gate import Gate

PATIENCE_SECONDS = 60.0
LOST, FOUND = "[warning  ] database.lost", "[warning  ] database.found"


@pytest.fixture
def gate(mongo_url: str) -> Iterator[Gate]:
    """Stands before whatever uses it, so that nothing waits for it at the end."""
    (server,) = parse_uri(mongo_url)["nodelist"]
    gate = Gate(server)
    yield gate
    gate.shut()


@pytest.fixture
def url(gate: Gate) -> str:
    options = "directConnection=true&serverSelectionTimeoutMS=2000&heartbeatFrequencyMS=500"
    return f"mongodb://127.0.0.1:{gate.port}/?{options}"


class Told:
    """What the log has said so far."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    def events(self) -> list[str]:
        """Level and name of each event about the database."""
        return re.findall(r"\[(?:warning|error) +\] database\.\w+", self.text())

    def text(self) -> str:
        return self._stream.getvalue()


@contextmanager
def listening() -> Iterator[Told]:
    stream = io.StringIO()
    try:
        with redirect_stderr(stream):
            configure_logging("INFO", as_json=False)
            yield Told(stream)
    finally:
        configure_logging("INFO", as_json=False)


async def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


async def statuses(client: httpx.AsyncClient) -> set[int]:
    answers = await asyncio.gather(*(client.get("/api/connections") for _ in range(5)))
    return {answer.status_code for answer in answers}


async def test_a_loss_and_a_return_are_told_once_each(
    gate: Gate, url: str, start: StartService
) -> None:
    with listening() as told:
        gate.open()
        client = (await start(mongodb_url=url)).client
        expected: list[str] = []
        for _ in range(2):
            assert await statuses(client) == {200}
            gate.shut()
            assert await statuses(client) == {503}
            expected.append(LOST)
            await until(lambda: told.events() == expected)
            gate.open()
            expected.append(FOUND)
            await until(lambda: told.events() == expected)
        assert await statuses(client) == {200}
        assert told.events() == expected


async def test_a_loss_is_told_without_any_request(
    gate: Gate, url: str, start: StartService
) -> None:
    with listening() as told:
        gate.open()
        await start(mongodb_url=url)
        gate.shut()
        await until(lambda: told.events() == [LOST])
        gate.open()


async def test_a_database_that_is_missed_at_the_start_is_told_once_too(
    gate: Gate, url: str, start: StartService
) -> None:
    with listening() as told:
        client = (await start(mongodb_url=url)).client
        assert await statuses(client) == {503}
        gate.open()
        await until(lambda: len(told.events()) == 2)
        assert told.events() == ["[warning  ] database.missed", FOUND]
        assert "start MongoDB there" in told.text()


async def test_closing_is_no_loss(gate: Gate, url: str) -> None:
    with listening() as told:
        gate.open()
        mongo = Mongo(url, "connectors")
        assert await mongo.replica_set()
        await mongo.close()
        gate.shut()
        assert told.events() == []


async def test_no_name_and_password_are_told(gate: Gate, url: str) -> None:
    with listening() as told:
        gate.open()
        mongo = Mongo(url.replace("mongodb://", "mongodb://somebody:hunter2@"), "connectors")
        with pytest.raises(ServiceUnavailable):
            await mongo.replica_set()
        gate.shut()
        await until(lambda: "database.lost" in told.text())
        assert "hunter2" not in told.text()
        assert "somebody" not in told.text()
        await mongo.close()


FIRST, SECOND = ("first", 27017), ("second", 27017)
PRIMARY = {"ok": 1, "setName": "rs0", "isWritablePrimary": True}
SECONDARY = {"ok": 1, "setName": "rs0", "secondary": True}


def answers(presence: Presence, address: Address, document: dict[str, Any]) -> None:
    presence.succeeded(ServerHeartbeatSucceededEvent(0.0, Hello(document), address))


def fails(presence: Presence, address: Address) -> None:
    presence.failed(ServerHeartbeatFailedEvent(0.0, AutoReconnect("refused"), address))


def test_one_heartbeat_that_fails_is_no_loss() -> None:
    with listening() as told:
        presence = Presence("rs0")
        for _ in range(3):
            answers(presence, FIRST, PRIMARY)
            fails(presence, FIRST)
        assert told.events() == []
        fails(presence, FIRST)
        assert told.events() == [LOST]


def test_a_primary_that_steps_down_is_lost_until_another_is_found() -> None:
    with listening() as told:
        presence = Presence("rs0")
        answers(presence, FIRST, PRIMARY)
        answers(presence, SECOND, SECONDARY)
        answers(presence, FIRST, SECONDARY)
        assert told.events() == [LOST]
        answers(presence, SECOND, PRIMARY)
        answers(presence, FIRST, SECONDARY)
        assert told.events() == [LOST, FOUND]


def test_a_member_that_is_lost_beside_the_primary_is_none() -> None:
    with listening() as told:
        presence = Presence("rs0")
        answers(presence, FIRST, PRIMARY)
        answers(presence, SECOND, PRIMARY)
        fails(presence, FIRST)
        fails(presence, FIRST)
        assert told.events() == []


def test_of_a_former_primary_that_never_answers_again_the_loss_is_seen() -> None:
    with listening() as told:
        presence = Presence("rs0")
        answers(presence, FIRST, PRIMARY)
        answers(presence, SECOND, PRIMARY)
        answers(presence, SECOND, SECONDARY)
        assert told.events() == [LOST]
