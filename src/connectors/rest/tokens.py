"""Tokens in the form that providers write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from pydantic import SecretStr

from src.core.errors import ValidationFailed
from src.models.credential import Credential

_Text = Annotated[str, Meta(pattern=r"^[\x21-\x7e]+\Z", max_length=16384)]
_Seconds = Annotated[int, Meta(ge=0, le=10_000_000_000)]


class OAuthToken(Struct):
    """The answer of a token address (RFC 6749 §5.1); ``expires_at`` is what libraries add."""

    access_token: _Text
    refresh_token: _Text | None = None
    expires_in: _Seconds | None = None
    expires_at: _Seconds | None = None
    scope: str | None = None


def read_oauth_token(raw: Mapping[str, Any]) -> Credential:
    """A credential out of a token answer.

    Raises:
        ValidationFailed: It has another form; the message holds no value.
    """
    try:
        token = msgspec.convert(raw, OAuthToken)
    except msgspec.ValidationError as error:
        raise ValidationFailed([("token.raw", _without_values(str(error)))]) from None
    return Credential(
        access_token=SecretStr(token.access_token),
        refresh_token=SecretStr(token.refresh_token) if token.refresh_token else None,
        expires_at=_end(token),
        scopes=None if token.scope is None else split_scopes(token.scope),
    )


def split_scopes(text: str) -> tuple[str, ...]:
    """Scopes as providers list them, by spaces or commas."""
    return tuple(filter(None, re.split(r"[,\s]+", text)))


def _end(token: OAuthToken) -> datetime | None:
    if token.expires_at is not None:
        return datetime.fromtimestamp(token.expires_at, UTC)
    if token.expires_in is not None:
        return datetime.now(UTC) + timedelta(seconds=token.expires_in)
    return None


def _without_values(text: str) -> str:
    return re.sub(r"'[^']*'", "…", text)
