"""Codes, tokens and grants, kept in the store so that several server processes agree.

Documents are written once; whatever may happen to one only once is counted, because counting is
the one step in which the store lets nobody in between.
"""

from collections.abc import Callable
from hashlib import sha256
from secrets import token_hex
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import msgspec

from src.sandbox.kit.oauth.spec import OAuthApp

if TYPE_CHECKING:
    from src.sandbox.kit.store import SandboxStore

Clock: TypeAlias = Callable[[], float]
T = TypeVar("T")
_FIELD = "value"
_RANDOM_BYTES = 20


class Grant(msgspec.Struct, frozen=True):
    """What a user has allowed an app, once."""

    number: int
    client_id: str
    account: str
    scopes: tuple[str, ...]


class Code(msgspec.Struct, frozen=True):
    """What stands behind an authorization code."""

    grant: int
    redirect_uri: str
    names_redirect_uri: bool
    """Whether the authorize request did."""
    challenge: str | None
    expires_at: float
    offline: bool = True
    """Whether it brings a refresh token."""


class AccessToken(msgspec.Struct, frozen=True):
    """What stands behind an access token."""

    number: int
    grant: int
    expires_at: float | None


class RefreshToken(msgspec.Struct, frozen=True):
    """What stands behind a refresh token."""

    grant: int
    expires_at: float | None
    access: str
    """The key of the access token that came with it."""


class Issued(msgspec.Struct, frozen=True):
    """A pair of tokens as the app sees it."""

    access_token: str
    refresh_token: str | None
    at: float


class Ledger:
    """Everything that the authorization server of one provider has given out."""

    def __init__(self, store: "SandboxStore", prefix: str, clock: Clock) -> None:
        """Keep to the keys below the prefix."""
        self._store = store
        self._prefix = prefix
        self._clock = clock

    async def now(self) -> float:
        """Return the server's time, which runs ahead of the clock when a test says so."""
        return self._clock() + await self.ahead()

    async def ahead(self) -> float:
        """Return by how many seconds."""
        return float((await self._store.get(f"{self._prefix}/clock") or {}).get(_FIELD, 0))

    async def run_ahead(self, seconds: float) -> None:
        """Let the time run ahead of the clock."""
        await self._store.put(f"{self._prefix}/clock", {_FIELD: seconds})

    async def open_grant(self, client_id: str, account: str, scopes: tuple[str, ...]) -> Grant:
        """Write down what a user has allowed."""
        number = await self._count("grants")
        grant = Grant(number, client_id, account, scopes)
        await self._write(f"grants/{number}", grant)
        return grant

    async def grant(self, number: int) -> Grant | None:
        """Return a grant, unless it has ended."""
        grant = await self._read(f"grants/{number}", Grant)
        ended = await self._store.get(f"{self._prefix}/grants/{number}/ended")
        return None if ended else grant

    async def grants(self) -> list[tuple[Grant, bool]]:
        """Return all grants, and whether each is still alive."""
        found = []
        for number in range(1, await self._last("grants") + 1):
            grant = await self._read(f"grants/{number}", Grant)
            if grant is not None:
                found.append((grant, await self.grant(number) is not None))
        return found

    async def end_grant(self, number: int) -> None:
        """End a grant, and with it every token of it."""
        await self._store.put(f"{self._prefix}/grants/{number}/ended", {_FIELD: 1})

    async def end_grants_of(self, client_id: str, account: str) -> None:
        """End all that a user has allowed an app."""
        for grant, alive in await self.grants():
            if alive and (grant.client_id, grant.account) == (client_id, account):
                await self.end_grant(grant.number)

    async def scopes_of(self, client_id: str, account: str) -> tuple[str, ...]:
        """Return everything that a user allows an app at present."""
        found = [
            scope
            for grant, alive in await self.grants()
            if alive and (grant.client_id, grant.account) == (client_id, account)
            for scope in grant.scopes
        ]
        return tuple(dict.fromkeys(found))

    async def write_code(self, code: Code) -> str:
        """Give out a code."""
        text = token_hex(_RANDOM_BYTES)
        await self._write(f"codes/{_hashed(text)}", code)
        return text

    async def code(self, text: str) -> Code | None:
        """Return what stands behind a code."""
        return await self._read(f"codes/{_hashed(text)}", Code)

    async def use_code(self, text: str) -> bool:
        """Use a code, and tell whether it is the first time."""
        return await self._count(f"codes/{_hashed(text)}/uses") == 1

    async def issue(self, app: OAuthApp, grant: Grant, *, refreshable: bool) -> Issued:
        """Give out an access token, and a refresh token if there is one."""
        at = await self.now()
        number = await self._count("tokens")
        access_token = app.access_prefix + token_hex(_RANDOM_BYTES)
        access = AccessToken(number, grant.number, _later(at, app.access_lifetime))
        await self._write(f"access/{_hashed(access_token)}", access)
        if not refreshable:
            return Issued(access_token, None, at)
        refresh_token = app.refresh_prefix + token_hex(_RANDOM_BYTES)
        refresh = RefreshToken(
            grant.number, _later(at, app.refresh_lifetime), _hashed(access_token)
        )
        await self._write(f"refresh/{_hashed(refresh_token)}", refresh)
        return Issued(access_token, refresh_token, at)

    async def access_token(self, text: str) -> AccessToken | None:
        """Return what stands behind an access token that is still good."""
        found = await self._read(f"access/{_hashed(text)}", AccessToken)
        if found is None or found.number <= await self._last("tokens/expired"):
            return None
        return None if _is_over(found.expires_at, await self.now()) else found

    async def refresh_token(self, text: str) -> RefreshToken | None:
        """Return what stands behind a refresh token that has not expired."""
        found = await self._read(f"refresh/{_hashed(text)}", RefreshToken)
        if found is None or _is_over(found.expires_at, await self.now()):
            return None
        return found

    async def use_refresh_token(self, text: str, window: int) -> bool:
        """Use a refresh token that rotates, and tell whether it was still good."""
        key = f"{self._prefix}/refresh/{_hashed(text)}/used"
        if await self._count(f"refresh/{_hashed(text)}/uses") == 1:
            await self._store.put(key, {_FIELD: await self.now()})
            return True
        # Who finds no time was so close behind the first that it is not written yet.
        first = (await self._store.get(key) or {}).get(_FIELD, await self.now())
        return window > 0 and await self.now() - float(first) <= window

    async def drop_access_token(self, text: str) -> None:
        """Forget one access token."""
        await self.drop_access_key(_hashed(text))

    async def drop_access_key(self, key: str) -> None:
        """Forget the access token under this key."""
        await self._store.delete(f"{self._prefix}/access/{key}")

    async def expire_access_tokens(self) -> None:
        """End every access token that is out, and nothing else."""
        last = await self._last("tokens")
        await self._store.put(f"{self._prefix}/tokens/expired", {_FIELD: last})

    async def _count(self, name: str) -> int:
        return await self._store.increment(f"{self._prefix}/{name}", _FIELD)

    async def _last(self, name: str) -> int:
        return int((await self._store.get(f"{self._prefix}/{name}") or {}).get(_FIELD, 0))

    async def _write(self, name: str, value: msgspec.Struct) -> None:
        document: dict[str, Any] = msgspec.to_builtins(value)
        await self._store.put(f"{self._prefix}/{name}", document)

    async def _read(self, name: str, kind: type[T]) -> T | None:
        document = await self._store.get(f"{self._prefix}/{name}")
        return None if document is None else msgspec.convert(document, kind)


def _hashed(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _later(at: float, life: int | None) -> float | None:
    return None if life is None else at + life


def _is_over(end: float | None, now: float) -> bool:
    return end is not None and end <= now
