"""Paging by opaque cursors: in the Link header and the body, each API with a quirk of its own."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import urlencode

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

T = TypeVar("T")


Place = list[int | str]
"""Where a row stands in its list: what the list is sorted by, and the row's number."""


class Window(msgspec.Struct, frozen=True):
    """Which part of a list is asked for: from an offset on, or behind a place in its order."""

    limit: int
    offset: int = 0
    behind: Place | None = None


def cursor_at(offset: int) -> str:
    """Return a cursor that leads to an offset."""
    return urlsafe_b64encode(msgspec.json.encode({"offset": offset})).decode()


def cursor_behind(place: Place) -> str:
    """Return a cursor that leads behind a place, whatever has come or gone before it."""
    return urlsafe_b64encode(msgspec.json.encode({"behind": place})).decode()


def place_of(cursor: str) -> Place | None:
    """Return the place in a cursor; None for what is none."""
    try:
        found = msgspec.json.decode(urlsafe_b64decode(cursor), type=dict[str, Place])
    except (ValueError, msgspec.DecodeError):
        return None
    return found.get("behind")


def offset_of(cursor: str) -> int | None:
    """Return the offset in a cursor; None for what is none."""
    try:
        found = msgspec.json.decode(urlsafe_b64decode(cursor), type=dict[str, int])
    except (ValueError, msgspec.DecodeError):
        return None
    offset = found.get("offset", -1)
    return offset if offset >= 0 else None


def next_query(request: "Request", limit: int, offset: int, **more: str) -> str:
    """Return the query of the next page: everything that was asked, with another cursor."""
    return _query_with(request, limit, cursor_at(offset), **more)


def _query_with(request: "Request", limit: int, cursor: str, **more: str) -> str:
    kept = {
        name: value
        for name, value in request.query_params.items()
        if name not in {"cursor", "limit", "start"}
    }
    return urlencode({**more, **kept, "limit": str(limit), "cursor": cursor})


class Listing(msgspec.Struct, Generic[T]):
    """Rows in their order; without places cursors are offsets."""

    rows: "Sequence[T]"
    place: Callable[[T], Place] | None = None
    falls: bool = False

    def begin(self, window: Window) -> int:
        """Return where the page begins that is asked for."""
        if self.place is None or window.behind is None:
            return window.offset
        behind = window.behind
        places = map(self.place, self.rows)
        return sum(one >= behind if self.falls else one <= behind for one in places)

    def cursor(self, end: int) -> str:
        """Return the cursor of the page that begins there."""
        return (
            cursor_at(end) if self.place is None else cursor_behind(self.place(self.rows[end - 1]))
        )


def page_v2(
    request: "Request", path: str, base: str, listing: Listing[T], window: Window
) -> "tuple[Sequence[T], dict[str, Any], dict[str, str]]":
    """Return a page's rows, its `_links`, and its Link header; the address begins with /wiki."""
    begin = listing.begin(window)
    end = begin + window.limit
    shown = listing.rows[begin:end]
    links: dict[str, Any] = {"base": base}
    headers: dict[str, str] = {"link": f'<{base}>; rel="base"'}
    if end < len(listing.rows):
        following = f"{path}?{_query_with(request, window.limit, listing.cursor(end))}"
        links["next"] = following
        headers["link"] = f'<{following}>; rel="next", <{base}>; rel="base"'
    return shown, links, headers
