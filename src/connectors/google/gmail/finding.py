"""Mails one by one, as the tools answer them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from src.connectors.google.gmail import ids
from src.connectors.google.gmail.mapping import UNREAD, addresses, moment, sender, subject
from src.connectors.google.gmail.mime import Contents, contents, header
from src.connectors.google.gmail.room import AT_ONCE, FULL, METADATA, Gmail
from src.connectors.google.gmail.schemas import FoundMessages, Message, Ref
from src.connectors.rest.client import List, Params
from src.connectors.rest.decoding import decode, map_one
from src.connectors.rest.paginators import Cursor
from src.connectors.rest.together import together
from src.models.unified import Page, Person

if TYPE_CHECKING:
    from src.models.query import PageQuery

FOUND = List(
    "/gmail/v1/users/me/messages",
    Ref,
    Cursor(lambda page: page.next_page_token, size="maxResults"),
    wrapped_in=FoundMessages,
)


_NAMES = {
    "sender": "from",
    "thread_id": "threadId",
    "reply_to": "replyTo",
    "message_id": "messageId",
}


class Mail(Struct, rename=_NAMES, omit_defaults=True, kw_only=True):
    """A mail; ``body`` and what follows it only where it is read."""

    id: str
    thread_id: str
    subject: str
    sender: Person | None
    to: list[dict[str, str | None]]
    cc: list[dict[str, str | None]]
    date: str | None
    snippet: str
    labels: list[str]
    unread: bool
    body: str | None = None
    attachments: list[dict[str, Any]] | None = None
    reply_to: list[dict[str, str | None]] | None = None
    message_id: str | None = None
    references: list[str] | None = None


async def read(gmail: Gmail, message: str) -> Mail:
    """One mail with its text."""
    response = await gmail.rest.call(
        "GET", "/gmail/v1/users/me/messages/{message}", params=FULL, message=message
    )
    found = contents(decode(response.content, Message).payload)
    text = await gmail.text(message, found)
    return map_one(response.content, Message, lambda mail: _read(mail, found, text), raw=False)


async def find(gmail: Gmail, query: PageQuery, wanted: Params) -> Page[Mail]:
    """A page of mails, without their texts: one request, and one for each of them."""
    found = await gmail.rest.page(FOUND, _same, query, params=wanted)
    reads = [partial(_listed, gmail, ref.id) for ref in found.items]
    mails = await together(reads, at_once=AT_ONCE)
    return Page(
        items=tuple(mail for mail in mails if mail is not None),
        next_token=found.next_token,
        truncated=found.truncated,
    )


async def _listed(gmail: Gmail, message: str) -> Mail | None:
    """One of a page; None for one that has gone since it was listed."""
    return await gmail.rest.find_one(
        "/gmail/v1/users/me/messages/{message}",
        Message,
        _told,
        raw=False,
        params=METADATA,
        message=message,
    )


def _same(ref: Ref) -> Ref:
    return ref


def _told(message: Message) -> Mail:
    return Mail(
        id=ids.message_comment(message.id),
        thread_id=ids.thread_item(message.thread_id),
        subject=subject(message),
        sender=sender(message),
        to=addresses(message, "To"),
        cc=addresses(message, "Cc"),
        date=moment(message),
        snippet=message.snippet,
        labels=message.label_ids,
        unread=UNREAD in message.label_ids,
    )


def _read(message: Message, found: Contents, text: str) -> Mail:
    mail = _told(message)
    payload = message.payload
    mail.body = text
    mail.attachments = found.attachments
    mail.reply_to = addresses(message, "Reply-To")
    mail.message_id = (header(payload, "Message-ID") or "").strip() or None
    mail.references = (header(payload, "References") or "").split()
    return mail
