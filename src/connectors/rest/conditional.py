"""Conditional requests: an answer that has not changed costs no quota and no body (RFC 9110 §13).

Providers such as GitHub do not count a 304 against the limit. Entity tags differ by credential, so
an answer is kept for one connection and one address, and never shared.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from src.core.outbound import Request, Response

LARGEST_ANSWER = 2 * 1024 * 1024
_OBJECTS = 4096
_NOT_MODIFIED = 304
_OK = 200

Key = tuple[str, str, str]
"""Whose answer (a connection's id), the address it came from, and the headers that asked for it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer that may be given again, once the provider says that it has not changed."""

    tag: str
    response: Response
    weight: int


class AnswerCache:
    """Answers with an entity tag, of one process; the least recently used go first."""

    def __init__(self, most_bytes: int) -> None:
        """Hold at most ``most_bytes``; 0 holds nothing."""
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._bytes = 0

    @property
    def keeps(self) -> bool:
        """Whether it holds anything at all."""
        return self._most_bytes > 0

    def find(self, key: Key) -> Kept | None:
        """The answer under ``key``."""
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def keep(self, key: Key, response: Response) -> None:
        """Hold an answer in place of an earlier one; without a tag, hold none."""
        self._drop(key)
        tag = response.headers.get("etag")
        weight = _weight(key, response)
        if not tag or weight > min(LARGEST_ANSWER, self._most_bytes):
            return
        self._kept[key] = Kept(tag, response, weight)
        self._bytes += weight
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= kept.weight


@dataclass(frozen=True, slots=True)
class KeptAnswers:
    """The part of a cache that belongs to one connection; it takes requests as yet unsigned."""

    cache: AnswerCache
    owner: str

    def find(self, request: Request) -> Kept | None:
        """The answer that this request had last."""
        if request.method != "GET" or not self.cache.keeps:
            return None
        return self.cache.find(self._key(request))

    def settle(self, request: Request, response: Response, kept: Kept | None) -> Response:
        """The whole answer: ``kept`` for a 304, else the new one, which is held from now on."""
        if response.status == _NOT_MODIFIED and kept is not None:
            headers = _refreshed(kept.response.headers, response.headers)
            return replace(kept.response, headers=headers)
        if request.method == "GET" and response.status == _OK and self.cache.keeps:
            self.cache.keep(self._key(request), response)
        return response

    def _key(self, request: Request) -> Key:
        form = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
        return (self.owner, request.url, form)


NOTHING_KEPT = KeptAnswers(AnswerCache(0), "")


def conditional(request: Request, kept: Kept | None) -> Request:
    """The request, asking only for what has changed since ``kept``."""
    if kept is None:
        return request
    return replace(request, headers={**request.headers, "If-None-Match": kept.tag})


def _weight(key: Key, response: Response) -> int:
    """What an answer takes in memory, roughly; small ones are mostly names and objects."""
    headers = sum(len(name) + len(value) for name, value in response.headers.items())
    return len(response.content) + headers + sum(map(len, key)) + _OBJECTS


def _refreshed(kept: Mapping[str, str], told: Mapping[str, str]) -> dict[str, str]:
    """The kept headers with what a 304 tells anew (limits, dates), not what describes a body."""
    about_body = {"content-length", "content-type", "content-encoding", "transfer-encoding"}
    return {**kept, **{name: value for name, value in told.items() if name not in about_body}}
