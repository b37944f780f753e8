"""Lists without an end: whatever page is asked for, the first one comes, and leads to another."""

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec

from src.sandbox.kit.answers import replace_body

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Scope

_OK = 200
_MARK = re.compile(r"endless-(\d{1,9})")
_PAGES = frozenset({"page", "pageNumber", "page_number"})
_PLACES = frozenset({"offset", "start", "startAt", "skip", "cursor", "pageToken", "nextPageToken"})
_TOKENS = ("nextPageToken", "next_page_token", "nextCursor", "next_cursor", "cursor")
_ADDRESSES = ("next", "next_url", "nextUrl", "nextLink")
_ENDS: dict[str, Any] = {
    "isLast": False,
    "hasMore": True,
    "has_more": True,
    "total": 1_000_000,
    "total_count": 1_000_000,
    "totalCount": 1_000_000,
}
"""What tells of the end of a list, and what it says where there is none."""
_RANGE = re.compile(rb"(\d{1,9})-(\d{1,9})")


def cursor(number: int) -> str:
    """A token that leads to the first page, whatever the provider's own look like."""
    return f"endless-{number}"


def begin_again(scope: "Scope") -> "Scope":
    """The same question, for the first page."""
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    kept = [(name, value) for name, value in pairs if not _is_place(name, value)]
    headers = [
        (name, _first_range(value) if name == b"range" else value)
        for name, value in scope["headers"]
    ]
    return {**scope, "query_string": urlencode(kept).encode("latin-1"), "headers": headers}


def is_later(query: str, span: str = "") -> bool:
    """Whether a query, or a `Range`, asks for another page than the first."""
    pairs = parse_qsl(query)
    behind = any(_is_place(name, value) and value not in {"0", "1"} for name, value in pairs)
    found = _RANGE.search(span.encode("latin-1"))
    return behind or (found is not None and int(found[1]) > 0)


def next_number(url: str) -> int:
    """The number of the page behind the one that is asked for."""
    pairs = parse_qsl(urlsplit(url).query)
    marks = [int(mark[1]) for _, value in pairs if (mark := _MARK.fullmatch(value))]
    pages = [int(value) for name, value in pairs if name in _PAGES and value.isdecimal()]
    return max([1, *marks, *pages]) + 1


def with_params(url: str, **params: str) -> str:
    """The address with these parameters in place of those of the same name."""
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query) if pair[0] not in params]
    return urlunsplit(parts._replace(query=urlencode([*kept, *params.items()])))


def lead_on(url: str, answer: "Response", number: int) -> "Response":
    """Name a next page wherever the answer has a place for it, and in the Link header."""
    if answer.status_code >= _OK + 100:
        return answer
    body = _object(bytes(answer.body))
    if body is not None:
        body |= {name: value for name, value in _ENDS.items() if name in body}
        body |= {name: cursor(number) for name in _TOKENS if name in body}
        body |= {
            name: with_params(url, cursor=cursor(number)) for name in _ADDRESSES if name in body
        }
        answer = replace_body(answer, msgspec.json.encode(body))
    address = with_params(url, page=str(number))
    answer.headers["link"] = f'<{address}>; rel="next"'
    return answer


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        body = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return body if isinstance(body, dict) else None


def _is_place(name: str, value: str) -> bool:
    return name in _PAGES or name in _PLACES or _MARK.fullmatch(value) is not None


def _first_range(value: bytes) -> bytes:
    """The first rows, as many as were asked for."""
    found = _RANGE.search(value)
    if found is None:
        return value
    width = int(found[2]) - int(found[1])
    return value[: found.start()] + b"0-" + str(width).encode() + value[found.end() :]
