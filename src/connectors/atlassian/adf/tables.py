"""Tables of a document as Markdown's, whose cells have one line and span nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from src.connectors.atlassian.adf.words import Node, attributes, children
from src.connectors.atlassian.markup import cell
from src.connectors.atlassian.markup import table as write

WIDEST = 200
"""Columns; more than anybody has, so that a span cannot blow a table up."""


def table(node: Node, body_of: Callable[[list[Any]], str]) -> str:
    """A table; a cell that spans several places stands in the first of them."""
    rows: list[list[str]] = []
    has_header = False
    reaching: dict[int, int] = {}
    for row in children(node):
        cells = _cells(row)
        if not cells:
            continue
        if not rows:
            has_header = all(one.get("type") == "tableHeader" for one in cells)
        rows.append(_row(cells, reaching, body_of))
    return write(rows, has_header=has_header)


def _cells(row: Any) -> list[Node]:
    """The cells of a row; something that is no row is a cell by itself."""
    if type(row) is not dict:
        return []
    return [one for one in children(row) if type(one) is dict] if "content" in row else [row]


def _row(
    cells: list[Node], reaching: dict[int, int], body_of: Callable[[list[Any]], str]
) -> list[str]:
    """A row's cells in their columns; ``reaching`` are those that come down from rows above."""
    row: list[str] = []
    for one in cells:
        _skip(row, reaching)
        values = attributes(one)
        width = _span(values.get("colspan"), WIDEST)
        height = _span(values.get("rowspan"), 10_000)
        if height > 1:
            for column in range(len(row), min(len(row) + width, WIDEST)):
                reaching[column] = height - 1
        row.append(cell(body_of(children(one) if "content" in one else [one])))
        row += [""] * min(width - 1, max(0, WIDEST - len(row)))
    _skip(row, reaching)
    # What nobody's table has so many of stands in the last column.
    return row if len(row) <= WIDEST else [*row[: WIDEST - 1], " ".join(row[WIDEST - 1 :])]


def _skip(row: list[str], reaching: dict[int, int]) -> None:
    while reaching.get(len(row), 0) > 0:
        reaching[len(row)] -= 1
        row.append("")


def _span(value: Any, most: int) -> int:
    return min(max(value, 1), most) if type(value) is int else 1
