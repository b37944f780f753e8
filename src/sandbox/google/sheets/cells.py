"""A1 notation: which cells of which sheet.

Source: developers.google.com/workspace/sheets/api/guides/concepts.
"""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

_CORNER = re.compile(r"(?P<column>[A-Za-z]{0,3})(?P<row>[0-9]{0,8})")
_QUOTED = re.compile(r"'(?P<title>(?:[^']|'')*)'(?:!(?P<cells>.*))?")
_LETTERS = 26
LAST_ROW, LAST_COLUMN = 1000, 26


class BadRange(ValueError):
    """What names no cells."""


class Area(msgspec.Struct, frozen=True):
    """Cells of a sheet; rows and columns from zero, the last ones included."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        plain = re.fullmatch(r"[A-Za-z0-9_]+", self.sheet)
        title = self.sheet if plain else "'" + self.sheet.replace("'", "''") + "'"
        corner = f"{letters(self.left)}{self.top + 1}"
        return f"{title}!{corner}:{letters(self.right)}{self.bottom + 1}"


def letters(column: int) -> str:
    """Write a column as a sheet's head does."""
    text, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, _LETTERS)
        text = chr(ord("A") + rest) + text
    return text


def read_area(text: str, titles: Sequence[str]) -> Area:
    """Read a range; a sheet's title alone is all of it.

    Raises:
        BadRange: It cannot be read, or there is no such sheet.
    """
    if quoted := _QUOTED.fullmatch(text):
        sheet, cells = quoted["title"].replace("''", "'"), quoted["cells"]
    elif "!" in text:
        sheet, _, cells = text.partition("!")
    elif text in titles:
        sheet, cells = text, None
    else:
        sheet, cells = titles[0], text
    if sheet not in titles:
        raise BadRange(text)
    if cells is None:
        return Area(sheet, 0, 0, LAST_ROW - 1, LAST_COLUMN - 1)
    first, _, last = cells.partition(":")
    top, left = _corner(first, text)
    bottom, right = _corner(last or first, text)
    return Area(
        sheet,
        top or 0,
        left or 0,
        LAST_ROW - 1 if bottom is None else min(bottom, LAST_ROW - 1),
        LAST_COLUMN - 1 if right is None else min(right, LAST_COLUMN - 1),
    )


def _corner(text: str, whole: str) -> tuple[int | None, int | None]:
    match = _CORNER.fullmatch(text)
    if match is None or not text:
        raise BadRange(whole)
    column = 0
    for char in match["column"].upper():
        column = column * _LETTERS + ord(char) - ord("A") + 1
    return (
        int(match["row"]) - 1 if match["row"] else None,
        column - 1 if match["column"] else None,
    )


def trimmed(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Leave out empty cells at the end of rows, and empty rows at the end."""
    found = []
    for row in rows:
        cells = list(row)
        while cells and cells[-1] == "":
            cells.pop()
        found.append(cells)
    while found and not found[-1]:
        found.pop()
    return found
