"""What macros become, as far as they hold content."""

from __future__ import annotations

from collections.abc import Mapping

from src.connectors.atlassian.adf.words import Node

_PANELS = {
    "info": "info",
    "note": "note",
    "tip": "tip",
    "warning": "warning",
    "success": "success",
    "error": "error",
    "panel": "custom",
}


def macro(name: str, told: Mapping[str, str], text: str, content: list[Node]) -> list[Node]:
    """A macro as nodes.

    Args:
        name: Its ``ac:name``.
        told: Its parameters.
        text: Its plain body: code, or the source of something drawn.
        content: What it holds else.
    """
    if name == "status":
        return [{"type": "status", "attrs": {"text": told.get("title", "")}}]
    if name in {"code", "noformat"} or text.strip():
        return [*_code(told, text), *content]
    if name in _PANELS:
        return [_titled_panel(name, told, content)] if content else []
    if name == "expand":
        attrs = {"title": told.get("title", "")}
        return [{"type": "expand", "attrs": attrs, "content": content}]
    return content or _mentioned(told)


def _code(told: Mapping[str, str], text: str) -> list[Node]:
    # The form for parameters of old pages has no name.
    attrs = {"language": told.get("language") or told.get("", "")}
    title = told.get("title")
    head: list[Node] = [{"type": "paragraph", "content": [_text(title)]}] if title else []
    body = {"type": "codeBlock", "attrs": attrs, "content": [_text(text.strip("\n"))]}
    return [*head, body]


def _titled_panel(name: str, told: Mapping[str, str], content: list[Node]) -> Node:
    if title := told.get("title"):
        strong = {**_text(title), "marks": [{"type": "strong"}]}
        content = [{"type": "paragraph", "content": [strong]}, *content]
    return {"type": "panel", "attrs": {"panelType": _PANELS[name]}, "content": content}


def _mentioned(told: Mapping[str, str]) -> list[Node]:
    """What a macro without content points to: an issue, a file, an address."""
    if key := told.get("key"):
        return [_text(key)]
    if url := told.get("url"):
        return [{"type": "inlineCard", "attrs": {"url": url}}]
    if name := told.get("name"):
        return [{"type": "mediaInline", "attrs": {"alt": name}}]
    return []


def _text(text: str) -> Node:
    return {"type": "text", "text": text}
