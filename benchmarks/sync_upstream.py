"""A repository with many issues, each different: pages made in advance, raw asyncio.

``python -m benchmarks.sync_upstream --port 9000 --issues 20000 --delay 0.02`` knows ``/user``, the
repository, and its issues by ``per_page``, ``page`` and ``since`` under the three addresses that
GitHub has for them. ``/_requests`` tells how many requests there were since it was asked last.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from functools import cache
from typing import Any

import uvloop

from benchmarks.upstream import _answer, _issue, _not_modified, _tag_of, _user

PER_PAGE = 100
_ISSUES = re.compile(rb"/(?:repositories/1/issues|repos/octo/pool/issues|issues)(?=[?]|$)")
_REPOSITORY = re.compile(rb"/(?:repositories/1|repos/octo/pool)(?=[?]|$)")
_REPOSITORIES = re.compile(rb"/user/repos(?=[?]|$)")
_PAGE = re.compile(rb"[?&]page=(\d{1,6})")
_SINCE = re.compile(rb"[?&]since=([^&]+)")
_LATEST = b"2024-04"
"""No issue has changed since."""
_TAG = re.compile(rb"\r\nIf-None-Match: ([^\r]+)", re.IGNORECASE)
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}"


def repository() -> dict[str, Any]:
    """The repository, as GitHub describes it."""
    api = "https://api.github.com/repos/octo/pool"
    return {
        "id": 1,
        "node_id": "R_1",
        "name": "pool",
        "full_name": "octo/pool",
        "private": False,
        "owner": _user("octo", 1),
        "html_url": "https://github.com/octo/pool",
        "description": "Connections, kept.",
        "fork": False,
        "url": api,
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2024-03-28T09:30:00Z",
        "pushed_at": "2024-03-28T09:30:00Z",
        "has_issues": True,
        "has_discussions": False,
        "archived": False,
        "disabled": False,
        "default_branch": "main",
        "open_issues_count": 1,
        "permissions": {"admin": True, "push": True, "pull": True},
    }


class Issues:
    """The pages of the repository."""

    def __init__(self, count: int, port: int) -> None:
        self._port = port
        self._last = -(-count // PER_PAGE)
        self._bodies = [
            json.dumps(
                [_issue(number) for number in range(first, min(first + PER_PAGE, count + 1))],
                separators=(",", ":"),
            ).encode()
            for first in range(1, count + 1, PER_PAGE)
        ]
        self._tags = [_tag_of(body) for body in self._bodies]

    def answer(self, target: bytes, head: bytes) -> bytes:
        since = _SINCE.search(target)
        if since and since[1] > _LATEST:
            return _answer(b"[]")
        found = _PAGE.search(target)
        number = int(found[1]) if found else 1
        if number > self._last:
            return _answer(b"[]")
        known = _TAG.search(head)
        if known and known[1] == self._tags[number - 1]:
            return _not_modified(self._tags[number - 1])
        return _answer(self._bodies[number - 1], self._link(target, number))

    def _link(self, target: bytes, number: int) -> str | None:
        if number >= self._last:
            return None
        path, _, query = target.decode().partition("?")
        kept = "".join(f"{part}&" for part in query.split("&") if not part.startswith("page="))
        base = f"http://127.0.0.1:{self._port}{path}?{kept}"
        return f'<{base}page={number + 1}>; rel="next", <{base}page={self._last}>; rel="last"'


@cache
def _described(name: str) -> bytes:
    told: dict[str, Any] = {
        "user": _user("octocat", 583_231),
        "repository": repository(),
        "repositories": [repository()],
    }
    return _answer(json.dumps(told[name]).encode())


class Provider:
    """All connections together."""

    def __init__(self, issues: Issues, delay: float) -> None:
        self.issues = issues
        self.delay = delay
        self.requests = 0

    def answer(self, target: bytes, head: bytes) -> bytes:
        if target == b"/_requests":
            count, self.requests = self.requests, 0
            return _answer(json.dumps(count).encode())
        self.requests += 1
        if _ISSUES.match(target):
            return self.issues.answer(target, head)
        if _REPOSITORY.match(target):
            return _described("repository")
        if _REPOSITORIES.match(target):
            return _described("repositories")
        return _described("user") if target.startswith(b"/user") else _NOT_FOUND


class Connection(asyncio.Protocol):
    """One keep-alive connection; requests carry no body, and come one after the other."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._pending = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *heads, self._pending = (self._pending + data).split(b"\r\n\r\n")
        for head in heads:
            target = head[: head.index(b"\r\n")].split(b" ")[1]
            answer = self._provider.answer(target, head)
            if self._provider.delay:
                loop = asyncio.get_running_loop()
                loop.call_later(self._provider.delay, self._transport.write, answer)
            else:
                self._transport.write(answer)


async def serve(port: int, issues: int, delay: float) -> None:
    """Answer until the process is ended."""
    provider = Provider(Issues(issues, port), delay)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(provider), "127.0.0.1", port, backlog=512)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--issues", type=int, default=20_000)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    given = parser.parse_args()
    uvloop.run(serve(given.port, given.issues, given.delay))


if __name__ == "__main__":
    main()
