"""A document as plain text, and plain text as a document."""

from __future__ import annotations

import re
from typing import Any

from src.connectors.atlassian.adf.words import (
    DEEPEST,
    INLINE,
    INLINE_WORDS,
    Node,
    action_mark,
    all_text,
    attributes,
    card,
    children,
    fallback,
    file,
    first_text,
    kind_of,
)

_PARAGRAPHS = re.compile(r"\n[ \t]*\n\s*")
_MARKERS = {"bulletList": "- ", "decisionList": "<> "}


def to_text(document: Any) -> str:
    """A document, or any part of one, in words only; an absent one is empty."""
    lines: list[str] = []
    _blocks(document if type(document) is list else [document], lines, "", 0)
    return "\n".join(lines).strip()


def _blocks(nodes: list[Any], lines: list[str], lead: str, depth: int) -> None:
    """Write nodes as lines; the first of them begins with ``lead``, a marker of a list."""
    if depth > DEEPEST:
        lines.append(f"{lead}{all_text(nodes)}")
        return
    loose: list[Any] = []
    for node in nodes:
        if type(node) is not dict:
            continue
        if kind_of(node) in INLINE:
            loose.append(node)
            continue
        lead = _flush(loose, lines, lead)
        before = len(lines)
        _block(node, lines, lead, depth + 1)
        lead = "" if len(lines) > before else lead
    _flush(loose, lines, lead)


def _flush(loose: list[Any], lines: list[str], lead: str) -> str:
    text = _inline(loose, 0).strip()
    loose.clear()
    if not text:
        return lead
    lines.append(f"{lead}{text}")
    return ""


def _block(node: Node, lines: list[str], lead: str, depth: int) -> None:
    kind = kind_of(node)
    content = children(node)
    if kind in {"bulletList", "orderedList", "taskList", "decisionList"}:
        _list(node, lines, lead, depth)
    elif kind == "table":
        _table(content, lines, depth)
    elif kind == "codeBlock":
        lines.append(lead + "".join(all_text(one) for one in content))
    elif kind == "rule":
        lines.append("---")
    elif content:
        if title := first_text(attributes(node), "title"):
            lines.append(f"{lead}{title}")
            lead = ""
        _blocks(content, lines, lead, depth)
    elif text := _leaf(node, kind):
        lines.append(f"{lead}{text}")


def _leaf(node: Node, kind: str) -> str:
    if kind == "media":
        return file(node)
    if kind in {"blockCard", "embedCard"}:
        return card(node)
    text = node.get("text")
    return text if isinstance(text, str) else fallback(node)


def _list(node: Node, lines: list[str], lead: str, depth: int) -> None:
    kind = kind_of(node)
    order = attributes(node).get("order")
    number = order if type(order) is int else 1
    for one in children(node):
        if type(one) is not dict:
            continue
        if kind_of(one) == kind:
            _list(one, lines, "", depth + 1) if depth < DEEPEST else lines.append(all_text(one))
            continue
        marker = _MARKERS.get(kind) or (
            f"{number}. " if kind == "orderedList" else f"{action_mark(one)} "
        )
        held = children(one) if "content" in one else [one]
        _blocks(held, lines, lead + marker, depth)
        lead = ""
        number += 1


def _table(rows: list[Any], lines: list[str], depth: int) -> None:
    for row in rows:
        cells: list[str] = []
        if type(row) is not dict:
            continue
        for one in children(row) if "content" in row else [row]:
            inner: list[str] = []
            _blocks([one], inner, "", depth)
            cells.append(" ".join(inner))
        if any(cells):
            lines.append(" | ".join(cells))


def _inline(nodes: list[Any], depth: int) -> str:
    if depth > DEEPEST:
        return all_text(nodes)
    return "".join(_said(node, depth) for node in nodes if type(node) is dict)


def _said(node: Node, depth: int) -> str:
    kind = kind_of(node)
    if kind == "text":
        text = node.get("text")
        return text + _address(node, text) if isinstance(text, str) else ""
    if kind == "hardBreak":
        return "\n"
    if kind == "inlineCard":
        return card(node)
    if kind in INLINE_WORDS:
        return INLINE_WORDS[kind](node)
    return _inline(children(node), depth + 1)


def _address(node: Node, text: str) -> str:
    """Where a link leads, unless its text says so."""
    marks = node.get("marks")
    for mark in marks if type(marks) is list else ():
        if type(mark) is dict and mark.get("type") == "link":
            href = first_text(attributes(mark), "href")
            return f" ({href})" if href and href != text else ""
    return ""


def from_text(text: str) -> Node:
    """Plain text as a document: paragraphs at blank lines, line breaks within them."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    content = [_paragraph(part) for part in _PARAGRAPHS.split(text) if part.strip()]
    return {"type": "doc", "version": 1, "content": content or [_paragraph("")]}


def _paragraph(text: str) -> Node:
    content: list[Node] = []
    for number, line in enumerate(text.split("\n")):
        if number:
            content.append({"type": "hardBreak"})
        if line:
            # A text without a character is refused.
            content.append({"type": "text", "text": line})
    return {"type": "paragraph", "content": content}
