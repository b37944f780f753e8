"""The REST client of a connector: sign → retry → send → map errors → decode → map.

A connector says which path, which fragment of the answer and which mapping; the rest is here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

import msgspec

from src.connectors.rest.authenticators import Authenticator
from src.connectors.rest.conditional import NOTHING_KEPT, KeptAnswers, conditional
from src.connectors.rest.decoding import decode, decode_page, map_one, map_rows
from src.connectors.rest.dialect import Address, Dialect, List, Params, PathValues, R
from src.connectors.rest.errors import to_error, unreadable, unsent
from src.connectors.rest.links import redirected
from src.connectors.rest.paginators import PAGE_CAP, Answer
from src.connectors.rest.paths import render
from src.connectors.rest.restraint import NO_RESTRAINT, Restraint
from src.connectors.rest.retry import Retrier
from src.core.errors import CredentialStale, InvalidCursor, ProviderNotFound
from src.core.logging import get_logger
from src.core.outbound import Outbound, OutboundError, Request, Response
from src.models.base import now
from src.models.query import PageQuery
from src.models.rate_limit import RateLimit
from src.models.unified import Page

REPEATABLE = frozenset({"GET", "HEAD"})
REDIRECTS = frozenset({301, 302, 307, 308})
MOST_REDIRECTS = 3

T = TypeVar("T", bound=msgspec.Struct)

__all__ = ["Address", "Dialect", "List", "Params", "PathValues", "RestClient"]

log = get_logger(__name__)


@dataclass(slots=True)
class _Told:
    """What the provider has told besides its answers, to a client and to those below it."""

    rate_limit: RateLimit | None = None


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
        told: _Told | None = None,
        restraint: Restraint = NO_RESTRAINT,
        page_cap: int = PAGE_CAP,
    ) -> None:
        self._outbound = outbound
        self._address = address
        self._dialect = dialect
        self._authenticator = authenticator
        self._retrier = retrier
        self._deadline = deadline
        self._kept = kept
        self._told = told or _Told()
        self._restraint = restraint
        self._page_cap = page_cap

    def below(self, path: str, **at: Any) -> RestClient:
        """The same client for all that lies under a path of the provider."""
        prefix = render(path, at, self._dialect.path_patterns)
        return self._moved(self._address.url.rstrip("/") + prefix)

    def saying(self, headers: Mapping[str, str]) -> RestClient:
        """The same client with these headers beside, or in place of, those of the dialect."""
        dialect = replace(self._dialect, headers={**self._dialect.headers, **headers})
        return self._changed(self._address, dialect)

    def at(self, host: str) -> RestClient:
        """The same client at another of the manifest's ``hosts``.

        Raises:
            ValueError: The manifest has no such host: the credential goes to no other.
        """
        url = self._address.hosts.get(host)
        if url is None:
            raise ValueError(f"{host} is not one of the manifest's hosts")
        return self._moved(url)

    def _moved(self, url: str) -> RestClient:
        return self._changed(replace(self._address, url=url), self._dialect)

    def _changed(self, address: Address, dialect: Dialect) -> RestClient:
        return RestClient(
            self._outbound,
            address,
            dialect,
            self._authenticator,
            self._retrier,
            self._deadline,
            kept=self._kept,
            told=self._told,
            restraint=self._restraint,
            page_cap=self._page_cap,
        )

    @property
    def rate_limit(self) -> RateLimit | None:
        """What the provider told last of its limit, to this client or to others of its app."""
        return self._told.rate_limit or self._restraint.rate_limit

    async def credential_kind(self) -> str | None:
        """Of which of the provider's kinds the credential is, where its form tells; no call."""
        signed = await self._authenticator.sign(Request("GET", self._address.url))
        kinds = map(self._dialect.credential_kind, signed.secrets)
        return next(filter(None, kinds), None)

    async def get(self, path: str, kind: type[R], *, params: Params | None = None, **at: Any) -> R:
        """One resource, decoded to the fragment that we read."""
        response = await self.call("GET", path, params=params, **at)
        return decode(response.content, kind)

    async def write(
        self, method: str, path: str, kind: type[R], *, json: Any = None, **at: Any
    ) -> R:
        """A change, and the provider's answer to it; never sent twice by itself."""
        response = await self.call(method, path, json=json, **at)
        return decode(response.content, kind)

    async def change(self, method: str, path: str, *, json: Any = None, **at: Any) -> None:
        """A change that is answered with nothing; never sent twice by itself.

        Raises:
            UnreadableAnswer: Something is answered, so that nobody knows what was done.
        """
        response = await self.call(method, path, json=json, **at)
        if response.content.strip():
            raise unreadable("an answer where none belongs")

    async def one(
        self,
        path: str,
        kind: type[R],
        mapping: Callable[[R], T],
        *,
        raw: bool,
        params: Params | None = None,
        **at: Any,
    ) -> T:
        """One resource, mapped, with the provider's own payload if asked for."""
        response = await self.call("GET", path, params=params, **at)
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
        headers: Mapping[str, str] | None = None,
        at: PathValues | None = None,
        hears: Callable[[Any], None] | None = None,
    ) -> Page[T]:
        """One page of a listing, mapped; a mapping that answers None leaves the row out.

        Args:
            listing: What is listed.
            mapping: From a row to one of our nouns.
            query: How much, and from where.
            params: The query of the request; values of None are left out.
            headers: In place of, or beside, those of the dialect.
            at: Values of the path's parameters.
            hears: Is told the wrapping, or all rows, before the mapping is asked about any.

        Raises:
            UnreadableAnswer: The answer has another form, or the provider repeats the page.
        """
        values: dict[str, Any] = dict(at or {})
        number, inner = _parse(query.token)
        raw = query.include_raw
        wanted = listing.paginator.request(query.limit, inner)
        if wanted.location is not None:
            response = await self._send("GET", wanted.location, listing.path)
        else:
            response = await self.call(
                "GET",
                listing.path,
                params={**(params or {}), **wanted.params},
                headers={**(headers or {}), **wanted.headers},
                **values,
            )
        body = decode_page(response.content, listing.row, listing.wrapped_in, raw=raw)
        rows: Sequence[Any] = body if listing.wrapped_in is None else body.rows
        following = listing.paginator.following(
            Answer(response.headers, body, len(rows), query.limit, inner, self._address.url)
        )
        if following is not None and following == inner:
            raise unreadable("the provider repeats a page")
        capped = following is not None and number >= self._page_cap
        if hears is not None:
            hears(body)
        return Page(
            items=map_rows(rows, listing.row, mapping, raw=raw),
            next_token=None if following is None or capped else f"{number + 1}.{following}",
            truncated=capped
            or (listing.wrapped_in is not None and body.truncated)
            or self._dialect.is_partial(response.headers),
            asked_at=response.asked_at,
        )

    async def call(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
        **at: Any,
    ) -> Response:
        """Any call; the answer is a success.

        Args:
            method: The HTTP method.
            path: A path template, filled from ``at``.
            params: The query; values of None are left out.
            json: The body, if there is one.
            content: The body, if it is not JSON; ``headers`` say what it is.
            headers: In place of, or beside, those of the dialect.
            repeatable: It changes nothing, whatever its method, so that it may be sent again.
            at: Values of the template's parameters.

        Raises:
            AppError: By consequence, see ``core.errors``.
        """
        target = render(path, at, self._dialect.path_patterns)
        chosen = {name: value for name, value in (params or {}).items() if value is not None}
        if chosen:
            target = f"{target}?{urlencode(chosen, doseq=True)}"
        if json is not None:
            content = msgspec.json.encode(json)
        return await self._send(method, target, path, content, headers, repeatable=repeatable)

    async def _send(
        self,
        method: str,
        target: str,
        path: str,
        content: bytes | None = None,
        more: Mapping[str, str] | None = None,
        *,
        repeatable: bool = False,
    ) -> Response:
        headers = {**self._dialect.headers, **(more or {})}
        if content is not None:
            headers.setdefault("Content-Type", "application/json")
        request = Request(method, self._address.url.rstrip("/") + target, headers, content)
        endpoint = f"{method} {path}"
        # Not within the retrier, whose budget of time is for the provider's waits.
        await self._restraint.pause(endpoint)
        return await self._retrier.run(
            lambda: self._attempt(endpoint, request), repeatable=repeatable or method in REPEATABLE
        )

    async def _attempt(self, endpoint: str, request: Request) -> Response:
        """Send once, and once more with a newer credential if this one is stale."""
        try:
            return await self._send_signed(endpoint, request)
        except CredentialStale:
            if not await self._authenticator.renew():
                raise
        return await self._send_signed(endpoint, request)

    async def _send_signed(self, endpoint: str, request: Request) -> Response:
        spent_at = self._restraint.before(endpoint)
        signed = await self._authenticator.sign(request)
        response = await self._exchange(request, signed.request)
        for _ in range(MOST_REDIRECTS):
            location = response.headers.get("location")
            if response.status not in REDIRECTS or not location or request.method not in REPEATABLE:
                break
            request = Request(request.method, redirected(request.url, location), request.headers)
            signed = await self._authenticator.sign(request)
            response = await self._exchange(request, signed.request)
        self._restraint.heard(response.headers, spent_at)
        error = to_error(response, self._dialect.classify, datetime.now(UTC), signed.secrets)
        if error is not None:
            self._restraint.after(endpoint, error)
            raise error
        return response

    async def _exchange(self, request: Request, signed: Request) -> Response:
        started = time.perf_counter()
        kept = self._kept.find(request)
        try:
            async with self._restraint.turn():
                asked_at = now()
                response = await self._outbound.send(
                    conditional(signed, kept),
                    operator_address=self._address.by_operator,
                    deadline=self._deadline,
                )
        except OutboundError as error:
            log.info("provider.failed", method=request.method, reason=type(error).__name__)
            raise unsent(error) from error
        ms = round((time.perf_counter() - started) * 1000, 1)
        log.debug("provider.answered", method=request.method, status=response.status, ms=ms)
        told = self._told
        told.rate_limit = self._dialect.rate_limit(response.headers) or told.rate_limit
        return replace(self._kept.settle(request, response, kept), asked_at=asked_at)


def _parse(token: str | None) -> tuple[int, str | None]:
    """Which page a token of ours leads to, and the paginator's token inside."""
    number, separator, inner = (token or "1.").partition(".")
    if not (separator and number.isdecimal()):
        raise InvalidCursor("The list has another form now. Start without a cursor.")
    return int(number), inner or None
