"""Reads storage by the standard library's expat, element by element, without recursion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from html.entities import html5
from typing import Any
from xml.parsers import expat

from src.connectors.atlassian.adf.words import Node
from src.connectors.confluence.storage.elements import (
    FINISH,
    MARKS,
    RAW,
    SILENT,
    STRUCTURAL,
    Frame,
)

MOST_CHARACTERS = 4_000_000
MOST_ELEMENTS = 20_000
"""Elements that keep their structure, a tenth of a second's work; the rest keeps its text only."""

DEEPEST_ELEMENT = 200
"""Each level hands on what it holds, so that the time grows with the depth."""

_SPACES = re.compile(r"[ \t\r\n\f]+")
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_TAG = re.compile(r"<[^<>]*>")


class _Enough(Exception):
    """More elements than are read, or deeper ones."""


def from_storage(text: str) -> Node:
    """Storage as a document; what is malformed, or too much, keeps its text."""
    source = text[:MOST_CHARACTERS].encode("utf-8", "replace")
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    parser.SkippedEntityHandler = reader.entity
    # With a DTD that exists elsewhere, ``&nbsp;`` is an entity that is skipped and not an error.
    # None is ever fetched, and none can be declared, because the fragment begins inside <x>.
    parser.UseForeignDTD(True)
    rest = b""
    try:
        parser.Parse(b"<x>", False)
        parser.Parse(source, False)
        parser.Parse(b"</x>", True)
    except (expat.ExpatError, _Enough):
        rest = source[_start_of_trouble(source, parser.CurrentByteIndex - len(b"<x>")) :]
        # Gives out what characters it still holds.
        parser.buffer_text = False
    return reader.document(_bare(rest))


def _start_of_trouble(source: bytes, index: int) -> int:
    """Where the text begins that was not read: the sign that made it malformed belongs to it."""
    index = min(max(index, 0), len(source))
    while index and source[index - 1 : index] in {b"&", b"<"}:
        index -= 1
    return index


def _bare(source: bytes) -> str:
    """The text of markup that is not read."""
    text = _CDATA.sub(" ", source.decode("utf-8", "replace"))
    return _SPACES.sub(" ", unescape(_TAG.sub(" ", text))).strip()


class _Reader:
    """The open elements, and the marks that a text gets where the reader stands."""

    def __init__(self) -> None:
        self._frames = [Frame("x", {}, ())]
        self._marks: tuple[Node, ...] = ()
        self._silent = 0
        self._raw: list[Frame] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self._frames) > DEEPEST_ELEMENT:
            raise _Enough
        self._frames.append(Frame(name, attributes, self._marks))
        if name in SILENT:
            self._silent += 1
        elif name in RAW:
            self._raw.append(self._frames[-1])
        elif (mark := MARKS.get(name)) is not None:
            self._add(mark(attributes))

    def _add(self, mark: Node | None) -> None:
        if mark is not None and all(held["type"] != mark["type"] for held in self._marks):
            self._marks = (*self._marks, mark)

    def end(self, name: str) -> None:
        """An element ends: it becomes nodes of the one around it."""
        frame = self._frames.pop()
        self._marks = frame.marks
        if name in SILENT:
            self._silent -= 1
            return
        if name in RAW:
            self._raw.pop()
        if self._silent:
            return
        around = self._frames[-1]
        finish = FINISH.get(name)
        around.content += frame.content if finish is None else finish(frame, around)

    def data(self, text: str) -> None:
        """Characters."""
        if self._silent:
            return
        frame = self._frames[-1]
        if self._raw:
            self._raw[-1].raw.append(text)
        elif not (frame.name in STRUCTURAL and not text.strip()):
            node: dict[str, Any] = {"type": "text", "text": _SPACES.sub(" ", text)}
            if self._marks:
                node["marks"] = list(self._marks)
            frame.content.append(node)

    def entity(self, name: str, is_parameter: bool) -> None:
        """An entity that XML does not know, so one of HTML's."""
        if not is_parameter:
            self.data(html5.get(f"{name};", f"&{name};").replace("\xa0", " "))

    def document(self, rest: str) -> Node:
        """What was read, with the text that was not."""
        while len(self._frames) > 1:
            self.end(self._frames[-1].name)
        content = self._frames[0].content
        if rest:
            text: Mapping[str, Any] = {"type": "text", "text": rest}
            content.append({"type": "paragraph", "content": [text]})
        return {"type": "doc", "version": 1, "content": content}
