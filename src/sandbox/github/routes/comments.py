"""Comments of one issue, and of a whole repository at once."""

from operator import attrgetter
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec.structs import replace
from starlette.responses import Response

from src.sandbox.github import errors
from src.sandbox.github.call import Call, number
from src.sandbox.github.records import Comment, ReviewComment
from src.sandbox.github.views.issues import comment
from src.sandbox.github.views.pulls import review_comment
from src.sandbox.github.writings import CommentRemoved, Reworded
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

    from src.sandbox.github.records import Repository

C = TypeVar("C", Comment, ReviewComment)


async def list_issue_comments(request: "Request") -> "Response":
    """List the comments of an issue by rising id; the order cannot be chosen."""
    call = Call(request)
    repo = call.repository()
    one = call.issue(repo)
    since = call.instant("since", "IssueComment") or ""
    found = [each for each in one.comments if each.updated_at >= since]
    on_pull = one.pull is not None
    return call.answer_page(
        found,
        lambda each: comment(call.api, repo, each, on_pull=on_pull),
        call.canonical(repo),
    )


async def list_repository_comments(request: "Request") -> "Response":
    """List the comments of all issues."""
    call = Call(request)
    repo = call.repository()
    if not repo.has_issues:
        raise errors.issues_disabled()
    pulls = {one.number for one in repo.issues if one.pull}
    found = sort_comments(call, (each for one in repo.issues for each in one.comments))
    return call.answer_page(
        found,
        lambda each: comment(call.api, repo, each, on_pull=each.issue_number in pulls),
        call.canonical(repo),
    )


async def list_review_comments(request: "Request") -> "Response":
    """List the comments on the lines of one pull request, threads and replies in one list."""
    call = Call(request)
    repo = call.repository()
    _, pull = call.pull(repo)
    found = sort_comments(call, pull.review_comments)
    return call.answer_page(
        found, lambda each: review_comment(call.api, repo, pull, each), call.canonical(repo)
    )


async def list_repository_review_comments(request: "Request") -> "Response":
    """List the comments on the lines of all pull requests."""
    call = Call(request)
    repo = call.repository()
    pulls = {one.number: one.pull for one in repo.issues if one.pull}
    found = sort_comments(call, (each for pull in pulls.values() for each in pull.review_comments))
    return call.answer_page(
        found,
        lambda each: review_comment(call.api, repo, pulls[each.pull_number], each),
        call.canonical(repo),
    )


def sort_comments(call: Call, comments: "Iterable[C]") -> list[C]:
    """Filter and sort; GitHub heeds the direction only when a sort is given."""
    resource = "IssueComment"
    since = call.instant("since", resource) or ""
    sort = call.choice("sort", ("created", "updated"), "created", resource)
    direction = call.choice("direction", ("asc", "desc"), "asc", resource)
    found = [each for each in comments if each.updated_at >= since]
    key = attrgetter("updated_at" if sort == "updated" else "created_at", "id")
    falls = direction == "desc" and bool(call.params.get("sort"))
    return sorted(found, key=key if call.params.get("sort") else attrgetter("id"), reverse=falls)


async def show_comment(request: "Request") -> "Response":
    """Show one comment of a conversation."""
    call = Call(request)
    repo = call.repository()
    one, on_pull = _found(call, repo)
    return json_answer(comment(call.api, repo, one, on_pull=on_pull))


async def show_review_comment(request: "Request") -> "Response":
    """Show one comment on a line."""
    call = Call(request)
    repo = call.repository()
    wanted = number(request.path_params["comment"])
    for one in repo.issues:
        for each in one.pull.review_comments if one.pull else ():
            if each.id == wanted and one.pull:
                return json_answer(review_comment(call.api, repo, one.pull, each))
    raise errors.not_found()


async def change_comment(request: "Request") -> "Response":
    """Say something else in a comment."""
    call = Call(request)
    repo = call.writable("issues=write", needs_push=True)
    one, on_pull = _found(call, repo)
    body = (await call.body(_Words)).body
    if not body.strip():
        raise errors.unprocessable("Body cannot be blank")
    await call.writings.write(Reworded(repo.id, one.id, body, call.now()))
    after = replace(one, body=body, updated_at=call.now())
    return json_answer(comment(call.api, repo, after, on_pull=on_pull))


async def delete_comment(request: "Request") -> "Response":
    """Delete a comment of a conversation."""
    call = Call(request)
    repo = call.writable("issues=write", needs_push=True)
    one, _ = _found(call, repo)
    await call.writings.write(CommentRemoved(repo.id, one.id))
    return Response(status_code=204)


class _Words(msgspec.Struct):
    body: str = ""


def _found(call: Call, repo: "Repository") -> tuple[Comment, bool]:
    wanted = number(call.request.path_params["comment"])
    for one in repo.issues:
        for each in one.comments:
            if each.id == wanted:
                return each, one.pull is not None
    raise errors.not_found()


COMMENT_PATHS = (
    ("/issues/comments", list_repository_comments),
    ("/issues/comments/{comment}", show_comment),
    ("/issues/{number}/comments", list_issue_comments),
    ("/pulls/comments", list_repository_review_comments),
    ("/pulls/comments/{comment}", show_review_comment),
    ("/pulls/{number}/comments", list_review_comments),
)
COMMENT_WRITES = (
    ("/issues/comments/{comment}", change_comment, "PATCH"),
    ("/issues/comments/{comment}", delete_comment, "DELETE"),
)
