"""Comments of two files: three hundred of one, a thread and its end of the other."""

from functools import cache

from src.sandbox.google.drive.records import Comment, Reply


def _moment(number: int) -> str:
    return f"2026-02-{1 + number // 24 % 28:02}T{number % 24:02}:15:30.000Z"


@cache
def roadmap_comments() -> tuple[Comment, ...]:
    """Return three hundred; every third is answered, every sixth resolved, two are deleted."""
    return tuple(_comment(number) for number in range(300))


def _comment(number: int) -> Comment:
    is_answered, is_resolved = number % 3 == 0, number % 6 == 0
    replies = [
        Reply(
            id=f"AR{number}a", author="ben", content=f"Answer {number} ☂", created=_moment(number)
        )
    ]
    if is_resolved:
        replies.append(
            Reply(
                id=f"AR{number}b",
                author="ann",
                content=None,
                action="resolve",
                created=_moment(number),
            )
        )
    return Comment(
        id=f"AAAA{number:04}",
        author="ann" if number % 2 else "ben",
        content=f"Comment {number}",
        created=_moment(number),
        modified=_moment(number),
        resolved=is_resolved,
        deleted=number in {7, 150},
        quoted="the year" if number == 0 else None,
        replies=tuple(replies) if is_answered else (),
    )


@cache
def short_comments() -> tuple[Comment, ...]:
    """Return one thread that was resolved and opened again, with an answer that was deleted."""
    at = "2026-02-20T10:00:00.000Z"
    return (
        Comment(
            id="AAAAshort",
            author="ben",
            content="Is this right?",
            created=at,
            modified=at,
            replies=(
                Reply(id="AR1", author="ann", content="Yes", action="resolve", created=at),
                Reply(id="AR2", author="ann", content=None, created=at, deleted=True),
                Reply(id="AR3", author="ben", content="No", action="reopen", created=at),
            ),
        ),
    )
