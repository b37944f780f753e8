"""How Confluence pages: addresses in ``_links.next``, with quirks of their own.

An address of v2 begins with ``/wiki`` and one of v1 does not; ``_links.base`` is the site's, where
an OAuth token is refused. So v2 is asked again by our own request with the cursor out of the
address, and v1, whose cursor is bound to the query, by the address below our own base.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from src.connectors.confluence.schemas import Links
from src.connectors.rest.errors import unreadable
from src.connectors.rest.links import below
from src.connectors.rest.paginators import Answer, PageRequest

_CONTEXT = "/wiki"


class Told:
    """What an answer tells beside its rows: where the site is that their addresses are of."""

    __slots__ = ("base",)

    def __init__(self) -> None:
        self.base: str | None = None

    def hear(self, links: Links | None) -> str | None:
        """Remember the site, and answer the next page's address."""
        if links is None:
            return None
        self.base = links.base or self.base
        return links.next

    def address(self, links: Links | None) -> str | None:
        """Where a browser finds something."""
        webui = links.webui if links else None
        base = (links.base if links else None) or self.base
        return f"{base}{webui}" if webui and base else None

    def picture(self, path: str | None) -> str | None:
        """Where a picture is, whose path begins at the site and not at the product."""
        if path is None or path.startswith("https://"):
            return path
        site = (self.base or "").removesuffix(_CONTEXT)
        return f"{site}{path}" if site and path.startswith("/") else None


def _nothing_more(_: Sequence[Any]) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class ByCursor:
    """API v2: ``?limit=50&cursor=…``."""

    told: Told
    is_enough: Callable[[Sequence[Any]], bool] = _nothing_more
    """Whether a page's rows show that the pages behind it are not wanted."""

    def request(self, limit: int, token: str | None) -> PageRequest:
        """The size, and the cursor if there is one."""
        params = {"limit": str(limit)}
        return PageRequest(params if token is None else {**params, "cursor": token})

    def following(self, answer: Answer) -> str | None:
        """The cursor in the next page's address; a page without rows is the last one."""
        target = self.told.hear(answer.body.links)
        if target is None or not answer.count or self.is_enough(answer.body.results):
            return None
        cursor = parse_qs(urlsplit(target).query).get("cursor")
        if not cursor:
            raise unreadable("the next page's address holds no cursor")
        return cursor[0]


@dataclass(frozen=True, slots=True)
class BySearch:
    """API v1: the next page's address, below the product's context."""

    told: Told

    def request(self, limit: int, token: str | None) -> PageRequest:
        """The size at first, then the address that Confluence gave."""
        if token is None:
            return PageRequest({"limit": str(limit)})
        return PageRequest(location=token)

    def following(self, answer: Answer) -> str | None:
        """The next page's address; a page without rows is the last one."""
        target = self.told.hear(answer.body.links)
        if target is None or not answer.count:
            return None
        if not target.startswith(f"{_CONTEXT}/"):
            target = _CONTEXT + target
        base = answer.base_url.rstrip("/")
        path = below(base + target, answer.base_url)
        if not path.startswith(f"{_CONTEXT}/rest/api/"):
            raise unreadable("the next page is at another place")
        return path
