"""The provider of ``benchmarks.webhooks``: takes one webhook, gives out the issues it tells of."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec

from benchmarks.upstream import _issue as issue

Message = MutableMapping[str, Any]
_ISSUE = re.compile(r"/repositories/1/issues/([0-9]+)")
_JSON = (b"content-type", b"application/json")
_USER = b'{"id":1,"login":"octocat","name":"Octocat","html_url":"https://github.com/octocat"}'

hook: dict[str, Any] = {}
fetched: Counter[int] = Counter()


async def app(
    scope: Message,
    receive: Callable[[], Awaitable[Message]],
    send: Callable[[Message], Awaitable[None]],
) -> None:
    """Answer one request; no framework, so that little of the machine is spent here."""
    if scope["type"] != "http":
        return
    status, body = 200, _USER
    found = _ISSUE.fullmatch(scope["path"])
    if found is not None:
        number = int(found[1])
        fetched[number] += 1
        body = json.dumps(issue(number)).encode()
    elif scope["path"].endswith("/hooks"):
        hook.update(msgspec.json.decode(await _read(receive))["config"])
        status, body = 201, b'{"id":1}'
    elif scope["path"] == "/told":
        body = msgspec.json.encode({"hook": hook, "fetched": dict(fetched)})
    headers = [_JSON, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _read(receive: Callable[[], Awaitable[Message]]) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
