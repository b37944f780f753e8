"""From the arguments of a tool to a mail as it is sent (RFC 5322, RFC 2047)."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING

from src.core.errors import ValidationFailed

if TYPE_CHECKING:
    from src.connectors.google.gmail.tools import SendEmail

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ENCODED_WORD = re.compile(r"=\?[^?]*\?[bBqQ]\?")
"""What the library unpacks when it writes a header, without a look at the line ends inside."""

_UNFIT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+"
)
_LONGEST_LOCAL = 64
_MESSAGE_ID = re.compile(r"<[^<>\s@]{1,400}@[^<>\s@]{1,400}>")


def raw_mail(arguments: SendEmail) -> str:
    """A mail as Gmail takes it: base64url.

    Raises:
        ValidationFailed: A value cannot stand in a mail.
    """
    mail = EmailMessage(policy=SMTP)
    for name, given in (("To", arguments.to), ("Cc", arguments.cc), ("Bcc", arguments.bcc)):
        if given:
            field = f"arguments.{name.lower()}"
            mail[name] = [_address(value, f"{field}.{at}") for at, value in enumerate(given)]
    if arguments.reply_to is not None:
        mail["Reply-To"] = _address(arguments.reply_to, "arguments.reply_to")
    mail["Subject"] = _line(arguments.subject, "arguments.subject")
    _refer(mail, arguments)
    mail.set_content(_text(arguments.body, "arguments.body"), cte="base64")
    if arguments.html is not None:
        mail.add_alternative(_text(arguments.html, "arguments.html"), subtype="html", cte="base64")
    return urlsafe_b64encode(mail.as_bytes()).decode()


def _refer(mail: EmailMessage, arguments: SendEmail) -> None:
    """Say which mail is answered, so that readers of other houses see a conversation, too."""
    if arguments.in_reply_to is None:
        return
    answered = _message_id(arguments.in_reply_to, "arguments.in_reply_to")
    earlier = [
        _message_id(one, f"arguments.references.{at}")
        for at, one in enumerate(arguments.references or ())
    ]
    mail["In-Reply-To"] = answered
    mail["References"] = " ".join(dict.fromkeys([*earlier, answered]))


def _address(value: str, field: str) -> Address:
    """``ann@example.com`` or ``Ann Lee <ann@example.com>``; exactly one."""
    name, address = "", _line(value, field).strip()
    if address.endswith(">"):
        name, _, address = address[:-1].rpartition("<")
    local, _, domain = address.rpartition("@")
    if len(local) > _LONGEST_LOCAL or _LOCAL.fullmatch(local) is None:
        raise _no_address(field)
    return Address(name.strip().strip('"'), local, _domain(domain, field))


def _domain(value: str, field: str) -> str:
    try:
        domain = value.encode("idna").decode().lower()
    except UnicodeError as error:
        raise _no_address(field) from error
    if _DOMAIN.fullmatch(domain) is None:
        raise _no_address(field)
    return domain


def _no_address(field: str) -> ValidationFailed:
    return ValidationFailed([(field, "must be one e-mail address: Ann <ann@example.com>")])


def _line(value: str, field: str) -> str:
    """Text of a header: a line end in it could begin another header."""
    if _CONTROL.search(value):
        raise ValidationFailed([(field, "must be one line without control characters")])
    if _ENCODED_WORD.search(value):
        raise ValidationFailed([(field, "must be plain text: =?…?Q? begins an encoded word")])
    return value


def _text(value: str, field: str) -> str:
    if _UNFIT_TEXT.search(value):
        raise ValidationFailed([(field, "must not hold control characters")])
    return value


def _message_id(value: str, field: str) -> str:
    found = _line(value, field).strip()
    if _MESSAGE_ID.fullmatch(found) is None or not found.isascii():
        raise ValidationFailed([(field, "must be a Message-ID: <id@host>")])
    return found
