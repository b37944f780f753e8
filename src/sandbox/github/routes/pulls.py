"""Pull requests and their reviews."""

from typing import TYPE_CHECKING

from src.sandbox.github.call import Call
from src.sandbox.github.views.pulls import full_pull_request, pull_request, review
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.github.records import Issue, Pull

_RESOURCE = "PullRequest"
_SORTS: "dict[str, Callable[[Issue], tuple[str | int, int]]]" = {
    "created": lambda one: (one.created_at, one.number),
    "updated": lambda one: (one.updated_at, one.number),
    "popularity": lambda one: (len(one.comments), one.number),
    "long-running": lambda one: (one.created_at, one.number),
}


async def list_pulls(request: "Request") -> "Response":
    """List pull requests; there is no `since`, and the direction depends on the sort."""
    call = Call(request)
    repo = call.repository()
    state = call.choice("state", ("open", "closed", "all"), "open", _RESOURCE)
    sort = call.choice("sort", _SORTS, "created", _RESOURCE)
    usual = "desc" if sort == "created" else "asc"
    direction = call.choice("direction", ("asc", "desc"), usual, _RESOURCE)
    head = call.params.get("head")
    base = call.params.get("base")
    found = [
        (one, one.pull)
        for one in repo.issues
        if one.pull is not None
        and state in {"all", one.state}
        and head in {None, "", f"{repo.owner.login}:{one.pull.head_ref}"}
        and base in {None, "", one.pull.base_ref}
    ]
    found.sort(key=lambda pair: _SORTS[sort](pair[0]), reverse=direction == "desc")

    def show(pair: "tuple[Issue, Pull]") -> object:
        return pull_request(call.api, repo, *pair, call.viewer)

    return call.answer_page(found, show, call.canonical(repo))


async def show_pull(request: "Request") -> "Response":
    """Show one pull request."""
    call = Call(request)
    repo = call.repository()
    return json_answer(full_pull_request(call.api, repo, *call.pull(repo), call.viewer))


async def list_reviews(request: "Request") -> "Response":
    """List the reviews in the order of time."""
    call = Call(request)
    repo = call.repository()
    one, pull = call.pull(repo)
    return call.answer_page(
        pull.reviews,
        lambda each: review(call.api, repo, one.number, pull, each),
        call.canonical(repo),
    )


PULL_PATHS = (
    ("/pulls", list_pulls),
    ("/pulls/{number}", show_pull),
    ("/pulls/{number}/reviews", list_reviews),
)
