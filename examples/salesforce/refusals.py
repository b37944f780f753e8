"""What Salesforce's errors mean: a list of ``{"errorCode", "message"}``, whatever the status.

Sources: developer.salesforce.com, REST API guide, "Status Codes and Error Responses" and "Limit
Info Header"; github.com/forcedotcom/SalesforceMobileSDK-Android/pull/2430 (403 of userinfo) and
github.com/jsforce/jsforce/pull/1301 (401 of a session that is not for the API).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from msgspec import Struct

from src.connectors.rest.errors import Refusal, Verdict
from src.core.errors import LimitOf
from src.core.outbound import Response
from src.models.rate_limit import RateLimit

from .scopes import API

TOO_LONG_AGO = "INVALID_REPLICATION_DATE"
"""The log of deletions does not reach back so far."""

_WORDS = {
    TOO_LONG_AGO: Verdict.REJECTED,
    "INVALID_SESSION_ID": Verdict.STALE,
    "INVALID_AUTH_HEADER": Verdict.BAD_KEY,
    "INVALID_QUERY_LOCATOR": Verdict.CURSOR,
    # An object or a record that this user does not see is as good as not there.
    "INVALID_TYPE": Verdict.GONE,
    "NOT_FOUND": Verdict.GONE,
    "ENTITY_IS_DELETED": Verdict.GONE,
    "INVALID_CROSS_REFERENCE_KEY": Verdict.GONE,
    "INSUFFICIENT_ACCESS": Verdict.FORBIDDEN,
    "INSUFFICIENT_ACCESS_OR_READONLY": Verdict.FORBIDDEN,
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": Verdict.FORBIDDEN,
    "API_DISABLED_FOR_ORG": Verdict.FORBIDDEN,
    "API_CURRENTLY_DISABLED": Verdict.FORBIDDEN,
    "UNABLE_TO_LOCK_ROW": Verdict.CONFLICT,
    "DUPLICATES_DETECTED": Verdict.CONFLICT,
    "QUERY_TIMEOUT": Verdict.TIMEOUT,
    "SERVER_UNAVAILABLE": Verdict.OUTAGE,
}
_BY_MESSAGE = (
    # The session lives, so that another one would fare no better.
    (
        "INVALID_SESSION_ID",
        "not valid for use with the REST API",
        Refusal(
            Verdict.FORBIDDEN,
            reason="INVALID_SESSION_ID",
            sentence="Salesforce does not take this session for its API: the app lacks the scope"
            f" {API}, or the org restricts from where and how its users log in.",
        ),
    ),
    ("INVALID_QUERY_FILTER_OPERATOR", "invalid ID field", Refusal(Verdict.GONE)),
)
_LIMIT = "REQUEST_LIMIT_EXCEEDED"
_DAY_WAIT = 900.0
"""Seconds; the limit counts the last 24 hours, and nobody tells when some of them have passed."""
_CROWD_WAIT = 5.0
"""For too many long requests at a time."""
_BAD_TOKEN = re.compile(rb"(?:Bad|Missing)_OAuth_Token", re.IGNORECASE)
"""How the address of userinfo refuses a token: a plain text with status 403."""
_USAGE = re.compile(r"api-usage=([0-9]{1,12})/([0-9]{1,12})")


class Complaint(Struct, rename="camel"):
    """One entry of an error."""

    error_code: str
    message: str = ""


def classify(response: Response) -> Refusal | None:
    """Read the first entry; None = the status decides."""
    if response.status < HTTPStatus.BAD_REQUEST:
        return None
    if _BAD_TOKEN.match(response.content):
        return Refusal(Verdict.STALE)
    complaint = _first(response.content)
    return None if complaint is None else _read(complaint)


def _read(complaint: Complaint) -> Refusal | None:
    code, message = complaint.error_code, complaint.message
    if code == _LIMIT:
        is_crowd = "Concurrent" in message
        return Refusal(
            Verdict.LIMITED,
            wait=_CROWD_WAIT if is_crowd else _DAY_WAIT,
            limit_of=LimitOf.REQUEST if is_crowd else LimitOf.CONNECTION,
            reason=code,
        )
    for one, part, refusal in _BY_MESSAGE:
        if code == one and part in message:
            return refusal
    verdict = _WORDS.get(code)
    return None if verdict is None else Refusal(verdict, reason=code)


def rate_limit(headers: Mapping[str, str]) -> RateLimit | None:
    """``Sforce-Limit-Info: api-usage=18/5000``: the org's requests of the last 24 hours."""
    told = _USAGE.search(headers.get("sforce-limit-info", ""))
    if told is None:
        return None
    used, allowed = int(told[1]), int(told[2])
    return RateLimit(limit=allowed, remaining=max(allowed - used, 0), reset=None)


def _first(content: bytes) -> Complaint | None:
    try:
        complaints = msgspec.json.decode(content, type=list[Complaint])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return complaints[0] if complaints else None
