"""What can go wrong between us and an authorization server, as a tree by consequence.

OAuthError
├── Denied                  the user said no: nothing to repair
├── CodeRefused             the code is wrong, used or too old: begin again
├── GrantDead               the refresh token is no longer good: ask the user to authorize again
├── ClientRefused           id, secret or redirect address of the app: the operator must repair it
├── RequestRefused          anything else that is refused, unknown words included
├── TokenTypeUnsupported    a token that we cannot use
└── ProviderOutage          try later
    ├── NotSent             the request never left us
    ├── Throttled           too many requests; refused before it was looked at
    └── LostReply           sent, and no answer came back that can be used
        └── LateReply       sent, and no answer came back in time

Only ``Denied``, ``CodeRefused`` and ``GrantDead`` are reasons to ask the user. No message holds a
secret: what the provider says is cleared of everything that we sent.
"""

from __future__ import annotations

from typing import ClassVar


class OAuthError(Exception):
    """A failure at an authorization server.

    ``word`` is the provider's own name of it, ``description`` its sentence for a developer; both
    are short and without secrets, and None where the provider said nothing usable.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        word: str | None = None,
        description: str | None = None,
    ) -> None:
        super().__init__(f"{message} ({word})" if word else message)
        self.status = status
        self.word = word
        self.description = description
        self.explanation: str | None = None
        """What this provider means by it, for a person."""


class Denied(OAuthError):
    """The user, or the provider in their place, did not approve."""


class CodeRefused(OAuthError):
    """The authorization code is wrong, used, too old, or not ours."""


class GrantDead(OAuthError):
    """The refresh token is expired, revoked or replaced."""


class ClientRefused(OAuthError):
    """The provider does not accept the app: its id, its secret or its redirect address."""


class RequestRefused(OAuthError):
    """The provider refuses the request, for a reason that says nothing about grant or app."""


class TokenTypeUnsupported(OAuthError):
    """The provider gave out a token of a type that we cannot use (RFC 6749 §7.1)."""


class ProviderOutage(OAuthError):
    """The provider is in trouble, or did not let us know what it did.

    ``may_have_happened`` tells whether the request may have been carried out: then a refresh token
    that rotates may already be replaced by one that we have not seen.
    """

    may_have_happened: ClassVar[bool] = True

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        word: str | None = None,
        description: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, status=status, word=word, description=description)
        self.retry_after = retry_after


class NotSent(ProviderOutage):
    """No byte of the request has left: the address is refused, unknown, or nobody listens."""

    may_have_happened = False


class Throttled(ProviderOutage):
    """Too many requests; ``retry_after`` says when to come back, if the provider did."""

    may_have_happened = False


class LostReply(ProviderOutage):
    """The request was sent, and no answer came back, or none that can be read."""


class LateReply(LostReply):
    """The request was sent, and no answer came back in time."""
