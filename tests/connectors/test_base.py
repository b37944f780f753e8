"""What every connector inherits: tokens, scopes, refused filters."""

import pytest

from src.connectors.base import refuse_filters
from src.connectors.github.connector import GitHubConnector
from src.connectors.manifest import ScopeRules
from src.core.errors import UnsupportedFilter
from src.models.query import ContainerQuery, ItemQuery
from tests.testing.shelf.connector import ShelfConnector

RULES = ScopeRules(implied={"admin": ("write", "read"), "write": ("read",)})


@pytest.mark.parametrize(
    ("required", "granted", "missing"),
    [
        ([], [], ()),
        (["read"], ["read"], ()),
        (["read"], [], ("read",)),
        (["read"], None, ()),
        (["read"], ["write"], ()),
        (["read", "write"], ["admin"], ()),
        (["admin"], ["write"], ("admin",)),
        (["read", "other", "another"], ["read"], ("another", "other")),
        (["read", "read"], [], ("read",)),
    ],
)
def test_missing_scopes(
    required: list[str], granted: list[str] | None, missing: tuple[str, ...]
) -> None:
    assert RULES.missing(required, granted) == missing


@pytest.mark.parametrize("connector", [ShelfConnector, GitHubConnector])
def test_a_token_is_read_as_the_answer_of_a_token_address(
    connector: type[GitHubConnector],
) -> None:
    credential = connector.read_token({"access_token": "gho_x", "scope": "repo,read:org"})
    assert credential.access_token.get_secret_value() == "gho_x"
    assert credential.scopes == ("repo", "read:org")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (ItemQuery(container_id="x", parent_id="y"), "parentId"),
        (ItemQuery(container_id="x", status=""), "status"),
        (ItemQuery(container_id="x", q=""), "q"),
        (ContainerQuery(q="x"), "q"),
    ],
)
def test_a_filter_that_is_set_is_refused_by_its_outer_name(
    query: ItemQuery | ContainerQuery, field: str
) -> None:
    names = ("parent_id", "status", "q") if isinstance(query, ItemQuery) else ("q",)
    with pytest.raises(UnsupportedFilter, match="not here") as caught:
        refuse_filters(query, *names, why="not here")
    assert caught.value.details["errors"] == [{"field": field, "message": "not here"}]


def test_filters_that_are_not_set_pass() -> None:
    refuse_filters(ItemQuery(container_id="x"), "parent_id", "status", "q", "sort", why="no")
