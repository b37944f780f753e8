"""Issues, which at GitHub contain the pull requests."""

from typing import TYPE_CHECKING

from starlette.routing import Route

from src.sandbox.github import errors
from src.sandbox.github.call import Call
from src.sandbox.github.views.issues import issue
from src.sandbox.github.views.repositories import repository
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.github.records import Issue, Repository

_RESOURCE = "Issue"
_EVERYTHING = ("all", "repos")
_FILTERS = ("assigned", "created", "mentioned", "subscribed", *_EVERYTHING)
_SORTS: "dict[str, Callable[[Issue], tuple[str | int, int]]]" = {
    "created": lambda one: (one.created_at, one.number),
    "updated": lambda one: (one.updated_at, one.number),
    "comments": lambda one: (len(one.comments), one.number),
}


async def list_issues(request: "Request") -> "Response":
    """List the issues of a repository: "List repository issues"."""
    call = Call(request)
    repo = call.repository()
    if not repo.has_issues:
        raise errors.issues_disabled()
    state = call.choice("state", ("open", "closed", "all"), "open", _RESOURCE)
    sort = call.choice("sort", _SORTS, "created", _RESOURCE)
    direction = call.choice("direction", ("asc", "desc"), "desc", _RESOURCE)
    tests = [*_tests(call)]
    found = [
        one
        for one in repo.issues
        if state in {"all", one.state} and all(test(one) for test in tests)
    ]
    found.sort(key=_SORTS[sort], reverse=direction == "desc")
    return call.answer_page(found, lambda one: issue(call.api, repo, one), call.canonical(repo))


def _tests(call: Call) -> "Iterator[Callable[[Issue], bool]]":
    """Yield a test for each filter that was given."""
    if since := call.instant("since", _RESOURCE):
        yield lambda one: one.updated_at >= since
    if creator := call.params.get("creator"):
        yield lambda one: one.user is not None and one.user.login.lower() == creator.lower()
    if labels := call.params.get("labels"):
        wanted = {label.strip().lower() for label in labels.split(",")}
        yield lambda one: wanted <= {label.name.lower() for label in one.labels}
    if assignee := call.params.get("assignee"):
        yield lambda one: _is_one_of(assignee, [each.login for each in one.assignees])
    if milestone := call.params.get("milestone"):
        yield lambda one: _is_one_of(
            milestone, [str(one.milestone.number)] if one.milestone else []
        )


def _is_one_of(wanted: str, values: list[str]) -> bool:
    """Match a value, `none` for nothing, `*` for anything."""
    if wanted == "none":
        return not values
    return bool(values) if wanted == "*" else wanted.lower() in map(str.lower, values)


async def list_all_issues(request: "Request") -> "Response":
    """List those of all repositories: "List issues assigned to the authenticated user".

    With `filter=all` they are all that the caller can see in repositories of its own.
    """
    call = Call(request)
    state = call.choice("state", ("open", "closed", "all"), "open", _RESOURCE)
    sort = call.choice("sort", _SORTS, "created", _RESOURCE)
    direction = call.choice("direction", ("asc", "desc"), "desc", _RESOURCE)
    kind = call.choice("filter", _FILTERS, "assigned", _RESOURCE)
    tests = [*_tests(call)]
    found = [
        (repo, one)
        for repo in call.viewer.repositories(call.world)
        if call.viewer.relation(repo) is not None
        for one in repo.issues
        if (repo.has_issues or one.pull)
        and state in {"all", one.state}
        and (kind in _EVERYTHING or call.viewer.account in one.assignees)
        and all(test(one) for test in tests)
    ]
    found.sort(key=lambda pair: _SORTS[sort](pair[1]), reverse=direction == "desc")

    def show(pair: "tuple[Repository, Issue]") -> object:
        whose = repository(call.api, pair[0], call.viewer)
        return {**issue(call.api, *pair), "repository": whose}

    return call.answer_page(found, show)


async def show_issue(request: "Request") -> "Response":
    """Show one issue or pull request."""
    call = Call(request)
    repo = call.repository()
    return json_answer(issue(call.api, repo, call.issue(repo)))


async def list_sub_issues(request: "Request") -> "Response":
    """List the children of an issue, those in other repositories among them."""
    call = Call(request)
    repo = call.repository()
    parent = call.issue(repo)
    strangers = [
        (other, one)
        for other in call.viewer.repositories(call.world)
        for one in other.issues
        if (other.id, one.number) in parent.strangers
    ]
    own = [(repo, one) for one in repo.issues if one.number in parent.children]
    return call.answer_page(
        [*strangers, *own], lambda pair: issue(call.api, *pair), call.canonical(repo)
    )


ACCOUNT_ISSUE_ROUTES = (Route("/issues", list_all_issues),)
ISSUE_PATHS = (
    ("/issues", list_issues),
    ("/issues/{number}", show_issue),
    ("/issues/{number}/sub_issues", list_sub_issues),
)
