"""Comments, reviews and review threads of the seed."""

from itertools import count
from random import Random

import msgspec

from src.sandbox.github.records import Account, Comment, Review, ReviewComment
from src.sandbox.github.seed.clock import moment
from src.sandbox.github.seed.people import PEOPLE
from src.sandbox.github.seed.prose import remark

_FILES = ("src/app.py", "docs/überblick.md", "tests/test_app.py", "lib/a b.rb")
_STATES = ("COMMENTED", "APPROVED", "CHANGES_REQUESTED", "DISMISSED")
_THREAD = 4
_DELETED = 0.03


class Span(msgspec.Struct, frozen=True):
    """The time in which a conversation happened, in seconds of the seed's clock."""

    start: int
    stop: int


class Scribe:
    """Writes conversations, with ids that rise over the whole seed."""

    def __init__(self, random: Random) -> None:
        """Share the seed's one source of chance."""
        self._random = random
        self._comment_ids = count(5_000_001)
        self._review_ids = count(80_001)
        self._review_comment_ids = count(7_000_001)

    def comments(self, number: int, amount: int, span: Span) -> tuple[Comment, ...]:
        """Return the comments of an issue in the order they were written."""
        return tuple(
            Comment(
                next(self._comment_ids),
                number,
                remark(self._random),
                self.author(),
                moment(at),
                moment(at if index % 5 else min(at + 600, span.stop)),
            )
            for index, at in enumerate(self._moments(amount, span))
        )

    def reviews(self, amount: int, span: Span) -> tuple[Review, ...]:
        """Return the reviews of a pull request, the oldest first."""
        return tuple(
            Review(
                next(self._review_ids),
                remark(self._random) if index % 2 else "",
                _STATES[index % len(_STATES)],
                self.author(),
                moment(at),
            )
            for index, at in enumerate(self._moments(amount, span))
        )

    def review_comments(
        self, number: int, amount: int, span: Span, reviews: tuple[Review, ...]
    ) -> tuple[ReviewComment, ...]:
        """Return threads of four: replies name the first comment, never the one before."""
        written: list[ReviewComment] = []
        for index, at in enumerate(self._moments(amount, span)):
            first = written[index - index % _THREAD] if index % _THREAD else None
            written.append(
                ReviewComment(
                    next(self._review_comment_ids),
                    number,
                    reviews[index % len(reviews)].id,
                    first.id if first else None,
                    first.path if first else self._random.choice(_FILES),
                    first.line if first else self._random.choice((None, 1, 42, 300)),
                    remark(self._random),
                    self.author(),
                    moment(at),
                    moment(at),
                )
            )
        return tuple(written)

    def author(self) -> Account | None:
        """Return somebody, now and then somebody who has deleted the account."""
        return None if self._random.random() < _DELETED else self._random.choice(PEOPLE)

    def _moments(self, amount: int, span: Span) -> list[int]:
        return sorted(self._random.randint(span.start, span.stop) for _ in range(amount))
