"""Sign requests. A connector gets one of these, never the credential."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote_plus, urlencode

from pydantic import SecretStr

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


@dataclass(frozen=True, slots=True)
class Signed:
    """A request with its proof, and all that must not be seen of it, in every form it has."""

    request: Request = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)


class Authenticator(Protocol):
    """Adds to a request what proves who is calling."""

    async def sign(self, request: Request) -> Signed:
        """The same request, signed."""

    async def renew(self) -> bool:
        """Whether a request that was called stale may be signed anew, with a newer credential."""


def _with_header(request: Request, name: str, value: str, *secrets: str) -> Signed:
    headers = {**request.headers, name: value}
    signed = Request(request.method, request.url, headers, request.content)
    return Signed(signed, tuple(filter(None, (value, *secrets))))


@dataclass(frozen=True, slots=True)
class BearerAuthenticator:
    """``Authorization: Bearer <token>`` (RFC 6750)."""

    tokens: TokenProvider

    async def sign(self, request: Request) -> Signed:
        """Add the token."""
        credential = await self.tokens.credential()
        token = credential.access_token.get_secret_value()
        return _with_header(request, "Authorization", f"Bearer {token}", token)

    async def renew(self) -> bool:
        """Whether there is a newer token."""
        return await self.tokens.renew()


@dataclass(frozen=True, slots=True)
class BasicAuthenticator:
    """``Authorization: Basic`` (RFC 7617) of key and secret, or of a known user and the key."""

    tokens: TokenProvider
    username: str | None = None

    async def sign(self, request: Request) -> Signed:
        """Add the pair."""
        credential = await self.tokens.credential()
        key = credential.access_token.get_secret_value()
        secret = credential.secret.get_secret_value() if credential.secret else ""
        pair = f"{key}:{secret}" if self.username is None else f"{self.username}:{key}"
        encoded = base64.b64encode(pair.encode()).decode()
        return _with_header(
            request, "Authorization", f"Basic {encoded}", encoded, pair, key, secret
        )

    async def renew(self) -> bool:
        """Whether there is a newer pair."""
        return await self.tokens.renew()


@dataclass(frozen=True, slots=True)
class HeaderAuthenticator:
    """The key in a header of the provider's own, and perhaps as a bearer token, too."""

    tokens: TokenProvider
    header: str
    also_bearer: bool = False

    async def sign(self, request: Request) -> Signed:
        """Add the key."""
        credential = await self.tokens.credential()
        key = credential.access_token.get_secret_value()
        signed = _with_header(request, self.header, key)
        if not self.also_bearer:
            return signed
        return _with_header(signed.request, "Authorization", f"Bearer {key}", key)

    async def renew(self) -> bool:
        """Whether there is a newer key."""
        return await self.tokens.renew()


@dataclass(frozen=True, slots=True)
class AppAuthenticator:
    """The app itself: its id and secret among the parameters (RFC 6749 §2.3.1).

    In the form that is the body, if there is one; in the query, if there is none.
    """

    client_id: str
    client_secret: SecretStr

    async def sign(self, request: Request) -> Signed:
        """Add the pair."""
        secret = self.client_secret.get_secret_value()
        pair = urlencode({"client_id": self.client_id, "client_secret": secret})
        url, content = request.url, request.content
        if content is None:
            url = f"{url}{'&' if '?' in url else '?'}{pair}"
        else:
            content = content + (b"&" if content else b"") + pair.encode()
        signed = Request(request.method, url, request.headers, content)
        return Signed(signed, (secret, quote_plus(secret)))

    async def renew(self) -> bool:
        """There is no other."""
        return False
