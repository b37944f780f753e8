"""Where keys and the tokens of files become bearer tokens, and the switches that end them."""

from base64 import b64decode
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.garmin import signatures
from src.sandbox.garmin.errors import refused
from src.sandbox.garmin.people import CONSUMER_KEY, CONSUMER_SECRET, DI, KEYS, OAUTH1
from src.sandbox.kit import Refused, base_url, json_answer, provider_path, site_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.garmin.tokens import Tokens

KEY_PATH = "/personalapitoken-service/personal-api/personal-api-key/token"
OAUTH1_PATH = "/oauth-service/oauth/exchange/user/2.0"
DI_PATH = "/di-oauth2-service/oauth/token"


def _invalid(description: str) -> Refused:
    return Refused(json_answer({"error": "invalid_grant", "error_description": description}, 400))


class Exchanges:
    """The addresses that give out tokens of Garmin Connect."""

    def __init__(self, tokens: "Tokens") -> None:
        """Give out these tokens."""
        self._tokens = tokens
        self.routes = (
            Route(KEY_PATH, self.key, methods=["POST"]),
            Route(OAUTH1_PATH, self.oauth1, methods=["POST"]),
        )
        self.controls = (
            Route("/tokens", self.end_access, methods=["DELETE"]),
            Route("/secrets", self.end_secrets, methods=["DELETE"]),
        )

    async def key(self, request: "Request") -> Response:
        """A personal key for a token of 24 hours; the length of its life stands in it alone."""
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        person = KEYS.get(key)
        if scheme != "ApiKey" or person is None or await self._tokens.secrets_are_dead():
            raise refused(401, "Invalid API key")
        return json_answer({"token": await self._tokens.issue(person, "personal")})

    async def oauth1(self, request: "Request") -> Response:
        """The token of OAuth 1.0 for one of OAuth 2.0, as often as wanted."""
        body = (await request.body()).decode("utf-8", "replace")
        found = signatures.read(request.headers.get("authorization", ""))
        if found.get("oauth_consumer_key") != CONSUMER_KEY:
            raise refused(401, "Invalid consumer key")
        known = OAUTH1.get(found.get("oauth_token", ""))
        url = base_url(request) + provider_path(request.scope)
        right = known is not None and signatures.is_right(
            found, url, body, CONSUMER_SECRET, known.secret
        )
        if known is None or not right or await self._tokens.secrets_are_dead():
            # Garmin says nothing more.
            raise Refused(Response(status_code=401))
        if not site_of(request).endswith(known.person.domain):
            raise Refused(Response(status_code=401))
        if dict(parse_qsl(body)).get("mfa_token") != known.mfa:
            raise refused(400, "mfa_token")
        answer: dict[str, Any] = {
            "scope": "CONNECT_READ CONNECT_WRITE",
            "jti": "5a5d2e2c-sandbox",
            "token_type": "Bearer",
            "access_token": await self._tokens.issue(known.person, "connect"),
            "refresh_token": "never-used-by-anybody",
            "expires_in": 86_400,
            "refresh_token_expires_in": 2_591_999,
        }
        return json_answer(answer)

    async def di(self, request: "Request") -> Response:
        """A DI refresh token, which is replaced, for an access token."""
        body = (await request.body()).decode("utf-8", "replace")
        fields = dict(parse_qsl(body))
        pair = request.headers.get("authorization", "").removeprefix("Basic ")
        name, colon, secret = b64decode(pair).decode("latin-1").partition(":")
        if not colon or secret or name != fields.get("client_id"):
            raise Refused(json_answer({"error": "invalid_client"}, 401))
        refresh_token = fields.get("refresh_token", "")
        person = DI.get(refresh_token.partition("#")[0])
        good = person is not None and await self._tokens.is_good(refresh_token)
        if fields.get("grant_type") != "refresh_token" or person is None or not good:
            raise _invalid("Invalid refresh token")
        elsewhere = not site_of(request).endswith(person.domain)
        if elsewhere or await self._tokens.secrets_are_dead():
            raise _invalid("Invalid refresh token")
        return json_answer(
            {
                "access_token": await self._tokens.issue(person, "connect"),
                "refresh_token": await self._tokens.rotate(refresh_token),
                "token_type": "Bearer",
                "expires_in": 86_400,
            }
        )

    async def end_access(self, _: "Request") -> Response:
        """End all access tokens."""
        await self._tokens.end_access()
        return Response(status_code=204)

    async def end_secrets(self, _: "Request") -> Response:
        """End all keys and tokens that renew."""
        await self._tokens.end_secrets()
        return Response(status_code=204)
