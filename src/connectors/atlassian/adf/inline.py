"""Running text of a document as Markdown: texts with their marks, mentions, cards."""

from __future__ import annotations

from typing import Any

from src.connectors.atlassian.adf.words import (
    DEEPEST,
    INLINE_WORDS,
    Node,
    all_text,
    attributes,
    card,
    children,
    first_text,
)
from src.connectors.atlassian.markup import (
    HARD_BREAK,
    autolink,
    code_span,
    destination,
    escaped,
)

_NOTHING = "<!-- -->"
"""Shows nothing, and keeps signs apart."""

Pair = tuple[str, str]
"""What opens and what closes a mark."""

_PAIRS: dict[str, Pair] = {
    "strong": ("**", "**"),
    "em": ("*", "*"),
    "strike": ("~~", "~~"),
}
Read = tuple[list[Pair], bool, str]

_ALONE: dict[str, Read] = {
    "code": ([], True, ""),
    **{kind: ([pair], False, "") for kind, pair in _PAIRS.items()},
}
"""Texts with one mark only, which most marked ones are."""

_RANK = {"[": 0, "~~": 1, "**": 2, "*": 3}
"""Links stand outside; the others in the order in which writers usually put them."""


def inline(nodes: Any, depth: int = 0) -> str:
    """Nodes within a line."""
    if type(nodes) is not list:
        return ""
    parts: list[str] = []
    opened: list[Pair] = []
    for node in nodes:
        if type(node) is not dict:
            continue
        if node.get("type") != "text":
            _close(parts, opened, ())
            parts.append(_other(node, depth))
            continue
        text = node.get("text")
        if type(text) is not str:
            continue
        marks = node.get("marks")
        if marks:
            _marked(parts, opened, text, marks)
        elif opened:
            _unmark(parts, opened, (), text)
            parts.append(escaped(text))
        else:
            parts.append(escaped(text))
    _close(parts, opened, ())
    return _without_last_breaks(parts) if parts and parts[-1] is HARD_BREAK else "".join(parts)


def _without_last_breaks(parts: list[str]) -> str:
    while parts and parts[-1] is HARD_BREAK:
        parts.pop()
    return "".join(parts)


def _other(node: Node, depth: int) -> str:
    kind = node.get("type")
    if kind == "hardBreak":
        return HARD_BREAK
    if kind == "inlineCard":
        return autolink(card(node))
    if type(kind) is str and (words := INLINE_WORDS.get(kind)) is not None:
        return escaped(words(node))
    if depth > DEEPEST:
        return escaped(all_text(node))
    content = children(node)
    return inline(content, depth + 1) if content else escaped(first_text(attributes(node), "text"))


def _marked(parts: list[str], opened: list[Pair], text: str, marks: Any) -> None:
    """Write a text with marks; marks that the text before had, too, stay open between them."""
    wanted, code, around = _read(marks)
    if opened:
        _unmark(parts, opened, wanted, text)
    body = text.strip()
    if not body:
        # Marks may neither begin nor end at a space.
        parts.append(text)
        return
    lead = trail = ""
    if code and not (wanted and "]" in text):  # which could end a link around it
        body = code_span(text)
    else:
        if len(body) != len(text):
            start = text.index(body)
            lead, trail = text[:start], text[start + len(body) :]
        body = escaped(body)
    if around:
        body = f"<{around}>{body}</{around}>"
    if lead:
        parts.append(lead)
    _open(parts, opened, wanted, body)
    parts.append(body)
    if trail:
        parts.append(trail)


def _unmark(parts: list[str], opened: list[Pair], wanted: Any, text: str) -> None:
    """End the marks that a text has not; a letter may not follow a sign and a closer at once."""
    before = len(opened)
    _close(parts, opened, wanted)
    if len(opened) < before and text[:1].isalnum() and _ends_in_sign(parts):
        parts.append(_NOTHING)


def _open(parts: list[str], opened: list[Pair], wanted: list[Pair], body: str) -> None:
    """Open the marks that a text has and the one before had not."""
    fresh = [pair for pair in wanted if pair not in opened]
    # What an opener is followed by counts, and that may be another one.
    start = fresh[0][0] if fresh else body[:1]
    if _would_misread(parts, start, fresh[1][0] if len(fresh) > 1 else body):
        parts.append(_NOTHING)
    for pair in fresh:
        opened.append(pair)
        parts.append(pair[0])


def _would_misread(parts: list[str], start: str, body: str) -> bool:
    """Whether what comes before changes what a text begins with."""
    before = parts[-1][-1:] if parts else ""
    match start:
        case "[":
            # An exclamation mark before a link would make a picture of it.
            return before == "!"
        case "`":
            # Two fences side by side would be one.
            return before == "`"
        case "*" | "**" | "~~":
            # Signs of two marks would run together, and one between a letter and a sign opens none.
            return before in {"*", "~"} or (before.isalnum() and not body[:1].isalnum())
        case _:
            return False


def _ends_in_sign(parts: list[str]) -> bool:
    """Whether a mark was closed after a sign, where a letter may not follow at once."""
    end = "".join(parts[-6:])
    text = end.rstrip("*~")
    # A closer may itself be the sign that stands before another one.
    return len(text) < len(end) and not (text[-1:].isalnum() and len(set(end[len(text) :])) == 1)


def _read(marks: Any) -> Read:
    """The pairs of a text's marks in their order, whether it is code, and a tag around it."""
    if type(marks) is list and len(marks) == 1 and type(marks[0]) is dict:
        kind = marks[0].get("type")
        if type(kind) is str and kind in _ALONE:
            return _ALONE[kind]
    return _read_all(marks)


def _read_all(marks: Any) -> Read:
    wanted: list[Pair] = []
    code, around = False, ""
    for mark in marks if type(marks) is list else ():
        if type(mark) is not dict:
            continue
        kind = mark.get("type")
        if kind == "code":
            code = True
        elif kind == "subsup":
            around = "sub" if attributes(mark).get("type") == "sub" else "sup"
        elif (pair := _pair(kind, mark)) is not None and pair not in wanted:
            wanted.append(pair)
    if len(wanted) > 1:
        wanted.sort(key=lambda pair: _RANK[pair[0]])
        # A link within a link is none.
        wanted = [pair for index, pair in enumerate(wanted) if index == 0 or pair[0] != "["]
    return wanted, code, around


def _pair(kind: Any, mark: Node) -> Pair | None:
    if kind == "link":
        target = destination(first_text(attributes(mark), "href"))
        return ("[", f"]({target})") if target else None
    return _PAIRS.get(kind) if type(kind) is str else None


def _close(parts: list[str], opened: list[Pair], wanted: Any) -> None:
    """Close what the next text has not, and whatever was opened within it."""
    if not opened:
        return
    keep = 0
    while keep < len(opened) and opened[keep] in wanted:
        keep += 1
    # What is opened later stands inside: an outer mark that comes new closes the inner ones.
    fresh = [_RANK[pair[0]] for pair in wanted if pair not in opened[:keep]]
    while fresh and keep and _RANK[opened[keep - 1][0]] > min(fresh):
        keep -= 1
    if keep == len(opened):
        return
    space = ""
    while parts and not parts[-1].strip():
        space = parts.pop() + space
    while len(opened) > keep:
        parts.append(opened.pop()[1])
    if space:
        parts.append(space)
