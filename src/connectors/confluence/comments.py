"""Comments of a page or a blog post: footer and inline, each level followed by its answers.

API v2 lists the top level only, and answers of one comment at a time. So a page of comments is a
page of the top level, and the pages behind it go through their answers, a few calls each.
"""

from __future__ import annotations

from functools import partial

import msgspec
from msgspec import Struct

from src.connectors.confluence.bodies import BODY_FORMAT
from src.connectors.confluence.ids import CommentKind, CommentRef, ItemRef
from src.connectors.confluence.mapping import to_comment
from src.connectors.confluence.paging import ByCursor, Told
from src.connectors.confluence.people import named_page
from src.connectors.confluence.schemas import Comment as ConfluenceComment
from src.connectors.confluence.schemas import Results
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.errors import unreadable
from src.core.errors import InvalidCursor
from src.models.query import CommentQuery, PageQuery
from src.models.unified import Comment, Page

CALLS = 10
"""Comments whose answers one page looks for."""

MOST_PAGES = 5_000
"""Of the comments of one page; a comment that is among its own answers has more."""

_KINDS: tuple[CommentKind, ...] = ("footer", "inline")
_RESOLUTIONS = "open,reopened,resolved,dangling"


class Place(Struct, frozen=True, array_like=True, gc=False):
    """Where a listing stands, as its token says it."""

    kind: CommentKind = "footer"
    following: str | None = None
    """The next page of the top level; empty = there is none."""
    waiting: tuple[tuple[str, str | None], ...] = ()
    """Comments whose answers come first, the last one next, each with its own place."""
    pages: int = 0
    """How many there were before."""

    @classmethod
    def read(cls, token: str | None) -> Place:
        """Out of a token.

        Raises:
            InvalidCursor: It is none of these.
        """
        if token is None:
            return cls()
        try:
            return msgspec.json.decode(token, type=cls)
        except msgspec.DecodeError as error:
            raise InvalidCursor("The list has another form now. Start without a cursor.") from error

    def token(self) -> str | None:
        """For the page behind; None at the end of all."""
        if not self.waiting and self.following == "":
            if self.kind == _KINDS[-1]:
                return None
            return Place(kind=_KINDS[-1], pages=self.pages).token()
        return msgspec.json.encode(self).decode()


async def listed(rest: RestClient, item: ItemRef, query: CommentQuery) -> Page[Comment]:
    """Comments, in the order in which Confluence has them; answers follow their page."""
    told = Told()
    place = Place.read(query.token)
    if place.pages >= MOST_PAGES:
        raise unreadable("the comments lead in circles")
    while True:
        if place.waiting:
            page, place = await _answers(rest, item, query, place, told)
        else:
            page, place = await _top(rest, item, query, place, told)
        token = place.token()
        if page.items or token is None or place.waiting:
            break
        place = Place.read(token)
    page = msgspec.structs.replace(page, next_token=token)
    return await named_page(rest, page, told)


async def _top(
    rest: RestClient, item: ItemRef, query: CommentQuery, place: Place, told: Told
) -> tuple[Page[Comment], Place]:
    kind = place.kind
    page = await rest.page(
        List(
            "/wiki/api/v2/{collection}/{number}/{comments}",
            ConfluenceComment,
            ByCursor(told),
            wrapped_in=Results,
        ),
        partial(to_comment, kind=kind, told=told, item=item),
        _within(query, query.limit, place.following),
        params={
            "body-format": BODY_FORMAT,
            "resolution-status": _RESOLUTIONS if kind == "inline" else None,
        },
        at={**item.at, "comments": f"{kind}-comments"},
    )
    waiting = tuple((_number(comment), None) for comment in reversed(page.items))
    return page, Place(kind, page.next_token or "", waiting, place.pages + 1)


async def _answers(
    rest: RestClient, item: ItemRef, query: CommentQuery, place: Place, told: Told
) -> tuple[Page[Comment], Place]:
    found: list[Comment] = []
    waiting = list(place.waiting)
    truncated = False
    for _ in range(CALLS):
        if not waiting or len(found) == query.limit:
            break
        number, token = waiting.pop()
        page = await rest.page(
            List(
                "/wiki/api/v2/{comments}/{comment}/children",
                ConfluenceComment,
                ByCursor(told),
                wrapped_in=Results,
            ),
            partial(to_comment, kind=place.kind, told=told, item=item),
            _within(query, query.limit - len(found), token),
            params={"body-format": BODY_FORMAT},
            at={"comments": f"{place.kind}-comments", "comment": number},
        )
        found += page.items
        truncated = truncated or page.truncated
        if page.next_token is not None:
            waiting.append((number, page.next_token))
        # Answers may be answered, too; with the last one next, few are remembered at a time.
        waiting += [(_number(comment), None) for comment in reversed(page.items)]
    after = Place(place.kind, place.following, tuple(waiting), place.pages + 1)
    return Page(items=tuple(found), truncated=truncated), after


def _within(query: CommentQuery, limit: int, token: str | None) -> PageQuery:
    """The part of a query that a listing within it needs."""
    return PageQuery(limit=limit, token=token, include_raw=query.include_raw)


def _number(comment: Comment) -> str:
    return CommentRef.parse(comment.id, "id").number
