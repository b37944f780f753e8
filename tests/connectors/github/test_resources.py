"""Pickers of repositories and branches, and the way to a place."""

import re
from typing import Any

import httpx
import msgspec
import pytest

from src.connectors.github.connector import GitHubConnector
from src.connectors.github.places import Directory
from src.connectors.github.resources import RepositoryFilters
from src.connectors.manifest import NoFields
from src.connectors.rest.paginators import walk
from src.core.errors import ProviderNotFound, ValidationFailed
from src.models.ids import PROVIDER_ID_PATTERN
from src.models.query import ResourceQuery
from src.models.unified import Resource
from tests.conftest import GitHub
from tests.connectors.github.conftest import HELLO, Open
from tests.connectors.github.test_payloads import REPOSITORY, over

EMPTY = "repo:1296271"
BRANCHES = "GET /repositories/{id}/branches"
TREE = "GET /repositories/{id}/git/trees/{tree:path}"


async def listed(connector: GitHubConnector, kind: str, **query: Any) -> list[Resource]:
    filters = query.pop("filters", RepositoryFilters() if kind == "repo" else NoFields())
    asked = ResourceQuery(type=f"github_{kind}", filters=filters, **query)
    pages = await walk(asked, connector.resources)
    return [one for page in pages for one in page.items]


async def test_repositories_are_one_flat_list(connector: GitHubConnector, github: GitHub) -> None:
    found = await listed(connector, "repo")
    assert await github.requests() == {"GET /user/repos": 1}
    names = [one.name for one in found]
    assert names == sorted(names, key=str.lower)
    assert {"octocat/Hello-World", "octo-org/docs", "hubot/robots"} <= set(names)
    assert msgspec.to_builtins(next(one for one in found if one.id == HELLO)) == {
        "id": HELLO,
        "name": "octocat/Hello-World",
        "type": "github_repo",
        "mimeType": None,
        "parentId": None,
        "hasChildren": False,
        "selectable": True,
        "iconUrl": None,
        "url": "https://github.com/octocat/Hello-World",
    }


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("DOCS", {"octo-org/docs"}),
        ("octo-org/", {"octo-org/docs", "octo-org/tentacle-api"}),
        (" octocat/hello ", {"octocat/Hello-World"}),
        ("repo:hubot/robots", set()),
    ],
)
async def test_q_is_part_of_a_name(
    connector: GitHubConnector, github: GitHub, q: str, expected: set[str]
) -> None:
    assert {one.name for one in await listed(connector, "repo", q=q)} == expected
    assert await github.requests() == {"GET /user/repos": 1}


async def test_writable_leaves_out_what_cannot_be_written_to(connector: GitHubConnector) -> None:
    everything = {one.name for one in await listed(connector, "repo")}
    writable = {
        one.name
        for one in await listed(connector, "repo", filters=RepositoryFilters(writable=True))
    }
    assert everything - writable == {"tentacle-labs/legacy"}


@pytest.mark.parametrize(
    ("more", "kept"),
    [
        ({"permissions": {"push": True}}, True),
        ({"permissions": {"push": False, "pull": True}}, False),
        ({"permissions": {"push": True}, "archived": True}, False),
        ({}, False),
    ],
)
async def test_writable_means_that_the_account_may_push(more: dict[str, Any], kept: bool) -> None:
    connector = over(lambda _: httpx.Response(200, json=[{**REPOSITORY, **more}]))
    found = await listed(connector, "repo", filters=RepositoryFilters(writable=True))
    assert bool(found) is kept
    assert await listed(connector, "repo")


async def test_an_organisation_can_be_opened(connector: GitHubConnector) -> None:
    found = await listed(connector, "repo", parent_id="org:octo-org", limit=1)
    assert [one.name for one in found] == ["octo-org/docs", "octo-org/tentacle-api"]
    assert {one.parent_id for one in found} == {"org:octo-org"}


async def test_a_github_app_opens_its_installations(open_with: Open, github: GitHub) -> None:
    of_app = open_with("ghu_sandbox_octocat")
    owners = await listed(of_app, "repo")
    assert [(one.name, one.selectable, one.has_children) for one in owners] == [
        ("octocat", False, True),
        ("octo-org", False, True),
    ]
    inside = await listed(of_app, "repo", parent_id=owners[0].id)
    assert [one.name for one in inside] == ["octocat/Hello-World", "octocat/private-notes"]
    assert [one.name for one in await listed(of_app, "repo", q="docs")] == ["octo-org/docs"]
    (way,) = await of_app.resource_parents("github_repo", owners[1].id)
    assert (way.id, way.name, way.selectable) == ("inst:50002", "octo-org", False)
    with pytest.raises(ProviderNotFound):
        await of_app.resource_parents("github_repo", "inst:1")


async def test_branches_are_listed_with_ids_that_any_name_fits(
    connector: GitHubConnector, github: GitHub
) -> None:
    found = await listed(connector, "branch", parent_id=HELLO, limit=20)
    assert await github.requests() == {BRANCHES: 3}
    assert len(found) == 43
    by_name = {one.name: one for one in found}
    assert {"main", "feature/login", "grün/überall"} <= set(by_name)
    for one in found:
        assert msgspec.convert(one.id, str)
        assert Directory.parse(one.id, "x").ref == one.name
        assert (one.parent_id, one.selectable, one.has_children) == (HELLO, True, False)


@pytest.mark.parametrize(
    ("q", "amount"), [("LOGIN", 1), ("überall", 1), ("patch-1", 11), ("nothing", 0)]
)
async def test_branches_are_found_by_any_part(
    connector: GitHubConnector, q: str, amount: int
) -> None:
    assert len(await listed(connector, "branch", parent_id=HELLO, q=q)) == amount


async def test_the_case_of_a_branch_does_not_matter() -> None:
    connector = over(lambda _: httpx.Response(200, json=[{"name": "Release-V2"}, {"name": "x"}]))
    found = await listed(connector, "branch", parent_id="repo:1", q="release-v")
    assert [one.name for one in found] == ["Release-V2"]


async def test_an_empty_repository_has_neither_branches_nor_files(
    connector: GitHubConnector,
) -> None:
    assert await listed(connector, "branch", parent_id=EMPTY) == []
    assert await listed(connector, "file", parent_id=EMPTY) == []
    assert await listed(connector, "file", parent_id=EMPTY, q="read") == []


async def test_the_way_to_a_branch_and_to_a_directory(
    connector: GitHubConnector, github: GitHub
) -> None:
    (repository,) = await connector.resource_parents("github_branch", HELLO)
    assert (repository.id, repository.name) == (HELLO, "octocat/Hello-World")
    branch = next(
        one for one in await listed(connector, "branch", parent_id=HELLO) if "/l" in one.name
    )
    top = await listed(connector, "file", parent_id=branch.id)
    docs = next(one for one in top if one.name == "docs")
    (japanese,) = [
        one for one in await listed(connector, "file", parent_id=docs.id) if one.has_children
    ]
    await github.forget()
    way = await connector.resource_parents("github_file", japanese.id)
    assert [one.name for one in way] == [
        "octocat/Hello-World",
        "feature/login",
        "docs",
        "日本語",
    ]
    assert [one.id for one in way] == [HELLO, branch.id, docs.id, japanese.id]
    assert [one.parent_id for one in way] == [None, HELLO, branch.id, docs.id]
    assert await github.requests() == {"GET /repositories/{id}": 1, TREE: 1}


@pytest.mark.parametrize(
    ("kind", "parent"),
    [
        ("repo", HELLO),
        ("repo", "x"),
        ("branch", "org:octo-org"),
        ("branch", "1296269:branch:bWFpbg"),
        ("branch", None),
        ("file", "org:octo-org"),
        ("file", "1296269:issue:7"),
        ("file", "1296269:branch:!"),
        ("file", f"1296269:dir:{'a' * 40}:bWFpbg"),
        ("file", f"1296269:dir:{'a' * 40}:_w"),
    ],
)
async def test_a_parent_of_another_kind_is_refused_before_any_call(
    connector: GitHubConnector, github: GitHub, kind: str, parent: str | None
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        await listed(connector, kind, parent_id=parent)
    assert caught.value.details["errors"][0]["field"] == "parentId"
    if parent:
        with pytest.raises(ValidationFailed):
            await connector.resource_parents(f"github_{kind}", parent)
    assert await github.requests() == {}


def test_ids_of_any_name_are_ids_of_ours() -> None:
    place = Directory("1" * 19)
    for name in ("a", "ü" * 120, "x" * 250, "a b/c#d?e%f", "\N{GRINNING FACE}" * 60):
        for depth in (1, 3, 12):
            path = "/".join([name] * depth)
            below = place.below(path, "f" * 40)
            for made in (below.id, place.file(path, "e" * 40), below.file(name, "e" * 40)):
                assert msgspec.convert(made, str)
                assert re.fullmatch(PROVIDER_ID_PATTERN, made), made
            assert Directory.parse(below.id, "x").id == below.id
