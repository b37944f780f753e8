"""From what came back, or did not, to one of our errors."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Collection, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from src.core.oauth.answers import (
    Unreadable,
    safe_description,
    safe_word,
    tokens_in,
    words_of,
)
from src.core.oauth.errors import (
    ClientRefused,
    CodeRefused,
    Denied,
    GrantDead,
    LateReply,
    LostReply,
    NotSent,
    OAuthError,
    ProviderOutage,
    RequestRefused,
    Throttled,
)
from src.core.oauth.spec import Meaning, Step
from src.core.outbound import AddressRefused, OutboundError, Response, TimedOut
from src.core.waits import wait_seconds

_REFUSED: dict[Meaning, tuple[type[OAuthError], str]] = {
    Meaning.GRANT: (CodeRefused, "The provider does not accept the code."),
    Meaning.CLIENT: (ClientRefused, "The provider does not accept the app."),
    Meaning.DENIED: (Denied, "The authorization was not approved."),
    Meaning.REQUEST: (RequestRefused, "The provider refuses the request."),
}
_OUTAGES: dict[Meaning, tuple[type[ProviderOutage], str]] = {
    Meaning.LIMITED: (Throttled, "The provider is asked too often."),
    Meaning.OUTAGE: (ProviderOutage, "The provider has an outage."),
}
_NEVER_CONNECTED = (socket.gaierror, ConnectionRefusedError, ssl.SSLCertVerificationError)
"""What only happens before the first byte of a request can be sent."""


def is_good(status: int) -> bool:
    """Whether the provider says that it has done what was asked."""
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def refused(
    step: Step,
    meaning: Meaning,
    answer: Mapping[str, Any],
    secrets: Collection[str],
    *,
    response: Response | None,
    at: datetime,
) -> OAuthError:
    """The error for a refusal that says what it means; ``secrets`` are what we sent."""
    hidden = (*secrets, *tokens_in(answer))
    status = response.status if response else None
    word = safe_word(words_of(answer), hidden)
    description = safe_description(answer.get("error_description") or answer.get("message"), hidden)
    if meaning in _OUTAGES:
        outage, sentence = _OUTAGES[meaning]
        return outage(
            sentence,
            status=status,
            word=word,
            description=description,
            retry_after=wait_seconds(response.headers, at) if response else None,
        )
    kind, sentence = _REFUSED[meaning]
    if meaning is Meaning.GRANT and step is Step.REFRESH:
        kind, sentence = GrantDead, "The refresh token is no longer good."
    return kind(sentence, status=status, word=word, description=description)


def unreadable(error: Unreadable, response: Response, at: datetime) -> ProviderOutage:
    """The error for an answer without meaning: a proxy in between speaks HTML.

    With a good status the tokens may be given out, and we have not got them.
    """
    if is_good(response.status):
        sentence = f"The provider's answer cannot be read: {error}."
        return LostReply(sentence, status=response.status)
    meaning = Meaning.LIMITED if response.status == HTTPStatus.TOO_MANY_REQUESTS else Meaning.OUTAGE
    outage, sentence = _OUTAGES[meaning]
    return outage(sentence, status=response.status, retry_after=wait_seconds(response.headers, at))


def unanswered(error: OutboundError) -> ProviderOutage:
    """The error for a request without an answer; only what is certain counts as not sent."""
    reason = type(error).__name__
    if isinstance(error, AddressRefused) or _never_connected(error):
        return NotSent(f"The provider cannot be reached: {reason}.")
    kind = LateReply if isinstance(error, TimedOut) else LostReply
    return kind(f"No answer came back: {reason}.")


def _never_connected(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, _NEVER_CONNECTED):
            return True
        error = error.__cause__
    return False
