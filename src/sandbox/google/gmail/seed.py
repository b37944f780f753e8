"""The mailboxes of the imitation: ordinary mail, much mail, and mail of every odd kind."""

from collections.abc import Iterator
from functools import lru_cache
from itertools import count

from src.sandbox.google.gmail.odd import ODD
from src.sandbox.google.gmail.records import Label, Mail
from src.sandbox.google.people import ANN, BEN, User

NOW = 1_768_478_400_000
"""2026-01-15T12:00:00Z, when the newest mail came."""

BULK = 5_000
LONG_THREAD = 30
_HOUR = 3_600_000
_FIRST = 0x19BC000000000000

SYSTEM = tuple(
    Label(name, name, "system")
    for name in (
        "CHAT",
        "SENT",
        "INBOX",
        "IMPORTANT",
        "TRASH",
        "DRAFT",
        "SPAM",
        "CATEGORY_UPDATES",
        "CATEGORY_PROMOTIONS",
        "STARRED",
        "UNREAD",
    )
)
OWN = (
    Label("Label_1", "Work"),
    Label("Label_2", "Work/Clients"),
    # There is no label "Work/Suppliers", so this one is within "Work".
    Label("Label_3", "Work/Suppliers/Paper"),
    # Nor one "Private", so this one is within none.
    Label("Label_4", "Private/Family"),
    Label("Label_5", "Ünïcode ☂"),
    Label("Label_6", "Bulk"),
    Label("Label_7", "Empty"),
    Label("Label_8", "Work/Clients/Acme"),
)
_TOPICS = ("invoice", "holiday", "report", "lunch", "release", "budget")
_PEOPLE = (
    "Ben Ruíz <ben@example.com>",
    '"Doe, Jane" <jane@example.org>',
    "noreply@shop.example",
    "Cloé 山田 <cloe@example.com>",
)
_TO_ANN = "Ann Müller <ann@example.com>"


def labels_of(user: User) -> tuple[Label, ...]:
    """Return the labels of a user."""
    return (*SYSTEM, *OWN) if user is ANN else SYSTEM


@lru_cache
def mails_of(login: str) -> tuple[Mail, ...]:
    """Return a user's mails, the newest first."""
    mails = {ANN.login: _of_ann, BEN.login: _of_ben}.get(login)
    found = mails() if mails else iter(())
    return tuple(sorted(found, key=lambda mail: (-mail.at, mail.id)))


def _of_ann() -> Iterator[Mail]:
    numbers = count(1)
    yield from _odd(numbers)
    yield from _long_thread(numbers)
    yield from _ordinary(numbers)
    yield from _aside(numbers)
    yield from _bulk(numbers)


def _id(number: int) -> str:
    return f"{_FIRST + number * 0x1F3:x}"


def _odd(numbers: Iterator[int]) -> Iterator[Mail]:
    for at, odd in enumerate(ODD):
        name = _id(next(numbers))
        yield Mail(
            name,
            name,
            NOW - at * _HOUR,
            ("INBOX", "Label_5"),
            odd.subject,
            odd.sender,
            odd.to,
            odd.text,
            message_id=f"<{name}@mail.example.com>",
            body=odd.body,
            more=odd.more,
        )


def _long_thread(numbers: Iterator[int]) -> Iterator[Mail]:
    """A conversation; every third mail answers the first one, the others the one before."""
    names: list[str] = []
    thread = ""
    for at in range(LONG_THREAD):
        name = _id(next(numbers))
        thread = thread or name
        answered = "" if not names else names[0] if at % 3 == 0 else names[-1]
        is_draft = at == LONG_THREAD - 1
        yield Mail(
            name,
            thread,
            NOW - 60 * _HOUR + at * _HOUR // 2,
            ("DRAFT",) if is_draft else ("INBOX", "Label_1") if at % 2 == 0 else ("SENT",),
            "Quarterly plan" if at == 0 else "Re: Quarterly plan",
            _PEOPLE[0] if at % 2 == 0 else _TO_ANN,
            _TO_ANN if at % 2 == 0 else _PEOPLE[0],
            f"Thought {at + 1} about the plan.\n\n> what was said before",
            cc="Cloé 山田 <cloe@example.com>, team@example.com",
            message_id=f"<{name}@mail.example.com>",
            in_reply_to=f"<{answered}@mail.example.com>" if answered else "",
            references=" ".join(f"<{one}@mail.example.com>" for one in names[:2]),
        )
        names.append(name)


def _ordinary(numbers: Iterator[int]) -> Iterator[Mail]:
    for at in range(45):
        name = _id(next(numbers))
        topic = _TOPICS[at % len(_TOPICS)]
        labels = ["INBOX"]
        labels += ["UNREAD"] if at % 3 == 0 else []
        labels += ["STARRED"] if at % 10 == 0 else []
        labels += [("Label_1", "Label_2", "Label_3", "Label_4")[at % 4]] if at % 5 else []
        yield Mail(
            name,
            name,
            NOW - (80 + at * 5) * _HOUR,
            tuple(labels),
            f"About the {topic} {at}",
            _PEOPLE[at % len(_PEOPLE)],
            _TO_ANN,
            f"Dear Ann,\nthis is about the {topic}, number {at}.\nBye",
            message_id=f"<{name}@mail.example.com>",
        )


def _aside(numbers: Iterator[int]) -> Iterator[Mail]:
    """Spam, trash, and what is archived without any label."""
    for at, (labels, subject) in enumerate(
        ((("SPAM",), "You won"), (("TRASH",), "Old invoice"), ((), "Archived invoice"))
    ):
        name = _id(next(numbers))
        yield Mail(
            name,
            name,
            NOW - (400 + at) * _HOUR,
            labels,
            subject,
            _PEOPLE[2],
            _TO_ANN,
            f"{subject}, and nothing else.",
            message_id=f"<{name}@mail.example.com>",
        )


def _bulk(numbers: Iterator[int]) -> Iterator[Mail]:
    for at in range(BULK):
        name = _id(next(numbers))
        yield Mail(
            name,
            name,
            NOW - (500 + at) * _HOUR,
            ("Label_6", "CATEGORY_UPDATES"),
            f"Notice {at}",
            _PEOPLE[2],
            _TO_ANN,
            f"Notice number {at} about the {_TOPICS[at % len(_TOPICS)]}.",
        )


def _of_ben() -> Iterator[Mail]:
    name = _id(900_001)
    yield Mail(
        name,
        name,
        NOW,
        ("INBOX", "UNREAD"),
        "For Ben alone",
        _TO_ANN,
        "Ben Ruíz <ben@example.com>",
        "An invoice that Ann must not see.",
        message_id=f"<{name}@mail.example.com>",
    )
