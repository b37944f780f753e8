"""The fields that a site has made itself: by the names that people know, with values made plain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

PREFIX = "customfield_"
_DEEPEST = 5


def custom_fields(
    fields: Mapping[str, Any], names: Mapping[str, str], to_body: Callable[[Any], str]
) -> dict[str, Any]:
    """Those that are set. Two of one name are told apart by their ids."""
    found: dict[str, Any] = {}
    for field, value in fields.items():
        if value is None or value == [] or not field.startswith(PREFIX):
            continue
        name = names.get(field) or field
        found[f"{name} ({field})" if name in found else name] = _plain(value, to_body, _DEEPEST)
    return found


def _plain(value: Any, to_body: Callable[[Any], str], depth: int) -> Any:
    if depth == 0:
        return None
    if isinstance(value, list):
        return [_plain(entry, to_body, depth - 1) for entry in value]
    if not isinstance(value, dict):
        return value
    if value.get("type") == "doc":
        return to_body(value)
    return _named(value, to_body, depth)


def _named(value: dict[str, Any], to_body: Callable[[Any], str], depth: int) -> Any:
    """Options, users, versions, groups and sprints by what they are called."""
    for key in ("value", "displayName", "name"):
        text = value.get(key)
        if isinstance(text, str):
            child = value.get("child")
            # A cascading select: the second choice hangs below the first.
            below = _plain(child, to_body, depth - 1) if isinstance(child, dict) else None
            return f"{text} / {below}" if isinstance(below, str) else text
    return value
