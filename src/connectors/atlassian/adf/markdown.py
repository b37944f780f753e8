"""A document as Markdown: a table from node type to writer, and a list of parts.

It is on the hot path (a page of a hundred issues has a hundred bodies), so it makes no object per
node and looks at each node once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from src.connectors.atlassian.adf.inline import inline
from src.connectors.atlassian.adf.tables import table
from src.connectors.atlassian.adf.words import (
    DEEPEST,
    INLINE,
    Node,
    action_mark,
    all_text,
    attributes,
    card,
    children,
    fallback,
    file,
    first_text,
)
from src.connectors.atlassian.markup import (
    HARD_BREAK,
    autolink,
    code_block,
    entry,
    escaped,
    heading,
    image,
    paragraph,
    quoted,
)

Writer = Callable[[Node, int], str]

_ALERTS = {
    "info": "NOTE",
    "note": "IMPORTANT",
    "tip": "TIP",
    "success": "TIP",
    "warning": "WARNING",
    "error": "CAUTION",
}
_LISTS = frozenset({"bulletList", "orderedList", "taskList", "decisionList"})


def to_markdown(document: Any) -> str:
    """A document, or any part of one, as Markdown; an absent one is empty."""
    if type(document) is not dict:
        return all_text(document).strip() if type(document) is list else ""
    if document.get("type") == "doc":
        return blocks(document.get("content"), 0)
    return blocks([document], 0)


def blocks(nodes: Any, depth: int, gap: str = "") -> str:
    """Nodes that stand below one another; loose running text between them is a paragraph."""
    if type(nodes) is not list:
        return ""
    if depth > DEEPEST:
        return paragraph(escaped(all_text(nodes)))
    return _written(nodes, depth + 1, gap)


def _written(nodes: list[Any], depth: int, gap: str) -> str:
    parts: list[str] = []
    loose: list[Node] = []
    for node in nodes:
        if type(node) is not dict:
            continue
        kind = node.get("type")
        if type(kind) is not str:
            kind = ""
        writer = _WRITERS.get(kind, _unknown)
        if writer is None:
            loose.append(node)
            continue
        if loose:
            _flush(parts, loose, gap)
        if body := writer(node, depth):
            _append(parts, body, gap, kind)
    if loose:
        _flush(parts, loose, gap)
    return "".join(parts)


def _flush(parts: list[str], loose: list[Node], gap: str) -> None:
    if body := paragraph(inline(loose)):
        _append(parts, body, gap, "")
    loose.clear()


def _append(parts: list[str], body: str, gap: str, kind: Any) -> None:
    if parts:
        # A list follows its paragraph at once, where the caller keeps its entries close.
        close = gap is _IN_ENTRY and kind in _LISTS
        parts.append("\n" if close else "\n\n")
    parts.append(body)


_IN_ENTRY = "entry"


def _paragraph(node: Node, depth: int) -> str:
    content = node.get("content")
    if type(content) is list and len(content) == 1:
        # Most paragraphs are one text without marks.
        only = content[0]
        if type(only) is dict and only.get("type") == "text" and not only.get("marks"):
            text = only.get("text")
            return paragraph(escaped(text)) if type(text) is str else ""
    return paragraph(inline(content, depth))


def _heading(node: Node, depth: int) -> str:
    level = attributes(node).get("level")
    return heading(level if type(level) is int else 1, inline(node.get("content"), depth))


def _below(node: Node, depth: int) -> str:
    return blocks(node.get("content"), depth)


def _quote(node: Node, depth: int) -> str:
    body = blocks(node.get("content"), depth)
    return quoted(body) if body else ""


def _panel(node: Node, depth: int) -> str:
    body = blocks(node.get("content"), depth)
    alert = _ALERTS.get(first_text(attributes(node), "panelType"), "NOTE")
    return quoted(f"[!{alert}]\n{body}") if body else ""


def _titled(node: Node, depth: int) -> str:
    title = first_text(attributes(node), "title").strip()
    body = blocks(node.get("content"), depth)
    return "\n\n".join(filter(None, (f"**{escaped(title)}**" if title else "", body)))


def _in_entry(node: Node, depth: int, gap: str = "") -> str:
    """What an entry holds; something that is no entry stands in one by itself."""
    return blocks(node.get("content", [node]), depth, gap)


def _bullets(node: Node, depth: int) -> str:
    entries = [
        entry("-", _in_entry(one, depth, _IN_ENTRY)) for one in children(node) if type(one) is dict
    ]
    return "\n".join(entries)


def _numbers(node: Node, depth: int) -> str:
    order = attributes(node).get("order")
    first = order if type(order) is int and 0 <= order < 10**8 else 1
    entries = [
        entry(f"{number}.", _in_entry(one, depth, _IN_ENTRY))
        for number, one in enumerate(children(node), first)
        if type(one) is dict
    ]
    return "\n".join(entries)


def _tasks(node: Node, depth: int) -> str:
    lines: list[str] = []
    for one in children(node):
        if type(one) is not dict:
            continue
        if one.get("type") == "taskList":
            nested = _tasks(one, depth + 1) if depth < DEEPEST else escaped(all_text(one))
            lines += [f"  {line}" if line else "" for line in nested.split("\n")]
        else:
            lines.append(entry(f"- {action_mark(one)}", _in_entry(one, depth)))
    return "\n".join(lines)


def _decisions(node: Node, depth: int) -> str:
    return "\n".join(
        entry("- <>", _in_entry(one, depth)) for one in children(node) if type(one) is dict
    )


def _code(node: Node, depth: int) -> str:  # noqa: ARG001  a writer like the others
    # Nothing but texts is allowed in it; what else is there keeps its words.
    text = "".join(
        one["text"] if type(one.get("text")) is str else all_text(one)
        for one in children(node)
        if type(one) is dict
    )
    return code_block(text, first_text(attributes(node), "language"))


def _rule(node: Node, depth: int) -> str:  # noqa: ARG001  a writer like the others
    return "---"


def _media(node: Node, depth: int) -> str:  # noqa: ARG001  a writer like the others
    values = attributes(node)
    address = first_text(values, "url")
    return image(first_text(values, "alt"), address) if address else escaped(file(node))


def _card(node: Node, depth: int) -> str:  # noqa: ARG001  a writer like the others
    return autolink(card(node))


def _extension(node: Node, depth: int) -> str:
    return blocks(node.get("content"), depth) or paragraph(escaped(fallback(node)))


def _unknown(node: Node, depth: int) -> str:
    """What came into the schema after this was written: its content, or its text."""
    if content := children(node):
        return blocks(content, depth)
    text = node.get("text")
    return paragraph(escaped(text if type(text) is str else fallback(node)))


def _table(node: Node, depth: int) -> str:
    return table(node, lambda nodes: _in_cell(nodes, depth))


def _in_cell(nodes: list[Any], depth: int) -> str:
    """What stands in a cell, which has but one line and begins neither list nor heading."""
    if len(nodes) == 1 and type(nodes[0]) is dict and nodes[0].get("type") == "paragraph":
        return inline(nodes[0].get("content"), depth)
    return blocks(nodes, depth + 1).replace(HARD_BREAK, "\n")


_WRITERS: dict[str, Writer | None] = {
    # Running text, which is gathered until a block comes.
    **dict.fromkeys(INLINE),
    "doc": _below,
    "paragraph": _paragraph,
    "heading": _heading,
    "blockquote": _quote,
    "panel": _panel,
    "expand": _titled,
    "nestedExpand": _titled,
    "layoutSection": _below,
    "layoutColumn": _below,
    "bulletList": _bullets,
    "orderedList": _numbers,
    "listItem": _below,
    "taskList": _tasks,
    "taskItem": _below,
    "blockTaskItem": _below,
    "decisionList": _decisions,
    "decisionItem": _below,
    "codeBlock": _code,
    "rule": _rule,
    "table": _table,
    "mediaSingle": _below,
    "mediaGroup": _below,
    "media": _media,
    "caption": _paragraph,
    "blockCard": _card,
    "embedCard": _card,
    "extension": _extension,
    "bodiedExtension": _extension,
    "multiBodiedExtension": _extension,
    "extensionFrame": _below,
    "syncBlock": _extension,
    "bodiedSyncBlock": _extension,
}
