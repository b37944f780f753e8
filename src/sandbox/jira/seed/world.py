"""Sites and a data center: projects of several kinds, five thousand issues in one of them."""

from collections import defaultdict
from functools import lru_cache

import msgspec

from src.sandbox.atlassian.people import ACME, UMBRELLA
from src.sandbox.jira.records import Board, Issue, Project, World

DATA_CENTER = "data-center"
EXAMPLE, BIG, DESK, MARKETING, EMPTY, SECRET, ODD = range(10_000, 10_007)
HUGE = 5_000
START = 1_686_700_000
"""June 2023."""

_HOUR = 3_600
_STATUSES = ("To Do", "In Progress", "Done")
_PRIORITIES = ("Highest", "High", "Medium", "Low", None)
_TYPES = ("Task", "Bug", "Story")
_LABELS = ((), ("backend",), ("backend", "ünïcode"), ("ui",))

PROJECTS = (
    Project(EXAMPLE, "EX", "Example", "software", "What we show to everybody."),
    Project(BIG, "BIG", "Big 5,000", "software", is_simplified=True),
    Project(DESK, "SD", "Service desk", "service_desk", "Requests of customers."),
    Project(MARKETING, "MKT", "Marketing ✨ 市場", "business"),
    Project(EMPTY, "NIL", "Empty", "business"),
    Project(SECRET, "SEC", "Secret", "software", members=frozenset({"mia"})),
    Project(ODD, "ODD", 'Odd "R&D" \\ (1)', "business"),
)
BOARDS = (
    Board(1, "EX board", "scrum", EXAMPLE),
    Board(2, "BIG board", "kanban", BIG),
    Board(3, "Everybody's board", "kanban", None),
)


def _issue(project: int, base: int, number: int, **more: object) -> Issue:
    status = _STATUSES[number % 3]
    created = START + number * _HOUR
    values: dict[str, object] = {
        "type": _TYPES[number % 3],
        "summary": f"{'Dark theme' if number % 4 == 0 else 'Something'} {number} in {project}",
        "status": status,
        "created": created,
        "updated": created + (number * 7_919) % 86_400,
        "priority": _PRIORITIES[number % 5],
        "reporter": ("mia", "ben", "former", None)[number % 4],
        "assignee": ("mia", None, "ben")[number % 3],
        "labels": _LABELS[number % 4],
        "body": number,
        "resolved": created + _HOUR if status == "Done" else None,
    }
    landmarks = {"id": base + number, "project": project, "number": number}
    return msgspec.convert({**values, **more, **landmarks}, Issue)


def _example() -> list[Issue]:
    """Landmarks first: an epic with stories and sub-tasks, all nodes, 300 comments, nulls."""
    base = 10_100
    custom = {
        "customfield_10016": 5.0,
        "customfield_10020": [{"id": 1, "name": "Sprint 1", "state": "active", "boardId": 1}],
        "customfield_10030": {
            "self": "",
            "value": "Europe",
            "id": "1",
            "child": {"value": "Bern", "id": "2"},
        },
        "customfield_10031": [{"value": "red", "id": "3"}, {"value": "blue", "id": "4"}],
        "customfield_10032": {"accountId": "5fc9e78d2730d800760becc4", "displayName": "Ben Ruíz"},
        "customfield_10033": None,
        "customfield_10034": "one of two",
        "customfield_10035": "the other of two",
    }
    landmarks = [
        _issue(EXAMPLE, base, 1, type="Epic", summary="Epic of the dark theme", files=2),
        _issue(EXAMPLE, base, 2, type="Story", parent=base + 1, summary="Story one", custom=custom),
        _issue(EXAMPLE, base, 3, type="Story", parent=base + 1, summary="Every node", body="every"),
        _issue(EXAMPLE, base, 4, type="Task", summary="Much talk", comments=300),
        _issue(
            EXAMPLE,
            base,
            5,
            type="Task",
            summary="Nothing but a title",
            body=None,
            priority=None,
            reporter=None,
            assignee=None,
            labels=(),
            resolved=None,
        ),
        _issue(
            EXAMPLE, base, 6, type="Bug", summary="By nobody", reporter="gone", assignee="former"
        ),
        _issue(
            EXAMPLE,
            base,
            7,
            type="Sub-task",
            parent=base + 2,
            summary='Größe "日本語" \\ 👩‍👩‍👧 </b>',
            due="2026-12-31",
            components=("Core", "Oberfläche"),
            versions=("1.0",),
        ),
        _issue(
            EXAMPLE,
            base,
            8,
            type="Sub-task",
            parent=base + 2,
            summary="Second sub-task",
            comments=3,
        ),
    ]
    return landmarks + [_issue(EXAMPLE, base, number) for number in range(9, 61)]


def _marketing() -> list[Issue]:
    """Imported: most were made within one minute. One has more comments than a search tells."""
    base, first = 21_000, START + 13 * _HOUR
    talks = {1: 25, 2: 3}
    issues = [_issue(MARKETING, base, n, comments=talks.get(n, 0)) for n in range(1, 13)]
    imported = {n: first + n % 60 for n in range(13, 213)}
    issues += [
        _issue(MARKETING, base, n, created=moment, updated=moment + n * 60)
        for n, moment in imported.items()
    ]
    return issues + [_issue(MARKETING, base, n, comments=n % 3) for n in range(213, 223)]


@lru_cache(maxsize=4)
def world(name: str) -> World:
    """Return what stands at a site (by its id), or in the data center."""
    if name == UMBRELLA.id:
        # The same number as a project of the other site: ids are a site's own.
        project = Project(EXAMPLE, "UMB", "Umbrella only", "business")
        return _world(name, (project,), [_issue(EXAMPLE, 10_100, n) for n in (1, 2)], ())
    issues = _example()
    issues += [_issue(DESK, 20_000, number) for number in range(1, 6)]
    issues += _marketing()
    issues += [_issue(SECRET, 22_000, number) for number in range(1, 5)]
    issues += [_issue(ODD, 23_000, number) for number in range(1, 4)]
    if name == ACME.id:
        issues += [_issue(BIG, 100_000, number) for number in range(1, HUGE + 1)]
    return _world(name, PROJECTS, issues, BOARDS)


def _world(
    name: str, projects: tuple[Project, ...], issues: list[Issue], boards: tuple[Board, ...]
) -> World:
    children: dict[int, list[int]] = defaultdict(list)
    for issue in issues:
        if issue.parent is not None:
            children[issue.parent].append(issue.id)
    below = {parent: tuple(found) for parent, found in children.items()}
    return World(name, projects, {issue.id: issue for issue in issues}, boards, below)
