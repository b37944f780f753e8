"""What callers have made and changed, kept in the store so that several server processes agree."""

from typing import TYPE_CHECKING, Any

import msgspec

from src.sandbox.google.drive.records import Drive, File, World
from src.sandbox.google.drive.seed import SEED
from src.sandbox.google.logs import Log

if TYPE_CHECKING:
    from src.sandbox.kit import SandboxStore

_PREFIX = "google/drive/made"
_EDITS = "google/drive/edits"
_MEMBERS = "google/drive/members"
_MADE = "1Made"
_PLACES = {file.id: at for at, file in enumerate(SEED.files)}


class Entry(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What has happened to a file, or to somebody's place in a shared drive."""

    file: str | None = None
    before: dict[str, Any] | None = None
    """The file as it was; None = it is new."""
    drive: str | None = None
    login: str | None = None


class Written:
    """Everything that came after the seed."""

    def __init__(self, store: "SandboxStore") -> None:
        """Keep to the keys of Drive."""
        self._store = store
        self.log = Log(store, "drive")

    async def add(self, file: File) -> File:
        """Keep a file under a new id."""
        number = await self._store.increment(_PREFIX, "count")
        named = msgspec.structs.replace(file, id=f"{_MADE}{number:05}00000000000000000000")
        await self._store.put(f"{_PREFIX}/{number}", _document(named))
        await self._note(Entry(file=named.id))
        return named

    async def change(self, before: File, after: File | None) -> None:
        """Keep a file as it is now; None = it is no more."""
        edits = await self._store.get(_EDITS) or {}
        edits[before.id] = None if after is None else _document(after)
        await self._store.put(_EDITS, edits)
        await self._note(Entry(file=before.id, before=_document(before)))

    async def seat(self, drive: Drive, login: str, *, is_member: bool) -> None:
        """Let somebody into a shared drive, or out of it."""
        members = await self._store.get(_MEMBERS) or {}
        others = [one for one in drive.members if one != login]
        members[drive.id] = [*others, login] if is_member else others
        await self._store.put(_MEMBERS, members)
        await self._note(Entry(drive=drive.id, login=login))

    async def _note(self, entry: Entry) -> None:
        await self.log.add(msgspec.to_builtins(entry))

    async def world(self) -> World:
        """Return the seed with all that was made and changed."""
        count = int((await self._store.get(_PREFIX) or {}).get("count", 0))
        edits = await self._store.get(_EDITS) or {}
        members = await self._store.get(_MEMBERS) or {}
        if not (count or edits or members):
            return SEED
        made = [
            read_file(document)
            for number in range(1, count + 1)
            if (document := await self._store.get(f"{_PREFIX}/{number}")) is not None
        ]
        files = [_edited(file, edits) for file in (*SEED.files, *made)]
        drives = [
            msgspec.structs.replace(one, members=tuple(members.get(one.id, one.members)))
            for one in SEED.drives
        ]
        return World(_with_trash([one for one in files if one is not None]), tuple(drives))


def place_of(file: File) -> int:
    """Return where a file stands in every list, whatever comes and goes before it."""
    made = file.id.removeprefix(_MADE)
    return len(_PLACES) + int(made[:5]) if made != file.id else _PLACES[file.id]


def _edited(file: File, edits: dict[str, Any]) -> File | None:
    if file.id not in edits:
        return file
    document = edits[file.id]
    kept = None if document is None else read_file(document)
    return None if kept is None else msgspec.structs.replace(kept, comments=file.comments)


def _with_trash(files: list[File]) -> tuple[File, ...]:
    """What is in a folder in the trash is in the trash."""
    by_id = {file.id: file for file in files}

    def is_trashed(file: File) -> bool:
        above = by_id.get(file.parent or "")
        return file.trashed or (above is not None and is_trashed(above))

    return tuple(
        msgspec.structs.replace(file, trashed=True) if is_trashed(file) else file for file in files
    )


def _document(file: File) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.to_builtins(msgspec.structs.replace(file, comments=None))
    return document


def read_file(document: dict[str, Any]) -> File:
    """Read a file as it was kept."""
    known = {name: value for name, value in document.items() if name != "comments"}
    return msgspec.convert(known, File)
