"""The REST client of a connector: sign → retry → send → map errors → decode → map.

A connector says which path, which fragment of the answer and which mapping; the rest is here.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import msgspec

from src.connectors.rest.authenticators import Authenticator
from src.connectors.rest.conditional import NOTHING_KEPT, KeptAnswers, conditional
from src.connectors.rest.decoding import decode, decode_page, map_one, map_rows
from src.connectors.rest.errors import Classify, to_error, unreadable, unsent
from src.connectors.rest.links import redirected
from src.connectors.rest.paginators import PAGE_CAP, Answer, Paginator
from src.connectors.rest.paths import render
from src.connectors.rest.retry import Retrier
from src.core.errors import CredentialStale, InvalidCursor, ProviderNotFound
from src.core.logging import get_logger
from src.core.outbound import Outbound, OutboundError, Request, Response
from src.core.security import origin_of
from src.models.query import PageQuery
from src.models.rate_limit import RateLimit
from src.models.unified import Page

REPEATABLE = frozenset({"GET", "HEAD"})
REDIRECTS = frozenset({301, 302, 307, 308})
MOST_REDIRECTS = 3

R = TypeVar("R")
T = TypeVar("T", bound=msgspec.Struct)
Params = Mapping[str, str | None]
PathValues = Mapping[str, str | int]

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a provider is, and whether the operator said so."""

    url: str
    by_operator: bool = False

    @property
    def origin(self) -> str:
        """Who we would be talking to."""
        return origin_of(self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What is particular to a provider's HTTP; every field has the common default."""

    headers: Mapping[str, str] = field(default_factory=dict)
    path_patterns: Mapping[str, re.Pattern[str]] = field(default_factory=dict)
    classify: Classify | None = None
    rate_limit: Callable[[Mapping[str, str]], RateLimit | None] = lambda _: None


@dataclass(frozen=True, slots=True)
class List(Generic[R]):
    """What a listing is made of: its rows, their mapping, its paging, and perhaps a wrapping."""

    path: str
    row: type[R]
    paginator: Paginator
    wrapped_in: Any = None


class RestClient:
    """Calls one provider with one authenticator."""

    def __init__(
        self,
        outbound: Outbound,
        address: Address,
        dialect: Dialect,
        authenticator: Authenticator,
        retrier: Retrier,
        deadline: float,
        *,
        kept: KeptAnswers = NOTHING_KEPT,
    ) -> None:
        self._outbound = outbound
        self._address = address
        self._dialect = dialect
        self._authenticator = authenticator
        self._retrier = retrier
        self._deadline = deadline
        self._kept = kept
        self.rate_limit: RateLimit | None = None

    async def get(self, path: str, kind: type[R], *, params: Params | None = None, **at: Any) -> R:
        """One resource, decoded to the fragment that we read."""
        response = await self.call("GET", path, params=params, **at)
        return decode(response.content, kind)

    async def one(
        self, path: str, kind: type[R], mapping: Callable[[R], T], *, raw: bool, **at: Any
    ) -> T:
        """One resource, mapped, with the provider's own payload if asked for."""
        response = await self.call("GET", path, **at)
        return map_one(response.content, kind, mapping, raw=raw)

    async def find_one(
        self, path: str, kind: type[R], mapping: Callable[[R], T], *, raw: bool, **at: Any
    ) -> T | None:
        """As ``one``, but None where the provider has none."""
        try:
            return await self.one(path, kind, mapping, raw=raw, **at)
        except ProviderNotFound:
            return None

    async def page(
        self,
        listing: List[R],
        mapping: Callable[[R], T | None],
        query: PageQuery,
        *,
        params: Params | None = None,
        at: PathValues | None = None,
    ) -> Page[T]:
        """One page of a listing, mapped; a mapping that answers None leaves the row out.

        Raises:
            UnreadableAnswer: The answer has another form, or the provider repeats the page.
        """
        number, inner = _parse(query.token)
        raw = query.include_raw
        wanted = listing.paginator.request(query.limit, inner)
        if wanted.location is not None:
            response = await self._send("GET", wanted.location)
        else:
            response = await self.call(
                "GET", listing.path, params={**(params or {}), **wanted.params}, **(at or {})
            )
        body = decode_page(response.content, listing.row, listing.wrapped_in, raw=raw)
        rows: Sequence[Any] = body if listing.wrapped_in is None else body.rows
        following = listing.paginator.following(
            Answer(response.headers, body, len(rows), query.limit, inner, self._address.url)
        )
        if following is not None and following == inner:
            raise unreadable("the provider repeats a page")
        capped = following is not None and number >= PAGE_CAP
        return Page(
            items=map_rows(rows, listing.row, mapping, raw=raw),
            next_token=None if following is None or capped else f"{number + 1}.{following}",
            truncated=capped or (listing.wrapped_in is not None and body.truncated),
        )

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        **at: Any,
    ) -> Response:
        """Any call; the answer is a success.

        Args:
            method: The HTTP method.
            path: A path template, filled from ``at``.
            params: The query; values of None are left out.
            json: The body, if there is one.
            at: Values of the template's parameters.

        Raises:
            AppError: By consequence, see ``core.errors``.
        """
        target = render(path, at, self._dialect.path_patterns)
        chosen = {name: value for name, value in (params or {}).items() if value is not None}
        if chosen:
            target = f"{target}?{urlencode(chosen)}"
        content = None if json is None else msgspec.json.encode(json)
        return await self._send(method, target, content)

    async def _send(self, method: str, target: str, content: bytes | None = None) -> Response:
        headers = dict(self._dialect.headers)
        if content is not None:
            headers["Content-Type"] = "application/json"
        request = Request(method, self._address.url.rstrip("/") + target, headers, content)
        return await self._retrier.run(
            lambda: self._attempt(request), repeatable=method in REPEATABLE
        )

    async def _attempt(self, request: Request) -> Response:
        """Send once, and once more with a newer credential if this one is stale."""
        try:
            return await self._send_signed(request)
        except CredentialStale:
            if not await self._authenticator.renew():
                raise
        return await self._send_signed(request)

    async def _send_signed(self, request: Request) -> Response:
        signed = await self._authenticator.sign(request)
        secrets = _added(request, signed)
        response = await self._exchange(signed)
        for _ in range(MOST_REDIRECTS):
            location = response.headers.get("location")
            if response.status not in REDIRECTS or not location or request.method not in REPEATABLE:
                break
            request = Request(request.method, redirected(request.url, location), request.headers)
            response = await self._exchange(await self._authenticator.sign(request))
        error = to_error(response, self._dialect.classify, datetime.now(UTC), secrets)
        if error is not None:
            raise error
        return response

    async def _exchange(self, request: Request) -> Response:
        started = time.perf_counter()
        kept = self._kept.find(request)
        try:
            response = await self._outbound.send(
                conditional(request, kept),
                operator_address=self._address.by_operator,
                deadline=self._deadline,
            )
        except OutboundError as error:
            log.info("provider.failed", method=request.method, reason=type(error).__name__)
            raise unsent(error) from error
        ms = round((time.perf_counter() - started) * 1000, 1)
        log.debug("provider.answered", method=request.method, status=response.status, ms=ms)
        self.rate_limit = self._dialect.rate_limit(response.headers) or self.rate_limit
        return self._kept.settle(request, response, kept)


def _added(request: Request, signed: Request) -> tuple[str, ...]:
    """What a signature added to the headers, whole and without its scheme."""
    added = [value for name, value in signed.headers.items() if request.headers.get(name) != value]
    return (*added, *(value.rpartition(" ")[2] for value in added))


def _parse(token: str | None) -> tuple[int, str | None]:
    """Which page a token of ours leads to, and the paginator's token inside."""
    number, separator, inner = (token or "1.").partition(".")
    if not (separator and number.isdecimal()):
        raise InvalidCursor("The list has another form now. Start without a cursor.")
    return int(number), inner or None
