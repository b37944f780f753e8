"""What the reviews of a pull request come to."""

import httpx
import pytest

from src.connectors.github.connector import GitHubConnector
from src.connectors.github.discussion import review_fields, to_review
from src.connectors.github.ids import ItemRef
from src.connectors.github.schemas import Review, User
from src.models.query import ItemQuery, OneItemQuery
from tests.connectors.github.conftest import HELLO
from tests.connectors.github.test_payloads import answering, over

PULL = {"number": 7, "title": "t", "state": "open"}
Given = list[tuple[str | None, str]]


def reviews(given: Given) -> list[Review]:
    people: dict[str, int] = {}
    return [
        Review(
            number,
            state,
            user=None if name is None else User(name, people.setdefault(name, len(people) + 1)),
        )
        for number, (name, state) in enumerate(given, 1)
    ]


@pytest.mark.parametrize(
    ("given", "requested", "state"),
    [
        ([], [], None),
        ([], ["mona"], "review_required"),
        ([("mona", "COMMENTED")], [], "commented"),
        ([("mona", "COMMENTED")], ["yuki"], "review_required"),
        ([("mona", "APPROVED")], [], "approved"),
        ([("mona", "APPROVED")], ["yuki"], "approved"),
        ([("mona", "APPROVED"), ("mona", "COMMENTED")], [], "approved"),
        ([("mona", "APPROVED"), ("yuki", "CHANGES_REQUESTED")], [], "changes_requested"),
        ([("mona", "CHANGES_REQUESTED"), ("mona", "APPROVED")], [], "approved"),
        ([("mona", "APPROVED"), ("mona", "CHANGES_REQUESTED")], [], "changes_requested"),
        ([("mona", "CHANGES_REQUESTED"), ("mona", "DISMISSED")], [], None),
        ([("mona", "DISMISSED"), ("mona", "COMMENTED")], ["mona"], "review_required"),
        ([("mona", "PENDING")], [], None),
        ([(None, "CHANGES_REQUESTED"), (None, "APPROVED")], [], "changes_requested"),
    ],
)
def test_the_latest_review_of_each_decides(
    given: Given, requested: list[str], state: str | None
) -> None:
    assert review_fields(reviews(given), requested)["reviewState"] == state


def test_who_has_reviewed_is_told_once_each() -> None:
    given: Given = [("mona", "COMMENTED"), ("yuki", "APPROVED"), ("mona", "APPROVED"), (None, "X")]
    assert review_fields(reviews(given), [])["reviews"] == [
        {"name": "mona", "state": "approved"},
        {"name": "yuki", "state": "approved"},
        {"name": None, "state": "x"},
    ]


@pytest.mark.parametrize("review", [Review(1, "APPROVED"), Review(1, "PENDING", body="Draft")])
def test_a_review_without_words_or_not_submitted_is_no_comment(review: Review) -> None:
    assert to_review(review, ItemRef("1", "pull", 7)) is None


@pytest.mark.parametrize(
    ("number", "state"),
    [(5, "approved"), (8, "review_required"), (14, None), (116, "changes_requested")],
)
async def test_a_single_pull_request_tells_its_state(
    connector: GitHubConnector, number: int, state: str | None
) -> None:
    item = await connector.item(OneItemQuery(item_id=f"1296269:pull:{number}"))
    assert item.fields["reviewState"] == state
    assert item.body is not None


async def test_reviews_are_read_to_the_last_page() -> None:
    def github(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/reviews"):
            return httpx.Response(200, json=PULL)
        number = int(request.url.params.get("page", "1"))
        review = {"id": number, "state": "APPROVED", "user": {"login": "a", "id": number}}
        following = f"{request.url.copy_remove_param('page')}&page={number + 1}"
        links = {"link": f'<{following}>; rel="next"'} if number < 3 else {}
        return httpx.Response(200, json=[review], headers=links)

    item = await over(github).item(OneItemQuery(item_id="1:pull:7"))
    assert len(item.fields["reviews"]) == 3


async def test_teams_are_asked_for_reviews_too() -> None:
    pull = {**PULL, "requested_teams": [{"slug": "docs"}], "requested_reviewers": None}
    item = await answering(pull, []).item(OneItemQuery(item_id="1:pull:7"))
    assert item.fields["requestedTeams"] == ["docs"]
    assert item.fields["reviewState"] == "review_required"


async def test_a_list_knows_who_is_asked_and_not_what_they_said(
    connector: GitHubConnector,
) -> None:
    page = await connector.items(ItemQuery(container_id=HELLO, type="pull_request", limit=100))
    asked = {tuple(item.fields["requestedReviewers"]) for item in page.items}
    assert asked == {(), ("mona-lisa", "jose-garcia")}
    assert {item.fields["reviewState"] for item in page.items} == {None}
