"""The sheets of a spreadsheet, which Drive does not know."""

from __future__ import annotations

from typing import Any

from src.connectors.google.sheets.schemas import SheetProperties, Spreadsheet
from src.connectors.rest.client import RestClient
from src.core.errors import InsufficientScope, ProviderForbidden

_FIELDS = "sheets(properties(title,hidden,gridProperties(rowCount,columnCount)))"


async def sheets_of(rest: RestClient, spreadsheet: str) -> list[dict[str, Any]] | None:
    """Titles and sizes, in their order; None where the app cannot ask Sheets."""
    try:
        found = await rest.at("sheets").get(
            "/v4/spreadsheets/{spreadsheet}",
            Spreadsheet,
            params={"fields": _FIELDS},
            spreadsheet=spreadsheet,
        )
    except (ProviderForbidden, InsufficientScope):
        # An API of its own: it may be off in a project that has Drive, and the file is there.
        return None
    return [_told(sheet.properties) for sheet in found.sheets]


def _told(sheet: SheetProperties) -> dict[str, Any]:
    grid = sheet.grid_properties
    return {
        "title": sheet.title,
        "hidden": sheet.hidden,
        "rows": grid.row_count if grid else None,
        "columns": grid.column_count if grid else None,
    }
