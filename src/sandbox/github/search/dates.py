"""Dates in a query: a day, a moment, a comparison or a range."""

import re
from typing import TYPE_CHECKING

from src.sandbox.github import errors
from src.sandbox.github.call import parse_instant

if TYPE_CHECKING:
    from collections.abc import Callable

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_FIRST = "0000"
_LAST = "9999"


def date_test(value: str) -> "Callable[[str | None], bool]":
    """Return a test for moments written as GitHub does; a missing moment never passes."""
    low, high = _bounds(value.upper())
    return lambda moment: moment is not None and low <= moment <= high


def _bounds(value: str) -> tuple[str, str]:
    low, dots, high = value.partition("..")
    if dots:
        return _edges(low)[0], _edges(high)[1]
    sign = value[: 2 if value[1:2] == "=" else 1] if value[:1] in {">", "<"} else ""
    first, last = _edges(value.removeprefix(sign))
    return {
        "": (first, last),
        ">=": (first, _LAST),
        "<=": (_FIRST, last),
        ">": (f"{last}~", _LAST),
        "<": (_FIRST, first[:-1]),
    }[sign]


def _edges(text: str) -> tuple[str, str]:
    """Return the first and last second that a date names."""
    if text == "*":
        return _FIRST, _LAST
    moment = parse_instant(text)
    if moment is None:
        raise errors.unprocessable(f"{text!r} is not a recognized date/time format.")
    if _DAY.fullmatch(text):
        return moment, f"{text}T23:59:59Z"
    return moment, moment
