"""What can be done in a spreadsheet: a range read, rows appended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, StringConstraints

from src.connectors.google.drive.ids import named
from src.connectors.google.scopes import SHEETS, SHEETS_READ
from src.connectors.google.sheets.ids import A1, range_of
from src.connectors.google.sheets.schemas import Appended, ValueRange
from src.connectors.rest.decoding import decode
from src.connectors.tools import Tool, ToolArguments, picked

if TYPE_CHECKING:
    from src.connectors.google.connector import GoogleConnector

_SPREADSHEET = "The spreadsheet, by its id here or by the one in its address."
Title = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]
Cell = str | int | float | bool | None
_MOST_ROWS = 1000


class Place(ToolArguments):
    """A part of a spreadsheet."""

    spreadsheet: str = picked("google_sheets", description=_SPREADSHEET)
    sheet: Title | None = Field(
        default=None, description="The sheet (tab) by its title; otherwise the first one."
    )


class ReadRange(Place):
    """Arguments of ``sheets_read_range``."""

    range: str | None = Field(
        default=None,
        pattern=A1,
        description="Cells in A1 notation (A1:D50, A:D, 2:10); otherwise the whole sheet.",
    )
    formatted: bool = Field(
        default=True,
        description="Values as a person sees them ($20.50); otherwise numbers as they are.",
    )


class AppendRows(Place):
    """Arguments of ``sheets_append_rows``."""

    rows: list[Annotated[list[Cell], Field(min_length=1, max_length=1000)]] = Field(
        min_length=1, max_length=_MOST_ROWS, description="Rows of cells, from left to right."
    )
    range: str | None = Field(
        default=None,
        pattern=A1,
        description="Cells of the table that the rows go below; otherwise the sheet's first.",
    )
    as_typed: bool = Field(
        default=False,
        description="Read the cells as if a person typed them: dates, and formulas, which may fetch"
        " from elsewhere. Otherwise they are kept as they are.",
    )


async def read_range(connector: GoogleConnector, arguments: ReadRange) -> dict[str, Any]:
    """Read cells."""
    answer = await connector.rest.at("sheets").get(
        "/v4/spreadsheets/{spreadsheet}/values/{range}",
        ValueRange,
        params={
            "majorDimension": "ROWS",
            "valueRenderOption": "FORMATTED_VALUE" if arguments.formatted else "UNFORMATTED_VALUE",
            "dateTimeRenderOption": "FORMATTED_STRING",
        },
        spreadsheet=named(arguments.spreadsheet, "spreadsheet").id,
        range=range_of(arguments.sheet, arguments.range),
    )
    return {"range": answer.range, "rows": answer.values}


async def append_rows(connector: GoogleConnector, arguments: AppendRows) -> dict[str, Any]:
    """Write rows below a table; they never overwrite what stands there."""
    answer = await connector.rest.at("sheets").call(
        "POST",
        "/v4/spreadsheets/{spreadsheet}/values/{range}:append",
        params={
            "valueInputOption": "USER_ENTERED" if arguments.as_typed else "RAW",
            "insertDataOption": "INSERT_ROWS",
        },
        json={"majorDimension": "ROWS", "values": arguments.rows},
        spreadsheet=named(arguments.spreadsheet, "spreadsheet").id,
        range=range_of(arguments.sheet, arguments.range),
    )
    appended = decode(answer.content, Appended)
    updates = appended.updates
    return {
        "range": updates.updated_range if updates else None,
        "rows": updates.updated_rows if updates else 0,
        "cells": updates.updated_cells if updates else 0,
    }


TOOLS = (
    Tool(
        name="sheets_read_range",
        description="Read cells of a Google spreadsheet. Empty cells at the end of a row, and empty"
        " rows at the end, are left out.",
        arguments=ReadRange,
        run=read_range,
        scopes=(SHEETS_READ,),
        read_only=True,
    ),
    Tool(
        name="sheets_append_rows",
        description="Add rows below a table in a Google spreadsheet.",
        arguments=AppendRows,
        run=append_rows,
        scopes=(SHEETS,),
    ),
)
