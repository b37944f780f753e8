"""What can be done with mail: sent, read, found, labelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Struct
from msgspec import field as of_struct
from pydantic import Field, StringConstraints

from src.connectors.google import scopes
from src.connectors.google.gmail import ids
from src.connectors.google.gmail.finding import find, read
from src.connectors.google.gmail.mapping import INBOX, UNREAD
from src.connectors.google.gmail.room import Gmail
from src.connectors.google.gmail.schemas import Message, Thread
from src.connectors.google.gmail.writing import raw_mail
from src.connectors.tools import PagedArguments, Tool, ToolArguments, picked
from src.core.errors import ValidationFailed

if TYPE_CHECKING:
    from src.connectors.base import BaseConnector
    from src.connectors.google.gmail.finding import Mail
    from src.models.unified import Page

MOST_RECIPIENTS = 100
MOST_LABELS = 100
"""Gmail's own limit of one change."""

Recipient = Annotated[str, StringConstraints(min_length=3, max_length=320)]
Reference = Annotated[str, StringConstraints(min_length=5, max_length=900)]
Body = Annotated[str, StringConstraints(max_length=500_000)]
MailId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
LabelId = Annotated[str, StringConstraints(min_length=1, max_length=220)]


class SendEmail(ToolArguments):
    """Arguments of ``gmail_send_email``."""

    to: list[Recipient] = Field(
        min_length=1,
        max_length=MOST_RECIPIENTS,
        description="Who gets it: ann@example.com or Ann Lee <ann@example.com>.",
    )
    cc: list[Recipient] | None = Field(
        default=None, max_length=MOST_RECIPIENTS, description="Who gets a copy."
    )
    bcc: list[Recipient] | None = Field(
        default=None, max_length=MOST_RECIPIENTS, description="Who gets a copy unseen by others."
    )
    subject: Annotated[str, StringConstraints(max_length=900)] = Field(description="One line.")
    body: Body = Field(description="Plain text.")
    html: Body | None = Field(default=None, description="The same in HTML, for those who show it.")
    reply_to: Recipient | None = Field(default=None, description="Where answers are to go.")
    thread: MailId | None = Field(
        default=None,
        description="The thread that it belongs to; its subject must be the thread's, and"
        " in_reply_to must be given.",
    )
    in_reply_to: Reference | None = Field(
        default=None,
        description="messageId of the mail that it answers, as gmail_read_email tells.",
    )
    references: list[Reference] | None = Field(
        default=None,
        max_length=50,
        description="references of the mail that it answers, as gmail_read_email tells.",
    )


class ReadEmail(ToolArguments):
    """Arguments of ``gmail_read_email``."""

    message: MailId = Field(description="The mail: an id of gmail_search, or Gmail's own.")


class Search(PagedArguments):
    """Arguments of ``gmail_search``."""

    query: Annotated[str, StringConstraints(max_length=2_000)] = Field(
        default="",
        description="A query as in Gmail's search box: from:ann subject:report newer_than:7d.",
    )
    label: LabelId | None = picked(
        "gmail_label", description="Only mails with this label.", default=None
    )
    include_spam_trash: bool = Field(
        default=False, description="Whether spam and trash are searched, too."
    )
    limit: int = Field(default=20, ge=1, le=100, description="Entries per page at the most.")


class ModifyLabels(ToolArguments):
    """Arguments of ``gmail_modify_labels``; what is absent stays as it is."""

    id: MailId = Field(description="A mail or a whole thread, by an id of gmail_search.")
    add_labels: list[LabelId] | None = picked(
        "gmail_label", description="Labels to add.", default=None, max_length=MOST_LABELS
    )
    remove_labels: list[LabelId] | None = picked(
        "gmail_label", description="Labels to take away.", default=None, max_length=MOST_LABELS
    )
    mark_as: Literal["read", "unread"] | None = Field(default=None, description="Read, or not.")
    archive: bool = Field(default=False, description="Whether it leaves the inbox.")


class Sent(Struct, rename={"thread_id": "threadId"}):
    """A mail that was sent."""

    id: str
    thread_id: str
    labels: list[str]


class Labelled(Struct):
    """A mail, or all mails of a thread, after a change."""

    id: str
    labels: list[str] = of_struct(default_factory=list)


async def send_email(connector: BaseConnector, arguments: SendEmail) -> Sent:
    """Send a mail."""
    if arguments.in_reply_to is None and (arguments.thread or arguments.references):
        raise ValidationFailed([("arguments.in_reply_to", "is required for an answer")])
    body: dict[str, Any] = {"raw": raw_mail(arguments)}
    if arguments.thread is not None:
        body["threadId"] = _thread(arguments.thread)
    sent = await Gmail(connector).rest.write(
        "POST", "/gmail/v1/users/me/messages/send", Message, json=body
    )
    return Sent(ids.message_comment(sent.id), ids.thread_item(sent.thread_id), sent.label_ids)


async def read_email(connector: BaseConnector, arguments: ReadEmail) -> Mail:
    """Read one mail."""
    kind, message = ids.parse_mail(arguments.message, "arguments.message")
    if kind != "message":
        raise ValidationFailed([("arguments.message", "must be a mail, this is a thread")])
    return await read(Gmail(connector), message)


async def search(connector: BaseConnector, arguments: Search) -> Page[Mail]:
    """Find mails."""
    label = ids.parse_label(arguments.label, "arguments.label") if arguments.label else None
    return await find(
        Gmail(connector),
        arguments.page(),
        {
            "q": arguments.query.strip() or None,
            "labelIds": label,
            "includeSpamTrash": "true" if arguments.include_spam_trash else None,
        },
    )


async def modify_labels(connector: BaseConnector, arguments: ModifyLabels) -> Labelled:
    """Change the labels of a mail or a thread."""
    kind, value = ids.parse_mail(arguments.id, "arguments.id")
    change = _change(arguments)
    rest = Gmail(connector).rest
    if kind == "message":
        changed = await rest.write(
            "POST",
            "/gmail/v1/users/me/messages/{message}/modify",
            Message,
            json=change,
            message=value,
        )
        return Labelled(ids.message_comment(value), changed.label_ids)
    thread = await rest.write(
        "POST", "/gmail/v1/users/me/threads/{thread}/modify", Thread, json=change, thread=value
    )
    labels = dict.fromkeys(label for one in thread.messages for label in one.label_ids)
    return Labelled(ids.thread_item(value), list(labels))


def _change(arguments: ModifyLabels) -> dict[str, list[str]]:
    """What is added and taken away.

    Raises:
        ValidationFailed: Nothing, or both with one label.
    """
    add = _labels(arguments.add_labels, "arguments.add_labels")
    remove = _labels(arguments.remove_labels, "arguments.remove_labels")
    if arguments.mark_as is not None:
        (remove if arguments.mark_as == "read" else add).append(UNREAD)
    if arguments.archive:
        remove.append(INBOX)
    if not add and not remove:
        raise ValidationFailed([("arguments", "change nothing")])
    if both := set(add) & set(remove):
        raise ValidationFailed([("arguments", f"add and remove {min(both)}")])
    given = {"addLabelIds": add, "removeLabelIds": remove}
    return {name: list(dict.fromkeys(labels)) for name, labels in given.items() if labels}


def _labels(given: list[str] | None, field: str) -> list[str]:
    return [ids.parse_label(one, f"{field}.{at}") for at, one in enumerate(given or ())]


def _thread(value: str) -> str:
    kind, thread = ids.parse_mail(value, "arguments.thread")
    if kind == "message" and value.startswith("gmail:"):
        raise ValidationFailed([("arguments.thread", "must be a thread, this is a mail")])
    return thread


TOOLS = (
    Tool("gmail_send_email", "Send an email.", SendEmail, send_email, (scopes.GMAIL_SEND,)),
    Tool(
        "gmail_read_email",
        "Read an email: its text, headers and list of attachments.",
        ReadEmail,
        read_email,
        (scopes.GMAIL_READ,),
        read_only=True,
    ),
    Tool(
        "gmail_search",
        "Find emails by Gmail's search language.",
        Search,
        search,
        (scopes.GMAIL_READ,),
        read_only=True,
    ),
    Tool(
        "gmail_modify_labels",
        "Add and remove labels of an email or thread; mark it read or unread; archive it.",
        ModifyLabels,
        modify_labels,
        (scopes.GMAIL_MODIFY,),
    ),
)
