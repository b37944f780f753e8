"""Mails as the API shows them: "REST Resource: users.messages"."""

import base64
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from src.sandbox.google.gmail.records import Label, Mail, Part

_SNIPPET = 120


def encoded(content: bytes) -> str:
    """Return base64url; Gmail pads, but nobody promises it, so this does not."""
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def attachment_id(mail: str, number: str) -> str:
    """Return the id under which the content of a part is fetched."""
    return f"ANGjdJ{sha256(f'{mail}/{number}'.encode()).hexdigest()}"


def label(one: Label) -> dict[str, str]:
    """Show a label; counts come with a single one only."""
    told = {"id": one.id, "name": one.name, "type": one.type}
    if one.type == "system":
        return told | {"messageListVisibility": "hide", "labelListVisibility": "labelShow"}
    return told


def message(mail: Mail, form: str, wanted: Iterable[str] = ()) -> dict[str, Any]:
    """Show a mail in one of its formats; `wanted` are the headers of `metadata`."""
    told: dict[str, Any] = {
        "id": mail.id,
        "threadId": mail.thread,
        "labelIds": [*mail.labels],
        "snippet": mail.text.replace("\n", " ")[:_SNIPPET],
        "historyId": str(mail.at // 1000),
        "internalDate": str(mail.at),
        "sizeEstimate": 600 + len(mail.text),
    }
    if not mail.labels:
        # Archived mail without labels has no such key.
        del told["labelIds"]
    if form == "minimal":
        return told
    payload = _part(mail, top(mail), "")
    payload["headers"] = [
        {"name": name, "value": value} for name, value in (*_heads(mail), *_head(top(mail)))
    ]
    if form == "metadata":
        names = {name.lower() for name in wanted}
        payload = {
            "mimeType": payload["mimeType"],
            "headers": [
                one for one in payload["headers"] if not names or one["name"].lower() in names
            ],
        }
    return told | {"payload": payload}


def top(mail: Mail) -> Part:
    """Return the whole content of a mail as a part."""
    if mail.body is not None:
        return mail.body
    plain = (("Content-Type", 'text/plain; charset="UTF-8"'),)
    return Part("text/plain", plain, mail.text.encode())


def content_of(mail: Mail, attachment: str) -> bytes | None:
    """Return the content under an attachment's id."""
    waiting = [("", top(mail))]
    while waiting:
        number, part = waiting.pop()
        if attachment_id(mail.id, number) == attachment:
            return part.data
        waiting += [(f"{number}.{at}".lstrip("."), inner) for at, inner in enumerate(part.parts)]
    return None


def _part(mail: Mail, part: Part, number: str) -> dict[str, Any]:
    body: dict[str, Any] = {"size": len(part.data)}
    if part.filename or part.is_apart:
        body["attachmentId"] = attachment_id(mail.id, number)
    elif part.data or part.shown is not None:
        body["data"] = encoded(part.data) if part.shown is None else part.shown
    told: dict[str, Any] = {
        "partId": number,
        "mimeType": part.mime_type,
        "filename": part.filename,
        "headers": [{"name": name, "value": value} for name, value in _head(part)],
        "body": body,
    }
    if part.parts:
        told["parts"] = [
            _part(mail, inner, f"{number}.{at}".lstrip(".")) for at, inner in enumerate(part.parts)
        ]
    return told


def _head(part: Part) -> tuple[tuple[str, str], ...]:
    if part.headers:
        return part.headers
    kind = f'{part.mime_type}; name="{part.filename}"' if part.filename else part.mime_type
    told = (("Content-Type", kind),)
    if not part.filename:
        return told
    return (*told, ("Content-Disposition", f'attachment; filename="{part.filename}"'))


def _heads(mail: Mail) -> Iterable[tuple[str, str]]:
    given = (
        ("From", mail.sender),
        ("To", mail.to),
        ("Cc", mail.cc),
        ("Subject", mail.subject),
        ("Date", "Thu, 15 Jan 2026 12:00:00 +0100"),
        ("Message-ID", mail.message_id),
        ("In-Reply-To", mail.in_reply_to),
        ("References", mail.references),
    )
    yield from ((name, value) for name, value in given if value)
    if mail.subject == "":
        yield ("Subject", "")
    yield from mail.more
