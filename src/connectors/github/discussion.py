"""From GitHub's comments and reviews to ours. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from src.connectors.github.ids import ItemRef
from src.connectors.github.mapping import to_person
from src.connectors.github.schemas import IssueComment, Review, ReviewComment
from src.connectors.rest.values import timestamp
from src.models.unified import Comment

_DECIDES = frozenset({"APPROVED", "CHANGES_REQUESTED", "DISMISSED"})
_PENDING = "PENDING"
"""Not submitted: only its author sees it."""


def to_comment(comment: IssueComment, ref: ItemRef) -> Comment:
    """A comment in the conversation."""
    return Comment(
        id=ref.comment(comment.id),
        item_id=str(ref),
        type="comment",
        body=comment.body or "",
        body_format="markdown",
        author=to_person(comment.user),
        url=comment.html_url,
        created_at=timestamp(comment.created_at),
        updated_at=timestamp(comment.updated_at),
        fields={"authorAssociation": comment.author_association},
    )


def to_review_comment(comment: ReviewComment, ref: ItemRef) -> Comment:
    """A comment on the diff; answers point to the first comment of their thread."""
    parent = comment.in_reply_to_id
    return Comment(
        id=ref.review_comment(comment.id),
        item_id=str(ref),
        parent_id=ref.review_comment(parent) if parent else None,
        type="review_comment",
        body=comment.body or "",
        body_format="markdown",
        author=to_person(comment.user),
        url=comment.html_url,
        created_at=timestamp(comment.created_at),
        updated_at=timestamp(comment.updated_at),
        fields={
            "authorAssociation": comment.author_association,
            "path": comment.path,
            "line": comment.line,
            "side": comment.side,
            "startLine": comment.start_line,
            "startSide": comment.start_side,
            "originalLine": comment.original_line,
            "subjectType": comment.subject_type,
            "outdated": comment.line is None and comment.subject_type != "file",
            "diffHunk": comment.diff_hunk,
            "commitId": comment.commit_id,
            "reviewId": _review_of(comment, ref),
        },
    )


def repository_comment(comment: IssueComment, repository: str) -> Comment:
    """A comment in a list of a whole repository, which says by addresses what it is about."""
    number = _number_in(comment.issue_url)
    is_on_pull = f"/pull/{number}" in (comment.html_url or "")
    return to_comment(comment, ItemRef(repository, "pull" if is_on_pull else "issue", number))


def repository_review_comment(comment: ReviewComment, repository: str) -> Comment:
    """The same for a comment on a diff."""
    return to_review_comment(
        comment, ItemRef(repository, "pull", _number_in(comment.pull_request_url))
    )


def _number_in(url: str | None) -> int:
    return int((url or "").rpartition("/")[2])


def _review_of(comment: ReviewComment, ref: ItemRef) -> str | None:
    number = comment.pull_request_review_id
    return None if number is None else ref.review(number)


def to_review(review: Review, ref: ItemRef) -> Comment | None:
    """The summary of a review; None for one without words, and for one that is not submitted."""
    if not review.body or review.state == _PENDING:
        return None
    return Comment(
        id=ref.review(review.id),
        item_id=str(ref),
        type="review",
        body=review.body,
        body_format="markdown",
        author=to_person(review.user),
        url=review.html_url,
        created_at=timestamp(review.submitted_at),
        fields={
            "authorAssociation": review.author_association,
            "reviewState": review.state.lower(),
            "commitId": review.commit_id,
        },
    )


def review_fields(reviews: Sequence[Review], requested: Sequence[str]) -> dict[str, Any]:
    """What the reviews of a pull request come to, the latest of each reviewer counted.

    A comment takes back no approval, a dismissal does. GitHub's own decision also knows the rules
    of the branch, which REST does not tell.
    """
    latest: dict[int, tuple[str | None, str]] = {}
    for review in reviews:
        # Each deleted reviewer is somebody else.
        key = review.user.id if review.user else -review.id
        if review.state in _DECIDES or (key not in latest and review.state != _PENDING):
            latest[key] = (review.user.login if review.user else None, review.state.lower())
    given = [{"name": name, "state": state} for name, state in latest.values()]
    states = {state for _, state in latest.values()}
    return {"reviews": given, "reviewState": _state(states, requested)}


def _state(states: set[str], requested: Sequence[str]) -> str | None:
    if "changes_requested" in states:
        return "changes_requested"
    if "approved" in states:
        return "approved"
    return "review_required" if requested else "commented" if "commented" in states else None
