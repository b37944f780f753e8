"""What single nodes say, whatever they are written in: mentions, dates, cards, files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

Node = dict[str, Any]

DEEPEST = 60
"""Levels of nesting that keep their structure; what lies deeper keeps its text only."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def attributes(node: Mapping[str, Any]) -> Node:
    """The attributes of a node; none when they are malformed."""
    found = node.get("attrs")
    return found if type(found) is dict else {}


def children(node: Mapping[str, Any]) -> list[Any]:
    """The content of a node; none when it is malformed."""
    found = node.get("content")
    return found if type(found) is list else []


def kind_of(node: Mapping[str, Any]) -> str:
    """The type of a node; empty when it is malformed."""
    found = node.get("type")
    return found if type(found) is str else ""


def first_text(values: Mapping[str, Any], *names: str) -> str:
    """The first of these attributes that is a text with something in it."""
    for name in names:
        value = values.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def mention(node: Node) -> str:
    """``@name``; the id where the name is not told."""
    values = attributes(node)
    said = first_text(values, "text", "id")
    return said if said.startswith("@") or not said else f"@{said}"


def emoji(node: Node) -> str:
    """The character, or its name between colons."""
    return first_text(attributes(node), "text", "shortName")


def date(node: Node) -> str:
    """A day; its ``timestamp`` is a text of milliseconds."""
    stamp = attributes(node).get("timestamp")
    try:
        moment = _EPOCH + timedelta(milliseconds=float(str(stamp)))
    except (ValueError, OverflowError):
        return stamp if isinstance(stamp, str) else ""
    return moment.date().isoformat()


def status(node: Node) -> str:
    """The words of a lozenge."""
    return first_text(attributes(node), "text")


def card(node: Node) -> str:
    """Where a card leads, or what it is called."""
    values = attributes(node)
    data = values.get("data")
    return first_text(values, "url") or (
        first_text(data, "url", "name") if isinstance(data, dict) else ""
    )


def file(node: Node) -> str:
    """A file by its name; its bytes are elsewhere."""
    named = first_text(attributes(node), "alt", "__fileName", "id")
    return f"[file: {named}]" if named else "[file]"


def fallback(node: Node) -> str:
    """What an extension shows where it cannot run."""
    return first_text(attributes(node), "text")


def action_mark(node: Node) -> str:
    """The box of a task."""
    return "[x]" if attributes(node).get("state") == "DONE" else "[ ]"


INLINE_WORDS: dict[str, Callable[[Node], str]] = {
    "mention": mention,
    "emoji": emoji,
    "date": date,
    "status": status,
    "mediaInline": file,
    "inlineExtension": fallback,
    "placeholder": fallback,
}
"""Inline nodes that say a few words; ``text``, ``hardBreak`` and cards are for each writer."""

INLINE = frozenset({"text", "hardBreak", "inlineCard", *INLINE_WORDS})


def all_text(node: Any) -> str:
    """Every text below a node, without recursion."""
    parts: list[str] = []
    waiting: list[Any] = [node]
    while waiting:
        one = waiting.pop()
        if type(one) is list:
            waiting.extend(reversed(one))
        elif type(one) is dict:
            text = one.get("text")
            if isinstance(text, str):
                parts.append(text)
            waiting.append(one.get("content"))
    return " ".join(parts)
