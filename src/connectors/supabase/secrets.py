"""What must not pass through, wherever in an answer of the Management API it stands.

Its settings hold the project's JWT secret, its keys may be shown, its databases have passwords in
their addresses. We read none of it; ``include=raw`` would still hand it on.
"""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET

from src.core.logging import MASK
from src.models.unified import Container, Item, Page

T = TypeVar("T", Container, Item)

_NAMES = re.compile(
    r"secret|password|passwd|db_pass|api_?keys?$|private_key|token|connection_?string|dsn$"
    r"|conn(ection)?_?(url|uri)$|database_url",
    re.IGNORECASE,
)
_VALUES = re.compile(
    r"sb_secret_\w+|sbp_\w{20,}|eyJ[\w.-]{16,}"
    r"|(?:postgres|postgresql)://[^\s\"]*",
    re.IGNORECASE,
)


def without_secrets(value: Any) -> Any:
    """A JSON value with everything masked that opens something."""
    if isinstance(value, dict):
        return {
            name: MASK if _NAMES.search(name) and inner is not None else without_secrets(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(inner) for inner in value]
    return _VALUES.sub(MASK, value) if isinstance(value, str) else value


def cleaned(page: Page[T]) -> Page[T]:
    """A page whose raw payloads open nothing."""
    if all(one.raw is UNSET for one in page.items):
        return page
    items = tuple(map(clean, page.items))
    return Page(items=items, next_token=page.next_token, truncated=page.truncated)


def clean(one: T) -> T:
    """The same with a raw payload that opens nothing."""
    if isinstance(one.raw, msgspec.Raw):
        told = without_secrets(msgspec.json.decode(one.raw))
        return msgspec.structs.replace(one, raw=msgspec.Raw(msgspec.json.encode(told)))
    return one
