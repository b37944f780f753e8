"""Comments that were there from the beginning, made when they are asked for."""

from src.sandbox.jira.records import Comment, Issue

_MINUTE = 60
_OF_EVERY_NODE = 2
"""The comment that holds every node."""
_ANSWER = 3
"""Of every ten comments, the one that answers the first."""
_AUTHORS = ("mia", "ben", "former", None)


def seeded(issue: Issue) -> list[Comment]:
    """Return the comments of an issue, the oldest first."""
    return [
        Comment(
            id=issue.id * 1_000 + number,
            author=_AUTHORS[number % 4],
            body="every" if number == _OF_EVERY_NODE else number,
            created=issue.created + number * _MINUTE,
            parent=issue.id * 1_000 + 1 if number % 10 == _ANSWER else None,
            is_public=number % 2 == 0,
            visible_to="Administrators" if number % 7 == 0 else None,
        )
        for number in range(1, issue.comments + 1)
    ]
