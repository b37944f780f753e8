"""The bounds that hold over all processes: how many jobs are worked on at once, and whose."""

from __future__ import annotations

import secrets
from contextlib import suppress

from src.core.config import Settings
from src.core.errors import ServiceUnavailable
from src.db.places import Bounds, Place, Places
from src.services.audit import ScopeOf
from src.services.queue import Hint


def bounds(settings: Settings) -> Bounds:
    """What the operator has set."""
    return Bounds(
        settings.jobs_at_once,
        settings.jobs_at_once_per_tenant,
        settings.jobs_at_once_per_connector,
    )


class Admission:
    """Lets jobs of this process in, one hint at a time."""

    def __init__(self, scope_of: ScopeOf, places: Places) -> None:
        self._scope_of = scope_of
        self._places = places
        self._owner = secrets.token_hex(8)
        self._taken: dict[str, Place] = {}

    async def enter(self, hint: Hint) -> bool:
        """Take a place for a job; False when there is none, or nothing to do."""
        job = await self._scope_of(hint.tenant_id).jobs.get(hint.id)
        if job is None or not job.live or job.due_at is None:
            return False
        place = Place(self._owner, job.id, job.tenant_id, job.connector_id)
        if not await self._places.take(place, is_called=hint.is_called):
            return False
        self._taken[job.id] = place
        return True

    async def leave(self, hint: Hint) -> bool:
        """Give the place back; say whether others wait for one."""
        place = self._taken.pop(hint.id)
        # A place that cannot be given back now is free by itself soon.
        with suppress(ServiceUnavailable):
            return await self._places.free(place)
        return False

    async def renew(self) -> None:
        """Keep the places that this process has."""
        if self._taken:
            await self._places.renew(self._owner)
