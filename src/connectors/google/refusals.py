"""How Google says no: a 403 may be a limit, a quota, a scope, a switched-off API or a rule.

Two envelopes meet here. Drive and Calendar have ``errors: [{domain, reason}]``; Sheets, Gmail and
what else is newer have ``status`` and ``details`` with an ``ErrorInfo``. Sources:
developers.google.com/workspace/drive/api/guides/handle-errors, …/gmail/api/guides/handle-errors,
…/calendar/api/guides/errors; cloud.google.com/apis/design/errors.
"""

from __future__ import annotations

import re
from datetime import datetime

from msgspec import Struct

from src.connectors.rest.decoding import decode
from src.connectors.rest.errors import Refusal, Verdict
from src.core.errors import LimitOf, UnreadableAnswer
from src.core.outbound import Response

SOON_SECONDS = 2.0
"""How long to wait after too many calls in a minute, where nobody says."""
QUOTA_SECONDS = 3600.0
"""How long not to ask after a day's quota is used up; when the day ends is not told."""

_BAD_REQUEST, _FORBIDDEN, _OVER, _TOO_MANY = 400, 403, 410, 429
_RATE = frozenset(
    {
        "rateLimitExceeded",
        "userRateLimitExceeded",
        "sharingRateLimitExceeded",
        "RATE_LIMIT_EXCEEDED",
    }
)
_QUOTA = frozenset(
    {"quotaExceeded", "dailyLimitExceeded", "dailyLimitExceededUnreg", "DAILY_LIMIT_EXCEEDED"}
)
_SCOPE = frozenset({"insufficientPermissions", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"})
_SENTENCES = {
    "failedPrecondition": "The account cannot do this now, or has no such product (no Gmail).",
    "updatedMinTooLongAgo": "Google Calendar does not remember changes for so long. Ask for a later"
    " updatedSince, or without one.",
    "accessNotConfigured": "This API is not enabled in the Google Cloud project of the OAuth app.",
    "SERVICE_DISABLED": "This API is not enabled in the Google Cloud project of the OAuth app.",
    "domainPolicy": "An administrator of the Google Workspace domain does not allow this app.",
    "appNotAuthorizedToFile": "The app may only reach files that it has made or that were picked"
    " for it.",
    "pushNotSupportedForRequestedResource": "Google tells nobody of changes of this calendar.",
    "storageQuotaExceeded": "The Drive of the account is full.",
    "exportSizeLimitExceeded": "The document is too large to be exported.",
}
_CURSOR_WORDS = frozenset({"Invalid pageToken"})
"""How Gmail says it, without a location."""
_CURSORS = frozenset({"pageToken", "syncToken"})
_FORGOTTEN = frozenset({"fullSyncRequired"})
"""A feed's token that Calendar no longer knows."""
_SCOPES_TOLD = re.compile(r'\bscope="([^"]*)"')
_RETRY_AFTER = re.compile(r"Retry after ([0-9T:.-]+Z)")


class Cause(Struct):
    """An entry of ``errors``."""

    reason: str | None = None
    location: str | None = None


class Detail(Struct):
    """An entry of ``details``: an ErrorInfo has a reason."""

    reason: str | None = None


class ErrorBody(Struct):
    """What stands in both envelopes."""

    message: str | None = None
    status: str | None = None
    errors: tuple[Cause, ...] = ()
    details: tuple[Detail, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """The words for it, the most exact first."""
        found = (*(one.reason for one in self.details), *(one.reason for one in self.errors))
        return tuple(reason for reason in found if reason)


class Envelope(Struct):
    """A refusal."""

    error: ErrorBody


def classify(response: Response) -> Refusal | None:
    """Tell the reasons apart; the common table knows the rest."""
    if response.status not in {_BAD_REQUEST, _FORBIDDEN, _OVER, _TOO_MANY}:
        return None
    try:
        body = decode(response.content, Envelope).error
    except UnreadableAnswer:
        return None
    if response.status == _BAD_REQUEST:
        return _stale_cursor(body) or _impossible(body) or _unwatchable(body)
    if response.status == _OVER:
        return _too_long_ago(body)
    return _limited(response, body) or _forbidden(response, body)


def _stale_cursor(body: ErrorBody) -> Refusal | None:
    """A page's token lives for hours, and only for the very same question."""
    if body.message in _CURSOR_WORDS or any(one.location in _CURSORS for one in body.errors):
        return Refusal(Verdict.CURSOR)
    return None


def _impossible(body: ErrorBody) -> Refusal | None:
    """An account without the product, as ``Mail service not enabled``."""
    reason = "failedPrecondition"
    if reason not in body.reasons:
        return None
    return Refusal(Verdict.FORBIDDEN, reason=reason, sentence=_SENTENCES[reason])


def _unwatchable(body: ErrorBody) -> Refusal | None:
    """Calendars that Google keeps (holidays, birthdays) tell nobody of their changes."""
    reason = "pushNotSupportedForRequestedResource"
    if reason not in body.reasons:
        return None
    return Refusal(Verdict.FORBIDDEN, reason=reason, sentence=_SENTENCES[reason])


def _too_long_ago(body: ErrorBody) -> Refusal | None:
    """Calendar remembers changes for some weeks only."""
    if _FORGOTTEN & set(body.reasons):
        return Refusal(Verdict.CURSOR)
    reason = "updatedMinTooLongAgo"
    if reason not in body.reasons:
        return None
    return Refusal(Verdict.REJECTED, reason=reason, sentence=_SENTENCES[reason])


def _limited(response: Response, body: ErrorBody) -> Refusal | None:
    reasons = set(body.reasons)
    reason = next(iter(body.reasons), None)
    if reasons & _QUOTA:
        # No call before the day is over would be taken, whoever asks.
        return Refusal(
            Verdict.LIMITED,
            wait=QUOTA_SECONDS,
            reason=reason,
            sentence="The daily quota of the OAuth app's Google Cloud project is used up.",
            limit_of=LimitOf.ENDPOINT,
        )
    if reasons & _RATE or response.status == _TOO_MANY or body.status == "RESOURCE_EXHAUSTED":
        until = _moment(body.message)
        return Refusal(
            Verdict.LIMITED,
            wait=SOON_SECONDS,
            wait_until=until,
            reason=reason,
            limit_of=LimitOf.REQUEST if until is None else LimitOf.ENDPOINT,
        )
    return None


def _forbidden(response: Response, body: ErrorBody) -> Refusal:
    reasons = body.reasons
    if _SCOPE & set(reasons):
        return Refusal(Verdict.SCOPE, missing_scopes=_least(response))
    if "backendError" in reasons:
        return Refusal(Verdict.OUTAGE)
    known = next((reason for reason in reasons if reason in _SENTENCES), None)
    reason = known or next(iter(reasons), None)
    return Refusal(Verdict.FORBIDDEN, reason=reason, sentence=_SENTENCES.get(known or ""))


def _least(response: Response) -> tuple[str, ...]:
    """Of the scopes any of which would do, the one that asks the least of the user."""
    told = _SCOPES_TOLD.search(response.headers.get("www-authenticate", ""))
    scopes = told[1].split() if told else []
    readers = [scope for scope in scopes if scope.endswith(".readonly")]
    return tuple((readers or scopes)[:1])


def _moment(message: str | None) -> float | None:
    """Gmail tells the end of a limit in its sentence and nowhere else."""
    told = _RETRY_AFTER.search(message or "")
    try:
        return datetime.fromisoformat(told[1]).timestamp() if told else None
    except ValueError:
        return None
