"""Issues, comments and pull requests that callers write."""

from typing import TYPE_CHECKING

import msgspec

from src.sandbox.github import errors
from src.sandbox.github.call import Call
from src.sandbox.github.records import Account, Comment, Issue, Label, Pull
from src.sandbox.github.views.issues import comment, issue
from src.sandbox.github.views.pulls import full_pull_request
from src.sandbox.github.writings import Changed, Commented, Opened
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.github.records import Repository

_LONGEST_BODY = 65_536
_STATES = ("open", "closed")
_REASONS = ("completed", "not_planned", "duplicate", "reopened")
_CREATED = 201


class _NewIssue(msgspec.Struct):
    title: str = ""
    body: str | None = None
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()


class _NewPull(msgspec.Struct):
    title: str = ""
    head: str = ""
    base: str = ""
    body: str | None = None
    draft: bool = False


class _Change(msgspec.Struct):
    state: str | None = None
    state_reason: str | None = None


class _NewComment(msgspec.Struct):
    body: str = ""


async def create_issue(request: "Request") -> "Response":
    """Open an issue; labels and assignees of those who may not push are dropped in silence."""
    call = Call(request)
    repo = call.writable("issues=write", needs_push=False)
    if not repo.has_issues:
        raise errors.issues_disabled()
    body = await call.body(_NewIssue)
    _check_text("Issue", body.title, body.body)
    may_push = call.viewer.relation(repo) is not None
    assignees = _assignees(call, body.assignees) if may_push else ()
    labels = tuple(Label(1, name, "ededed", None) for name in body.labels) if may_push else ()
    one = await _issue(call, repo, body.title, body.body)
    one = msgspec.structs.replace(one, labels=labels, assignees=assignees)
    await call.writings.write(Opened(repo.id, one))
    return json_answer(issue(call.api, repo, one), _CREATED)


async def change_issue(request: "Request") -> "Response":
    """Close an issue or a pull request, or open it again."""
    call = Call(request)
    repo = call.writable("issues=write", needs_push=False)
    one = call.issue(repo)
    author = one.user is not None and one.user.id == call.viewer.account.id
    if call.viewer.relation(repo) is None and not author:
        raise errors.not_found()
    change = await call.body(_Change)
    state = change.state or one.state
    if state not in _STATES:
        raise errors.invalid("Issue", "state", value=state)
    if change.state_reason not in {None, *_REASONS}:
        raise errors.invalid("Issue", "state_reason", value=change.state_reason)
    reason = change.state_reason or ("completed" if state == "closed" else None)
    event = Changed(repo.id, one.number, state, None if one.pull else reason, call.now())
    await call.writings.write(event)
    world = await call.writings.world()
    after = next(each for each in world.repositories if each.id == repo.id)
    changed = next(each for each in after.issues if each.number == one.number)
    return json_answer(issue(call.api, after, changed))


async def create_comment(request: "Request") -> "Response":
    """Comment on an issue or a pull request; a locked one takes none from strangers."""
    call = Call(request)
    repo = call.writable("issues=write", needs_push=False)
    one = call.issue(repo)
    body = (await call.body(_NewComment)).body
    if not body.strip():
        raise errors.unprocessable("Body cannot be blank")
    _check_text("IssueComment", "x", body)
    if one.locked and call.viewer.relation(repo) is None:
        raise errors.locked()
    now = call.now()
    written = Comment(
        await call.writings.next("comments", 6_000_000),
        one.number,
        body,
        call.viewer.account,
        now,
        now,
    )
    await call.writings.write(Commented(repo.id, written))
    shown = comment(call.api, repo, written, on_pull=one.pull is not None)
    return json_answer(shown, _CREATED)


async def create_pull(request: "Request") -> "Response":
    """Open a pull request from one branch to another."""
    call = Call(request)
    repo = call.writable("pull_requests=write", needs_push=False)
    body = await call.body(_NewPull)
    _check_text("PullRequest", body.title, body.body)
    head = body.head.removeprefix(f"{repo.owner.login}:")
    names = {one.name: one for one in repo.branches}
    for field, name in (("head", head), ("base", body.base)):
        if name not in names:
            raise errors.invalid("PullRequest", field)
    if names[head].files.root.sha == names[body.base].files.root.sha:
        raise errors.custom("PullRequest", f"No commits between {body.base} and {body.head}")
    if any(one.state == "open" and one.pull and one.pull.head_ref == head for one in repo.issues):
        what = f"{repo.owner.login}:{head}"
        raise errors.custom("PullRequest", f"A pull request already exists for {what}.")
    pull = Pull(
        await call.writings.next("pulls", 4_000_000),
        head,
        names[head].commit,
        body.base,
        names[body.base].commit,
        body.draft,
        merged_at=None,
        changed_files=1,
        additions=1,
        deletions=0,
    )
    one = msgspec.structs.replace(await _issue(call, repo, body.title, body.body), pull=pull)
    await call.writings.write(Opened(repo.id, one))
    return json_answer(full_pull_request(call.api, repo, one, pull, call.viewer), _CREATED)


async def _issue(call: Call, repo: "Repository", title: str, body: str | None) -> Issue:
    highest = max((one.number for one in repo.issues if one.id < _WRITTEN), default=0)
    now = call.now()
    return Issue(
        await call.writings.next("issues", _WRITTEN),
        await call.writings.next(str(repo.id), highest),
        title,
        body,
        call.viewer.account,
        "open",
        None,
        now,
        now,
        None,
    )


_WRITTEN = 9_000_000
"""Ids of issues above this were written by callers."""


def _check_text(resource: str, title: str, body: str | None) -> None:
    if not title.strip():
        raise errors.invalid(resource, "title", code="missing_field")
    if len(body or "") > _LONGEST_BODY:
        message = f"body is too long (maximum is {_LONGEST_BODY} characters)"
        raise errors.custom(resource, message, field="body")


def _assignees(call: Call, logins: tuple[str, ...]) -> tuple[Account, ...]:
    found = [(login, call.world.account(login)) for login in logins]
    for login, account in found:
        if account is None:
            raise errors.invalid("Issue", "assignees", value=login)
    return tuple(account for _, account in found if account)


ISSUE_WRITES = (
    ("/issues", create_issue, "POST"),
    ("/issues/{number}", change_issue, "PATCH"),
    ("/issues/{number}/comments", create_comment, "POST"),
    ("/pulls", create_pull, "POST"),
)
