"""The sites' seeds: fixed, so that every start is the same."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from src.sandbox.atlassian.people import ACME, BEN, MIA, NORA
from src.sandbox.confluence.records import Comment, Content, Person, Space, World
from src.sandbox.confluence.seed.bodies import EVERY_NODE, MACROS, nested, simple

PROJ, DOCS, BIG, PERSONAL, OLD, HIDDEN, EMPTY = range(98305, 98312)
OVERVIEW, MACRO_PAGE, NODE_PAGE, DISCUSSED, RUNBOOK = 98487, 98488, 98489, 98490, 98491
FOLDER, IN_FOLDER, WHITEBOARD, DATABASE, EMBED = 98500, 98501, 98502, 98503, 98504
ARCHIVED, TRASHED, DEEP_PAGE, NOBODYS, BARE = 98510, 98511, 98512, 98513, 98514
FIRST_POST = 99001
TREE_TOP = 200_000
TREE_SIZE = 2_000
FORMER = "557058:former-user"
WORD = "kraken"

_TOPS, _INLINE, _ANSWERS, _NESTED = 170, 30, 90, 10
_UNANCHORED = 2
_DEPTH, _WIDTH = 60, 300


def _day(number: int) -> str:
    """Return a moment that grows with the number; two thousand of them fit."""
    minute = number % 60
    hour = number // 60 % 24
    day = 1 + number // 1440 % 28
    return f"2024-03-{day:02}T{hour:02}:{minute:02}:00.000Z"


def _people() -> dict[str, Person]:
    known = [Person(one.account_id, one.name, one.email) for one in (MIA, BEN, NORA)]
    former = Person(FORMER, "Former user", "", "closed")
    return {one.account_id: one for one in (*known, former)}


def _spaces() -> Iterator[Space]:
    mia, ben = MIA.account_id, BEN.account_id
    yield Space(PROJ, "PROJ", "Project Space", "global", "current", "All of it", OVERVIEW)
    yield Space(DOCS, "DOCS", "Документация — 文档 & more", "knowledge_base", author=FORMER)
    yield Space(BIG, "BIG", "Big tree", "collaboration", homepage=TREE_TOP)
    yield Space(PERSONAL, f"~{mia}", "Mia Krystof", "personal", author=mia)
    yield Space(OLD, "OLD", "Old things", "global", "archived")
    yield Space(HIDDEN, "HIDDEN", "Ben's secrets", members=frozenset({ben}))
    yield Space(EMPTY, "EMPTY", "Nothing yet")


def _page(number: int, space: int, title: str, words: str, **more: Any) -> Content:
    storage, document = simple(words)
    values: dict[str, Any] = {
        "storage": storage,
        "document": document,
        "author": MIA.account_id,
        **more,
    }
    return Content(number, "page", space, title, **values)


def _special() -> Iterator[Content]:
    mia, ben = MIA.account_id, BEN.account_id
    yield _page(OVERVIEW, PROJ, "Overview", "Welcome", version=3, message="Third", editor=ben)
    below: dict[str, Any] = {"parent": OVERVIEW, "parent_kind": "page"}
    yield Content(
        MACRO_PAGE, "page", PROJ, "Every macro", MACROS, None, OVERVIEW, "page", author=mia
    )
    yield Content(
        NODE_PAGE, "page", PROJ, "Every node", "", EVERY_NODE, OVERVIEW, "page", 1, author=ben
    )
    yield _page(
        DISCUSSED, PROJ, "Much discussed", f"The {WORD} sleeps", labels=("deep", "sea"), **below
    )
    yield _page(RUNBOOK, PROJ, "Runbook", f"Wake the {WORD} gently", **below)
    yield Content(FOLDER, "folder", PROJ, "A folder", parent=OVERVIEW, parent_kind="page")
    yield _page(IN_FOLDER, PROJ, "In the folder", "Filed away", parent=FOLDER, parent_kind="folder")
    for number, kind in ((WHITEBOARD, "whiteboard"), (DATABASE, "database"), (EMBED, "embed")):
        yield Content(number, kind, PROJ, f"A {kind}", **below, author=mia)
    yield _page(ARCHIVED, PROJ, "Archived page", "Put away", status="archived")
    yield _page(TRASHED, PROJ, "Trashed page", f"Thrown away {WORD}", status="trashed")
    yield Content(
        DEEP_PAGE, "page", PROJ, "Nested", "", nested(), OVERVIEW, "page", 2, author=FORMER
    )
    yield _page(
        NOBODYS, PROJ, "Nobody's", "The author is gone altogether", **{**below, "author": None}
    )
    yield Content(BARE, "page", PROJ, "Ohne Inhalt ☃", parent=OVERVIEW, parent_kind="page")


def _many() -> Iterator[Content]:
    for index in range(40):
        words = f"{WORD} number {index}" if index % 4 == 0 else f"Nothing special {index} & <more>"
        yield _page(
            98600 + index,
            PROJ,
            f"Note {index:02}",
            words,
            parent=OVERVIEW,
            parent_kind="page",
            position=10 + index,
            changed_at=_day(1000 + index * 60),
            version=2,
        )
    for index in range(6):
        storage, document = simple(f"News {index} of the {WORD}")
        yield Content(
            FIRST_POST + index,
            "blogpost",
            PROJ,
            f"News {index}",
            storage,
            document,
            author=MIA.account_id,
            changed_at=_day(index),
        )
    for index in range(8):
        yield _page(98700 + index, DOCS, f"文書 {index}", f"Der {WORD} schläft über {index} 🐙")
    yield _page(98720, PERSONAL, "My notes", f"Private {WORD}")
    yield _page(98730, HIDDEN, "Secret plan", f"Nobody may know of the {WORD}")
    yield _page(98740, OLD, "Old page", "Long ago")


def _tree() -> Iterator[Content]:
    """Two thousand pages: a deep one under another, many below the first, ten below the others."""
    for index in range(TREE_SIZE):
        parent = None
        if 0 < index < _DEPTH:
            parent = TREE_TOP + index - 1
        elif index >= _DEPTH:
            beyond = index - _DEPTH
            parent = TREE_TOP if beyond < _WIDTH else TREE_TOP + beyond // 10
        yield _page(
            TREE_TOP + index,
            BIG,
            f"Leaf {index:04}",
            f"Page {index} of the big tree",
            parent=parent,
            parent_kind="page" if parent else None,
            position=index,
            changed_at=_day(index),
        )


def _comments() -> Iterator[Comment]:
    """Three hundred: at the top, inline, answers, and answers to answers."""
    authors = (MIA.account_id, BEN.account_id, FORMER, None)
    resolutions = ("open", "resolved", "dangling", "reopened")
    number = 444_000
    for index in range(_TOPS):
        number += 1
        words = f"<p>Footer {index} — <strong>größer</strong></p>"
        author, at = authors[index % 4], _day(index)
        version = 2 if index == 1 else 1
        yield Comment(number, "footer", DISCUSSED, words, None, author, at, version)
    for index in range(_INLINE):
        number += 1
        yield Comment(
            number,
            "inline",
            DISCUSSED,
            f"<p>Inline {index}</p>",
            author=authors[index % 4],
            resolution=resolutions[index % 4],
            anchor=None if index == _UNANCHORED else f"sleeps {index}",
        )
    for index in range(_ANSWERS):
        number += 1
        top = 444_001 + index // 3 * 2
        yield Comment(number, "footer", DISCUSSED, f"<p>Answer {index}</p>", top, BEN.account_id)
    first_answer = 444_001 + _TOPS + _INLINE
    for index in range(_NESTED):
        number += 1
        parent = first_answer + index
        yield Comment(number, "footer", DISCUSSED, f"<p>Answer to {parent}</p>", parent, FORMER)
    yield Comment(number + 1, "footer", FIRST_POST, "<p>On a blog post</p>", None, MIA.account_id)


@cache
def world(site: str) -> World:
    """Return the seed of a site: Acme has it all, others a single space."""
    if site != ACME.id:
        home = Space(500, "HOME", "Home ☂", homepage=501)
        page = _page(501, 500, "Umbrella", "Another site")
        return World({500: home}, {501: page}, {}, _people())
    contents = (*_special(), *_many(), *_tree())
    return World(
        {one.id: one for one in _spaces()},
        {one.id: one for one in contents},
        {one.id: one for one in _comments()},
        _people(),
    )
