"""What an authorization server answers, read without trust."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from pydantic import SecretStr

from src.core.logging import MASK, redact_text
from src.core.oauth.errors import TokenTypeUnsupported
from src.core.oauth.spec import Expiry, OAuth2Spec
from src.core.outbound import Response

MAX_ANSWER_BYTES = 64 * 1024
BEARER = "bearer"
LONGEST_DESCRIPTION = 300
_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 100
_MOST_SECONDS = 10_000_000_000
_SHORTEST_SECRET = 4
_MOST_WRONG = timedelta(days=1)
"""A clock that is wrong by more is no clock that tokens are made by."""
_TOKEN = re.compile(r"[\x21-\x7e]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]{0,63}")
_NUMBER = re.compile(r"[0-9]{1,11}(\.[0-9]{1,9})?")
_TOKENS = ("access_token", "refresh_token", "id_token")
_KNOWN = frozenset(
    {
        "access_token",
        "expires_at",
        "expires_in",
        "refresh_token",
        "refresh_token_expires_in",
        "scope",
        "token_type",
    }
)


class Unreadable(ValueError):
    """An answer that has not the form of RFC 6749 §5.1; the message holds no value."""


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """What the provider gave out. Its ``repr`` shows no secret.

    What is None was left out: keep what you have, most of all the refresh token. ``scopes`` of
    None are unknown. ``extra`` is the rest of the answer, untouched (Strava's ``athlete``).
    """

    access_token: SecretStr
    refresh_token: SecretStr | None = None
    expires_at: datetime | None = None
    refresh_expires_at: datetime | None = None
    refresh_end_told: bool = False
    """Whether the answer itself told the end of the refresh token."""
    scopes: tuple[str, ...] | None = None
    token_type: str = BEARER
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)


def read_object(response: Response) -> dict[str, Any]:
    """The fields of an answer, JSON or form-encoded (GitHub, when nobody asks for JSON).

    Raises:
        Unreadable: It is neither, or names a field twice.
    """
    try:
        text = response.content.decode()
        if response.headers.get("content-type", "").lower().startswith(_FORM):
            pairs = parse_qsl(
                text,
                keep_blank_values=True,
                strict_parsing=True,
                errors="strict",
                max_num_fields=_MOST_FIELDS,
            )
            return _no_repeats(pairs)
        found = json.loads(text, object_pairs_hook=_no_repeats, parse_constant=_no_number)
    except Unreadable:
        raise
    except (ValueError, RecursionError):
        # The cause would quote the answer.
        raise Unreadable("neither JSON nor form-encoded") from None
    if not isinstance(found, dict):
        raise Unreadable("no object")
    return found


def read_grant(
    answer: Mapping[str, Any],
    spec: OAuth2Spec,
    asked_at: datetime,
    clock: datetime | None = None,
) -> TokenGrant:
    """The tokens in an answer; lives count from the moment of asking, so that none seems longer.

    Args:
        answer: Its fields.
        spec: The provider.
        asked_at: When the request was made.
        clock: What the provider's own clock shows; None = the right time.

    Raises:
        Unreadable: A field is missing or of the wrong type.
        TokenTypeUnsupported: The token is not a bearer token.
    """
    _check_type(answer)
    access_token = _token(answer, "access_token")
    if access_token is None:
        raise Unreadable("no access_token")
    refresh_token = _token(answer, "refresh_token")
    scope = _text(answer, "scope")
    refresh_life = _seconds(answer, "refresh_token_expires_in")
    return TokenGrant(
        access_token=access_token,
        refresh_token=refresh_token,
        expires_at=_end(answer, spec, asked_at, clock or asked_at),
        refresh_expires_at=_later(asked_at, refresh_life, spec.refresh_lifetime),
        refresh_end_told=refresh_life is not None,
        scopes=None if scope is None else split_scopes(scope, spec.granted_separator),
        extra={name: value for name, value in answer.items() if name not in _KNOWN},
    )


def split_scopes(text: str, separator: str) -> tuple[str, ...]:
    """Scopes as the provider lists them, each once."""
    return tuple(dict.fromkeys(filter(None, map(str.strip, text.split(separator)))))


def words_of(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """Whatever in a refusal may be its name: RFC 6749 §5.2, or Strava's list of errors."""
    entries = answer.get("errors")
    listed = [
        f"{entry.get('resource')}:{entry.get('code')}"
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict)
    ]
    found = (answer.get("error"), answer.get("error_subtype"), *listed, answer.get("message"))
    return tuple(word for word in found if isinstance(word, str) and word)


def tokens_in(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """What in an answer must not be shown."""
    found = (answer.get(name) for name in _TOKENS)
    return tuple(value for value in found if isinstance(value, str))


def safe_word(words: Iterable[str], secrets: Iterable[str]) -> str | None:
    """The first word that can be shown: short, plain, and nothing that we sent."""
    sent = [secret for secret in secrets if len(secret) >= _SHORTEST_SECRET]
    for word in words:
        if _WORD.fullmatch(word) and not any(secret in word for secret in sent):
            return word
    return None


def safe_description(text: object, secrets: Iterable[str]) -> str | None:
    """The provider's sentence on one line, cut, without anything that we sent."""
    if not isinstance(text, str) or not text:
        return None
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    line = "".join(char if char.isprintable() else " " for char in redact_text(text))
    return line[:LONGEST_DESCRIPTION]


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Unreadable("a field stands there twice")
    return found


def _no_number(_: str) -> None:
    raise Unreadable("not a number")


def _text(answer: Mapping[str, Any], name: str) -> str | None:
    value = answer.get(name)
    if value is not None and not isinstance(value, str):
        raise Unreadable(f"{name} is no text")
    return value


def _token(answer: Mapping[str, Any], name: str) -> SecretStr | None:
    """A token that can stand in a header."""
    value = _text(answer, name)
    if not value:
        return None
    if not _TOKEN.fullmatch(value):
        raise Unreadable(f"{name} has characters that no token has")
    return SecretStr(value)


def _check_type(answer: Mapping[str, Any]) -> None:
    token_type = _text(answer, "token_type")
    # Many leave out what RFC 6749 §5.1 requires.
    if token_type and token_type.lower() != BEARER:
        word = safe_word([token_type], tokens_in(answer))
        raise TokenTypeUnsupported("The provider gave out a token of another type.", word=word)


def _seconds(answer: Mapping[str, Any], name: str) -> float | None:
    """A span or a moment in seconds; form-encoded answers and some others write it as text."""
    value = answer.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable(f"{name} is no number")
    # Not a number is in no range.
    if not 0 <= value <= _MOST_SECONDS:
        raise Unreadable(f"{name} is out of range")
    return float(value)


def _end(
    answer: Mapping[str, Any], spec: OAuth2Spec, asked_at: datetime, clock: datetime
) -> datetime | None:
    if spec.expiry is Expiry.EXPIRES_AT:
        moment = _seconds(answer, "expires_at")
        if moment is not None:
            life = _seconds(answer, "expires_in")
            return _told(datetime.fromtimestamp(moment, UTC), life, asked_at, clock)
    told = None if spec.expiry is Expiry.NONE else _seconds(answer, "expires_in")
    return _later(asked_at, told, spec.access_lifetime)


def _told(end: datetime, life: float | None, asked_at: datetime, clock: datetime) -> datetime:
    """An end by the provider's clock, unless that makes less sense than without it.

    ``Date`` may be that of a proxy before the provider, which is not the clock of its tokens.
    """
    wrong = clock - asked_at
    if abs(wrong) > _MOST_WRONG:
        return end
    corrected = end - wrong
    if life is not None:
        likely = asked_at + timedelta(seconds=life)
        return min(end, corrected, key=lambda one: abs(one - likely))
    return corrected if corrected > asked_at else end


def _later(moment: datetime, seconds: float | None, otherwise: timedelta | None) -> datetime | None:
    life = otherwise if seconds is None else timedelta(seconds=seconds)
    return None if life is None else moment + life
