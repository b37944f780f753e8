"""The parts of Sheets' answers that we read. Source: developers.google.com/workspace/sheets/api."""

from __future__ import annotations

from typing import Any

from src.connectors.rest.decoding import Fragment


class Grid(Fragment, rename="camel"):
    """How large a sheet is."""

    row_count: int | None = None
    column_count: int | None = None


class SheetProperties(Fragment, rename="camel"):
    """A sheet (tab); one that holds a chart has no grid."""

    title: str
    hidden: bool = False
    grid_properties: Grid | None = None


class Sheet(Fragment):
    """A sheet of a spreadsheet."""

    properties: SheetProperties


class Spreadsheet(Fragment):
    """A spreadsheet by its sheets."""

    sheets: tuple[Sheet, ...] = ()


class ValueRange(Fragment, rename="camel"):
    """Rows of cells: empty cells and rows at the end are left out, and all of them if none is."""

    range: str
    values: tuple[tuple[Any, ...], ...] = ()


class Updates(Fragment, rename="camel"):
    """What was written."""

    updated_range: str | None = None
    updated_rows: int = 0
    updated_cells: int = 0


class Appended(Fragment, rename="camel"):
    """Where rows have come to stand."""

    spreadsheet_id: str
    table_range: str | None = None
    updates: Updates | None = None
