"""Where a query looks: several `repo:`, `user:` and `org:` qualifiers widen, they do not narrow."""

from typing import TYPE_CHECKING

from src.sandbox.github import errors

if TYPE_CHECKING:
    from src.sandbox.github.records import Repository
    from src.sandbox.github.search.terms import Clause, Term
    from src.sandbox.github.tokens import Viewer

SCOPES = frozenset({"repo", "user", "org"})
_UNKNOWN = (
    "The listed users and repositories cannot be searched either because the resources do not "
    "exist or you do not have permission to view them."
)


def in_scope(clause: "Clause", repo: "Repository", viewer: "Viewer") -> bool:
    """Tell whether a repository is in one of the scopes, and in none of the excluded ones."""
    terms = clause.qualifiers(*SCOPES)
    wanted = [_names(term, repo, viewer) for term in terms if not term.negated]
    excluded = (_names(term, repo, viewer) for term in terms if term.negated)
    return (any(wanted) or not wanted) and not any(excluded)


def require_scope(clauses: "list[Clause]", visible: "list[Repository]", viewer: "Viewer") -> None:
    """Refuse a query all of whose `repo:` qualifiers name what the caller cannot see."""
    terms = [term for clause in clauses for term in clause.qualifiers("repo") if not term.negated]
    if terms and not any(_names(term, repo, viewer) for term in terms for repo in visible):
        raise errors.invalid("Search", "q", message=_UNKNOWN)


def _names(term: "Term", repo: "Repository", viewer: "Viewer") -> bool:
    if term.name == "repo":
        return repo.full_name.lower() == term.value
    login = viewer.account.login if term.value == "@me" else term.value
    return repo.owner.login.lower() == login.lower()
