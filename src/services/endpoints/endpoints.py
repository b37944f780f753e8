"""Endpoints: make, list, change, rotate, end; what they were told, and telling it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from src.core.errors import Conflict, Forbidden, NotFound
from src.db.collection import Position
from src.db.repositories.endpoints import MOST_ENDPOINTS
from src.db.repositories.events import DeliveryFilter
from src.db.tenant import TenantScope
from src.models.audit import AuditAction
from src.models.base import now, rfc3339
from src.models.event import Delivery, Endpoint, EndpointStop, EventType
from src.models.ids import IdPrefix, new_id
from src.models.principal import Caller, Permission
from src.services.audit import Audit, ScopeOf
from src.services.endpoints.addresses import check_address
from src.services.endpoints.signing import FORMER_SECRET_LIFE, EndpointSecrets
from src.services.events import Clock
from src.services.queue import Hint, JobQueue, Work

MOST_REPLAYED = 50_000
"""By one request."""

_SOUND = {"failures": 0, "failingSince": None, "pausedUntil": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEndpoint:
    """What an endpoint is to be."""

    url: str
    events: tuple[EventType, ...]
    description: str | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class MadeEndpoint:
    """An endpoint, and its new secret, which nobody will see again."""

    endpoint: Endpoint
    secret: SecretStr


class Endpoints:
    """The endpoints of tenants. They tell of all users, so one user alone has none."""

    def __init__(
        self,
        scope_of: ScopeOf,
        signing: EndpointSecrets,
        queue: JobQueue,
        audit: Audit,
        *,
        clock: Clock,
        may_be_private: bool,
    ) -> None:
        self._scope_of = scope_of
        self._signing = signing
        self._queue = queue
        self._audit = audit
        self._clock = clock
        self._may_be_private = may_be_private

    async def make(self, caller: Caller, new: NewEndpoint) -> MadeEndpoint:
        """Make an endpoint with a secret of its own.

        Raises:
            Forbidden: The caller is one user.
            ValidationFailed: The address must not be called.
            Conflict: The tenant has too many.
        """
        scope = self._scope(caller)
        check_address(new.url, may_be_private=self._may_be_private)
        if len(await scope.endpoints.list(limit=MOST_ENDPOINTS)) == MOST_ENDPOINTS:
            raise Conflict(
                f"A tenant has at most {MOST_ENDPOINTS} endpoints.",
                details={"most": MOST_ENDPOINTS},
            )
        endpoint_id = new_id(IdPrefix.ENDPOINT)
        secret, sealed = self._signing.make(caller.tenant_id, endpoint_id)
        moment = now()
        endpoint = Endpoint(
            id=endpoint_id,
            tenant_id=caller.tenant_id,
            url=new.url,
            events=new.events,
            description=new.description,
            enabled=new.enabled,
            stopped_by=None if new.enabled else EndpointStop.CALLER,
            sealed_secret=sealed,
            created_at=moment,
            updated_at=moment,
        )
        await scope.endpoints.add(endpoint)
        await self._audit.record(
            caller, AuditAction.ENDPOINT_CREATED, endpoint_id, events=sorted(new.events)
        )
        return MadeEndpoint(endpoint, secret)

    async def get(self, caller: Caller, endpoint_id: str) -> Endpoint:
        """One endpoint.

        Raises:
            Forbidden: The caller is one user.
            NotFound: There is none, or it is another tenant's.
        """
        return _found(await self._scope(caller).endpoints.get(endpoint_id))

    async def list(
        self, caller: Caller, *, limit: int, after: Position | None = None
    ) -> list[Endpoint]:
        """Endpoints, newest first.

        Raises:
            Forbidden: The caller is one user.
        """
        return await self._scope(caller).endpoints.list(limit=limit, after=after)

    async def update(
        self, caller: Caller, endpoint_id: str, changes: Mapping[str, Any]
    ) -> Endpoint:
        """Set any of ``url``, ``events``, ``description`` and ``enabled``.

        Raises:
            Forbidden: The caller is one user.
            NotFound: There is no such endpoint.
            ValidationFailed: The address must not be called.
        """
        scope = self._scope(caller)
        if "url" in changes:
            check_address(changes["url"], may_be_private=self._may_be_private)
        fields = dict(changes)
        if {"url", "enabled"} & changes.keys():
            # What is known of the former address, or of the time before, is over.
            fields |= _SOUND
        if "enabled" in changes:
            fields["stoppedBy"] = None if changes["enabled"] else EndpointStop.CALLER
        endpoint = _found(await scope.endpoints.update(endpoint_id, fields))
        if not endpoint.enabled:
            await scope.events.give_up(endpoint_id, await self._clock())
        await self._audit.record(
            caller, AuditAction.ENDPOINT_UPDATED, endpoint_id, fields=sorted(changes)
        )
        return endpoint

    async def delete(self, caller: Caller, endpoint_id: str) -> None:
        """End an endpoint, and forget what it was told.

        Raises:
            Forbidden: The caller is one user.
            NotFound: There is no such endpoint.
        """
        scope = self._scope(caller)
        if not await scope.endpoints.delete(endpoint_id):
            raise _unknown()
        await scope.events.drop_deliveries(endpoint_id)
        await self._audit.record(caller, AuditAction.ENDPOINT_DELETED, endpoint_id)

    async def rotate(self, caller: Caller, endpoint_id: str) -> MadeEndpoint:
        """Give an endpoint a new secret; the one before signs, too, for a day.

        Raises:
            Forbidden: The caller is one user.
            NotFound: There is no such endpoint.
            Conflict: The secret before the present one still signs; a third one would end it.
        """
        scope = self._scope(caller)
        present = _found(await scope.endpoints.get(endpoint_id))
        moment = await self._clock()
        _need_one_secret(present, moment)
        secret, sealed = self._signing.make(caller.tenant_id, endpoint_id)
        rotated = await scope.endpoints.rotate(present, sealed, moment + FORMER_SECRET_LIFE)
        if rotated is None:
            raise Conflict("The secret was rotated at the same moment.")
        await self._audit.record(caller, AuditAction.ENDPOINT_SECRET_ROTATED, endpoint_id)
        return MadeEndpoint(rotated, secret)

    async def deliveries(
        self,
        caller: Caller,
        endpoint_id: str,
        where: DeliveryFilter,
        *,
        limit: int,
        after: Position | None = None,
    ) -> Sequence[Delivery]:
        """What an endpoint was told, newest first.

        Raises:
            Forbidden: The caller is one user.
            NotFound: There is no such endpoint.
        """
        endpoint = await self.get(caller, endpoint_id)
        return await self._scope(caller).events.list_deliveries(
            endpoint.id, where, limit=limit, after=after
        )

    async def replay(self, caller: Caller, endpoint_id: str, where: DeliveryFilter) -> int:
        """Tell again what an endpoint was told, or missed; say how many: at most ``MOST_REPLAYED``.

        Raises:
            Forbidden: The caller is one user.
            NotFound: There is no such endpoint, or no such delivery of it.
            Conflict: It is switched off.
        """
        endpoint = await self.get(caller, endpoint_id)
        if not endpoint.enabled:
            raise Conflict("Switch the endpoint on before anything is replayed.")
        scope = self._scope(caller)
        count = await scope.events.replay(
            endpoint.id, where, await self._clock(), limit=MOST_REPLAYED
        )
        if count == 0 and where.delivery_id is not None:
            raise NotFound("There is no such delivery.")
        await self._audit.record(
            caller, AuditAction.ENDPOINT_REPLAYED, endpoint_id, deliveries=count
        )
        await self._queue.send(Hint(Work.EVENT, caller.tenant_id, endpoint_id))
        return count

    def _scope(self, caller: Caller) -> TenantScope:
        """The tenant's scope, for those who may see what all its users do.

        Raises:
            Forbidden: The caller is one user.
        """
        if caller.user_id is not None and not caller.principal.may(Permission.ADMIN):
            raise Forbidden("Endpoints are told of all users: only the tenant itself has them.")
        return self._scope_of(caller.tenant_id)


def _found(endpoint: Endpoint | None) -> Endpoint:
    if endpoint is None:
        raise _unknown()
    return endpoint


def _unknown() -> NotFound:
    return NotFound("There is no such endpoint.")


def _need_one_secret(endpoint: Endpoint, moment: datetime) -> None:
    """Stop what would take the secret away that the receiver may still be checking by."""
    until = endpoint.former_until
    if until is not None and until > moment:
        raise Conflict(
            f"The secret was rotated less than a day ago, and the former one signs until "
            f"{rfc3339(until)}. Rotate after that, or make another endpoint.",
            details={"endpointId": endpoint.id, "formerSecretUntil": rfc3339(until)},
        )
