"""Streams that Google keeps a feed of: read whole once, and from then on by what has changed.

A feed belongs to a part of the stream (a calendar, a shared drive, a mailbox), and its token says
where reading goes on. The token is taken before a part is read whole, or with its last page as
Calendar gives it, so that nothing that changes meanwhile is missed.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Annotated, ClassVar

import msgspec
from pydantic import Field, StringConstraints

from src.connectors.manifest import Checkpoint, Stream
from src.connectors.syncing import CheckpointExpired, PartPage, SyncPage, SyncQuery, over_parts
from src.core.errors import InvalidCursor, SkipThis
from src.models.unified import Item

_LARGEST = 14_000
"""Characters of all feeds together, as a checkpoint is 16 KiB at the most. Where they find no room,
each run is a full one."""
_UNREAD = "unread"
"""In place of a token: the part has not been read yet, and is to be read whole."""
_TOKEN = re.compile(r"[A-Za-z0-9._~!=+-]{1,500}")

PartId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~:@-]{1,512}$")]
Token = Annotated[str, StringConstraints(pattern=rf"^{_TOKEN.pattern}$")]


class FeedTokens(Checkpoint):
    """A checkpoint: for each part of the stream, where its feed goes on."""

    feeds: dict[PartId, Token] = Field(max_length=1000)


class FeedReader(ABC):
    """Reads one stream of one product, during one slice of a run."""

    stream: ClassVar[Stream]
    at_once: ClassVar[int] = 4
    """Parts that are read side by side."""

    def __init__(self) -> None:
        self.known: Mapping[str, str] = {}
        """Where the feeds stood when the last run began; none in a full run."""
        self.chosen: tuple[str, ...] | None = None
        """The containers that the run is about; None = all of the account's."""
        self.parts: tuple[str, ...] = ()
        self.feeds: dict[str, str] = {}
        """Where they will go on once this run is over: whoever reads a part adds its token."""

    @staticmethod
    @abstractmethod
    def check(container_id: str) -> None:
        """Refuse what can be no container of the stream.

        Raises:
            ValidationFailed: It is the id of something else; the field is ``containerIds``.
        """

    @abstractmethod
    async def plan(self) -> Sequence[str]:
        """The parts of a run that begins.

        Raises:
            CheckpointExpired: The feeds that are known do not tell enough.
        """

    def since(self, part: str) -> str | None:
        """Where the feed of a part goes on; None = the part is read whole."""
        token = self.known.get(part)
        return None if token == _UNREAD else token

    @abstractmethod
    def whole(self, part: str, token: str | None) -> AsyncGenerator[PartPage, None]:
        """Everything in a part, from a page's token on."""

    @abstractmethod
    def changes(self, part: str, since: str, token: str | None) -> AsyncGenerator[PartPage, None]:
        """What has changed in a part, from a page's token on."""

    @abstractmethod
    async def fetch(self, record_id: str) -> Item | None:
        """One record, as it stands in the stream; None = it is gone."""


class _Stand(msgspec.Struct):
    """Where a run stands: in its parts, and which feeds it will leave behind."""

    at: str | None = None
    feeds: dict[str, str] = {}


async def run(query: SyncQuery, reader: FeedReader) -> AsyncGenerator[SyncPage, None]:
    """A run of a stream, whole or by its feeds.

    Raises:
        CheckpointExpired: Google no longer knows what has changed since the checkpoint.
        AppError: Whatever Google does.
    """
    stand = _Stand() if query.position is None else msgspec.json.decode(query.position, type=_Stand)
    reader.known = query.checkpoint.feeds if isinstance(query.checkpoint, FeedTokens) else {}
    reader.chosen = query.container_ids
    reader.parts, reader.feeds = query.plan or (), dict(stand.feeds)
    over = replace(query, container_ids=None, position=stand.at)

    async def parts() -> Sequence[str]:
        if query.checkpoint is not None:
            _need_feeds(query.container_ids, reader.known)
        reader.parts = tuple(await reader.plan())
        return reader.parts

    def read(part: str, token: str | None) -> AsyncGenerator[PartPage, None]:
        return _read(reader, part, token)

    position = stand.at
    async with aclosing(over_parts(over, parts, read, at_once=reader.at_once)) as pages:
        async for page in pages:
            position = page.position
            yield replace(page, position=_written(position, reader.feeds))
    yield SyncPage(position=_written(position, reader.feeds), checkpoint=_tokens(reader.feeds))


def _need_feeds(chosen: Sequence[str] | None, known: Mapping[str, str]) -> None:
    """Without feeds all would be read whole, and nobody would look for what is gone."""
    if not known or set(chosen or ()) - set(known):
        raise CheckpointExpired("there is no feed")


def _written(position: str | None, feeds: dict[str, str]) -> str:
    return msgspec.json.encode(_Stand(position, feeds)).decode()


def _tokens(feeds: Mapping[str, str]) -> FeedTokens:
    kept = {part: token if _TOKEN.fullmatch(token) else _UNREAD for part, token in feeds.items()}
    size = sum(len(part) + len(token) + len('"":"",') for part, token in kept.items())
    return FeedTokens(feeds=kept if size <= _LARGEST else {})


async def _read(reader: FeedReader, part: str, token: str | None) -> AsyncGenerator[PartPage, None]:
    since = reader.since(part)
    pages = _whole(reader, part, token) if since is None else _changes(reader, part, since, token)
    try:
        async with aclosing(pages):
            async for page in pages:
                yield page
    # The run goes on without this part; the next one must begin it where this one did.
    except SkipThis:
        reader.feeds[part] = since or _UNREAD
        raise


async def _whole(
    reader: FeedReader, part: str, token: str | None
) -> AsyncGenerator[PartPage, None]:
    """Tokens of pages live for hours only; a run that waited for longer begins the part again."""
    for start in (token, None):
        try:
            async with aclosing(reader.whole(part, start)) as pages:
                async for page in pages:
                    yield page
        # A token of an earlier slice; without one there is nothing to begin again.
        except InvalidCursor:
            if start is None:
                raise
        else:
            return


async def _changes(
    reader: FeedReader, part: str, since: str, token: str | None
) -> AsyncGenerator[PartPage, None]:
    try:
        async with aclosing(reader.changes(part, since, token)) as pages:
            async for page in pages:
                yield page
    # Google has forgotten so long ago, or made the feed anew.
    except InvalidCursor as error:
        raise CheckpointExpired("the feed does not go back so far") from error
