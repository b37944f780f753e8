"""What changes lead to is fetched side by side, and given up together."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from src.connectors.base import ReceivesWebhooks
from src.connectors.webhooks import Change
from src.core.errors import ServiceUnavailable
from src.models.principal import Caller
from src.services.calls import Calls, Opened, Result
from src.services.records import Records
from src.services.webhooks.fetching import Fetching
from src.services.webhooks.values import nobody


class Ringing(ReceivesWebhooks):
    """A connector that is never asked: its calls are the test's."""

    read = fetch = sync = identify = None  # type: ignore[assignment]


class Away:
    """The database is away for the first call, once the others are under way."""

    def __init__(self, others: int) -> None:
        self._calls = 0
        self._others = others
        self._are_there = asyncio.Event()
        self.ended = 0

    async def run(self, _: Caller, __: Opened, ___: object) -> Result[None]:
        self._calls += 1
        if self._calls == 1:
            await self._are_there.wait()
            raise ServiceUnavailable("The database is away.")
        if self._calls == self._others + 1:
            self._are_there.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended += 1
        raise AssertionError


async def test_a_database_that_is_away_ends_what_is_under_way() -> None:
    away = Away(others=3)
    connector: Any = object.__new__(Ringing)
    opened = cast("Opened", SimpleNamespace(connector=connector))
    changes = [Change(event="x", stream="things", record_id=f"t{number}") for number in range(4)]
    fetching = Fetching(cast("Calls", away), cast("Records", None))
    with pytest.raises(ServiceUnavailable, match="The database is away"):
        await fetching.fetch(nobody("acme"), opened, changes)
    assert away.ended == 3
