"""Cells are read and rows appended; a range is a range and nothing else."""

from typing import Any

import pytest
from pydantic import ValidationError

from src.connectors.google.connector import GoogleConnector
from src.connectors.google.manifest import MANIFEST
from src.connectors.google.sheets.ids import range_of
from src.core.errors import (
    ProviderNotFound,
    ProviderRejected,
    ProviderUnavailable,
    ValidationFailed,
)
from tests.connectors.google.conftest import Google, Open

BUDGET = "drive:file:1BudgetSpreadsheet0000000000"
ODD = "O'Brien's / data"


async def run(connector: GoogleConnector, tool_name: str, /, **arguments: Any) -> Any:
    tool = MANIFEST.tool(tool_name)
    assert tool is not None
    return await tool.run(connector, tool.arguments.model_validate(arguments))


def rows(answer: dict[str, Any]) -> list[list[Any]]:
    return [list(row) for row in answer["rows"]]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"range": "A1:B2"}, [["Item", "Cost"], ["Wheel", "$20.50"]]),
        ({"range": "B2"}, [["$20.50"]]),
        ({"range": "B:B"}, [["Cost"], ["$20.50"], ["1,5"]]),
        ({"range": "3:9"}, [["Tür", "1,5"]]),
        ({}, [["Item", "Cost"], ["Wheel", "$20.50"], ["Tür", "1,5"]]),
        ({"range": "D10:E20"}, []),
        (
            {"sheet": ODD},
            [["Name", "Value"], ["a", "1"], ["b", "2.5"], [], ["c", "TRUE"]],
        ),
        ({"sheet": ODD, "range": "A2:B3", "formatted": False}, [["a", 1], ["b", 2.5]]),
    ],
)
async def test_cells_are_read(
    connector: GoogleConnector, asked: dict[str, Any], expected: list[list[Any]]
) -> None:
    answer = await run(connector, "sheets_read_range", spreadsheet=BUDGET, **asked)
    assert rows(answer) == expected


@pytest.mark.parametrize("named", ["1BudgetSpreadsheet0000000000", BUDGET])
async def test_a_spreadsheet_is_named_by_either_id(connector: GoogleConnector, named: str) -> None:
    answer = await run(connector, "sheets_read_range", spreadsheet=named, range="A1")
    assert answer == {"range": "Sheet1!A1:A1", "rows": (("Item",),)}


async def test_rows_are_appended_as_they_are(connector: GoogleConnector) -> None:
    given = [["Bell", 4, None, True], ["=1+1", "03/04"]]
    answer = await run(connector, "sheets_append_rows", spreadsheet=BUDGET, rows=given)
    assert answer == {"range": "Sheet1!A4:D5", "rows": 2, "cells": 6}
    read = await run(connector, "sheets_read_range", spreadsheet=BUDGET, range="A4:D9")
    assert rows(read) == [["Bell", "4", "", "TRUE"], ["=1+1", "03/04"]]


@pytest.mark.parametrize(("as_typed", "option"), [(False, "RAW"), (True, "USER_ENTERED")])
async def test_formulas_are_read_only_if_that_is_wanted(
    connector: GoogleConnector, google: Google, as_typed: bool, option: str
) -> None:
    await run(
        connector, "sheets_append_rows", spreadsheet=BUDGET, rows=[["=A1"]], as_typed=as_typed
    )
    asked = google.network.requests[-1].url
    assert asked.params["valueInputOption"] == option
    assert asked.params["insertDataOption"] == "INSERT_ROWS"
    assert asked.raw_path.startswith(
        b"/v4/spreadsheets/1BudgetSpreadsheet0000000000/values/A%3AZZZ:append"
    )


@pytest.mark.parametrize(
    ("sheet", "cells", "text"),
    [
        (None, None, "A:ZZZ"),
        (None, "A1:B2", "A1:B2"),
        ("Sheet 1", None, "'Sheet 1'"),
        ("Sheet1", "A1", "'Sheet1'!A1"),
        ("O'Brien's", "A:A", "'O''Brien''s'!A:A"),
        ("x'!A1,'Secret", None, "'x''!A1,''Secret'"),
    ],
)
def test_a_title_is_quoted(sheet: str | None, cells: str | None, text: str) -> None:
    assert range_of(sheet, cells) == text


@pytest.mark.parametrize(
    "cells", ["", "A0", "Secret!A1", "A1:B2:C3", "A1:clear", "../../x", "A1\n", "R1C1:", "AAAA1"]
)
def test_what_is_no_range_is_refused(cells: str) -> None:
    tool = MANIFEST.tool("sheets_read_range")
    assert tool is not None
    with pytest.raises(ValidationError):
        tool.arguments.model_validate({"spreadsheet": BUDGET, "range": cells})


async def test_a_sheet_or_spreadsheet_that_is_not_there(connector: GoogleConnector) -> None:
    with pytest.raises(ProviderRejected) as caught:
        await run(connector, "sheets_read_range", spreadsheet=BUDGET, sheet="Nowhere")
    assert "Unable to parse range" in caught.value.details["message"]
    for file in ("1NothingNothingNothing", "drive:file:1RoadmapDocument000000000000"):
        with pytest.raises(ProviderNotFound):
            await run(connector, "sheets_read_range", spreadsheet=file)
    with pytest.raises(ValidationFailed):
        await run(connector, "sheets_read_range", spreadsheet="../x")


async def test_a_spreadsheet_of_somebody_else_is_not_there(open_with: Open) -> None:
    with pytest.raises(ProviderNotFound):
        await run(open_with("ya29.sandbox-ben"), "sheets_read_range", spreadsheet=BUDGET)


async def test_rows_are_written_once_also_when_nobody_knows(
    connector: GoogleConnector, google: Google
) -> None:
    await google.fault({"kind": "server_error", "status": 503})
    with pytest.raises(ProviderUnavailable):
        await run(connector, "sheets_append_rows", spreadsheet=BUDGET, rows=[["x"]])
    assert len(google.asked) == 1
