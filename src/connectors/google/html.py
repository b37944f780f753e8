"""HTML of mails and invitations as plain text.

One pass by hand over the text: what strangers send is malformed at will, and every search here is
either at the present place or ends the reading, so that the time grows with the length alone. The
standard library's parser takes quadratic time for comments that never end; XML parsers want XML.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

LONGEST = 500_000
"""Characters that are read."""

MOST_MARKUP = 30_000
"""Tags that keep their meaning, a tenth of a second's work; the rest keeps its text only."""

_TAG = re.compile(r"<[^<>]*>")
_TAG_NAME = re.compile(r"/?[A-Za-z][^\s/>]*")
_END_OF_TAG = re.compile(r"[>\"']")
_SPACES = re.compile(r"[ \t\r\n\f\xa0]+")
_HREF = re.compile(r"""(?<![\w-])href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_ALT = re.compile(r"""(?<![\w-])alt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_WEB = ("http://", "https://", "mailto:")

_RAW = frozenset({"script", "style", "title", "noscript", "template", "textarea", "svg", "iframe"})
"""What is within them is not shown."""

_VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta"})
_LINES = frozenset(
    {"address", "article", "body", "center", "dd", "div", "dl", "dt", "fieldset", "footer", "form"}
    | {"header", "html", "li", "main", "nav", "section", "tr", "caption", "figure", "figcaption"}
)
"""They stand on lines of their own."""

_PARAGRAPHS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "ul", "ol", "hr"}
)
"""The same, with a blank line around them."""

_CELLS = frozenset({"td", "th"})
_DEEPEST_QUOTE = 10


def to_text(source: str, *, keep_lines: bool = False) -> str:
    """What a reader would see, with the addresses of links; it never fails.

    Args:
        source: The markup.
        keep_lines: Whether ends of lines mean something outside of ``pre``, too.
    """
    reader = _Reader(source[:LONGEST], preformatted=int(keep_lines))
    reader.read()
    return reader.text()


class _Lines:
    """The text as it grows, line by line."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._keeps_spaces = False
        self.quotes = 0

    def add(self, text: str, *, keep_spaces: bool = False) -> None:
        """Text on the present line."""
        if text:
            self._line.append(text)
            self._keeps_spaces = self._keeps_spaces or keep_spaces

    def end_line(self, *, blank: bool = False) -> None:
        """Begin a line, unless the present one is empty; ``blank`` leaves one out before it."""
        if self._line:
            line = "".join(self._line)
            line = line.rstrip() if self._keeps_spaces else " ".join(line.split())
            self._line.clear()
            self._keeps_spaces = False
            if line:
                self._lines.append("> " * min(self.quotes, _DEEPEST_QUOTE) + line)
        if blank and self._lines and self._lines[-1]:
            self._lines.append("")

    def break_line(self) -> None:
        """A line ends here, even an empty one."""
        before = len(self._lines)
        self.end_line()
        if len(self._lines) == before and self._lines and self._lines[-1]:
            self._lines.append("")

    def whole(self) -> str:
        """All of it."""
        self.end_line()
        return "\n".join(self._lines).strip("\n")


class _Reader:
    """Where the reading stands, and what is open there."""

    def __init__(self, source: str, preformatted: int) -> None:
        self._source = source
        self._lines = _Lines()
        self._preformatted = preformatted
        self._lists: list[int | None] = []
        self._link: str | None = None
        self._link_text: list[str] = []
        self._hidden: tuple[str, int] | None = None

    def text(self) -> str:
        """What was read."""
        self._end_link()
        return self._lines.whole()

    def read(self) -> None:
        """Go through the source once."""
        source = self._source
        place: int | None = 0
        for _ in range(MOST_MARKUP):
            sign = source.find("<", place)
            if sign < 0:
                self._data(source[place:])
                return
            self._data(source[place:sign])
            place = self._markup(sign)
            if place is None:
                return
        self._data(_TAG.sub(" ", source[place:]))

    def _markup(self, sign: int) -> int | None:
        """Read what begins at a ``<``; where to go on, or None for nowhere."""
        source = self._source
        if source.startswith("<!--", sign):
            # "<!-->" is a comment, too.
            end = source.find("-->", sign + 2)
            return None if end < 0 else end + 3
        if source.startswith(("<!", "<?"), sign):
            end = source.find(">", sign)
            return None if end < 0 else end + 1
        named = _TAG_NAME.match(source, sign + 1)
        if named is None:
            self._data("<")
            return sign + 1
        closing = self._end_of_tag(named.end())
        if closing is None:
            return None
        return self._tag(named[0].lower(), source[named.end() : closing], closing + 1)

    def _end_of_tag(self, place: int) -> int | None:
        """Where the ``>`` of a tag is; one within quotes is not it."""
        source = self._source
        while found := _END_OF_TAG.search(source, place):
            if found[0] == ">":
                return found.start()
            closing = source.find(found[0], found.end())
            # A quote that never ends is none; no further one can follow it.
            place = found.end() if closing < 0 else closing + 1
        return None

    def _tag(self, name: str, attributes: str, place: int) -> int | None:
        if name.startswith("/"):
            self._end(name[1:])
            return place
        if name in _RAW and not attributes.endswith("/"):
            end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(self._source, place)
            return None if end is None else end.start()
        self._start(name, attributes)
        return place

    def _start(self, name: str, attributes: str) -> None:
        if self._hidden is not None:
            hidden, depth = self._hidden
            if name == hidden:
                self._hidden = (hidden, depth + 1)
            return
        if name not in _VOID and _HIDDEN.search(attributes):
            self._hidden = (name, 1)
            return
        self._space(name)
        if name == "a":
            self._end_link()
            self._link = _value(_HREF, attributes)
        elif name == "img":
            self._data(_value(_ALT, attributes) or "")
        elif name in _STARTS:
            _STARTS[name](self)

    def _end(self, name: str) -> None:
        if self._hidden is not None:
            hidden, depth = self._hidden
            if name == hidden:
                self._hidden = (hidden, depth - 1) if depth > 1 else None
            return
        if name == "a":
            self._end_link()
        if name in _ENDS:
            self._lines.end_line()
            _ENDS[name](self)
        self._space(name)

    def _space(self, name: str) -> None:
        if name in _PARAGRAPHS:
            # A list within a list stands close.
            self._lines.end_line(blank=name not in {"ul", "ol"} or len(self._lists) == 0)
        elif name in _LINES:
            self._lines.end_line()
        elif name in _CELLS:
            self._lines.add(" ")

    def _data(self, text: str) -> None:
        if not text or self._hidden is not None:
            return
        text = unescape(text)
        if self._link is not None:
            self._link_text.append(text)
        if not self._preformatted:
            self._lines.add(_SPACES.sub(" ", text))
            return
        first, *others = text.replace("\r\n", "\n").split("\n")
        self._lines.add(first, keep_spaces=True)
        for line in others:
            self._lines.break_line()
            self._lines.add(line, keep_spaces=True)

    def _end_link(self) -> None:
        """Say where a link leads, unless its text does."""
        href, self._link = self._link, None
        text = _SPACES.sub(" ", "".join(self._link_text)).strip()
        self._link_text.clear()
        if href and href.lower().startswith(_WEB) and text:
            shown = href.removeprefix("mailto:")
            if shown.rstrip("/") != text.rstrip("/"):
                self._lines.add(f" ({shown})")

    def begin_list(self, first: int | None) -> None:
        """A list begins, numbered from ``first``, or not numbered."""
        self._lists.append(first)

    def end_list(self) -> None:
        """A list ends."""
        if self._lists:
            self._lists.pop()

    def begin_entry(self) -> None:
        """An entry of a list begins."""
        number = self._lists[-1] if self._lists else None
        if number is None:
            self._lines.add("- ")
        else:
            self._lines.add(f"{number}. ")
            self._lists[-1] = number + 1

    def quote(self, change: int) -> None:
        """What somebody else said begins or ends."""
        self._lines.quotes = max(self._lines.quotes + change, 0)

    def preformat(self, change: int) -> None:
        """Text whose lines are kept begins or ends."""
        self._preformatted = max(self._preformatted + change, 0)

    def break_line(self) -> None:
        """A line ends."""
        self._lines.break_line()

    def rule(self) -> None:
        """A line across."""
        self._lines.add("---")
        self._lines.end_line(blank=True)


_STARTS: dict[str, Callable[[_Reader], None]] = {
    "br": _Reader.break_line,
    "hr": _Reader.rule,
    "ul": lambda reader: reader.begin_list(None),
    "ol": lambda reader: reader.begin_list(1),
    "li": _Reader.begin_entry,
    "blockquote": lambda reader: reader.quote(1),
    "pre": lambda reader: reader.preformat(1),
}
_ENDS: dict[str, Callable[[_Reader], None]] = {
    "ul": _Reader.end_list,
    "ol": _Reader.end_list,
    "blockquote": lambda reader: reader.quote(-1),
    "pre": lambda reader: reader.preformat(-1),
}


def _value(pattern: re.Pattern[str], attributes: str) -> str | None:
    found = pattern.search(attributes)
    return unescape(next(filter(None, found.groups()), "")).strip() if found else None
