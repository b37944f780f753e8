"""Token files of the usual libraries, and what is kept of them.

garth writes two objects, ``oauth1`` and ``oauth2``, or one text with both (``garth.dumps()``);
python-garminconnect from 0.3 on writes ``di_token``, ``di_refresh_token`` and ``di_client_id``.
Nothing here is trusted: whatever comes, the outcome is a credential or ``ValidationFailed``.
"""

from __future__ import annotations

import re
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct
from pydantic import SecretStr

from src.connectors.garmin.config import Domain
from src.connectors.rest.tokens import split_scopes
from src.core.errors import ValidationFailed
from src.models.credential import Credential

FIELD = "token.raw"
EARLIER = timedelta(minutes=10)
"""DI tokens are refreshed this much before the usual time."""

_Text = Annotated[str, Meta(pattern=r"^[\x21-\x7e]+\Z", max_length=16384)]
_Moment = Annotated[float, Meta(ge=0, le=10_000_000_000)]
_LONGEST_DUMP = 65_536
_PAIR = 2
_FORMS = "needs oauth1 and oauth2, a dump of garth, or di_token, di_refresh_token and di_client_id"

S = TypeVar("S", bound=Struct)


class OAuth1File(Struct):
    """``oauth1_token.json``."""

    oauth_token: _Text
    oauth_token_secret: _Text
    mfa_token: _Text | None = None
    domain: Domain | None = None


class OAuth2File(Struct):
    """``oauth2_token.json``."""

    access_token: _Text
    expires_at: _Moment
    scope: str | None = None


class DiFile(Struct):
    """``garmin_tokens.json``."""

    di_token: _Text
    di_refresh_token: _Text
    di_client_id: _Text


class GarthSecret(Struct, tag="garth"):
    """What renews a token of garth's."""

    token: str = msgspec.field(name="t")
    token_secret: str = msgspec.field(name="s")
    mfa_token: str | None = msgspec.field(name="m", default=None)
    domain: Domain | None = msgspec.field(name="d", default=None)


class DiSecret(Struct, tag="di"):
    """What renews a DI token."""

    refresh_token: str = msgspec.field(name="r")
    client_id: str = msgspec.field(name="c")


def read_file(raw: Mapping[str, Any]) -> Credential:
    """A credential out of a token file.

    Raises:
        ValidationFailed: It has none of the known forms; the message holds no value.
    """
    if "dump" in raw:
        raw = _undumped(raw["dump"])
    if "di_token" in raw:
        return _of_di(_as(raw, DiFile))
    if "oauth1" in raw and "oauth2" in raw:
        oauth1 = _as(_object(raw["oauth1"]), OAuth1File)
        return _of_garth(oauth1, _as(_object(raw["oauth2"]), OAuth2File))
    raise ValidationFailed([(FIELD, _FORMS)])


def pack(secret: GarthSecret | DiSecret) -> str:
    """What renews a token, as one text."""
    return urlsafe_b64encode(msgspec.json.encode(secret)).decode().rstrip("=")


def unpack(text: str) -> GarthSecret | DiSecret | None:
    """What was packed; None for any other text."""
    try:
        content = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        found: GarthSecret | DiSecret = msgspec.json.decode(content, type=GarthSecret | DiSecret)
    except (ValueError, RecursionError):
        return None
    return found


def claims(token: str) -> dict[str, Any]:
    """What a JWT says of itself, believed by nobody; empty for any other token."""
    part = token.split(".")[1:2]
    try:
        found = msgspec.json.decode(urlsafe_b64decode(part[0] + "=" * (-len(part[0]) % 4)))
    except (ValueError, RecursionError, IndexError):
        return {}
    return found if isinstance(found, dict) else {}


def end_of(token: str) -> float | None:
    """When a JWT ends, in seconds since 1970."""
    try:
        return float(msgspec.convert(claims(token).get("exp"), _Moment))
    except msgspec.ValidationError:
        return None


def _of_garth(oauth1: OAuth1File, oauth2: OAuth2File) -> Credential:
    secret = GarthSecret(
        oauth1.oauth_token, oauth1.oauth_token_secret, oauth1.mfa_token, oauth1.domain
    )
    scopes = None if oauth2.scope is None else split_scopes(oauth2.scope)
    return Credential(
        access_token=SecretStr(oauth2.access_token),
        refresh_token=SecretStr(pack(secret)),
        expires_at=datetime.fromtimestamp(oauth2.expires_at, UTC),
        scopes=scopes or None,
    )


def _of_di(file: DiFile) -> Credential:
    end = end_of(file.di_token)
    return Credential(
        access_token=SecretStr(file.di_token),
        refresh_token=SecretStr(pack(DiSecret(file.di_refresh_token, file.di_client_id))),
        expires_at=None if end is None else datetime.fromtimestamp(end, UTC) - EARLIER,
    )


def _undumped(dump: Any) -> dict[str, Any]:
    """The two objects of ``garth.dumps()``."""
    if not isinstance(dump, str) or len(dump) > _LONGEST_DUMP:
        raise ValidationFailed([(FIELD, "a dump is a text of at most 64 KiB")])
    try:
        found = msgspec.json.decode(b64decode("".join(dump.split()), validate=True))
    except (ValueError, RecursionError):
        raise ValidationFailed([(FIELD, "the dump is not base64 of JSON")]) from None
    if not isinstance(found, list) or len(found) != _PAIR:
        raise ValidationFailed([(FIELD, "the dump does not hold two tokens")])
    return {"oauth1": found[0], "oauth2": found[1]}


def _object(value: Any) -> Any:
    """A file as an object, or as the text that stands in it."""
    if not isinstance(value, str) or len(value) > _LONGEST_DUMP:
        return value
    try:
        return msgspec.json.decode(value)
    except (ValueError, RecursionError):
        return None


def _as(value: Any, kind: type[S]) -> S:
    try:
        return msgspec.convert(value, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise ValidationFailed([(FIELD, _without_values(str(error)))]) from None


def _without_values(text: str) -> str:
    """A complaint of msgspec's; what it quotes is a value."""
    return re.split("['\"]", text, maxsplit=1)[0].strip()
