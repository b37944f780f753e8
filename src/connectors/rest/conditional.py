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
_NOT_MODIFIED = 304
_OK = 200

Key = tuple[str, str]
"""Whose answer (a connection's id), and the address it came from."""


@dataclass(frozen=True, slots=True)
class _Kept:
    tag: str
    response: Response


class AnswerCache:
    """Answers with an entity tag, of one process; the least recently used go first."""

    def __init__(self, most_bytes: int) -> None:
        """Hold at most ``most_bytes`` of bodies; 0 holds none."""
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._bytes = 0

    def condition(self, owner: str, request: Request) -> Request:
        """The request, asking only for what has changed."""
        kept = self._kept.get((owner, request.url))
        if kept is None or request.method != "GET":
            return request
        return replace(request, headers={**request.headers, "If-None-Match": kept.tag})

    def settle(self, owner: str, request: Request, response: Response) -> Response:
        """The whole answer: the kept one for a 304, else the new one, which is kept."""
        key = (owner, request.url)
        if response.status == _NOT_MODIFIED and key in self._kept:
            self._kept.move_to_end(key)
            kept = self._kept[key].response
            return replace(kept, headers=_refreshed(kept.headers, response.headers))
        if request.method == "GET" and response.status == _OK:
            self._keep(key, response)
        return response

    def _keep(self, key: Key, response: Response) -> None:
        self._drop(key)
        tag = response.headers.get("etag")
        if not tag or len(response.content) > min(LARGEST_ANSWER, self._most_bytes):
            return
        self._kept[key] = _Kept(tag, response)
        self._bytes += len(response.content)
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._bytes -= len(kept.response.content)


def _refreshed(kept: Mapping[str, str], told: Mapping[str, str]) -> dict[str, str]:
    """The kept headers with what a 304 tells anew (limits, dates), not what describes a body."""
    about_body = {"content-length", "content-type", "content-encoding", "transfer-encoding"}
    return {**kept, **{name: value for name, value in told.items() if name not in about_body}}


@dataclass(frozen=True, slots=True)
class KeptAnswers:
    """The part of a cache that belongs to one connection."""

    cache: AnswerCache
    owner: str

    def condition(self, request: Request) -> Request:
        """The request, asking only for what has changed."""
        return self.cache.condition(self.owner, request)

    def settle(self, request: Request, response: Response) -> Response:
        """The whole answer, which is kept."""
        return self.cache.settle(self.owner, request, response)


NOTHING_KEPT = KeptAnswers(AnswerCache(0), "")
