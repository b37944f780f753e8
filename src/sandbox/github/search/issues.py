"""Decides which issues a query finds."""

from typing import TYPE_CHECKING

import msgspec

from src.sandbox.github.records import Issue, Repository
from src.sandbox.github.search.dates import date_test
from src.sandbox.github.search.scope import SCOPES, in_scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.sandbox.github.search.terms import Clause, Term
    from src.sandbox.github.tokens import Viewer


class Hit(msgspec.Struct, frozen=True):
    """An issue with the repository it is in."""

    repository: Repository
    issue: Issue


_IS: "dict[str, Callable[[Hit], bool]]" = {
    "issue": lambda hit: hit.issue.pull is None,
    "pr": lambda hit: hit.issue.pull is not None,
    "pull-request": lambda hit: hit.issue.pull is not None,
    "open": lambda hit: hit.issue.state == "open",
    "closed": lambda hit: hit.issue.state == "closed",
    "merged": lambda hit: hit.issue.pull is not None and hit.issue.pull.merged_at is not None,
    "unmerged": lambda hit: hit.issue.pull is not None and hit.issue.pull.merged_at is None,
    "draft": lambda hit: hit.issue.pull is not None and hit.issue.pull.draft,
    "locked": lambda hit: hit.issue.locked,
    "private": lambda hit: hit.repository.private,
    "public": lambda hit: not hit.repository.private,
}
_DATES: "dict[str, Callable[[Hit], str | None]]" = {
    "updated": lambda hit: hit.issue.updated_at,
    "created": lambda hit: hit.issue.created_at,
    "closed": lambda hit: hit.issue.closed_at,
}
QUALIFIERS = frozenset(
    {*SCOPES, *_DATES, "is", "type", "state", "in", "author", "assignee", "label"}
)
_TEXTS: "dict[str, Callable[[Issue], str]]" = {
    "title": lambda issue: issue.title,
    "body": lambda issue: issue.body or "",
    "comments": lambda issue: "\n".join(comment.body for comment in issue.comments),
}


def issue_test(clause: "Clause", viewer: "Viewer") -> "Callable[[Hit], bool]":
    """Return the test of one alternative of a query."""
    tests = [(_qualifier_test(term, viewer), term.negated) for term in clause.qualifiers(*_TESTED)]
    fields = [
        field
        for term in clause.qualifiers("in")
        for field in term.value.split(",")
        if field in _TEXTS
    ] or list(_TEXTS)

    def test(hit: Hit) -> bool:
        return (
            in_scope(clause, hit.repository, viewer)
            and all(each(hit) is not negated for each, negated in tests)
            and _has_words(clause.words, hit.issue, fields)
        )

    return test


_TESTED = tuple(QUALIFIERS - SCOPES - {"in"})


def _qualifier_test(term: "Term", viewer: "Viewer") -> "Callable[[Hit], bool]":
    value = viewer.account.login.lower() if term.value == "@me" else term.value
    if term.name in _DATES:
        passes, read = date_test(value), _DATES[term.name]
        return lambda hit: passes(read(hit))
    tests: dict[str, Callable[[Hit], bool]] = {
        "author": lambda hit: hit.issue.user is not None and hit.issue.user.login.lower() == value,
        "assignee": lambda hit: value in {one.login.lower() for one in hit.issue.assignees},
        "label": lambda hit: (
            not {one.name.lower() for one in hit.issue.labels}.isdisjoint(value.split(","))
        ),
    }
    return tests.get(term.name) or _IS.get(value, lambda _: False)


def _has_words(words: "list[Term]", issue: Issue, fields: list[str]) -> bool:
    if not words:
        return True
    text = "\n".join(_TEXTS[field](issue) for field in fields).lower()
    return all((word.value in text) is not word.negated for word in words)
