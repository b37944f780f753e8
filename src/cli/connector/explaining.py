"""What is told of a failure, and what must never be told: tokens."""

from __future__ import annotations

import base64
import json
import re
import traceback
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from src.core.errors import (
    AppError,
    AskUser,
    CallerError,
    ConnectionNotReady,
    ConnectorNotConfigured,
    InsufficientScope,
    InvalidCursor,
    ProviderForbidden,
    ProviderRejected,
    ProviderTimeout,
    SetupError,
    SkipThis,
    TryLater,
    UnreadableAnswer,
    UnsupportedCapability,
    UnsupportedFilter,
    ValidationFailed,
    Wait,
)
from src.core.logging import MASK

_SHORTEST = 4
"""Shorter texts are in everything; no provider's key is so short."""

_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_ESCAPE = re.compile(r"%[0-9A-F]{2}")
_FIRST_OF_ITS_OWN = (0, 2, 3)
"""The first character of base64 that is of a text alone, by what stands before it, modulo three."""

_ADVICE: tuple[tuple[type[AppError], str], ...] = (
    (InvalidCursor, "Start again without --cursor."),
    (UnsupportedFilter, "Leave that option out: this provider cannot honour it."),
    (UnsupportedCapability, "Ask for something that it has."),
    (ConnectionNotReady, "Correct --config, which the connector's config_model reads."),
    (ConnectorNotConfigured, "Give what is missing with --config key=value."),
    (ProviderTimeout, "Try again; PROVIDER_TIMEOUT_SECONDS says how long to wait for an answer."),
    (ProviderForbidden, "This account may not see it: choose another one."),
    (
        UnreadableAnswer,
        "Compare schemas.py and mapping.py with what the provider documents.",
    ),
    (
        ProviderRejected,
        "The provider does not take this request: check the ids you gave, then the path and the"
        " parameters in connector.py.",
    ),
    (InsufficientScope, "Make a token that has this scope."),
    (AskUser, "Check the token and --auth-method: the provider does not accept it."),
    (Wait, "The provider wants a pause; then run it again."),
    (TryLater, "Try again later; if it stays so, check api_url in the manifest and your network."),
    (SkipThis, "Check the id: `containers` and `items` list those that are there."),
    (SetupError, "Give what is missing with --config key=value."),
    (CallerError, "Correct what you gave for it; --help lists all options."),
)
_OPTIONS = {"containerId": "--container", "itemId": "--item", "parentId": "--parent"}
"""By the name of the field that callers of the API give."""

_FOR_CALLERS = (" Start without a cursor", " Connect again")
"""What a message tells callers of the API to do; here the advice does."""

_OTHERWISE = "That is a bug: run `connector check`."


@dataclass(frozen=True, slots=True)
class Secrets:
    """What must not be seen, whatever brings it back."""

    values: tuple[str, ...] = field(default=(), repr=False)

    def mask(self, text: str, by: str = MASK) -> str:
        """A text without them, however they were encoded."""
        for form in sorted(self._forms(), key=len, reverse=True):
            text = text.replace(form, by)
        packed = self._packed()
        if any(one in text for one in packed):
            # Whole words: a piece of one would tell what is left of it.
            text = _BASE64.sub(
                lambda word: by if any(one in word[0] for one in packed) else word[0], text
            )
        return text

    def mask_all(self, value: Any) -> Any:
        """A document without them."""
        match value:
            case str():
                return self.mask(value)
            case dict():
                return {self.mask(str(name)): self.mask_all(one) for name, one in value.items()}
            case list() | tuple():
                return [self.mask_all(one) for one in value]
            case _:
                return value

    def are_in(self, text: str) -> bool:
        """Whether a text holds one of them."""
        return self.mask(text) != text

    def _forms(self) -> set[str]:
        """As they are, as addresses have them, and as they are quoted in texts."""
        forms: set[str] = set()
        for value in self._long():
            quoted = {quote(value), quote(value, safe=""), quote_plus(value)}
            forms |= {value, value.encode().hex(), escape(value)}
            forms |= {repr(value)[1:-1], ascii(value)[1:-1]}
            forms |= quoted | {_ESCAPE.sub(lambda one: one[0].lower(), each) for each in quoted}
            for is_ascii in (True, False):
                once = json.dumps(value, ensure_ascii=is_ascii)[1:-1]
                forms |= {once, json.dumps(once, ensure_ascii=is_ascii)[1:-1]}
        return forms

    def _packed(self) -> set[str]:
        """What base64 makes of them whatever stands before and behind, as a user's name does."""
        return {
            encode(bytes(before) + value.encode())[first:last].decode()
            for value in self._long()
            for before, first in enumerate(_FIRST_OF_ITS_OWN)
            for last in [(before + len(value.encode())) * 8 // 6]
            for encode in (base64.b64encode, base64.urlsafe_b64encode)
        }

    def _long(self) -> list[str]:
        return [value for value in self.values if len(value) >= _SHORTEST]


def explain(error: AppError) -> str:
    """One failure: our code, a sentence, and what to do next."""
    message = _message(error)
    reason = error.details.get("reason")
    if isinstance(reason, str) and reason not in message:
        message = f"{message} ({reason})"
    told = [f"{error.code}: {message}."]
    if error.retry_after is not None:
        told.append(f"Wait {error.retry_after:g} seconds.")
    if scopes := error.details.get("missingScopes"):
        told.append(f"Missing: {', '.join(scopes)}.")
    return " ".join([*told, _advice(error)])


def _message(error: AppError) -> str:
    message = error.message.rstrip(".")
    for sentence in _FOR_CALLERS:
        message = message.removesuffix(sentence).rstrip(".")
    field, separator, problem = message.partition(": ")
    if isinstance(error, ValidationFailed) and field in _OPTIONS:
        return f"{_OPTIONS[field]}{separator}{problem}"
    return message


def _advice(error: AppError) -> str:
    found = (text for kind, text in _ADVICE if isinstance(error, kind))
    return next(found, _OTHERWISE)


def explain_bug(error: Exception, folder: Path | None) -> str:
    """Something that a connector should not have raised, with the line that did."""
    inside = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if folder is not None and Path(frame.filename).is_relative_to(folder)
    ]
    place = f" at {inside[-1].filename}:{inside[-1].lineno}" if inside else ""
    return (
        f"internal_error: the connector raised {type(error).__name__}{place}: {error}."
        " Correct that line; `connector check` looks for the like."
    )
