"""Runs of comments: two lists of the whole site, of footer and of inline comments with all answers.

Comments name the page that they are on and not its space, which is looked up for many at once.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Iterable, Sequence
from typing import Literal

from msgspec import Struct

from src.connectors import overlap
from src.connectors.confluence import spaces
from src.connectors.confluence.bodies import BODY_FORMAT
from src.connectors.confluence.ids import (
    COLLECTIONS,
    CommentKind,
    CommentRef,
    ItemRef,
    Kind,
    parse_space,
    space_id,
)
from src.connectors.confluence.mapping import to_comment
from src.connectors.confluence.paging import ByCursor, Told
from src.connectors.confluence.people import Names
from src.connectors.confluence.schemas import Comment as ConfluenceComment
from src.connectors.confluence.schemas import Content, Results
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.decoding import map_rows
from src.connectors.rest.values import timestamp
from src.connectors.syncing import SyncPage, SyncQuery, Unread
from src.core.errors import ProviderNotFound, SkipThis
from src.models.base import rfc3339
from src.models.query import PageQuery
from src.models.record import RecordKind
from src.models.unified import Comment, Page

FIRST = 25
"""Comments that are looked at for changes at once: most often there are none."""
PAGE = 100
_DEEPEST = 50
_WRITTEN: tuple[Kind, ...] = ("page", "blogpost")
_STATUSES: dict[Kind, str] = {"page": "current,archived", "blogpost": "current"}

Sort = Literal["created-date", "-modified-date"]


class _Placed(Struct):
    number: str
    space: str | None


class CommentRun:
    """Comments of one site."""

    def __init__(self, rest: RestClient) -> None:
        self._rest = rest
        self._told = Told()
        self._names = Names(rest, self._told)
        self._spaces: dict[ItemRef, str | None] = {}

    async def pages(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        """The run."""
        yield SyncPage(checkpoint=overlap.next_checkpoint(query))
        wanted, since = query.container_ids, overlap.since(query)
        if wanted is not None and since is None and query.position is None:
            yield SyncPage(unread=[one for space in wanted for one in await self._lost(space)])
        earliest = rfc3339(since) if since else ""
        following: str | None = query.position or "footer~"
        while following is not None:
            kind, cursor = _place(following)
            page = await self._listed(kind, cursor, earliest)
            for space, comments in (await self._by_space(kind, page.items)).items():
                if wanted is None or space in wanted:
                    records = await self._names.given(comments)
                    yield SyncPage(records=records, container_id=space, asked_at=page.asked_at)
            following = _behind(kind, page.next_token)
            yield SyncPage(position=following, truncated=page.truncated)

    async def one(self, record_id: str) -> Comment | None:
        """A comment, as lists show it; None = it is gone."""
        ref = CommentRef.parse(record_id, "recordId")
        found = await self._single(ref)
        item = await self._item_of(ref.kind, found) if found else None
        if found is None or item is None:
            return None
        return (await self._names.given(self._mapped(ref.kind, [(found, item)])))[0]

    async def _lost(self, space: str) -> list[Unread]:
        """What is told of a space that was asked for and is not there."""
        try:
            await spaces.find(self._rest, parse_space(space, "containerIds"))
        except SkipThis as error:
            return [Unread(id=space, kind=RecordKind.CONTAINER, error=error)]
        return []

    async def _listed(
        self, kind: CommentKind, cursor: str | None, earliest: str
    ) -> Page[ConfluenceComment]:
        """A page: the newest first where changes are wanted, else the oldest."""

        def chosen(comment: ConfluenceComment) -> ConfluenceComment | None:
            return comment if _changed_at(comment) >= earliest else None

        def is_enough(rows: Sequence[ConfluenceComment]) -> bool:
            return _changed_at(rows[-1]) < earliest

        sort: Sort = "-modified-date" if earliest else "created-date"
        return await self._rest.page(
            List(
                "/wiki/api/v2/{comments}",
                ConfluenceComment,
                ByCursor(self._told, is_enough),
                wrapped_in=Results,
            ),
            chosen,
            PageQuery(limit=FIRST if earliest and cursor is None else PAGE, token=cursor),
            params={"sort": sort, "body-format": BODY_FORMAT},
            at={"comments": f"{kind}-comments"},
        )

    async def _by_space(
        self, kind: CommentKind, found: Sequence[ConfluenceComment]
    ) -> dict[str, tuple[Comment, ...]]:
        """Comments by their space; those of what the account cannot read are left out."""
        items = [(one, await self._item_of(kind, one)) for one in found]
        on_items = [(one, item) for one, item in items if item is not None]
        await self._look_up({item for _, item in on_items})
        sorted_out: dict[str, list[tuple[ConfluenceComment, ItemRef]]] = {}
        for one, item in on_items:
            if space := self._spaces.get(item):
                sorted_out.setdefault(space, []).append((one, item))
        return {space: self._mapped(kind, rows) for space, rows in sorted_out.items()}

    def _mapped(
        self, kind: CommentKind, rows: Sequence[tuple[ConfluenceComment, ItemRef]]
    ) -> tuple[Comment, ...]:
        def mapping(row: tuple[ConfluenceComment, ItemRef]) -> Comment:
            return to_comment(row[0], kind, self._told, row[1])

        return map_rows(rows, tuple, mapping, raw=False)

    async def _item_of(self, kind: CommentKind, comment: ConfluenceComment) -> ItemRef | None:
        """What a comment is on: an answer may name only what it answers."""
        for _ in range(_DEEPEST):
            if comment.page_id is not None:
                return ItemRef("page", comment.page_id)
            if comment.blog_post_id is not None:
                return ItemRef("blogpost", comment.blog_post_id)
            above = comment.parent_comment_id
            found = await self._single(CommentRef(kind, above)) if above else None
            if found is None:
                return None
            comment = found
        return None

    async def _single(self, ref: CommentRef) -> ConfluenceComment | None:
        try:
            found = await self._rest.get(
                "/wiki/api/v2/{comments}/{comment}",
                ConfluenceComment,
                params={"body-format": BODY_FORMAT},
                comments=f"{ref.kind}-comments",
                comment=ref.number,
            )
        except ProviderNotFound:
            return None
        self._told.hear(found.links)
        return found

    async def _look_up(self, items: Collection[ItemRef]) -> None:
        """Find out the spaces of pages and blog posts that are not known yet."""
        for kind in _WRITTEN:
            numbers = sorted(
                item.number for item in items if item.kind == kind and item not in self._spaces
            )
            for start in range(0, len(numbers), PAGE):
                await self._look_up_some(kind, numbers[start : start + PAGE])

    async def _look_up_some(self, kind: Kind, numbers: Sequence[str]) -> None:
        self._remember(kind, ((number, None) for number in numbers))
        page = await self._rest.page(
            List("/wiki/api/v2/{collection}", Content, ByCursor(Told()), wrapped_in=Results),
            lambda content: _Placed(content.id, content.space_id),
            PageQuery(limit=len(numbers)),
            params={"id": ",".join(numbers), "status": _STATUSES[kind]},
            at={"collection": COLLECTIONS[kind]},
        )
        self._remember(kind, ((one.number, one.space) for one in page.items))

    def _remember(self, kind: Kind, placed: Iterable[tuple[str, str | None]]) -> None:
        for number, space in placed:
            self._spaces[ItemRef(kind, number)] = space_id(space) if space else None


def _changed_at(comment: ConfluenceComment) -> str:
    return timestamp(comment.version.created_at if comment.version else None) or ""


def _place(token: str) -> tuple[CommentKind, str | None]:
    kind, _, cursor = token.partition("~")
    return ("inline" if kind == "inline" else "footer"), cursor or None


def _behind(kind: CommentKind, cursor: str | None) -> str | None:
    """The place behind a page: inline comments come after those of the footers."""
    if cursor is not None:
        return f"{kind}~{cursor}"
    return "inline~" if kind == "footer" else None
