"""Puts the seed together, once per process and on first use."""

from functools import cache
from random import Random
from typing import Any

from src.sandbox.github.records import Account, Installation, Repository, World
from src.sandbox.github.seed.clock import DAY, moment
from src.sandbox.github.seed.files import HELLO_BRANCHES, LARGE_BRANCHES, USUAL_BRANCHES
from src.sandbox.github.seed.issues import Plan, Tracker
from src.sandbox.github.seed.people import (
    HUBOT,
    OCTO_ORG,
    OCTOCAT,
    ORGANIZATIONS,
    PEOPLE,
    TENTACLE_LABS,
)

_CHILDREN = {7: (9, 10, 12), 9: (15,)}
_STRANGERS: dict[int, tuple[tuple[int, int], ...]] = {9: ((1296274, 1),)}
HELLO_WORLD = Plan(
    380,
    skipped=frozenset({13, 16}),
    comments={42: 160, 101: 35},
    review_comments={101: 130},
    children=_CHILDREN,
    strangers=_STRANGERS,
    parents={
        child: f"octocat/Hello-World/issues/{parent}"
        for parent, children in _CHILDREN.items()
        for child in children
    },
)
_MOVED_ISSUE = (16, 1296274, 3)
INSTALLATIONS = (
    Installation(50_001, OCTOCAT, frozenset({1296269, 1296270})),
    Installation(50_002, OCTO_ORG),
    Installation(50_003, TENTACLE_LABS, suspended=True),
    Installation(50_004, HUBOT, frozenset({1296277})),
)


@cache
def world() -> World:
    """Return the seed; the same in every process because chance has a fixed start."""
    tracker = Tracker(Random(1296269))  # noqa: S311 - a fixed seed is the purpose, no secret here
    return World(
        (*PEOPLE, *ORGANIZATIONS),
        (*_octocats(tracker), *_organizations(tracker), *_hubots(tracker)),
        (("octocat/Hello-Planet", 1296269),),
        INSTALLATIONS,
    )


def _octocats(tracker: Tracker) -> list[Repository]:
    return [
        _repository(
            1296269,
            "Hello-World",
            OCTOCAT,
            "My first repository on GitHub!",
            stars=2_500,
            topics=("hello", "octocat"),
            issues=tracker.issues(HELLO_WORLD),
            deleted=frozenset({13}),
            transferred=(_MOVED_ISSUE,),
            branches=HELLO_BRANCHES,
        ),
        _repository(
            1296270,
            "private-notes",
            OCTOCAT,
            None,
            private=True,
            issues=tracker.issues(Plan(24)),
        ),
        _repository(1296271, "empty", OCTOCAT, "", language=None, size=0, branches=()),
        _repository(
            1296272,
            "no-issues",
            OCTOCAT,
            "Issues are disabled here, pull requests are not",
            has_issues=False,
            issues=tracker.issues(Plan(6, only_pulls=True)),
        ),
        _repository(
            1296278,
            "linguist",
            OCTOCAT,
            "A fork of a well-known library",
            fork=True,
            branches=LARGE_BRANCHES,
            tree_limit=1_000,
        ),
        _repository(1296281, "takedown", OCTOCAT, "Taken down", blocked=True),
    ]


def _organizations(tracker: Tracker) -> list[Repository]:
    return [
        _repository(
            1296273,
            "tentacle-api",
            OCTO_ORG,
            "The internal API",
            private=True,
            issues=tracker.issues(Plan(45)),
        ),
        _repository(
            1296274,
            "docs",
            OCTO_ORG,
            "Документація 📚 — docs, ドキュメント, وثائق",
            language="MDX",
            issues=tracker.issues(Plan(12, parents={1: "octocat/Hello-World/issues/9"})),
        ),
        _repository(
            1296275,
            "legacy",
            TENTACLE_LABS,
            "No longer maintained",
            archived=True,
            language="Perl",
            issues=tracker.issues(Plan(8)),
        ),
    ]


def _hubots(tracker: Tracker) -> list[Repository]:
    return [
        _repository(
            1296276,
            "robots",
            HUBOT,
            "A customizable life embetterment robot",
            private=True,
            collaborators=frozenset({"octocat"}),
            language="CoffeeScript",
            issues=tracker.issues(Plan(30)),
        ),
        _repository(
            1296277,
            "secret-lab",
            HUBOT,
            "Nobody but hubot may see this",
            private=True,
            issues=tracker.issues(Plan(5)),
        ),
    ]


def _repository(
    number: int, name: str, owner: Account, description: str | None, **more: Any
) -> Repository:
    age = (number - 1296269) * 40 * DAY
    still_open = sum(issue.state == "open" for issue in more.get("issues", ()))
    usual: dict[str, Any] = {
        "language": "Python",
        "size": 108,
        "stars": number % 50,
        "open_issues": still_open,
        "branches": USUAL_BRANCHES,
    }
    return Repository(
        number,
        name,
        owner,
        description,
        created_at=moment(age),
        updated_at=moment(age + 500 * DAY),
        pushed_at=moment(age + 490 * DAY),
        **(usual | more),
    )
