"""How Supabase says no: the Management API, the gateway of a project, PostgREST, PostgreSQL.

Sources: docs.postgrest.org, "Errors"; postgresql.org/docs, appendix A; supabase.com/docs/reference/
api. A statement that the Management API runs fails with ``ERROR:  42P01: …`` in its message.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from src.connectors.rest.errors import Refusal, Verdict, provider_message
from src.connectors.rest.values import seconds_after, whole_number
from src.core.errors import LimitOf
from src.core.outbound import Response
from src.models.rate_limit import RateLimit

PAUSED = "The project is paused: restore it in the Supabase dashboard."
INACTIVE = "INACTIVE"
_FIRST_REFUSAL = 400
_FORBIDDEN = 403
_WINDOW_SECONDS = 60.0

_NOT_EXPOSED = (
    "The project's Data API does not expose this schema: add it in the dashboard under"
    " Project Settings → Data API → Exposed schemas."
)
_NO_TABLE = "The Data API knows no such table here, or the key's role may not see it."
_NO_COLUMN = "There is no such column."
_NO_RIGHT = "The role of this key may not do this here: grant it, or add a policy."
_READ_ONLY = "This runs read-only: only what changes nothing is taken."
_TIMEOUT = "The statement took longer than the database allows."
_NOT_SEEN = "There is no such thing, or row level security hides it."

_SAID: tuple[tuple[str, Verdict, str | None], ...] = (
    ("PGRST000", Verdict.OUTAGE, None),
    ("PGRST001", Verdict.OUTAGE, None),
    ("PGRST002", Verdict.OUTAGE, None),
    ("PGRST003", Verdict.TIMEOUT, None),
    ("PGRST106", Verdict.REJECTED, _NOT_EXPOSED),
    ("PGRST116", Verdict.GONE, _NOT_SEEN),
    ("PGRST204", Verdict.REJECTED, _NO_COLUMN),
    ("PGRST205", Verdict.GONE, _NO_TABLE),
    ("PGRST2", Verdict.GONE, None),
    ("PGRST3", Verdict.BAD_KEY, None),
    ("PGRST1", Verdict.REJECTED, None),
    ("08", Verdict.OUTAGE, None),
    ("53", Verdict.OUTAGE, None),
    ("23503", Verdict.CONFLICT, "Another table's rows depend on this, or this on theirs."),
    ("23505", Verdict.CONFLICT, "There is a row with this key already."),
    ("25006", Verdict.REJECTED, _READ_ONLY),
    ("28", Verdict.FORBIDDEN, None),
    ("0L", Verdict.FORBIDDEN, None),
    ("0P", Verdict.FORBIDDEN, None),
    ("40", Verdict.CONFLICT, "Another transaction was in the way."),
    # PostgREST answers 401 to a role without rights that has no user: the key itself is good.
    ("42501", Verdict.FORBIDDEN, _NO_RIGHT),
    ("42883", Verdict.GONE, "There is no such function or operator for these values."),
    ("42P01", Verdict.GONE, _NOT_SEEN),
    ("42703", Verdict.REJECTED, _NO_COLUMN),
    ("57014", Verdict.TIMEOUT, _TIMEOUT),
    ("P0", Verdict.REJECTED, None),
    ("2", Verdict.REJECTED, None),
    ("42", Verdict.REJECTED, None),
)
"""By the beginning of a code; the first that fits decides."""

_CODE = re.compile(r"PGRST[0-9A-Z]{1,4}|[0-9A-Z]{5}")
_FAILED_SQL = re.compile(r"ERROR:\s+([0-9A-Z]{5}):")
_SCOPE = re.compile(r"\b[a-z_]{3,40}:(?:read|write)\b")


def classify(response: Response) -> Refusal | None:
    """Read codes first, since PostgREST's statuses have several meanings each."""
    match response.status:
        case status if status < _FIRST_REFUSAL:
            return None
        case 540:
            return Refusal(Verdict.CONFLICT, reason=INACTIVE, sentence=PAUSED)
        case 429:
            return _limited(response)
        case status:
            code = code_of(response)
            return _coded(code) if code else _scope_missing(response, status)


def _scope_missing(response: Response, status: int) -> Refusal | None:
    """A 403 that names scopes; without any it is about the account's role or organisation."""
    named = _SCOPE.findall(provider_message(response) or "") if status == _FORBIDDEN else []
    return Refusal(Verdict.SCOPE, missing_scopes=tuple(dict.fromkeys(named))) if named else None


def code_of(response: Response) -> str | None:
    """PostgREST's or PostgreSQL's code in an answer."""
    try:
        body = msgspec.json.decode(response.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    code, message = body.get("code"), body.get("message")
    if isinstance(code, str) and _CODE.fullmatch(code):
        return code
    failed = _FAILED_SQL.search(message) if isinstance(message, str) else None
    return failed[1] if failed else None


def _coded(code: str) -> Refusal | None:
    for start, verdict, sentence in _SAID:
        if code.startswith(start):
            return Refusal(verdict, reason=code, sentence=sentence)
    return None


def _limited(response: Response) -> Refusal:
    """The limit is the user's, over all of their tokens, until the minute is over."""
    left = whole_number(response.headers.get("x-ratelimit-reset"))
    wait = _WINDOW_SECONDS if left is None else max(float(left), 1.0)
    return Refusal(Verdict.LIMITED, wait=wait, limit_of=LimitOf.CONNECTION)


def rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """What is left; Supabase tells the seconds until it begins anew, not the moment."""
    if "x-ratelimit-limit" not in headers:
        return None
    return RateLimit(
        limit=whole_number(headers.get("x-ratelimit-limit")),
        remaining=whole_number(headers.get("x-ratelimit-remaining")),
        reset=seconds_after(headers.get("date"), whole_number(headers.get("x-ratelimit-reset"))),
    )
