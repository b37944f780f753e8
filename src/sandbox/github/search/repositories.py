"""Decides which repositories a query finds."""

from typing import TYPE_CHECKING

from src.sandbox.github.search.scope import SCOPES, in_scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from src.sandbox.github.records import Repository
    from src.sandbox.github.search.terms import Clause
    from src.sandbox.github.tokens import Viewer

QUALIFIERS = frozenset({*SCOPES, "in", "fork", "is", "archived"})
_TEXTS: "dict[str, Callable[[Repository], str]]" = {
    "name": lambda repo: repo.name,
    "description": lambda repo: repo.description or "",
    "topics": lambda repo: " ".join(repo.topics),
}


def repository_test(clause: "Clause", viewer: "Viewer") -> "Callable[[Repository], bool]":
    """Return the test of one alternative; forks are left out unless asked for."""
    wanted = {term.name: term.value for term in clause.qualifiers("fork", "is", "archived")}
    forks = wanted.get("fork")
    fields = [
        field
        for term in clause.qualifiers("in")
        for field in term.value.split(",")
        if field in _TEXTS
    ] or list(_TEXTS)

    def test(repo: "Repository") -> bool:
        text = "\n".join(_TEXTS[field](repo) for field in fields).lower()
        return (
            in_scope(clause, repo, viewer)
            and (not repo.fork or forks in {"true", "only"})
            and (repo.fork or forks != "only")
            and wanted.get("is") in {None, "private" if repo.private else "public"}
            and wanted.get("archived") in {None, str(repo.archived).lower()}
            and all((word.value in text) is not word.negated for word in clause.words)
        )

    return test
