"""What an app sends: form or JSON fields, each at most once, and its id and secret."""

from base64 import b64decode
from collections import Counter
from hmac import compare_digest
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import parse_qsl, unquote_plus

import msgspec

from src.sandbox.kit.oauth.spec import ClientAuthentication

if TYPE_CHECKING:
    from starlette.requests import Request

Fields: TypeAlias = dict[str, str]


class BadFields(ValueError):
    """What came cannot be read, or names a field twice (RFC 6749 §3.2)."""


class Credentials(msgspec.Struct, frozen=True):
    """An app's id and secret, and the way they came."""

    client_id: str
    client_secret: str
    way: ClientAuthentication

    def prove(self, client_secret: str) -> bool:
        """Tell whether the secret is the right one."""
        return compare_digest(
            self.client_secret.encode("utf-8", "surrogatepass"), client_secret.encode()
        )


def read_query(text: str) -> Fields:
    """Read form-encoded fields; an empty one is none (RFC 6749 §3.1)."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError as error:
        raise BadFields("not form-encoded") from error
    if any(count > 1 for count in Counter(name for name, _ in pairs).values()):
        raise BadFields("a field stands there twice")
    return {name: value for name, value in pairs if value}


async def read_body(request: "Request") -> tuple[Fields, ClientAuthentication]:
    """Read a body by its content type."""
    body = await request.body()
    content_type = request.headers.get("content-type", "")
    try:
        if content_type.startswith("application/json"):
            found = msgspec.json.decode(body, type=dict[str, str])
            return found, ClientAuthentication.JSON
        return read_query(body.decode()), ClientAuthentication.FORM
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadFields("not readable") from error


def read_credentials(
    request: "Request", fields: Fields, way: ClientAuthentication
) -> Credentials | None:
    """Find the app's id and secret; more than one way is a bad request (RFC 6749 §2.3)."""
    basic = read_basic(request)
    if basic is None:
        if "client_id" not in fields:
            return None
        return Credentials(fields["client_id"], fields.get("client_secret", ""), way)
    if "client_secret" in fields:
        raise BadFields("the app proves itself in two ways")
    return basic


def read_basic(request: "Request") -> Credentials | None:
    """Read the Authorization header; both parts are form-encoded (RFC 6749 §2.3.1)."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, colon, secret = b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return None
    if not colon:
        return None
    return Credentials(unquote_plus(client_id), unquote_plus(secret), ClientAuthentication.BASIC)
