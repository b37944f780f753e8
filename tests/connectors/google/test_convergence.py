"""Whatever happens at Google while runs go on, the copy comes to be what Google has."""

import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

import pytest

from src.connectors.google import feeds
from src.connectors.google.calendar.reader import CalendarReader
from src.connectors.google.drive.access import DriveAccess
from src.connectors.google.drive.reader import DriveReader
from src.connectors.google.feeds import FeedReader
from src.connectors.google.gmail.reader import GmailReader
from src.connectors.google.gmail.room import Gmail
from src.connectors.syncing import SyncPage, SyncQuery
from src.core.errors import AppError
from src.testing import Hand
from src.testing.bench import Bench
from src.testing.streams import Run, hand, written
from tests.connectors.google.deeds import (
    CLIENTS,
    OWN,
    TEAM,
    cancel_event,
    change_file,
    label_mail,
    labelled,
    make_event,
    make_file,
    send_mail,
)
from tests.connectors.google.runs import asked, bench_of, full, tokens

FOLDER = "application/vnd.google-apps.folder"
ROOT, ENGINEERING = "0AAnnRootFolder0000PVA", "0AEngineeringDrive0PVA"
FOLDERS = ["1ProjectsFolder0000000000000", "1NestedFolder000000000000000"]
FILES = [
    "1PlainNotes00000000000000000",
    "1DeepNote0000000000000000000",
    "1Utf16Notes00000000000000000",
]


class Office:
    """Somebody who does this and that."""

    def __init__(self, bench: Bench, dice: random.Random) -> None:
        self.hand: Hand = hand(bench)
        self.dice = dice
        self.files = list(FILES)
        self.folders = list(FOLDERS)
        self.events = [f"calendar:event:ann@example.com:plain{n:04}" for n in range(20)]

    async def files_deed(self) -> None:
        match self.dice.randrange(3):
            case 0:
                kind = self.dice.choice([FOLDER, "text/plain"])
                made = await make_file(self.hand, self.dice.choice([ROOT, *self.folders]), kind)
                (self.folders if kind == FOLDER else self.files).append(made)
            case 1:
                await change_file(self.hand, self._any(), name=f"n{self.dice.random()}")
            case 2 | 3:
                await change_file(self.hand, self._any(), trashed=self.dice.random() < 0.5)
            case 4:
                place = self.dice.choice([ROOT, ENGINEERING, *self.folders[:2]])
                await change_file(self.hand, self.dice.choice(self.files), into=place)
            case _:
                await self.hand.rest.change(
                    "DELETE", "/drive/v3/files/{file}", file=self.dice.choice(self.files)
                )

    def _any(self) -> str:
        return self.dice.choice([*self.files, *self.folders])

    async def messages_deed(self) -> None:
        known = await labelled(self.hand, "Label_2") + await labelled(self.hand, "Label_3")
        mail = self.dice.choice(known)
        match self.dice.randrange(5):
            case 0:
                await send_mail(self.hand, "Label_2")
            case 1:
                await self.hand.switch("DELETE", f"/mails/ann/{mail}")
            case 2:
                await label_mail(self.hand, mail, add=("TRASH",))
            case 3:
                await label_mail(self.hand, mail, add=("Label_3",), remove=("Label_2",))
            case _:
                await label_mail(self.hand, mail, add=("Label_2", "STARRED"))

    async def events_deed(self) -> None:
        match self.dice.randrange(4):
            case 0:
                self.events.append(await make_event(self.hand))
            case 1:
                day = self.dice.choice(["0126", "0202", "0209", "0119"])
                await cancel_event(
                    self.hand, f"calendar:event:ann@example.com:standup_2026{day}T080000Z"
                )
            case 2 if self.dice.random() < 0.3:
                await cancel_event(self.hand, "calendar:event:ann@example.com:standup")
            case _:
                await cancel_event(self.hand, self.dice.choice(self.events))


Make = Callable[[Any], FeedReader]
READERS: dict[str, tuple[Make, tuple[str, ...] | None]] = {
    "files": (lambda it: DriveReader(DriveAccess(it.rest), limit=40), None),
    "messages": (lambda it: GmailReader(Gmail(it), limit=3), (CLIENTS, "gmail:label:Label_3")),
    "events": (lambda it: CalendarReader(it.rest, limit=40), (OWN, TEAM)),
}


async def disturbed(
    pages: AsyncGenerator[SyncPage, None], office: Office, stream: str
) -> AsyncGenerator[SyncPage, None]:
    async with aclosing(pages):
        async for page in pages:
            yield page
            # What was deleted cannot be changed: that day, less is done.
            try:
                await getattr(office, f"{stream}_deed")()
            except AppError:
                continue


@pytest.mark.parametrize("stream", READERS)
@pytest.mark.parametrize("seed", range(3))
async def test_the_copy_comes_to_be_what_google_has(stream: str, seed: int) -> None:
    bench = bench_of()
    office = Office(bench, random.Random(seed))  # noqa: S311  so that a run can be repeated
    make, containers = READERS[stream]
    copy: dict[str, bytes] = {}

    async def follow(query: SyncQuery, *, is_calm: bool) -> Run:
        done = Run()
        pages = feeds.run(query, make(bench.connector()))
        async with aclosing(pages if is_calm else disturbed(pages, office, stream)) as given:
            async for page in given:
                done.pages.append(page)
                for gone in page.deleted:
                    copy.pop(gone, None)
                copy.update({one.id: written(one) for one in page.records})
        return done

    run = await follow(asked(bench, stream, containers=containers), is_calm=False)
    for turn in range(4):
        run = await follow(asked(bench, stream, run, containers), is_calm=turn == 3)
    real = await full(bench, stream, containers)
    assert copy == {name: written(one) for name, one in real.records.items()}
    assert tokens(run)
