"""Pull requests, reviews and review comments as GitHub shows them."""

from typing import TYPE_CHECKING, Any

from src.sandbox.github.views.accounts import WEB, account_or_null, node_id, simple_account
from src.sandbox.github.views.issues import association, issue, reactions
from src.sandbox.github.views.repositories import repository

if TYPE_CHECKING:
    from src.sandbox.github.records import Issue, Pull, Repository, Review, ReviewComment
    from src.sandbox.github.tokens import Viewer

_SHARED = (
    *("html_url", "number", "state", "locked", "title", "user", "body", "labels", "milestone"),
    *("active_lock_reason", "created_at", "updated_at", "closed_at", "assignee", "assignees"),
    *("author_association", "comments_url", "draft"),
)


def pull_request(
    api: str, repo: "Repository", one: "Issue", pull: "Pull", viewer: "Viewer"
) -> dict[str, Any]:
    """Show a pull request the way lists do."""
    url = f"{api}/repos/{repo.full_name}/pulls/{one.number}"
    as_issue = issue(api, repo, one)
    links = as_issue["pull_request"]
    return {
        "url": url,
        "id": pull.id,
        "node_id": node_id("PullRequest", pull.id),
        "diff_url": links["diff_url"],
        "patch_url": links["patch_url"],
        "issue_url": as_issue["url"],
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{api}/repos/{repo.full_name}/pulls/comments{{/number}}",
        "statuses_url": f"{api}/repos/{repo.full_name}/statuses/{pull.head_sha}",
        **{name: as_issue[name] for name in _SHARED},
        "merged_at": pull.merged_at,
        "merge_commit_sha": pull.base_sha if pull.merged_at else None,
        "requested_reviewers": [simple_account(api, each) for each in pull.reviewers],
        "requested_teams": [],
        "head": _branch(api, repo, pull.head_ref, pull.head_sha, viewer),
        "base": _branch(api, repo, pull.base_ref, pull.base_sha, viewer),
        "_links": {"self": {"href": url}, "html": {"href": as_issue["html_url"]}},
        "auto_merge": None,
    }


def full_pull_request(
    api: str, repo: "Repository", one: "Issue", pull: "Pull", viewer: "Viewer"
) -> dict[str, Any]:
    """Show one pull request, with what GitHub computes only then."""
    merged = pull.merged_at is not None
    return {
        **pull_request(api, repo, one, pull, viewer),
        "merged": merged,
        "mergeable": None if merged or one.state == "closed" else True,
        "rebaseable": None,
        "mergeable_state": "unknown" if merged else "clean",
        "merged_by": simple_account(api, repo.owner) if merged else None,
        "comments": len(one.comments),
        "review_comments": len(pull.review_comments),
        "maintainer_can_modify": False,
        "commits": 1 + pull.changed_files // 5,
        "additions": pull.additions,
        "deletions": pull.deletions,
        "changed_files": pull.changed_files,
    }


def review_comment(
    api: str, repo: "Repository", pull: "Pull", one: "ReviewComment"
) -> dict[str, Any]:
    """Show a comment on a line; only a reply has the key `in_reply_to_id`."""
    root = f"{api}/repos/{repo.full_name}/pulls"
    url = f"{root}/comments/{one.id}"
    web = f"{WEB}/{repo.full_name}/pull/{one.pull_number}#discussion_r{one.id}"
    reply = {} if one.in_reply_to_id is None else {"in_reply_to_id": one.in_reply_to_id}
    return {
        "url": url,
        "pull_request_review_id": one.review_id,
        "id": one.id,
        "node_id": node_id("PullRequestReviewComment", one.id),
        "diff_hunk": "@@ -16,33 +16,40 @@ public class Connection : IConnection",
        "path": one.path,
        "commit_id": pull.head_sha,
        "original_commit_id": pull.base_sha,
        "user": account_or_null(api, one.user),
        "body": one.body,
        "created_at": one.created_at,
        "updated_at": one.updated_at,
        "html_url": web,
        "pull_request_url": f"{root}/{one.pull_number}",
        "author_association": association(repo, one.user),
        "_links": {"self": {"href": url}, "html": {"href": web}},
        "reactions": reactions(url),
        "start_line": None,
        "original_start_line": None,
        "start_side": None,
        "line": one.line,
        "original_line": one.line or 1,
        "side": "RIGHT",
        "position": one.line,
        "original_position": one.line or 1,
        "subject_type": one.subject,
        **reply,
    }


def review(
    api: str, repo: "Repository", number: int, pull: "Pull", one: "Review"
) -> dict[str, Any]:
    """Show a review."""
    web = f"{WEB}/{repo.full_name}/pull/{number}#pullrequestreview-{one.id}"
    url = f"{api}/repos/{repo.full_name}/pulls/{number}"
    return {
        "id": one.id,
        "node_id": node_id("PullRequestReview", one.id),
        "user": account_or_null(api, one.user),
        "body": one.body,
        "state": one.state,
        "html_url": web,
        "pull_request_url": url,
        "author_association": association(repo, one.user),
        "_links": {"html": {"href": web}, "pull_request": {"href": url}},
        "submitted_at": one.submitted_at,
        "commit_id": pull.head_sha,
    }


def _branch(api: str, repo: "Repository", ref: str, sha: str, viewer: "Viewer") -> dict[str, Any]:
    return {
        "label": f"{repo.owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": simple_account(api, repo.owner),
        "repo": repository(api, repo, viewer),
    }
