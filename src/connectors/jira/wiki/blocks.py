"""Markup of whole lines: headings, lists, quotes, code, panels, tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from src.connectors.jira.wiki.inline import inline

_HEADING = re.compile(r"\s*h([1-6])\.\s+(.*)")
_ITEM = re.compile(r"\s*([*#-]{1,10})\s+(.*)")
_QUOTED = re.compile(r"\s*bq\.\s+(.*)")
_RULE = re.compile(r"\s*-{4,5}\s*")
_FENCE = re.compile(r"\s*\{(code|noformat)(?::([^{}\n]{0,200}))?\}(.*)")
_WALL = re.compile(r"\s*\{(quote|panel)(?::([^{}\n]{0,500}))?\}(.*)")
_TITLE = re.compile(r"(?:^|\|)title=([^|]+)")
_LANGUAGE = re.compile(r"[A-Za-z0-9+#._-]{1,30}")
_MARKS = frozenset("hb*#-")
"""What a heading, a quote, an item or a rule begins with."""

_INDENT = "  "


def to_markdown(text: str) -> str:
    """A text in wiki markup."""
    reading = _Reading()
    written = [out for line in text.replace("\r\n", "\n").split("\n") for out in reading.line(line)]
    return "\n".join([*written, *reading.end()]).strip("\n")


class _Reading:
    """What is open while the lines go by: code, a quote or panel, a table."""

    def __init__(self) -> None:
        self._code: str | None = None
        self._wall: str | None = None
        self._in_table = False

    def line(self, line: str) -> Iterator[str]:
        """What a line becomes."""
        if self._code is not None:
            yield from self._quoted(self._in_code(line))
        elif "{" not in line:
            yield from self._quoted(self._text(line))
        elif found := _FENCE.fullmatch(line):
            self._code = found[1]
            inside = self._in_code(found[3]) if found[3] else []
            yield from self._quoted([f"```{_language(found[2])}", *inside])
        elif found := _WALL.fullmatch(line):
            self._wall, shown = _wall(found, self._wall)
            yield from shown
        else:
            yield from self._quoted(self._text(line))

    def end(self) -> list[str]:
        """What must still be closed."""
        return ["```"] if self._code is not None else []

    def _quoted(self, lines: Iterable[str]) -> Iterator[str]:
        for line in lines:
            yield f"> {line}" if self._wall else line

    def _in_code(self, line: str) -> list[str]:
        before, closed, _ = line.partition(f"{{{self._code}}}")
        if not closed:
            return [line]
        self._code = None
        return [before, "```"] if before else ["```"]

    def _text(self, line: str) -> Iterable[str]:
        is_row = line.lstrip().startswith("|")
        is_first, self._in_table = not self._in_table, is_row
        return _row(line, is_first=is_first) if is_row else (_block(line),)


def _language(settings: str | None) -> str:
    first = (settings or "").split("|")[0].removeprefix("language=")
    return first if _LANGUAGE.fullmatch(first) else ""


def _wall(found: re.Match[str], quoting: str | None) -> tuple[str | None, list[str]]:
    """A quote or panel begins, or ends; what stands on the same line belongs to it."""
    name, rest = found[1], found[3]
    shown = []
    if quoting == name:
        return None, [inline(rest)] if rest.strip() else []
    if title := _TITLE.search(found[2] or ""):
        shown.append(f"> **{inline(title[1].strip())}**")
    inside, closed, _ = rest.partition(f"{{{name}}}")
    if inside.strip():
        shown.append(f"> {inline(inside.strip())}")
    return (None if closed else name), shown


def _block(line: str) -> str:
    if line.lstrip()[:1] not in _MARKS:
        return inline(line)
    if found := _ITEM.fullmatch(line):
        marks = found[1]
        mark = "1." if marks[-1] == "#" else "-"
        return f"{_INDENT * (len(marks) - 1)}{mark} {inline(found[2])}"
    if found := _HEADING.fullmatch(line):
        return f"{'#' * int(found[1])} {inline(found[2])}"
    if found := _QUOTED.fullmatch(line):
        return f"> {inline(found[1])}"
    return "---" if _RULE.fullmatch(line) else inline(line)


def _row(line: str, *, is_first: bool) -> Iterator[str]:
    """A row of a table; Markdown wants a head, which may be empty."""
    text = line.strip()
    is_head = text.startswith("||")
    # Links first: they hold bars of their own.
    cells = [cell.strip() for cell in inline(text.strip("|")).replace("||", "|").split("|")]
    row = f"| {' | '.join(cells)} |"
    rule = f"|{' --- |' * len(cells)}"
    if not is_first:
        yield row
    elif is_head:
        yield row
        yield rule
    else:
        yield f"|{'  |' * len(cells)}"
        yield rule
        yield row
