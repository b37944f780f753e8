"""An imitation of GitHub that costs almost nothing: answers made in advance, raw asyncio.

``python -m benchmarks.upstream --port 9000`` knows ``/user``,
``/repositories/{id}/issues?per_page=N``, each of these issues and its comments; the repository has
ten thousand issues and always the same first hundred. The headers are those that GitHub sends,
because reading them is part of the work. A conditional request gets a 304.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import re
from functools import cache, lru_cache
from typing import Any

import uvloop

ISSUES = 100
_PER_PAGE = re.compile(rb"[?&]per_page=(\d{1,3})")
_PAGE = re.compile(rb"[?&]page=(\d{1,5})")
_RESTLESS = b"2"
"""The repository whose answers never have the same entity tag twice."""

_TAG = re.compile(rb"\r\nIf-None-Match: ([^\r]+)", re.IGNORECASE)
_ISSUES_PATH = re.compile(rb"/repositories/(\d+)/issues(?:/(\d+)(/comments)?)?(?=[?]|$)")
_PHRASES = (
    *("the connection pool", "keeps a socket", "after the server", "has closed it", "so that"),
    *("the next request", "fails with", "a broken pipe", "and only", "a restart", "of the worker"),
    *("helps", "see the trace below", "we could retry once", "when nothing has been written yet"),
    *("or", "probe idle sockets", "before use", "on every machine", "since the last release"),
)


def _user(login: str, number: int) -> dict[str, Any]:
    api, web = f"https://api.github.com/users/{login}", f"https://github.com/{login}"
    rest = ("followers", "subscriptions", "organizations", "repos", "received_events")
    return {
        "login": login,
        "id": number,
        "node_id": f"MDQ6VXNlcj{number}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{number}?v=4",
        "gravatar_id": "",
        "url": api,
        "html_url": web,
        **{f"{name}_url": f"{api}/{name}" for name in rest},
        "type": "User",
        "user_view_type": "public",
        "site_admin": False,
    }


def _label(name: str, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "node_id": f"LA_kwDO{number}",
        "url": f"https://api.github.com/repos/octo/pool/labels/{name}",
        "name": name,
        "color": "d73a4a",
        "default": False,
        "description": f"Everything about {name}",
    }


def _text(dice: random.Random, size: int) -> str:
    lines: list[str] = ["### What happens\n"]
    while sum(map(len, lines)) < size:
        sentence = " ".join(dice.choices(_PHRASES, k=7)).capitalize()
        lines.append(dice.choice((f"{sentence}.\n", f"- {sentence}\n", f'    log("{sentence}")\n')))
    return "\n".join(lines)[:size]


def _issue(number: int) -> dict[str, Any]:
    dice = random.Random(number)
    api = f"https://api.github.com/repos/octo/pool/issues/{number}"
    day = f"2024-03-{number % 28 + 1:02}"
    reactions = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    return {
        "url": api,
        "repository_url": "https://api.github.com/repos/octo/pool",
        "labels_url": f"{api}/labels{{/name}}",
        "comments_url": f"{api}/comments",
        "events_url": f"{api}/events",
        "html_url": f"https://github.com/octo/pool/issues/{number}",
        "id": 2_000_000_000 + number,
        "node_id": f"I_kwDOABCD{number}",
        "number": number,
        "title": " ".join(dice.choices(_PHRASES, k=4)).capitalize(),
        "user": _user(f"reporter{number % 17}", 1000 + number % 17),
        "labels": [_label(name, 50 + at) for at, name in enumerate(("bug", "pool")[: number % 3])],
        "state": "open" if number % 3 else "closed",
        "locked": False,
        "assignee": None,
        "assignees": [_user("octocat", 583_231)] if number % 4 == 0 else [],
        "milestone": None,
        "comments": number % 9,
        "created_at": f"{day}T08:00:00Z",
        "updated_at": f"{day}T09:30:00Z",
        "closed_at": None if number % 3 else f"{day}T09:30:00Z",
        "author_association": "NONE",
        "type": None,
        "active_lock_reason": None,
        "sub_issues_summary": {"total": 0, "completed": 0, "percent_completed": 0},
        "body": _text(dice, 1300 + number % 5 * 240),
        "closed_by": None,
        "reactions": {"url": f"{api}/reactions", "total_count": 0, **dict.fromkeys(reactions, 0)},
        "timeline_url": f"{api}/timeline",
        "performed_via_github_app": None,
        "state_reason": None if number % 3 else "completed",
    }


def _comment(number: int) -> dict[str, Any]:
    return {
        "id": 3_000_000_000 + number,
        "html_url": f"https://github.com/octo/pool/issues/1#issuecomment-{number}",
        "user": _user(f"reporter{number % 17}", 1000 + number % 17),
        "created_at": "2024-03-05T08:00:00Z",
        "updated_at": "2024-03-05T09:30:00Z",
        "author_association": "NONE",
        "body": _text(random.Random(number), 400),
    }


def _tag_of(body: bytes) -> bytes:
    return f'W/"{hashlib.sha256(body).hexdigest()}"'.encode()


def _answer(body: bytes, link: str | None = None) -> bytes:
    head = {
        "Date": "Mon, 04 Mar 2024 12:00:00 GMT",
        "Content-Type": "application/json; charset=utf-8",
        "Content-Length": str(len(body)),
        "Cache-Control": "private, max-age=60, s-maxage=60",
        "Vary": "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept",
        "ETag": _tag_of(body).decode(),
        "X-OAuth-Scopes": "read:org, repo",
        "X-Accepted-OAuth-Scopes": "repo",
        "X-GitHub-Media-Type": "github.v3; format=json",
        **({"Link": link} if link else {}),
        "x-github-api-version-selected": "2022-11-28",
        "X-RateLimit-Limit": "5000",
        "X-RateLimit-Remaining": "4987",
        "X-RateLimit-Reset": "1999999999",
        "X-RateLimit-Used": "13",
        "X-RateLimit-Resource": "core",
        "Access-Control-Expose-Headers": "ETag, Link, Location, Retry-After, X-RateLimit-Limit",
        "Access-Control-Allow-Origin": "*",
        "Strict-Transport-Security": "max-age=31536000; includeSubdomains; preload",
        "X-Frame-Options": "deny",
        "X-Content-Type-Options": "nosniff",
        "X-XSS-Protection": "0",
        "Referrer-Policy": "origin-when-cross-origin, strict-origin-when-cross-origin",
        "Content-Security-Policy": "default-src 'none'",
        "Server": "github.com",
        "X-GitHub-Request-Id": "C0DE:1234:ABCDEF:1234567:65E5B1A0",
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
    return f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode() + body


@cache
def page(per_page: int) -> bytes:
    """The first issues as the body of an answer."""
    issues = [_issue(number) for number in range(1, per_page + 1)]
    return json.dumps(issues, separators=(",", ":")).encode()


@lru_cache(maxsize=512)
def _page_answer(repository: bytes, per_page: int, number: int, port: int) -> bytes:
    base = f"http://127.0.0.1:{port}/repositories/{repository.decode()}/issues"
    base += f"?state=all&per_page={per_page}"
    last = 10_000 // per_page
    link = f'<{base}&page={number + 1}>; rel="next", <{base}&page={last}>; rel="last"'
    return _answer(page(per_page), link)


@cache
def _tag(per_page: int) -> bytes:
    return _tag_of(page(per_page))


@cache
def _not_modified(tag: bytes) -> bytes:
    head, _, _ = _answer(b"").partition(b"\r\n\r\n")
    about_body = (b"content-", b"etag", b"link")
    lines = [line for line in head.split(b"\r\n")[1:] if not line.lower().startswith(about_body)]
    return b"\r\n".join([b"HTTP/1.1 304 Not Modified", b"ETag: " + tag, *lines, b"", b""])


@cache
def _user_answer() -> bytes:
    return _answer(json.dumps(_user("octocat", 583_231)).encode())


@cache
def _issue_answer(number: int) -> bytes:
    return _answer(json.dumps(_issue(number), separators=(",", ":")).encode())


@cache
def _comments_answer() -> bytes:
    comments = [_comment(number) for number in range(1, 31)]
    return _answer(json.dumps(comments, separators=(",", ":")).encode())


_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}"


class Upstream(asyncio.Protocol):
    """One keep-alive connection; requests carry no body."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._pending = b""
        self._answers = 0
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *heads, self._pending = (self._pending + data).split(b"\r\n\r\n")
        for head in heads:
            self._transport.write(self._answer(head))

    def _answer(self, head: bytes) -> bytes:
        target = head[: head.index(b"\r\n")].split(b" ")[1]
        if issues := _ISSUES_PATH.match(target):
            if issues[2]:
                return self._one(int(issues[2]), is_asked_for_comments=bool(issues[3]))
            size = _PER_PAGE.search(target)
            per_page = min(int(size[1]), ISSUES) if size else 30
            number = _PAGE.search(target)
            answer = _page_answer(issues[1], per_page, int(number[1]) if number else 1, self._port)
            if issues[1] == _RESTLESS:
                self._answers += 1
                return answer.replace(_tag(per_page), b'W/"%064d"' % self._answers, 1)
            known = _TAG.search(head)
            unchanged = known is not None and known[1] == _tag(per_page)
            return _not_modified(_tag(per_page)) if unchanged else answer
        return _user_answer() if target == b"/user" else _NOT_FOUND

    @staticmethod
    def _one(number: int, *, is_asked_for_comments: bool) -> bytes:
        if not 1 <= number <= ISSUES:
            return _NOT_FOUND
        return _comments_answer() if is_asked_for_comments else _issue_answer(number)


async def serve(port: int) -> None:
    """Answer until the process is ended."""
    for per_page in (1, 25, 100):
        _page_answer(b"1", per_page, 1, port)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Upstream(port), "127.0.0.1", port, backlog=512)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    uvloop.run(serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
