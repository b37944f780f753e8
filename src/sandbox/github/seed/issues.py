"""Issues and pull requests of the seed."""

from itertools import count
from random import Random

import msgspec

from src.sandbox.github.records import Issue, Label, Milestone, Pull
from src.sandbox.github.seed.clock import DAY, moment
from src.sandbox.github.seed.people import PEOPLE
from src.sandbox.github.seed.prose import body, title
from src.sandbox.github.seed.threads import Scribe, Span

LABELS = (
    Label(208045946, "bug", "d73a4a", "Something isn't working", default=True),
    Label(208045947, "enhancement", "a2eeef", "New feature or request", default=True),
    Label(208045948, "good first issue", "7057ff", "Good for newcomers", default=True),
    Label(208045949, "área: búsqueda 🔍", "0e8a16", None),
)
MILESTONES = (
    Milestone(1002604, 1, "v1.0", "closed", "2024-06-30T07:00:00Z"),
    Milestone(1002605, 2, "v2.0", "open"),
)
_REASONS = ("completed", "not_planned", "duplicate")
_TIE = 900 * DAY
_PULL_REMAINDER = 2
_CLOSED = 0.45
_MERGED = 0.8


class Plan(msgspec.Struct, frozen=True):
    """What one repository's issues look like; the maps go from a number to an amount."""

    amount: int
    skipped: frozenset[int] = frozenset()
    comments: dict[int, int] = {}
    review_comments: dict[int, int] = {}
    children: dict[int, tuple[int, ...]] = {}
    strangers: dict[int, tuple[tuple[int, int], ...]] = {}
    parents: dict[int, str] = {}
    only_pulls: bool = False


class Tracker:
    """Writes the issues of every repository from one source of chance."""

    def __init__(self, random: Random) -> None:
        """Share the seed's one source of chance."""
        self._random = random
        self._scribe = Scribe(random)
        self._issue_ids = count(2_000_001)
        self._pull_ids = count(3_000_001)

    def issues(self, plan: Plan) -> tuple[Issue, ...]:
        """Return the issues of a repository by number."""
        numbers = (number for number in range(1, plan.amount + 1) if number not in plan.skipped)
        return tuple(self._issue(plan, number) for number in numbers)

    def _issue(self, plan: Plan, number: int) -> Issue:
        random = self._random
        span = self._span(plan, number)
        is_pull = plan.only_pulls or number % 3 == _PULL_REMAINDER
        closed = random.random() < _CLOSED
        closed_at = moment(random.randint(span.start, span.stop)) if closed else None
        amount = plan.comments.get(number, 0 if number % 10 == 0 else random.randint(0, 3))
        return Issue(
            next(self._issue_ids),
            number,
            title(random, number),
            body(random, number),
            self._scribe.author(),
            "closed" if closed else "open",
            _REASONS[number // 3 % 3] if closed and not is_pull else None,
            moment(span.start),
            moment(span.stop),
            closed_at,
            locked=number % 37 == 0,
            labels=tuple(random.sample(LABELS, random.choice((0, 0, 1, 2)))),
            assignees=tuple(random.sample(PEOPLE, random.choice((0, 0, 1, 3)))),
            milestone=random.choice((None, None, *MILESTONES)),
            comments=self._scribe.comments(number, amount, span),
            children=plan.children.get(number, ()),
            strangers=plan.strangers.get(number, ()),
            parent=plan.parents.get(number),
            pull=self._pull(plan, number, span, closed_at) if is_pull else None,
        )

    def _span(self, plan: Plan, number: int) -> Span:
        """Create within two years, by number; every tenth was touched by one bulk edit."""
        start = 2 * 365 * DAY * number // (plan.amount + 1)
        start += self._random.randint(0, DAY // 2)
        if number % 10 == 0:
            return Span(start, _TIE)
        return Span(start, max(start, self._random.randint(365 * DAY, 3 * 365 * DAY)))

    def _pull(self, plan: Plan, number: int, span: Span, closed_at: str | None) -> Pull:
        random = self._random
        remarks = plan.review_comments.get(number, random.choice((0, 0, 0, 2)))
        reviews = self._scribe.reviews(random.randint(0, 2) + bool(remarks), span)
        return Pull(
            next(self._pull_ids),
            f"feature/{number}-ünïcode" if number % 29 == 0 else f"patch-{number}",
            f"{random.getrandbits(160):040x}",
            "main",
            f"{random.getrandbits(160):040x}",
            draft=number % 7 == 0,
            merged_at=closed_at if random.random() < _MERGED else None,
            changed_files=random.randint(1, 40),
            additions=random.randint(0, 900),
            deletions=random.randint(0, 300),
            review_comments=self._scribe.review_comments(number, remarks, span, reviews),
            reviews=reviews,
            reviewers=PEOPLE[2:4] if number % 4 == 0 else (),
        )
