"""Preparing the database, again and again where it does not answer at the start."""

from __future__ import annotations

import asyncio

from src.core.errors import ServiceUnavailable, StartError
from src.core.logging import get_logger
from src.services.readiness import Readiness

PREPARE_AGAIN_SECONDS = 2.0

log = get_logger(__name__)


class Preparation:
    """Goes on in the background until the database is prepared, or refused."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Prepare the database, in the background if it does not answer yet.

        Raises:
            StartError: It answers, and cannot be used.
        """
        if missed := await self._missed():
            log.warning("database.missed", reason=missed)
            self._task = asyncio.create_task(self._go_on(missed))

    def cancel(self) -> None:
        """Go on no longer."""
        if self._task is not None:
            self._task.cancel()

    async def _go_on(self, told: str) -> None:
        try:
            await self._until_done(told)
        except StartError as refusal:
            reason = str(refusal)
        else:
            log.warning("database.found")
            return
        log.error("database.refused", reason=reason)

    async def _until_done(self, told: str) -> None:
        missed: str | None = told
        while missed:
            await asyncio.sleep(PREPARE_AGAIN_SECONDS)
            missed = await self._missed()
            if missed and missed != told:
                log.warning("database.missed", reason=missed)
                told = missed

    async def _missed(self) -> str | None:
        """Prepare the database; why it could not be, if so."""
        try:
            await self._readiness.prepare()
        except ServiceUnavailable as outage:
            return self._readiness.trouble(outage)
        return None
