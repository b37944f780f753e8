"""One call: who asks, at which site, for what; what cannot be answered is raised as Refused."""

from typing import TYPE_CHECKING, Any, TypeVar

from src.sandbox.atlassian.callers import Caller
from src.sandbox.atlassian.people import Site
from src.sandbox.confluence import errors
from src.sandbox.confluence.paging import Listing, Window, offset_of, page_v2, place_of
from src.sandbox.kit import json_answer, provider_path

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.confluence.records import Content, Space, World
    from src.sandbox.confluence.written import Written

T = TypeVar("T")
DEFAULT_LIMIT = 25
MOST = 250
_DIGITS = 19


class Call:
    """Reads a request the way Confluence does."""

    def __init__(self, request: "Request", world: "World", site: Site) -> None:
        """Take what the gate has found."""
        self.request = request
        self.params = request.query_params
        self.world = world
        self.site = site
        self.caller: Caller = request.scope["atlassian.caller"]

    @classmethod
    async def begin(cls, request: "Request", written: "Written") -> "Call":
        """Read the site as it is now."""
        site: Site | None = request.scope["atlassian.site"]
        if site is None:
            raise errors.v2(404)
        return cls(request, await written.world(site.id), site)

    @property
    def base(self) -> str:
        """Return the site's own address, which every answer names."""
        return f"{self.site.url}/wiki"

    @property
    def path(self) -> str:
        """Return the path from /wiki on."""
        path = provider_path(self.request.scope)
        return path[path.index("/wiki/") :]

    def number(self, name: str) -> int:
        """Read an id of the path; one that is no number is a bad request."""
        text = self.request.path_params[name]
        if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
            raise errors.v2(400, f"Provided value {{{text}}} for '{name}' is not the correct type.")
        return int(text)

    def sees(self, space: int) -> bool:
        """Tell whether a space exists for this caller."""
        found = self.world.spaces.get(space)
        if found is None:
            return False
        return found.members is None or self.caller.user.account_id in found.members

    def space(self) -> "Space":
        """Find the space of the path."""
        number = self.number("id")
        if not self.sees(number):
            raise errors.v2(404)
        return self.world.spaces[number]

    def content(self, *kinds: str) -> "Content":
        """Find the content of the path."""
        return self.content_of(self.number("id"), *kinds)

    def content_of(self, number: int, *kinds: str) -> "Content":
        """Find a content that the caller sees."""
        found = self.world.contents.get(number)
        if found is None or found.kind not in kinds or not self.sees(found.space):
            raise errors.v2(404)
        return found

    def chosen(
        self, name: str, allowed: "Collection[str]", usual: "Sequence[str]"
    ) -> "Sequence[str]":
        """Read a list that knows only certain values."""
        text = self.params.get(name)
        if not text:
            return usual
        values = text.split(",")
        if not set(values) <= set(allowed):
            raise errors.v2(400, f"Invalid value for parameter '{name}': {text}")
        return values

    def window(self) -> Window:
        """Read cursor and limit; `start` is ignored, as v2 does."""
        text = self.params.get("limit", str(DEFAULT_LIMIT))
        if not (text.isascii() and text.isdigit() and 0 < int(text[:5]) <= MOST):
            raise errors.v2(400, f"The limit must be between 1 and {MOST}")
        cursor, limit = self.params.get("cursor"), int(text)
        if cursor is None:
            return Window(limit)
        if behind := place_of(cursor):
            return Window(limit, behind=behind)
        offset = offset_of(cursor)
        if offset is None:
            raise errors.v2(400, "The cursor is malformed")
        return Window(limit, offset)

    def page(
        self, rows: "Sequence[T] | Listing[T]", show: "Callable[[T], dict[str, Any]]"
    ) -> "Response":
        """Answer with the page that was asked for."""
        listing = rows if isinstance(rows, Listing) else Listing(rows)
        shown, links, headers = page_v2(self.request, self.path, self.base, listing, self.window())
        answer = json_answer({"results": [show(one) for one in shown], "_links": links})
        answer.headers.update(headers)
        return answer
