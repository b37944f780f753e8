"""The files of Ann, of Ben, and of two shared drives that Ann is in and one that she is not."""

from collections.abc import Iterator

from src.sandbox.google.drive.comments import roadmap_comments, short_comments
from src.sandbox.google.drive.records import (
    DOCUMENT,
    FOLDER,
    FORM,
    GOOGLE,
    PRESENTATION,
    SHORTCUT,
    SPREADSHEET,
    Drive,
    File,
    World,
)

ANN_ROOT = "0AAnnRootFolder0000PVA"
BEN_ROOT = "0ABenRootFolder0000PVA"
PROJECTS = "1ProjectsFolder0000000000000"
NESTED = "1NestedFolder000000000000000"
MANY = "1ManyFilesFolder000000000000"
ROADMAP = "1RoadmapDocument000000000000"
BUDGET = "1BudgetSpreadsheet0000000000"
EMPTY_SHEET = "1EmptySpreadsheet00000000000"
ENGINEERING = "0AEngineeringDrive0PVA"
EMPTY_DRIVE = "0AEmptySharedDrive0PVA"
LEGAL = "0ALegalSecretDrive0PVA"
HANDBOOK = "1HandbookFolder0000000000000"
SHARED_FOLDER = "1BensSharedFolder00000000000"
CASE = "1CaseOfLegalFolder0000000000"
"""A folder of a shared drive that Ann is let into, and she alone of all outside the drive."""
LINKED = "1LinkSharedFile0000000000000"
LINKED_KEY = "0-r9EHLOeLinkKey"

_MARKDOWN = (
    b"\xef\xbb\xbf# Roadmap\n\nThe theme of the year: \xc3\xbcber uns \xf0\x9f\x9a\x80\n\n"
    b"![][image1]\n\n[image1]: <data:image/png;base64,iVBORw0KGgo=>\n"
)
_CSV = 'Item,Cost\r\nWheel,$20.50\r\nTür,"1,5"\r\n'.encode()


def _of_ann() -> Iterator[File]:
    def file(file_id: str, name: str, mime_type: str, **more: object) -> File:
        values = {"owner": "ann", "parent": ANN_ROOT, **more}
        return File(id=file_id, name=name, mime_type=mime_type, **values)  # type: ignore[arg-type]

    yield file(ANN_ROOT, "My Drive", FOLDER, parent=None)
    yield file(PROJECTS, "Projects", FOLDER, description="What we are at")
    yield file(NESTED, "Ünïcode 📁 & 'quotes' \\ more", FOLDER, parent=PROJECTS)
    yield file("1DeepFolder00000000000000000", "Deep", FOLDER, parent=NESTED)
    yield file(
        "1DeepNote0000000000000000000",
        "deep.md",
        "text/markdown",
        parent="1DeepFolder00000000000000000",
        content=b"# Deep",
    )
    yield file(MANY, "Many", FOLDER)
    yield file(
        ROADMAP,
        "Roadmap",
        DOCUMENT,
        content=_MARKDOWN,
        text="roadmap theme year",
        comments=roadmap_comments,
        readers=("ben",),
        modified="2026-03-01T10:00:00.500Z",
    )
    yield file(BUDGET, "Budget", SPREADSHEET, content=_CSV, text="item cost wheel", parent=PROJECTS)
    yield file(EMPTY_SHEET, "Empty sheet", SPREADSHEET, content=b"")
    yield file(
        "1PitchSlides0000000000000000",
        "Pitch",
        PRESENTATION,
        content=b"\xef\xbb\xbfOne\n\nTwo\n",
        text="pitch",
    )
    yield file("1SurveyForm00000000000000000", "Survey", FORM)
    yield file(
        "1TooLargeDocument00000000000",
        "Encyclopedia",
        DOCUMENT,
        exports_too_much=True,
        text="everything",
    )
    yield file(
        "1LockedDocument0000000000000", "Locked", DOCUMENT, content=b"secret", may_copy=False
    )
    yield file(
        "1AbusiveFile0000000000000000",
        "invoice.txt",
        "text/plain",
        content=b"malware",
        is_abusive=True,
    )
    yield file(
        "1PlainNotes00000000000000000",
        "notes.txt",
        "text/plain",
        content="Zeile 1\nZeile 2 — Ende".encode(),
        text="zeile theme",
        comments=short_comments,
    )
    yield file(
        "1Utf16Notes00000000000000000",
        "utf16.txt",
        "text/plain",
        content="Grüße aus 東京".encode("utf-16"),
    )
    yield file(
        "1Latin1Notes0000000000000000",
        "latin1.csv",
        "text/csv",
        content="Stra\xdfe;M\xfcnchen".encode("cp1252"),
    )
    yield file("1HugeLog00000000000000000000", "huge.log", "text/plain", size=50_000_000)
    yield file(
        "1Picture00000000000000000000", "logo.png", "image/png", content=b"\x89PNG\r\n\x1a\n\x00"
    )
    yield file(
        "1QuotedName00000000000000000",
        "O'Brien's \\ plan (theme).txt",
        "text/plain",
        content=b"plan",
        text="o'brien's plan theme",
    )
    yield file("1OldDraft0000000000000000000", "Old draft", DOCUMENT, content=b"old", trashed=True)
    yield file("1ShortcutToRoadmap0000000000", "Roadmap, shortly", SHORTCUT, target=ROADMAP)
    yield file("1ShortcutToFolder00000000000", "To the handbook", SHORTCUT, target=HANDBOOK)
    yield file("1ShortcutToLinked00000000000", "By link", SHORTCUT, target=LINKED)
    yield file(
        "1ShortcutToNowhere0000000000", "Lost", SHORTCUT, target="1GoneFile000000000000000000000"
    )
    for number in range(250):
        word = " theme" if number % 10 == 0 else ""
        yield file(
            f"1Many{number:03}0000000000000000000",
            f"file {number:03}{word}.txt",
            "text/plain",
            parent=MANY,
            content=f"number {number}".encode(),
            text=f"number {number}{word}",
            modified=f"2026-{1 + number // 28:02}-{1 + number % 28:02}T12:00:00.000Z",
        )


def _of_ben() -> Iterator[File]:
    def file(file_id: str, name: str, mime_type: str, **more: object) -> File:
        values = {"owner": "ben", "parent": BEN_ROOT, **more}
        return File(id=file_id, name=name, mime_type=mime_type, **values)  # type: ignore[arg-type]

    yield file(BEN_ROOT, "My Drive", FOLDER, parent=None)
    yield file(
        "1BensPrivateFile000000000000", "Ben's diary", DOCUMENT, content=b"mine", text="theme"
    )
    yield file(
        "1BensSharedDocument000000000",
        "Ben's theme",
        DOCUMENT,
        content=b"# For Ann",
        text="for ann theme",
        readers=("ann",),
    )
    yield file(SHARED_FOLDER, "Ben's folder", FOLDER, readers=("ann",))
    yield file(
        "1InBensFolder000000000000000",
        "inside.txt",
        "text/plain",
        parent=SHARED_FOLDER,
        content=b"inside",
        readers=("ann",),
    )
    yield file(LINKED, "Linked", "text/plain", content=b"by link", link_key=LINKED_KEY)


def _of_drives() -> Iterator[File]:
    def file(file_id: str, name: str, mime_type: str, **more: object) -> File:
        values = {"owner": None, "drive": ENGINEERING, "parent": ENGINEERING, **more}
        return File(id=file_id, name=name, mime_type=mime_type, **values)  # type: ignore[arg-type]

    for drive in DRIVES:
        yield file(drive.id, "Drive", FOLDER, parent=None, drive=drive.id)
    yield file(HANDBOOK, "Handbook", FOLDER)
    yield file(
        "1OnCallDocument0000000000000",
        "On call theme",
        DOCUMENT,
        parent=HANDBOOK,
        content=b"# On call",
        text="on call theme",
    )
    yield file("1DriveSheet00000000000000000", "Capacity", SPREADSHEET, content=_CSV)
    yield file(
        "1LegalDocument00000000000000",
        "Merger theme",
        DOCUMENT,
        drive=LEGAL,
        parent=LEGAL,
        content=b"secret",
        text="merger theme",
    )
    yield file(CASE, "One case", FOLDER, drive=LEGAL, parent=LEGAL, readers=("ann",))
    yield file(
        "1CaseBrief000000000000000000",
        "brief.txt",
        "text/plain",
        drive=LEGAL,
        parent=CASE,
        content=b"brief",
        readers=("ann",),
    )
    yield file("1DrawingFile0000000000000000", "Diagram", f"{GOOGLE}drawing", parent=HANDBOOK)


DRIVES = (
    Drive(id=ENGINEERING, name="Engineering", created="2025-05-01T08:00:00.000Z", members=("ann",)),
    Drive(id=EMPTY_DRIVE, name="Empty ∅", created="2025-06-01T08:00:00.000Z", members=("ann",)),
    Drive(id=LEGAL, name="Legal", created="2025-07-01T08:00:00.000Z", members=("ben",)),
)
SEED = World((*_of_ann(), *_of_ben(), *_of_drives()), DRIVES)
