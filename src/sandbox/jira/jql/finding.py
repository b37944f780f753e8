"""From a tree of terms to the issues that it means, in their order."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import msgspec

from src.sandbox.jira.jql.terms import All, Any, Clause, JqlError, Not, Query, Term, Token
from src.sandbox.jira.jql.words import matches
from src.sandbox.jira.seed.bodies import plain
from src.sandbox.jira.seed.people import find_person

if TYPE_CHECKING:
    from src.sandbox.jira.records import Issue, Project

Test = Callable[["Issue"], bool]
CATEGORIES = {"To Do": "new", "In Progress": "indeterminate", "Done": "done"}
STATUSES = {status.lower() for status in CATEGORIES}
TYPES = {"epic": 1, "story": 0, "task": 0, "bug": 0, "sub-task": -1}
_DATES = {"updated", "created", "resolved", "resolutiondate"}
_TEXTS = {"summary", "text", "description", "comment"}
_FORMATS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
_MILLISECONDS = 1_000


class Context(msgspec.Struct, frozen=True):
    """Who asks, and what they see."""

    login: str
    offset: int
    projects: "dict[int, Project]"
    issues: "dict[int, Issue]"
    is_server: bool = False


def find(query: Query, context: Context) -> "list[Issue]":
    """Return what a query means for somebody."""
    test = _test(query.where, context) if query.where is not None else lambda _: True
    found = [
        one for one in context.issues.values() if one.project in context.projects and test(one)
    ]
    return _sorted(found, query, context)


def _sorted(found: "list[Issue]", query: Query, context: Context) -> "list[Issue]":
    found.sort(key=lambda one: one.id, reverse=True)
    for field, falls in reversed(query.order):
        found.sort(key=_key(field, context), reverse=falls)
    return found


def begin_behind(query: Query, context: Context, found: "list[Issue]", last: "Issue | None") -> int:
    """Return where the issues begin that come behind one in the order, as it once was."""
    if last is None:
        return 0
    sorted_with = _sorted([*found, last], query, context)
    return next(index for index, one in enumerate(sorted_with) if one is last)


def _key(field: str, context: Context) -> "Callable[[Issue], str | int]":
    keys: dict[str, Callable[[Issue], str | int]] = {
        "updated": lambda one: one.updated,
        "created": lambda one: one.created,
        "key": lambda one: (one.project, one.number)[1],
        "id": lambda one: one.id,
        "summary": lambda one: one.summary,
        "status": lambda one: one.status,
        "priority": lambda one: one.priority or "",
        "project": lambda one: context.projects[one.project].key,
    }
    if field not in keys:
        raise JqlError(f"Field '{field}' does not exist or you do not have permission to view it.")
    return keys[field]


def _test(term: Term, context: Context) -> Test:
    match term:
        case Not(inner):
            negated = _test(inner, context)
            return lambda one: not negated(one)
        case All(terms):
            every = [_test(inner, context) for inner in terms]
            return lambda one: all(test(one) for test in every)
        case Any(terms):
            some = [_test(inner, context) for inner in terms]
            return lambda one: any(test(one) for test in some)
        case Clause():
            return _clause(term, context)


def _clause(clause: Clause, context: Context) -> Test:
    if clause.field in _TEXTS:
        return _text(clause)
    if clause.field in _DATES:
        return _date(clause, context)
    reading = _READINGS.get(clause.field)
    if reading is None:
        raise JqlError(
            f"Field '{clause.field}' does not exist or you do not have permission to view it."
        )
    if clause.operator in {"is", "is not"}:
        if clause.field == "parent" and context.is_server:
            raise JqlError("The operator 'is' is not supported by the 'parent' field.")
        wants = clause.operator == "is"
        return lambda one: (not reading(one, context)) == wants
    if clause.operator not in {"=", "!=", "in", "not in"}:
        raise JqlError(
            f"The operator '{clause.operator}' is not supported by the '{clause.field}' field."
        )
    wanted = {value for token in clause.values for value in _resolved(clause.field, token, context)}
    positive = clause.operator in {"=", "in"}
    return lambda one: (not wanted.isdisjoint(reading(one, context))) == positive


_READINGS: "dict[str, Callable[[Issue, Context], tuple[str, ...]]]" = {
    "project": lambda one, _: (str(one.project),),
    "key": lambda one, _: (str(one.id),),
    "issuekey": lambda one, _: (str(one.id),),
    "id": lambda one, _: (str(one.id),),
    "parent": lambda one, _: (str(one.parent),) if one.parent is not None else (),
    "issuetype": lambda one, _: (one.type.lower(),),
    "type": lambda one, _: (one.type.lower(),),
    "status": lambda one, _: (one.status.lower(),),
    "statuscategory": lambda one, _: (one.status.lower(),),
    "priority": lambda one, _: (one.priority.lower(),) if one.priority else (),
    "labels": lambda one, _: tuple(label.lower() for label in one.labels),
    "assignee": lambda one, _: (one.assignee,) if one.assignee else (),
    "reporter": lambda one, _: (one.reporter,) if one.reporter else (),
}


def _resolved(field: str, token: Token, context: Context) -> tuple[str, ...]:
    """Return what a value means; Jira refuses names of things that are not there."""
    if token.kind == "function":
        return _function(field, token.text, context)
    found = _RESOLVERS.get(field, _as_it_is)(token.text, context)
    if found:
        return found
    if "-" in token.text and field in {"key", "issuekey", "id", "parent"}:
        raise JqlError(f"An issue with key '{token.text}' does not exist for field '{field}'.")
    raise JqlError(f"The value '{token.text}' does not exist for the field '{field}'.")


def _function(field: str, name: str, context: Context) -> tuple[str, ...]:
    if name == "currentuser" and field in {"assignee", "reporter"}:
        return (context.login,)
    if name == "standardissuetypes" and field in {"issuetype", "type"}:
        return tuple(kind for kind, level in TYPES.items() if level >= 0)
    if name == "subtaskissuetypes" and field in {"issuetype", "type"}:
        return tuple(kind for kind, level in TYPES.items() if level < 0)
    raise JqlError(f"Unable to find JQL function '{name}()'.")


def _as_it_is(text: str, _: Context) -> tuple[str, ...]:
    return (text.lower(),)


def _projects(text: str, context: Context) -> tuple[str, ...]:
    name = text.lower()
    return tuple(
        str(one.id)
        for one in context.projects.values()
        if name in {one.key.lower(), one.name.lower(), str(one.id)}
    )


def _issues(text: str, context: Context) -> tuple[str, ...]:
    found = find_issue(text, context)
    return (str(found.id),) if found else ()


def _types(text: str, _: Context) -> tuple[str, ...]:
    return (text.lower(),) if text.lower() in TYPES else ()


def _statuses(text: str, _: Context) -> tuple[str, ...]:
    return (text.lower(),) if text.lower() in STATUSES else ()


def _person(text: str, _: Context) -> tuple[str, ...]:
    person = find_person(text)
    return (person.login,) if person else ()


_RESOLVERS: dict[str, Callable[[str, Context], tuple[str, ...]]] = {
    "project": _projects,
    "parent": _issues,
    "key": _issues,
    "issuekey": _issues,
    "id": _issues,
    "issuetype": _types,
    "type": _types,
    "status": _statuses,
    "statuscategory": _statuses,
    "assignee": _person,
    "reporter": _person,
}


def find_issue(text: str, context: Context) -> "Issue | None":
    """Find an issue that somebody sees, by number or key."""
    if text.isascii() and text.isdecimal():
        found = context.issues.get(int(text[:20]))
        return found if found is not None and found.project in context.projects else None
    key, _, number = text.upper().rpartition("-")
    project = next((one.id for one in context.projects.values() if one.key == key), None)
    if project is None or not number.isdecimal():
        return None
    return next(
        (
            one
            for one in context.issues.values()
            if one.project == project and one.number == int(number)
        ),
        None,
    )


def _text(clause: Clause) -> Test:
    if clause.operator not in {"~", "!~"}:
        raise JqlError(
            f"The operator '{clause.operator}' is not supported by the '{clause.field}' field."
        )
    wanted = clause.values[0].text
    positive = clause.operator == "~"

    def words(one: "Issue") -> str:
        if clause.field == "summary":
            return one.summary
        body = plain(one.body)
        return f"{one.summary} {body}" if clause.field == "text" else body

    return lambda one: matches(wanted, words(one)) == positive


def _date(clause: Clause, context: Context) -> Test:
    if clause.operator in {"is", "is not"}:
        wants = clause.operator == "is"
        return lambda one: (_moment(one, clause.field) is None) == wants
    limit = _instant(clause.values[0].text, context)
    comparisons: dict[str, Callable[[float], bool]] = {
        ">=": lambda value: value >= limit,
        ">": lambda value: value > limit,
        "<=": lambda value: value <= limit,
        "<": lambda value: value < limit,
        "=": lambda value: value == limit,
    }
    compare = comparisons.get(clause.operator)
    if compare is None:
        raise JqlError(
            f"The operator '{clause.operator}' is not supported by the '{clause.field}' field."
        )

    def test(one: "Issue") -> bool:
        moment = _moment(one, clause.field)
        return moment is not None and compare(moment)

    return test


def _moment(one: "Issue", field: str) -> int | None:
    if field == "updated":
        return one.updated
    return one.created if field == "created" else one.resolved


def _instant(text: str, context: Context) -> float:
    """Read a time: milliseconds, or a text in the time zone of who asks."""
    if text.lstrip("-").isdecimal():
        return int(text) / _MILLISECONDS
    zone = timezone(timedelta(hours=context.offset))
    for pattern in _FORMATS:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=zone).astimezone(UTC).timestamp()
        except ValueError:
            continue
    raise JqlError(
        f"Date value '{text}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
        "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    )
