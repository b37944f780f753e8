"""Dynamic webhooks: registered by OAuth apps, and called when an issue of theirs is changed.

Source: developer.atlassian.com/cloud/jira/platform/webhooks. A call is signed with a JWT that is
made with the app's client secret. It is sent again while the receiver answers 408, 409, 425, 429 or
5xx, five times more at the most, and then it is lost; here at once, where Jira waits for minutes.
"""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import msgspec

from src.sandbox.atlassian.oauth import app_of
from src.sandbox.jira.jql.finding import find
from src.sandbox.jira.jql.terms import All, Clause, JqlError, Not, Query, Term, parse
from src.sandbox.jira.jql.terms import Any as AnyOf

if TYPE_CHECKING:
    from src.sandbox.jira.call import Call
    from src.sandbox.jira.records import Issue
    from src.sandbox.kit import SandboxStore
    from src.sandbox.kit.posting import Post

EVENTS = frozenset(
    {
        "jira:issue_created",
        "jira:issue_updated",
        "jira:issue_deleted",
        "comment_created",
        "comment_updated",
        "comment_deleted",
    }
)
MOST = 5
DAYS = 30
_DAY = 86_400
_TRIES = 6
_AGAIN = frozenset({408, 409, 425, 429})
_FIRST_OUTAGE = 500
_FIELDS = frozenset({"issuekey", "project", "issuetype", "status", "assignee", "reporter"})
_OPERATORS = frozenset({"=", "!=", "in", "not in"})
_FIRST = 10_000


class Hook(msgspec.Struct):
    """One registered webhook."""

    id: int
    login: str
    url: str
    events: list[str]
    jql: str
    ends: float


class Happening(msgspec.Struct, frozen=True):
    """Something that has happened to an issue."""

    event: str
    issue: "Issue"
    shown: dict[str, Any]
    """The issue, as the call shows it."""
    comment: dict[str, Any] | None = None


class Hooks:
    """The webhooks of all sites."""

    def __init__(
        self, store: "SandboxStore", prefix: str, clock: Callable[[], float], post: "Post | None"
    ) -> None:
        """Without anybody to send them, calls are lost."""
        self._store = store
        self._prefix = f"{prefix}/hooks"
        self._clock = clock
        self._post = post

    async def of(self, world: str) -> list[Hook]:
        """Return those of a site that have not ended."""
        document = await self._store.get(f"{self._prefix}/{world}") or {"hooks": []}
        hooks = msgspec.convert(document["hooks"], list[Hook])
        return [hook for hook in hooks if hook.ends > self._clock()]

    async def keep(self, world: str, hooks: list[Hook]) -> None:
        """Keep these in place of all."""
        built = {"hooks": msgspec.to_builtins(hooks)}
        await self._store.put(f"{self._prefix}/{world}", built)

    async def number(self, world: str) -> int:
        """Return a number that no webhook of the site has had."""
        count = await self._store.increment(f"{self._prefix}/{world}/count", "value")
        return _FIRST + count

    def end(self) -> float:
        """Return the end of a webhook that begins now."""
        return self._clock() + DAYS * _DAY

    async def tell(self, call: "Call", happenings: list[Happening]) -> None:
        """Call whoever has asked for it."""
        hooks = await self.of(call.world.name)
        for one in happenings:
            by_url: dict[str, list[int]] = {}
            for hook in hooks:
                if one.event in hook.events and await _matches(call, hook, one.issue):
                    by_url.setdefault(hook.url, []).append(hook.id)
            for url, ids in by_url.items():
                await self._send(url, self._payload(one, ids))

    def _payload(self, one: Happening, ids: list[int]) -> bytes:
        payload: dict[str, Any] = {
            "timestamp": int(self._clock() * 1_000),
            "webhookEvent": one.event,
            "issue": one.shown,
            "matchedWebhookIds": ids,
        }
        if one.comment is not None:
            payload["comment"] = one.comment
        return msgspec.json.encode(payload)

    async def _send(self, url: str, body: bytes) -> None:
        if self._post is None:
            return
        headers = {
            "content-type": "application/json",
            "x-atlassian-webhook-identifier": str(uuid4()),
            "authorization": f"Bearer {self._token()}",
        }
        for _ in range(_TRIES):
            status = await self._post(url, headers, body)
            if status not in _AGAIN and status < _FIRST_OUTAGE:
                return

    def _token(self) -> str:
        """Return a JWT, HS256 with the client secret."""
        now = int(self._clock())
        app = app_of("jira")
        head = _part({"alg": "HS256", "typ": "JWT"})
        claims = _part({"iss": app.client_id, "iat": now, "exp": now + 180})
        signed = f"{head}.{claims}"
        digest = hmac.digest((app.client_secret or "").encode(), signed.encode(), "sha256")
        return f"{signed}.{_base64(digest)}"


def _part(value: dict[str, Any]) -> str:
    return _base64(msgspec.json.encode(value))


def _base64(value: bytes) -> str:
    return urlsafe_b64encode(value).decode().rstrip("=")


async def _matches(call: "Call", hook: Hook, issue: "Issue") -> bool:
    context = msgspec.structs.replace(await call.context(), issues={issue.id: issue})
    try:
        return bool(find(parse(hook.jql), context))
    except JqlError:
        return False


def refusal(text: str) -> str | None:
    """Return why a filter is not taken: webhooks know a part of the language only."""
    try:
        query = parse(text)
    except JqlError as error:
        return str(error)
    return _refused(query)


def _refused(query: Query) -> str | None:
    if query.order:
        return "The ORDER BY clause is unsupported"
    if query.where is None:
        return "The jqlFilter must not be empty"
    for clause in _clauses(query.where):
        if clause.field not in _FIELDS:
            return f"The clause {clause.field} is unsupported"
        if clause.operator not in _OPERATORS:
            return f"The operator {clause.operator} is unsupported"
    return None


def _clauses(term: Term) -> list[Clause]:
    match term:
        case Not(inner):
            return _clauses(inner)
        case All(terms) | AnyOf(terms):
            return [clause for one in terms for clause in _clauses(one)]
        case Clause():
            return [term]


def written(moment: float) -> str:
    """Write the end of a webhook."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%S.000+0000}"
