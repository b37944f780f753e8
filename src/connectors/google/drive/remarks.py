"""Comments of a file: threads, each with its answers in one row of the provider's list."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from src.connectors.google.drive.ids import Ref
from src.connectors.google.drive.mapping import to_person
from src.connectors.google.drive.schemas import (
    COMMENT_FIELDS,
    Comment,
    Comments,
    Reply,
    next_page_token,
)
from src.connectors.rest.client import List, RestClient
from src.connectors.rest.decoding import decode
from src.connectors.rest.paginators import Cursor
from src.connectors.rest.values import timestamp
from src.core.errors import InvalidCursor
from src.models.query import CommentQuery
from src.models.unified import Comment as Said
from src.models.unified import Page

COMMENTS = List(
    "/drive/v3/files/{file}/comments", Comment, Cursor(next_page_token), wrapped_in=Comments
)


class Thread(Struct):
    """A comment and its answers, with their rows as they came if they are asked for."""

    comment: Said
    replies: tuple[Said, ...]
    raw: Raw | UnsetType = UNSET

    def said(self) -> tuple[Said, ...]:
        """All of them, in their order."""
        if self.raw is UNSET:
            return (self.comment, *self.replies)
        return (msgspec.structs.replace(self.comment, raw=self.raw), *self.replies)


async def threads(rest: RestClient, target: Ref, asked: Ref, query: CommentQuery) -> Page[Said]:
    """A page of comments and answers, the answers after what they answer.

    A page of Drive's holds so many threads as we want comments, so it may fill several of ours:
    the token says how much of it has been given.

    Args:
        rest: The client.
        target: Whose comments they are.
        asked: What was asked about: a shortcut keeps its own id.
        query: Which page.
    """
    given, inner = _parse(query.token)
    page = await rest.saying(target.headers).page(
        COMMENTS,
        partial(to_thread, ref=asked, with_raw=query.include_raw),
        replace(query, token=inner),
        params={"fields": COMMENT_FIELDS, "includeDeleted": "false"},
        at={"file": target.id},
    )
    said = [one for thread in page.items for one in thread.said()]
    reached = given + query.limit
    following = None if page.next_token is None else f"0~{page.next_token}"
    if reached < len(said):
        following = f"{reached}~{inner or ''}"
    return Page(items=tuple(said[given:reached]), next_token=following, truncated=page.truncated)


def _parse(token: str | None) -> tuple[int, str | None]:
    number, separator, inner = (token or "0~").partition("~")
    if not (separator and number.isdecimal()):
        raise InvalidCursor("The list has another form now. Start without a cursor.")
    return int(number), inner or None


def to_thread(comment: Comment, ref: Ref, *, with_raw: bool) -> Thread:
    """A comment with its answers; those that were deleted are left out."""
    quote = comment.quoted_file_content
    said = Said(
        id=ref.comment(comment.id),
        item_id=str(ref),
        type="comment",
        state="resolved" if comment.resolved else "open",
        body=comment.content or "",
        body_format="text",
        author=to_person(comment.author),
        created_at=timestamp(comment.created_time),
        updated_at=timestamp(comment.modified_time),
        fields={"quotedText": quote.value if quote else None},
    )
    replies = []
    for row in comment.replies:
        reply = decode(row, Reply)
        if not reply.deleted:
            answer = to_reply(reply, said.id, ref, comment.id)
            # A view into the whole page's bytes, which are gone with it.
            raw = Raw(bytes(row)) if with_raw else UNSET
            replies.append(msgspec.structs.replace(answer, raw=raw))
    return Thread(said, tuple(replies))


def to_reply(reply: Reply, parent: str, ref: Ref, comment_id: str) -> Said:
    """An answer; one that resolves or reopens the thread may be without words."""
    return Said(
        id=ref.comment(f"{comment_id}:{reply.id}"),
        item_id=str(ref),
        parent_id=parent,
        type="reply",
        body=reply.content or "",
        body_format="text",
        author=to_person(reply.author),
        created_at=timestamp(reply.created_time),
        updated_at=timestamp(reply.modified_time),
        fields={"action": reply.action},
    )
