"""Bearer tokens of Garmin Connect: JWTs without a real signature, good until they end."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from src.sandbox.garmin.people import DI_CLIENT, Person, person_of

if TYPE_CHECKING:
    from src.sandbox.kit import SandboxStore

Clock = Callable[[], float]
LIFE = 86_400
_STATE = "garmin/tokens"
_SIGNATURE = "sandbox-signature"
_PARTS = 3


class Claims(msgspec.Struct):
    """What stands in a token."""

    profile: int
    audience: str
    exp: float
    number: int
    client_id: str = DI_CLIENT


class Tokens:
    """Gives out tokens and reads them."""

    def __init__(self, store: "SandboxStore", clock: Clock) -> None:
        """Keep what is over in the store, so that several server processes agree."""
        self._store = store
        self._clock = clock

    async def issue(self, person: Person, audience: str, life: int = LIFE) -> str:
        """Make a new one; the audience is the host that takes it."""
        number = await self._store.increment(_STATE, "issued")
        return written(Claims(person.profile, audience, int(self._clock()) + life, number))

    async def holder(self, token: str, audience: str) -> Person | None:
        """Return whose token it is, None when it is not or no longer good there."""
        found = _read(token)
        if found is None or found.exp <= self._clock():
            return None
        if found.audience != audience or found.number < await self._count("ended"):
            return None
        return person_of(found.profile)

    async def end_access(self) -> None:
        """End every token that has been given out, and those that tests have made."""
        issued = await self._store.increment(_STATE, "issued")
        state = await self._store.get(_STATE) or {}
        await self._store.put(_STATE, {**state, "ended": issued})

    async def end_secrets(self) -> None:
        """Let no key, no token of OAuth 1.0 and no refresh token be good any more."""
        await self._store.increment(_STATE, "dead")

    async def secrets_are_dead(self) -> bool:
        """Tell whether they are."""
        return await self._count("dead") > 0

    async def rotate(self, refresh_token: str) -> str:
        """Replace a refresh token, which is good once."""
        number = await self._store.increment(_STATE, "rotated")
        name, _, _ = refresh_token.partition("#")
        await self._store.put(f"garmin/di/{name}", {"good": f"{name}#{number}"})
        return f"{name}#{number}"

    async def is_good(self, refresh_token: str) -> bool:
        """Tell whether a refresh token is the latest."""
        name, _, _ = refresh_token.partition("#")
        kept = await self._store.get(f"garmin/di/{name}")
        return refresh_token == (kept["good"] if kept else name)

    async def _count(self, name: str) -> int:
        state = await self._store.get(_STATE) or {}
        return int(state.get(name, 0))


def written(claims: Claims) -> str:
    """Write a token."""
    parts: list[Any] = [{"alg": "RS256", "typ": "JWT"}, claims]
    encoded = [urlsafe_b64encode(msgspec.json.encode(part)).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, _SIGNATURE])


def _read(token: str) -> Claims | None:
    parts = token.split(".")
    if len(parts) != _PARTS or parts[2] != _SIGNATURE:
        return None
    try:
        content = urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4))
        return msgspec.json.decode(content, type=Claims)
    except (ValueError, msgspec.DecodeError):
        return None


def file_token(person: Person, *, end: float) -> str:
    """Write the access token of a token file, as a test or a demonstration needs one."""
    return written(Claims(person.profile, "connect", end, 0))
