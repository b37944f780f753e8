"""Sign requests. A connector gets one of these, never the credential."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Protocol

from src.core.outbound import Request
from src.models.credential import Credential


class TokenProvider(Protocol):
    """Where an authenticator finds the credential; ``services`` implements it."""

    async def credential(self) -> Credential:
        """The credential to use now.

        Raises:
            ReauthorizationRequired: There is none that works.
            CredentialsUnreadable: It cannot be decrypted.
        """

    async def renew(self) -> bool:
        """Get a newer credential, since the provider calls this one stale; False if none is to be.

        Raises:
            AppError: There should be one, and it cannot be had now.
        """


class Authenticator(Protocol):
    """Adds to a request what proves who is calling."""

    async def sign(self, request: Request) -> Request:
        """The same request, signed."""

    async def renew(self) -> bool:
        """Whether a request that was called stale may be signed anew, with a newer credential."""


def _with_header(request: Request, name: str, value: str) -> Request:
    headers = {**request.headers, name: value}
    return Request(request.method, request.url, headers, request.content)


@dataclass(frozen=True, slots=True)
class BearerAuthenticator:
    """``Authorization: Bearer <token>`` (RFC 6750)."""

    tokens: TokenProvider

    async def sign(self, request: Request) -> Request:
        """Add the token."""
        credential = await self.tokens.credential()
        token = credential.access_token.get_secret_value()
        return _with_header(request, "Authorization", f"Bearer {token}")

    async def renew(self) -> bool:
        """Whether there is a newer token."""
        return await self.tokens.renew()


@dataclass(frozen=True, slots=True)
class BasicAuthenticator:
    """``Authorization: Basic`` of key and secret (RFC 7617)."""

    tokens: TokenProvider

    async def sign(self, request: Request) -> Request:
        """Add key and secret."""
        credential = await self.tokens.credential()
        secret = credential.secret.get_secret_value() if credential.secret else ""
        pair = f"{credential.access_token.get_secret_value()}:{secret}".encode()
        return _with_header(request, "Authorization", f"Basic {base64.b64encode(pair).decode()}")

    async def renew(self) -> bool:
        """Whether there is a newer pair."""
        return await self.tokens.renew()


@dataclass(frozen=True, slots=True)
class HeaderAuthenticator:
    """The key in a header of the provider's own."""

    tokens: TokenProvider
    header: str

    async def sign(self, request: Request) -> Request:
        """Add the key."""
        credential = await self.tokens.credential()
        return _with_header(request, self.header, credential.access_token.get_secret_value())

    async def renew(self) -> bool:
        """Whether there is a newer key."""
        return await self.tokens.renew()
