"""Runs of pages and blog posts.

A full run reads each space by itself. What has changed is found in two lists of the whole site, the
newest first and without texts, so that a run that finds nothing costs two small answers; then what
was found is read by its ids.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import datetime
from functools import partial

from src.connectors import overlap
from src.connectors.confluence import spaces
from src.connectors.confluence.bodies import BODY_FORMAT
from src.connectors.confluence.ids import COLLECTIONS, ItemRef, Kind, parse_space
from src.connectors.confluence.mapping import to_item
from src.connectors.confluence.paging import ByCursor, Told
from src.connectors.confluence.people import Names
from src.connectors.confluence.schemas import Content, Results
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.paginators import walk
from src.connectors.rest.values import timestamp
from src.connectors.syncing import PartPage, SyncPage, SyncQuery, over_parts
from src.core.errors import UnreadableAnswer, ValidationFailed
from src.models.base import now, rfc3339
from src.models.query import ContainerQuery, PageQuery
from src.models.unified import Item, Page

AT_ONCE = 4
LISTED = 250
"""What a list gives at once."""
IDS = 100
_SIZES = (100, 10, 1)
"""Texts of five megabytes are allowed: a page of them may be more than we read at once."""

_STATUSES: dict[Kind, str] = {"page": "current,archived", "blogpost": "current"}
_KINDS: tuple[Kind, ...] = ("page", "blogpost")


class ContentRun:
    """Pages and blog posts of one site."""

    def __init__(self, rest: RestClient) -> None:
        self._rest = rest
        self._told = Told()
        self._names = Names(rest, self._told)

    async def pages(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        """The run."""
        yield SyncPage(checkpoint=overlap.next_checkpoint(query))
        since = overlap.since(query)
        if since is None:
            reading = over_parts(query, self._spaces, self._space, at_once=AT_ONCE)
        else:
            reading = self._changed(query, since)
        async with aclosing(reading) as pages:
            async for page in pages:
                yield page

    async def one(self, record_id: str) -> Item | None:
        """A page or a blog post, as lists show it; None = it is gone, or in the trash."""
        ref = ItemRef.parse(record_id, "recordId")
        if not ref.is_written:
            raise ValidationFailed([("recordId", "must be a page or a blog post")])
        return next(iter(await self._read(ref.kind, [ref.number])), None)

    async def _spaces(self) -> list[str]:
        found = await walk(ContainerQuery(limit=LISTED), partial(spaces.listed, self._rest))
        return [space.id for page in found for space in page.items]

    async def _space(self, space: str, token: str | None) -> AsyncGenerator[PartPage, None]:
        number = parse_space(space, "containerIds")
        following: str | None = token or _token(_KINDS[0], "")
        while following is not None:
            kind, cursor = _place(following)
            page = await _fitting(partial(self._of_space, number, kind, cursor))
            following = _behind(kind, page.next_token)
            records = await self._names.given(page.items)
            yield PartPage(records=records, next_token=following, truncated=page.truncated)

    async def _of_space(self, space: str, kind: Kind, cursor: str | None, limit: int) -> Page[Item]:
        return await self._rest.page(
            List(
                "/wiki/api/v2/spaces/{space}/{collection}",
                Content,
                ByCursor(self._told),
                wrapped_in=Results,
            ),
            partial(to_item, kind=kind, told=self._told, include_body=True),
            PageQuery(limit=limit, token=cursor),
            # Cursors of this order are ids, so that nothing moves when a page goes.
            params={"sort": "id", "status": _STATUSES[kind], "body-format": BODY_FORMAT},
            at={"space": space, "collection": COLLECTIONS[kind]},
        )

    async def _changed(self, query: SyncQuery, since: datetime) -> AsyncGenerator[SyncPage, None]:
        inside = query.container_ids
        numbers = [parse_space(space, "containerIds") for space in inside or ()]
        following: str | None = query.position or _token(_KINDS[0], "")
        while following is not None:
            kind, cursor = _place(following)
            page = await self._newest(kind, cursor, since, numbers)
            found = [ItemRef.parse(item.id).number for item in page.items]
            for start in range(0, len(found), IDS):
                asked_at = now()
                items = await self._read(kind, found[start : start + IDS])
                for space in dict.fromkeys(item.container_id for item in items):
                    records = [item for item in items if item.container_id == space]
                    yield SyncPage(records=records, container_id=space, asked_at=asked_at)
            following = _behind(kind, page.next_token)
            yield SyncPage(position=following, truncated=page.truncated)

    async def _newest(
        self, kind: Kind, cursor: str | None, since: datetime, spaces: Sequence[str]
    ) -> Page[Item]:
        """A page of what has changed, without texts."""
        earliest = rfc3339(since)

        def mapping(content: Content) -> Item | None:
            if _changed_at(content) < earliest:
                return None
            return to_item(content, kind, self._told, include_body=False)

        def is_enough(rows: Sequence[Content]) -> bool:
            return _changed_at(rows[-1]) < earliest

        return await self._rest.page(
            List(
                "/wiki/api/v2/{collection}",
                Content,
                ByCursor(self._told, is_enough),
                wrapped_in=Results,
            ),
            mapping,
            PageQuery(limit=LISTED, token=cursor),
            params={
                "sort": "-modified-date",
                "status": _STATUSES[kind],
                "space-id": ",".join(spaces) or None,
            },
            at={"collection": COLLECTIONS[kind]},
        )

    async def _read(self, kind: Kind, numbers: Sequence[str]) -> tuple[Item, ...]:
        """Those that are there, with their texts and the names of their authors."""
        try:
            page = await self._rest.page(
                List(
                    "/wiki/api/v2/{collection}",
                    Content,
                    ByCursor(self._told),
                    wrapped_in=Results,
                ),
                partial(to_item, kind=kind, told=self._told, include_body=True),
                PageQuery(limit=len(numbers)),
                params={
                    "id": ",".join(numbers),
                    "status": _STATUSES[kind],
                    "body-format": BODY_FORMAT,
                },
                at={"collection": COLLECTIONS[kind]},
            )
        except UnreadableAnswer:
            # As in _fitting: the texts may be too large together.
            middle = len(numbers) // 2
            if not middle:
                raise
            first = await self._read(kind, numbers[:middle])
            return (*first, *await self._read(kind, numbers[middle:]))
        return await self._names.given(page.items)


async def _fitting(read: Callable[[int], Awaitable[Page[Item]]]) -> Page[Item]:
    """A page, or a shorter one where the texts are too large together."""
    for size in _SIZES[:-1]:
        try:
            return await read(size)
        except UnreadableAnswer:
            continue
    return await read(_SIZES[-1])


def _changed_at(content: Content) -> str:
    return timestamp(content.version.created_at if content.version else None) or ""


def _token(kind: Kind, cursor: str) -> str:
    return f"{kind}~{cursor}"


def _place(token: str) -> tuple[Kind, str | None]:
    kind, _, cursor = token.partition("~")
    return ("blogpost" if kind == "blogpost" else "page"), cursor or None


def _behind(kind: Kind, cursor: str | None) -> str | None:
    """The place behind a page: blog posts come after the pages."""
    if cursor is not None:
        return _token(kind, cursor)
    return _token("blogpost", "") if kind == "page" else None
