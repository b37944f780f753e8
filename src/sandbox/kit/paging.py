"""Paging by page number with a Link header, as GitHub documents it under "Using pagination"."""

from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, urlencode

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.types import Scope

T = TypeVar("T")
_LARGEST_PAGE = 1_000_000
_DIGITS = 10


class Window(msgspec.Struct, frozen=True):
    """The part of a list that one request asks for."""

    page: int
    per_page: int

    @property
    def start(self) -> int:
        """Return where the page begins, from zero."""
        return (self.page - 1) * self.per_page

    @property
    def stop(self) -> int:
        """Return where the page ends, exclusive."""
        return self.start + self.per_page


def read_window(params: "Mapping[str, str]", *, default: int = 30, maximum: int = 100) -> Window:
    """Read `page` and `per_page`; nonsense is not an error but the default."""
    page = min(_positive(params.get("page"), 1), _LARGEST_PAGE)
    return Window(page, min(_positive(params.get("per_page"), default), maximum))


def _positive(text: str | None, default: int) -> int:
    digits = text is not None and text.isascii() and text.isdigit() and len(text) < _DIGITS
    return int(text or 0) or default if digits else default


def provider_path(scope: "Scope") -> str:
    """Return the path as the provider sees it, wherever the app is mounted."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")) or "/"


def base_url(request: "Request") -> str:
    """Return the address the provider is mounted at, without a slash at the end."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"


def link_header(
    request: "Request", window: Window, total: int, path: str | None = None
) -> dict[str, str]:
    """Return the Link header, or none when everything fits on the one page.

    `path` is the provider's canonical path when it differs from the one that was asked.
    """
    last = max(1, -(-total // window.per_page))
    pages: dict[str, int] = {}
    if window.page > 1:
        pages["prev"] = min(window.page - 1, last)
    if window.page < last:
        pages |= {"next": window.page + 1, "last": last}
    if window.page > 1:
        pages |= {"last": last, "first": 1} if window.page > last else {"first": 1}
    links = [f'<{_page_url(request, page, path)}>; rel="{rel}"' for rel, page in pages.items()]
    return {"link": ", ".join(links)} if links else {}


def _page_url(request: "Request", page: int, path: str | None) -> str:
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "page"]
    own = path or quote(provider_path(request.scope))
    return f"{base_url(request)}{own}?{urlencode([*kept, ('page', str(page))])}"


def paginate(
    request: "Request",
    items: "Sequence[T]",
    *,
    path: str | None = None,
    default: int = 30,
    maximum: int = 100,
) -> "tuple[Sequence[T], dict[str, str]]":
    """Return the page that was asked for, and its Link header."""
    window = read_window(request.query_params, default=default, maximum=maximum)
    return items[window.start : window.stop], link_header(request, window, len(items), path)
