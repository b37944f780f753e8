"""Parts of a spreadsheet, as its addresses take them.

Source: developers.google.com/workspace/sheets/api/guides/concepts, "A1 notation".
"""

from __future__ import annotations

import re

_CORNER = "([A-Za-z]{1,3}[1-9][0-9]{0,7}|[A-Za-z]{1,3}|[1-9][0-9]{0,7})"
A1 = f"^{_CORNER}(:{_CORNER})?$"
"""``A1``, ``A1:D5``, ``A:D``, ``1:5``, ``A2:D``."""

PATTERNS = {
    "spreadsheet": re.compile(r"[A-Za-z0-9_-]{1,200}"),
    "range": re.compile(r"[^\x00-\x1f\x7f]{1,450}"),
}


def range_of(sheet: str | None, cells: str | None) -> str:
    """Cells of a sheet; without a sheet, of the first one."""
    if sheet is None:
        return cells or "A:ZZZ"
    quoted = "'" + sheet.replace("'", "''") + "'"
    return f"{quoted}!{cells}" if cells else quoted
