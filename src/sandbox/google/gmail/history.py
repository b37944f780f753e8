"""The history of a mailbox: what was added, deleted and labelled since a number.

Source: developers.google.com/workspace/gmail/api/reference/rest/v1/users.history/list.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

KINDS = {
    "messageAdded": "messagesAdded",
    "messageDeleted": "messagesDeleted",
    "labelAdded": "labelsAdded",
    "labelRemoved": "labelsRemoved",
}
"""What is asked for, and under which name it is told."""


class Happening(msgspec.Struct, frozen=True):
    """One thing that was done to one mail."""

    kind: str
    mail: str
    thread: str
    labels: tuple[str, ...]
    """All of the mail's then."""
    changed: tuple[str, ...] = ()
    """The labels that it is about."""


def record(number: int, happening: Happening) -> dict[str, Any]:
    """Return an entry as Gmail shows it."""
    named = {"id": happening.mail, "threadId": happening.thread}
    told: dict[str, Any] = {"message": {**named, "labelIds": list(happening.labels)}}
    if happening.changed:
        told["labelIds"] = list(happening.changed)
    return {"id": str(number), "messages": [named], happening.kind: [told]}


def chosen(
    entries: Sequence[tuple[int, Any]], kinds: Sequence[str], label: str | None
) -> list[dict[str, Any]]:
    """Return the entries that are asked for."""
    wanted = {KINDS[kind] for kind in kinds} or set(KINDS.values())
    happened = [(number, msgspec.convert(one, Happening)) for number, one in entries]
    return [
        record(number, one)
        for number, one in happened
        if one.kind in wanted and (label is None or label in one.labels)
    ]
