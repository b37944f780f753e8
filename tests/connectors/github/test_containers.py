"""Organisations and repositories."""

import msgspec
import pytest

from src.connectors.github.connector import GitHubConnector
from src.connectors.rest.paginators import walk
from src.core.errors import (
    InsufficientScope,
    ProviderNotFound,
    UnsupportedFilter,
    ValidationFailed,
)
from src.models.query import ContainerQuery
from src.models.unified import Container
from tests.conftest import GitHub
from tests.connectors.github.conftest import HELLO, Open

OWN = {
    "octocat/Hello-World",
    "octocat/private-notes",
    "octocat/empty",
    "octocat/no-issues",
    "octocat/linguist",
    "hubot/robots",
}


async def listed(connector: GitHubConnector, **query: object) -> list[Container]:
    pages = await walk(ContainerQuery(**query), connector.containers)  # type: ignore[arg-type]
    return [one for page in pages for one in page.items]


async def names(connector: GitHubConnector, **query: object) -> list[str]:
    return [one.name for one in await listed(connector, **query)]


async def test_the_top_is_organisations_then_own_repositories(connector: GitHubConnector) -> None:
    found = await listed(connector)
    assert [one.name for one in found[:2]] == ["octo-org", "tentacle-labs"]
    assert [one.type for one in found[:2]] == ["organization"] * 2
    assert {one.name for one in found[2:]} == OWN
    assert {one.type for one in found[2:]} == {"repository"}


async def test_the_top_is_paged_through_both_lists(
    connector: GitHubConnector, github: GitHub
) -> None:
    pages = await walk(ContainerQuery(limit=1), connector.containers)
    assert [len(page.items) for page in pages] == [1] * 8
    assert await github.requests() == {"GET /user/orgs": 2, "GET /user/repos": 6}


async def test_an_organisation(connector: GitHubConnector) -> None:
    organization = (await listed(connector))[0]
    assert msgspec.to_builtins(organization) == {
        "id": "org:octo-org",
        "type": "organization",
        "name": "octo-org",
        "description": "Eight arms, one goal",
        "parentId": None,
        "hasChildren": True,
        "url": "https://github.com/octo-org",
        "createdAt": None,
        "updatedAt": None,
    }


async def test_a_repository(connector: GitHubConnector) -> None:
    (repository,) = await listed(connector, q="octocat/Hello-World")
    assert msgspec.to_builtins(repository) == {
        "id": HELLO,
        "type": "repository",
        "name": "octocat/Hello-World",
        "description": "My first repository on GitHub!",
        "parentId": None,
        "hasChildren": False,
        "url": "https://github.com/octocat/Hello-World",
        "createdAt": "2023-01-01T12:00:00.000Z",
        "updatedAt": "2024-05-15T12:00:00.000Z",
    }


async def test_below_an_organisation_are_its_repositories(connector: GitHubConnector) -> None:
    found = await listed(connector, parent_id="org:octo-org", limit=1)
    assert [one.name for one in found] == ["octo-org/docs", "octo-org/tentacle-api"]
    assert {one.parent_id for one in found} == {"org:octo-org"}
    assert any("ドキュメント" in (one.description or "") for one in found)


@pytest.mark.parametrize(
    ("parent", "type_", "expected"),
    [
        (None, "organization", ["octo-org", "tentacle-labs"]),
        (None, "repository", sorted(OWN, key=str.lower)),
        ("org:octo-org", "repository", ["octo-org/docs", "octo-org/tentacle-api"]),
        ("org:octo-org", "organization", []),
        (HELLO, None, []),
        (HELLO, "repository", []),
    ],
)
async def test_types(
    connector: GitHubConnector, parent: str | None, type_: str | None, expected: list[str]
) -> None:
    assert await names(connector, parent_id=parent, type=type_) == expected


@pytest.mark.parametrize(
    ("q", "parent", "expected"),
    [
        ("octocat/Hello-World", None, ["octocat/Hello-World"]),
        ("OCTOCAT/hello-world", None, ["octocat/Hello-World"]),
        (" octocat/Hello-World ", None, ["octocat/Hello-World"]),
        ("octocat/Hello-Planet", None, ["octocat/Hello-World"]),
        ("octo-org/docs", None, ["octo-org/docs"]),
        ("octo-org/docs", "org:octo-org", ["octo-org/docs"]),
        ("Octo-Org/docs", "org:octo-org", ["octo-org/docs"]),
        ("octocat/Hello-World", "org:octo-org", []),
        ("octocat/nothing-here", None, []),
        ("hubot/secret-lab", None, []),
        ("octocat/..", None, []),
        ("hello", None, ["octocat/Hello-World"]),
        ("HELLO world", None, ["octocat/Hello-World"]),
        ("linguist", None, ["octocat/linguist"]),
        ("docs", None, []),
        ("docs", "org:octo-org", ["octo-org/docs"]),
        ("hello", "org:octo-org", []),
        ("robots", None, []),
        ("user:hubot robots", None, []),
        ('" user:hubot "robots', None, []),
        ("hello", HELLO, []),
    ],
)
async def test_search(
    connector: GitHubConnector, q: str, parent: str | None, expected: list[str]
) -> None:
    assert await names(connector, q=q, parent_id=parent) == expected
    assert await names(connector, q=q, parent_id=parent, type="repository") == expected


@pytest.mark.parametrize("q", ['"', "-- ''", "\x00\x01", "…", "x" * 300])
async def test_a_search_for_nothing_that_can_be_searched_is_refused(
    connector: GitHubConnector, q: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        await connector.containers(ContainerQuery(q=q))
    assert caught.value.details["errors"][0]["field"] == "q"


async def test_organisations_cannot_be_searched(connector: GitHubConnector) -> None:
    with pytest.raises(UnsupportedFilter):
        await connector.containers(ContainerQuery(q="octo", type="organization"))


@pytest.mark.parametrize("type_", ["issue", "Repository", "", "folder"])
async def test_an_unknown_type_is_refused(connector: GitHubConnector, type_: str) -> None:
    with pytest.raises(UnsupportedFilter) as caught:
        await connector.containers(ContainerQuery(type=type_))
    assert caught.value.details["errors"][0]["field"] == "type"


@pytest.mark.parametrize("parent", ["octo-org", "org:", "org:a b", "repo:x", "1296269:issue:1"])
async def test_a_parent_that_is_no_id_of_ours_is_refused(
    connector: GitHubConnector, parent: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        await connector.containers(ContainerQuery(parent_id=parent))
    assert caught.value.details["errors"][0]["field"] == "parentId"


async def test_an_organisation_that_is_gone_is_not_found(connector: GitHubConnector) -> None:
    with pytest.raises(ProviderNotFound):
        await connector.containers(ContainerQuery(parent_id="org:nobody"))


async def test_a_token_without_the_scope_gets_the_repositories_and_is_told(
    open_with: Open, github: GitHub
) -> None:
    connector = open_with("ghp_sandbox_noscope", ())
    page = await connector.containers(ContainerQuery())
    assert {one.type for one in page.items} == {"repository"}
    assert page.truncated
    assert "octocat/private-notes" not in {one.name for one in page.items}
    assert await github.requests() == {"GET /user/repos": 1}


async def test_a_token_without_the_scope_is_told_before_any_call(
    open_with: Open, github: GitHub
) -> None:
    connector = open_with("ghp_sandbox_noscope", ())
    with pytest.raises(InsufficientScope) as caught:
        await connector.containers(ContainerQuery(type="organization"))
    assert caught.value.details["missingScopes"] == ["read:org"]
    assert await github.requests() == {}


async def test_a_scope_that_implies_the_needed_one_is_enough(open_with: Open) -> None:
    connector = open_with(granted=("repo", "admin:org"))
    page = await connector.containers(ContainerQuery(type="organization"))
    assert (len(page.items), page.truncated) == (2, False)


async def test_a_scope_that_only_github_knows_to_be_missing_is_named(open_with: Open) -> None:
    with pytest.raises(InsufficientScope) as caught:
        await open_with("ghp_sandbox_noscope").containers(ContainerQuery(type="organization"))
    assert caught.value.details["missingScopes"] == ["read:org"]


async def test_a_fine_grained_token_finds_repositories_of_organisations_among_its_own(
    open_with: Open,
) -> None:
    found = await listed(open_with("github_pat_sandbox_octocat"))
    assert {one.type for one in found} == {"repository"}
    assert {one.name for one in found} > OWN
    assert "org:octo-org" in {one.parent_id for one in found}


async def test_raw_is_what_github_sent(connector: GitHubConnector) -> None:
    for query in (
        ContainerQuery(include_raw=True),
        ContainerQuery(q="octocat/empty", include_raw=True),
    ):
        page = await connector.containers(query)
        raw = msgspec.json.decode(msgspec.json.encode(page.items[0]))["raw"]
        assert raw["node_id"]
