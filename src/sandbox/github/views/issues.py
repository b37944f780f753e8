"""Issues, pull requests and their conversations as GitHub shows them."""

from typing import TYPE_CHECKING, Any

from src.sandbox.github.views.accounts import WEB, account_or_null, node_id, simple_account

if TYPE_CHECKING:
    from src.sandbox.github.records import (
        Account,
        Comment,
        Issue,
        Label,
        Milestone,
        Repository,
    )

_REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


def issue(api: str, repo: "Repository", one: "Issue") -> dict[str, Any]:
    """Show an issue; a pull request has the key `pull_request` besides."""
    root = f"{api}/repos/{repo.full_name}"
    url = f"{root}/issues/{one.number}"
    kind = "pull" if one.pull else "issues"
    shown: dict[str, Any] = {
        "url": url,
        "repository_url": root,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": f"{WEB}/{repo.full_name}/{kind}/{one.number}",
        "id": one.id,
        "node_id": node_id("PullRequest" if one.pull else "Issue", one.id),
        "number": one.number,
        "title": one.title,
        "user": account_or_null(api, one.user),
        "labels": [label(root, each) for each in one.labels],
        "state": one.state,
        "locked": one.locked,
        "assignee": account_or_null(api, next(iter(one.assignees), None)),
        "assignees": [simple_account(api, each) for each in one.assignees],
        "milestone": milestone(api, repo, one.milestone),
        "comments": len(one.comments),
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "closed_at": one.closed_at,
        "author_association": association(repo, one.user),
        "active_lock_reason": "resolved" if one.locked else None,
        "body": one.body,
        "reactions": reactions(url),
        "timeline_url": f"{url}/timeline",
        "performed_via_github_app": None,
        "state_reason": one.state_reason,
    }
    if one.parent is not None:
        shown["parent_issue_url"] = f"{api}/repos/{one.parent}"
    return shown | (_pull_part(repo, root, one) if one.pull else _issue_part(repo, one))


def _pull_part(repo: "Repository", root: str, one: "Issue") -> dict[str, Any]:
    web = f"{WEB}/{repo.full_name}/pull/{one.number}"
    pull = one.pull
    return {
        "draft": bool(pull and pull.draft),
        "pull_request": {
            "url": f"{root}/pulls/{one.number}",
            "html_url": web,
            "diff_url": f"{web}.diff",
            "patch_url": f"{web}.patch",
            "merged_at": pull.merged_at if pull else None,
        },
    }


def _issue_part(repo: "Repository", one: "Issue") -> dict[str, Any]:
    children = [each for each in repo.issues if one.children and each.number in one.children]
    total = len(children) + len(one.strangers)
    done = sum(each.state == "closed" for each in children)
    percent = 100 * done // total if total else 0
    return {
        "type": None,
        "sub_issues_summary": {"total": total, "completed": done, "percent_completed": percent},
    }


def comment(api: str, repo: "Repository", one: "Comment", *, on_pull: bool) -> dict[str, Any]:
    """Show a comment of an issue or of a pull request's conversation."""
    root = f"{api}/repos/{repo.full_name}"
    url = f"{root}/issues/comments/{one.id}"
    kind = "pull" if on_pull else "issues"
    web = f"{WEB}/{repo.full_name}/{kind}/{one.issue_number}"
    return {
        "url": url,
        "html_url": f"{web}#issuecomment-{one.id}",
        "issue_url": f"{root}/issues/{one.issue_number}",
        "id": one.id,
        "node_id": node_id("IssueComment", one.id),
        "user": account_or_null(api, one.user),
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "body": one.body,
        "author_association": association(repo, one.user),
        "reactions": reactions(url),
        "performed_via_github_app": None,
    }


def label(root: str, one: "Label") -> dict[str, Any]:
    """Show a label."""
    return {
        "id": one.id,
        "node_id": node_id("Label", one.id),
        "url": f"{root}/labels/{one.name.replace(' ', '%20')}",
        "name": one.name,
        "color": one.color,
        "default": one.default,
        "description": one.description,
    }


def milestone(api: str, repo: "Repository", one: "Milestone | None") -> dict[str, Any] | None:
    """Show a milestone, or null."""
    if one is None:
        return None
    url = f"{api}/repos/{repo.full_name}/milestones/{one.number}"
    return {
        "url": url,
        "html_url": f"{WEB}/{repo.full_name}/milestone/{one.number}",
        "labels_url": f"{url}/labels",
        "id": one.id,
        "node_id": node_id("Milestone", one.id),
        "number": one.number,
        "title": one.title,
        "description": None,
        "creator": simple_account(api, repo.owner),
        "open_issues": 4,
        "closed_issues": 8,
        "state": one.state,
        "created_at": "2023-04-10T20:09:31Z",
        "updated_at": "2024-03-03T18:58:10Z",
        "due_on": one.due_on,
        "closed_at": None if one.state == "open" else "2024-07-01T07:00:00Z",
    }


def reactions(url: str) -> dict[str, Any]:
    """Show that nobody has reacted."""
    return {"url": f"{url}/reactions", "total_count": 0, **dict.fromkeys(_REACTIONS, 0)}


def association(repo: "Repository", user: "Account | None") -> str:
    """Return how an author stands to the repository."""
    if user is None:
        return "NONE"
    if user.login == repo.owner.login:
        return "OWNER"
    if user.login in repo.owner.members:
        return "MEMBER"
    return "COLLABORATOR" if user.login in repo.collaborators else "CONTRIBUTOR"
