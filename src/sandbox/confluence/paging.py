"""Paging by opaque cursors: in the Link header and the body, each API with a quirk of its own."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

T = TypeVar("T")


def cursor_at(offset: int) -> str:
    """Return a cursor that leads to an offset."""
    return urlsafe_b64encode(msgspec.json.encode({"offset": offset})).decode()


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
    kept = {
        name: value
        for name, value in request.query_params.items()
        if name not in {"cursor", "limit", "start"}
    }
    return urlencode({**more, **kept, "limit": str(limit), "cursor": cursor_at(offset)})


def page_v2(
    request: "Request", path: str, base: str, rows: "Sequence[T]", window: tuple[int, int]
) -> "tuple[Sequence[T], dict[str, Any], dict[str, str]]":
    """Return a page's rows, its `_links`, and its Link header; the address begins with /wiki."""
    offset, limit = window
    shown = rows[offset : offset + limit]
    links: dict[str, Any] = {"base": base}
    headers: dict[str, str] = {"link": f'<{base}>; rel="base"'}
    if offset + limit < len(rows):
        following = f"{path}?{next_query(request, limit, offset + limit)}"
        links["next"] = following
        headers["link"] = f'<{following}>; rel="next", <{base}>; rel="base"'
    return shown, links, headers
