"""``Idempotency-Key``: a request that creates is done once, however often it is sent.

The first answer is kept for a day, encrypted, without what is shown only once. The key belongs to
one principal on one route: nobody meets the answer of another.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from src.core.errors import Conflict, ErrorCode, ServiceUnavailable, ValidationFailed
from src.core.logging import get_logger
from src.models.base import now
from src.models.idempotency import FirstRequest
from src.models.principal import Caller
from src.services.audit import ScopeOf
from src.services.encryption import Encryption

KEPT = timedelta(hours=24)
LONGEST_REQUEST = timedelta(minutes=5)
"""After this a request that has not ended counts as lost with its process."""

SHOWN_ONCE = frozenset(
    {
        *("apiKey", "secret", "token", "connectUrl", "codeVerifier", "accessToken", "refreshToken"),
        "setup",
    }
)
"""Fields of answers that are never kept."""

_PURPOSE = "idempotency"
_FORM = re.compile(r"[\x21-\x7e]{1,255}")
_RETRY_SECONDS = 1.0
MOST_KEPT_BYTES = 2 * 1024 * 1024

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is kept: a success has data, a refusal an error."""

    status: int
    data: Any = None
    error: Mapping[str, Any] | None = None


_TOO_LARGE = Answer(
    409,
    error={
        "code": ErrorCode.CONFLICT.value,
        "message": "This was done before; its answer was too large to be kept.",
        "details": {},
    },
)


class Idempotency:
    """First requests and their answers."""

    def __init__(self, scope_of: ScopeOf, encryption: Encryption) -> None:
        self._scope_of = scope_of
        self._encryption = encryption

    async def begin(
        self, caller: Caller, key: str, route: tuple[str, str], content: bytes
    ) -> FirstRequest | Answer:
        """The request that is the caller's to make, or the answer that was given before.

        Args:
            caller: Who asks.
            key: What they named the request.
            route: Method and path.
            content: All that the request says, as it came.

        Raises:
            ValidationFailed: The key is malformed.
            Conflict: It was used for another request, or the first one is still on its way.
        """
        if _FORM.fullmatch(key) is None:
            raise ValidationFailed(
                [("Idempotency-Key", "must be 1 to 255 printable ASCII characters, no spaces")]
            )
        principal, moment = caller.principal, now()
        owner = [principal.tenant_id, principal.via.value, principal.key_id, principal.user_id]
        mine = FirstRequest(
            id=self._hash(msgspec.json.encode([*owner, *route, key])).hex(),
            turn=secrets.token_hex(8),
            body=self._hash(content),
            until=moment + LONGEST_REQUEST,
            expires_at=moment + KEPT,
        )
        first = await self._scope_of(caller.tenant_id).idempotency.claim(mine, moment)
        if first.body != mine.body:
            raise Conflict("This Idempotency-Key was used for another request.")
        if first.turn == mine.turn:
            return mine
        if first.sealed is None:
            raise Conflict(
                "A request with this Idempotency-Key is on its way.", retry_after=_RETRY_SECONDS
            )
        return self._open(first.id, first.sealed)

    async def keep(self, caller: Caller, first: FirstRequest, answer: Answer) -> None:
        """Keep what was answered, without its secrets; that this fails changes no answer."""
        content = msgspec.json.encode([first.id, answer.status, _shown(answer.data), answer.error])
        if len(content) > MOST_KEPT_BYTES:
            content = msgspec.json.encode([first.id, _TOO_LARGE.status, None, _TOO_LARGE.error])
        sealed = self._encryption.box(_PURPOSE).seal(content)
        try:
            await self._scope_of(caller.tenant_id).idempotency.finish(first, sealed)
        except ServiceUnavailable:
            log.warning("answer.missed", reason="the database is away")

    async def give_up(self, caller: Caller, first: FirstRequest) -> None:
        """Let the request be made again: it ended in a way that is not kept."""
        try:
            await self._scope_of(caller.tenant_id).idempotency.give_up(first)
        except ServiceUnavailable:
            log.warning("answer.missed", reason="the database is away")

    def _open(self, first_id: str, sealed: str) -> Answer:
        content = self._encryption.box(_PURPOSE).open(sealed, int(KEPT.total_seconds()))
        kept = None if content is None else msgspec.json.decode(content)
        if kept is None or kept[0] != first_id:
            raise Conflict("The answer to this Idempotency-Key can no longer be read.")
        return Answer(*kept[1:])

    def _hash(self, content: bytes) -> bytes:
        return self._encryption.mac(_PURPOSE, content)


def _shown(data: Any) -> Any:
    """The data without what is shown only once; it says so if there was something."""
    if not isinstance(data, dict):
        return data
    hidden = {name for name in SHOWN_ONCE & data.keys() if data[name] is not None}
    if not hidden:
        return data
    return {name: value for name, value in data.items() if name not in hidden} | {
        "secretShown": False
    }
