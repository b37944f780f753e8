"""Building documents, and reading Markdown as a browser would show it."""

import re
from html.parser import HTMLParser
from typing import Any

from markdown_it import MarkdownIt

Node = dict[str, Any]

_READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_BREAK = re.compile(r"\s+")


def text(words: str, *marks: str | Node) -> Node:
    """A text with marks, by name or whole."""
    given = [{"type": mark} if isinstance(mark, str) else mark for mark in marks]
    return {"type": "text", "text": words, **({"marks": given} if given else {})}


def link(href: str) -> Node:
    return {"type": "link", "attrs": {"href": href}}


def node(kind: str, *content: Node, **attrs: Any) -> Node:
    """A node with content and attributes."""
    return {"type": kind, "content": list(content), **({"attrs": attrs} if attrs else {})}


def leaf(kind: str, **attrs: Any) -> Node:
    return {"type": kind, "attrs": attrs}


def paragraph(*content: Node | str) -> Node:
    return node("paragraph", *(text(one) if isinstance(one, str) else one for one in content))


def doc(*content: Node) -> Node:
    return {"type": "doc", "version": 1, "content": list(content)}


class _Shown(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "br":
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def html(markdown: str) -> str:
    return str(_READER.render(markdown))


def _read(markdown: str) -> _Shown:
    shown = _Shown()
    shown.feed(html(markdown))
    shown.close()
    return shown


def shown(markdown: str) -> str:
    """What a reader of the Markdown sees, its space as one."""
    return _BREAK.sub(" ", "".join(_read(markdown).parts)).strip()


def tags(markdown: str) -> set[str]:
    """The elements that the Markdown makes."""
    return set(_read(markdown).tags)
