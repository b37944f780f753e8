"""A user's mailbox: the seed with what was changed since."""

import base64
import binascii
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import TYPE_CHECKING, cast

import msgspec

from src.sandbox.google.gmail.history import Happening
from src.sandbox.google.gmail.records import Label, Mail, Part
from src.sandbox.google.gmail.seed import labels_of, mails_of
from src.sandbox.google.logs import Log

if TYPE_CHECKING:
    from src.sandbox.google.people import User
    from src.sandbox.kit import SandboxStore

_NEW = 0x19BD000000000000


class Mailbox:
    """One user's mails, with all that happened to them."""

    def __init__(self, store: "SandboxStore", user: "User", clock: Callable[[], float]) -> None:
        """Keep changes in the store, below the user's name."""
        self._store = store
        self._key = f"google/gmail/{user.login}"
        self._user = user
        self._clock = clock
        self.log = Log(store, f"gmail/{user.login}")

    async def _note(self, *happenings: Happening) -> None:
        await self.log.add(*(msgspec.to_builtins(one) for one in happenings))

    @property
    def labels(self) -> tuple[Label, ...]:
        """The user's labels."""
        return labels_of(self._user)

    async def mails(self) -> list[Mail]:
        """All mails, the newest first."""
        changes = await self._store.get(self._key) or {}
        labels = changes.get("labels", {})
        sent = [self._read(one) for one in changes.get("sent", [])]
        gone = set(changes.get("gone", []))
        mails = [*reversed(sent), *mails_of(self._user.login)]
        if gone:
            mails = [mail for mail in mails if mail.id not in gone]
        if not labels:
            return mails
        return [
            msgspec.structs.replace(mail, labels=tuple(labels[mail.id]))
            if mail.id in labels
            else mail
            for mail in mails
        ]

    async def relabel(self, mails: list[Mail], add: list[str], remove: list[str]) -> list[Mail]:
        """Change the labels of mails, and return these."""
        changes = await self._store.get(self._key) or {}
        labels = changes.setdefault("labels", {})
        changed: list[Mail] = []
        for mail in mails:
            kept = [one for one in dict.fromkeys([*mail.labels, *add]) if one not in remove]
            labels[mail.id] = kept
            changed.append(msgspec.structs.replace(mail, labels=tuple(kept)))
        await self._store.put(self._key, changes)
        await self._note(*_relabelled(mails, changed))
        return changed

    async def forget(self, mail: Mail) -> None:
        """Delete a mail for good."""
        changes = await self._store.get(self._key) or {}
        changes["gone"] = [*changes.get("gone", []), mail.id]
        await self._store.put(self._key, changes)
        await self._note(Happening("messagesDeleted", mail.id, mail.thread, mail.labels))

    async def send(self, raw: str, thread: str | None) -> Mail:
        """Take a mail in as sent."""
        changes = await self._store.get(self._key) or {}
        sent = changes.setdefault("sent", [])
        name = f"{_NEW + len(sent):x}"
        at = int(self._clock() * 1000)
        sent.append({"id": name, "thread": thread or name, "at": at, "raw": raw})
        await self._store.put(self._key, changes)
        mail = self._read(sent[-1])
        await self._note(Happening("messagesAdded", mail.id, mail.thread, mail.labels))
        return mail

    def _read(self, kept: dict[str, object]) -> Mail:
        mail = parse(str(kept["raw"]))
        plain = mail.get_body(("plain",))
        return Mail(
            str(kept["id"]),
            str(kept["thread"]),
            int(str(kept["at"])),
            ("SENT",),
            str(mail["Subject"] or ""),
            f"{self._user.name} <{self._user.email}>",
            str(mail["To"] or ""),
            plain.get_content() if plain is not None else "",
            cc=str(mail["Cc"] or ""),
            message_id=f"<{kept['id']}@mail.gmail.com>",
            in_reply_to=str(mail["In-Reply-To"] or ""),
            references=str(mail["References"] or ""),
            body=_part(mail),
            more=(("Bcc", str(mail["Bcc"])),) if mail["Bcc"] else (),
        )


def _relabelled(before: list[Mail], after: list[Mail]) -> list[Happening]:
    told: list[Happening] = []
    for old, new in zip(before, after, strict=True):
        added = tuple(one for one in new.labels if one not in old.labels)
        removed = tuple(one for one in old.labels if one not in new.labels)
        if added:
            told.append(Happening("labelsAdded", new.id, new.thread, new.labels, added))
        if removed:
            told.append(Happening("labelsRemoved", new.id, new.thread, new.labels, removed))
    return told


def order_of(mail: Mail) -> list[int | str]:
    """By what the newest comes first: a place that no later mail changes."""
    if int(mail.id, 16) >= _NEW:
        return [0, -int(mail.id, 16), mail.id]
    return [1, -mail.at, mail.id]


def parse(raw: str) -> EmailMessage:
    """Read a mail as it was sent.

    Raises:
        ValueError: It is no base64url.
    """
    try:
        content = base64.urlsafe_b64decode(raw + "=" * (-len(raw) % 4))
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    return message_from_bytes(content, policy=default)


def _part(mail: EmailMessage) -> Part:
    kind = mail.get_content_type()
    headers = (("Content-Type", str(mail["Content-Type"])),)
    if mail.is_multipart():
        inner = tuple(_part(cast("EmailMessage", part)) for part in mail.iter_parts())
        return Part(kind, headers, parts=inner)
    payload = cast("bytes", mail.get_payload(decode=True))
    return Part(kind, headers, payload, mail.get_filename() or "")
