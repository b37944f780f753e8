"""The search, which wraps its answers and reaches only the first thousand results."""

from typing import TYPE_CHECKING, Any, TypeVar

from starlette.routing import Route

from src.sandbox.github import errors
from src.sandbox.github.call import Call
from src.sandbox.github.search import issues, repositories
from src.sandbox.github.search.issues import Hit, issue_test
from src.sandbox.github.search.repositories import repository_test
from src.sandbox.github.search.scope import require_scope
from src.sandbox.github.search.terms import Clause, parse
from src.sandbox.github.views.issues import issue
from src.sandbox.github.views.repositories import repository
from src.sandbox.kit import json_answer, link_header, read_window

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.github.records import Repository

T = TypeVar("T")
_REACH = 1_000
_LONGEST = 256
"""Characters of a query, without its operators and qualifiers."""
_ISSUE_SORTS: "dict[str, Callable[[Hit], str | int]]" = {
    "created": lambda hit: hit.issue.created_at,
    "updated": lambda hit: hit.issue.updated_at,
    "comments": lambda hit: len(hit.issue.comments),
}
_REPOSITORY_SORTS: "dict[str, Callable[[Repository], str | int]]" = {
    "stars": lambda repo: repo.stars,
    "updated": lambda repo: repo.updated_at,
    "forks": lambda _: 0,
}


async def search_issues(request: "Request") -> "Response":
    """Search issues and pull requests in everything the caller sees."""
    call = Call(request)
    clauses = _clauses(call, issues.QUALIFIERS)
    visible = call.viewer.repositories(call.world)
    require_scope(clauses, visible, call.viewer)
    tests = [issue_test(clause, call.viewer) for clause in clauses]
    hits = (Hit(repo, one) for repo in visible for one in repo.issues)
    found = [hit for hit in hits if any(test(hit) for test in tests)]
    _sort(call, found, _ISSUE_SORTS, "updated")
    return _answer(call, found, lambda hit: issue(call.api, hit.repository, hit.issue))


async def search_repositories(request: "Request") -> "Response":
    """Search the repositories that the caller sees."""
    call = Call(request)
    clauses = _clauses(call, repositories.QUALIFIERS)
    visible = call.viewer.repositories(call.world)
    require_scope(clauses, visible, call.viewer)
    tests = [repository_test(clause, call.viewer) for clause in clauses]
    found = [repo for repo in visible if any(test(repo) for test in tests)]
    _sort(call, found, _REPOSITORY_SORTS, "stars")
    return _answer(call, found, lambda repo: repository(call.api, repo, call.viewer))


def _clauses(call: Call, known: "Collection[str]") -> list[Clause]:
    clauses = parse(call.params.get("q", ""), known)
    if not clauses:
        raise errors.invalid("Search", "q", code="missing")
    words = [word.value for clause in clauses for word in clause.words]
    if len(" ".join(words)) > _LONGEST:
        message = f"The search is longer than {_LONGEST} characters."
        raise errors.invalid("Search", "q", message=message)
    return clauses


def _sort(
    call: Call, found: "list[T]", sorts: "dict[str, Callable[[T], str | int]]", usual: str
) -> None:
    """Sort in place; an unknown sort is best match, which is `usual` here."""
    order = call.choice("order", ("asc", "desc"), "desc", "Search")
    chosen = sorts.get(call.params.get("sort", ""))
    found.sort(key=chosen or sorts[usual], reverse=chosen is None or order == "desc")


def _answer(call: Call, found: "Sequence[T]", show: "Callable[[T], dict[str, Any]]") -> "Response":
    window = read_window(call.params)
    if window.start >= _REACH:
        raise errors.unprocessable("Only the first 1000 search results are available")
    items = [{**show(one), "score": 1.0} for one in found[window.start : min(window.stop, _REACH)]]
    content = {"total_count": len(found), "incomplete_results": False, "items": items}
    headers = link_header(call.request, window, min(len(found), _REACH))
    return json_answer(content, headers=headers)


SEARCH_ROUTES = (
    Route("/search/issues", search_issues),
    Route("/search/repositories", search_repositories),
)
