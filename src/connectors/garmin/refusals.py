"""How Garmin says no: the Wellness API, and the services behind Garmin Connect."""

from __future__ import annotations

from http import HTTPStatus

from src.connectors.rest.errors import Refusal, Verdict
from src.core.errors import LimitOf
from src.core.outbound import Response

NO_DATA = "Garmin has no data here."
BLOCKED = "Garmin's protection against programs refuses this server. It is not to be asked again."
WITHDRAWN = "The user has not permitted this kind of data at Garmin."
_SAYS_SO = b'"errorMessage"'
_LONG_WAIT = 60.0


_KNOWN: dict[int, Refusal] = {
    HTTPStatus.NO_CONTENT: Refusal(Verdict.GONE, sentence=NO_DATA),
    HTTPStatus.PRECONDITION_FAILED: Refusal(
        Verdict.FORBIDDEN, sentence=WITHDRAWN, reason="not_permitted"
    ),
    HTTPStatus.TOO_MANY_REQUESTS: Refusal(
        Verdict.LIMITED, wait=_LONG_WAIT, limit_of=LimitOf.CONNECTION
    ),
}


def classify(response: Response) -> Refusal | None:
    """What differs from the common table."""
    if response.status == HTTPStatus.FORBIDDEN:
        return _forbidden(response)
    return _KNOWN.get(response.status)


def _forbidden(response: Response) -> Refusal | None:
    if _SAYS_SO in response.content:
        # The Wellness API: the user's registration is unknown or has been revoked.
        return Refusal(Verdict.BAD_KEY)
    if _is_page(response):
        return Refusal(Verdict.FORBIDDEN, sentence=BLOCKED, reason="blocked")
    return None


def _is_page(response: Response) -> bool:
    return "html" in response.headers.get("content-type", "").lower()
