"""The children of an issue, as far as they are in its own repository."""

from datetime import UTC, datetime

import pytest

from src.connectors.github.connector import GitHubConnector
from src.core.errors import ProviderNotFound, ValidationFailed
from src.models.query import ItemQuery, OneItemQuery
from tests.conftest import GitHub
from tests.connectors.github.conftest import HELLO
from tests.connectors.github.test_payloads import answering

SUB_ISSUES = "GET /repositories/{id}/issues/{number}/sub_issues"


async def children(connector: GitHubConnector, parent: str, **filters: object) -> list[int]:
    query = ItemQuery(container_id=HELLO, parent_id=parent, **filters)  # type: ignore[arg-type]
    page = await connector.items(query)
    assert {item.parent_id for item in page.items} <= {parent}
    return [item.fields["number"] for item in page.items]


async def test_children_name_their_parent_and_cost_one_call(
    connector: GitHubConnector, github: GitHub
) -> None:
    assert await children(connector, "1296269:issue:7") == [9, 10, 12]
    assert await github.requests() == {SUB_ISSUES: 1}


async def test_a_child_in_another_repository_is_no_item_of_this_one(
    connector: GitHubConnector,
) -> None:
    parent = await connector.item(OneItemQuery(item_id="1296269:issue:9"))
    assert parent.fields["subIssues"] == 2
    assert await children(connector, parent.id) == [15]
    stranger = await connector.item(OneItemQuery(item_id="1296274:issue:1"))
    assert stranger.parent_id is None


async def test_items_know_their_parent_and_whether_they_have_children(
    connector: GitHubConnector,
) -> None:
    nine = await connector.item(OneItemQuery(item_id="1296269:issue:9"))
    assert (nine.parent_id, nine.has_children) == ("1296269:issue:7", True)
    twelve = await connector.item(OneItemQuery(item_id="1296269:issue:12"))
    assert (twelve.parent_id, twelve.has_children) == ("1296269:issue:7", False)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"type": "issue"}, [9, 10, 12]),
        ({"type": "pull_request"}, []),
        ({"updated_since": datetime(2000, 1, 1, tzinfo=UTC)}, [9, 10, 12]),
        ({"updated_since": datetime(2100, 1, 1, tzinfo=UTC)}, []),
    ],
)
async def test_filters_are_honoured_among_children(
    connector: GitHubConnector, filters: dict[str, object], expected: list[int]
) -> None:
    assert await children(connector, "1296269:issue:7", **filters) == expected


async def test_the_state_is_honoured_among_children(connector: GitHubConnector) -> None:
    by_state = {
        state: await children(connector, "1296269:issue:7", state=state)
        for state in ("open", "closed")
    }
    assert sorted(by_state["open"] + by_state["closed"]) == [9, 10, 12]
    for state, numbers in by_state.items():
        for number in numbers:
            item = await connector.item(OneItemQuery(item_id=f"1296269:issue:{number}"))
            assert item.state == state


async def test_a_pull_request_has_no_children(connector: GitHubConnector, github: GitHub) -> None:
    assert await children(connector, "1296269:pull:101") == []
    assert await github.requests() == {}


@pytest.mark.parametrize("parent", ["1296274:issue:1", "org:octo-org", "x"])
async def test_a_parent_must_be_an_item_of_the_container(
    connector: GitHubConnector, parent: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        await children(connector, parent)
    assert caught.value.details["errors"][0]["field"] == "parentId"


async def test_a_parent_that_is_gone(connector: GitHubConnector) -> None:
    with pytest.raises(ProviderNotFound):
        await children(connector, "1296269:issue:13")


async def test_a_transferred_issue_has_no_parent_in_its_old_place() -> None:
    home = "https://api.github.com/repos/octo-org/docs"
    moved = {
        "number": 3,
        "title": "t",
        "state": "open",
        "repository_url": home,
        "parent_issue_url": f"{home}/issues/1",
    }
    item = await answering(moved).item(OneItemQuery(item_id="1:issue:16"))
    assert item.parent_id is None
