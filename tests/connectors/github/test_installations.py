"""What a GitHub App's token lists: where the app is installed, and nothing beside it."""

import pytest

from src.connectors.github.connector import GitHubConnector
from src.connectors.github.credentials import kind_of
from src.connectors.rest.paginators import walk
from src.core.errors import ProviderForbidden, ProviderNotFound, UnsupportedFilter
from src.models.query import ContainerQuery, ItemQuery
from src.models.unified import Container
from tests.conftest import GitHub
from tests.connectors.github.conftest import Open

APP = "ghu_sandbox_octocat"
LIST = "GET /user/installations"
BELOW = "GET /user/installations/{installation}/repositories"


@pytest.fixture
def of_app(open_with: Open) -> GitHubConnector:
    return open_with(APP)


async def listed(connector: GitHubConnector, **query: object) -> list[Container]:
    pages = await walk(ContainerQuery(**query), connector.containers)  # type: ignore[arg-type]
    return [one for page in pages for one in page.items]


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("ghu_abc", "app_user"),
        ("gho_abc", "oauth_app"),
        ("ghp_abc", "classic"),
        ("ghs_abc", "installation"),
        ("github_pat_abc", "fine_grained"),
        ("0123456789abcdef0123456789abcdef01234567", None),
        ("xghu_abc", None),
    ],
)
def test_kinds_of_tokens(token: str, kind: str | None) -> None:
    assert kind_of(token) == kind


async def test_the_top_is_where_the_app_is_installed(
    of_app: GitHubConnector, github: GitHub
) -> None:
    pages = await walk(ContainerQuery(limit=2), of_app.containers)
    found = [one for page in pages for one in page.items]
    assert [(one.id, one.name) for one in found] == [
        ("inst:50001", "octocat"),
        ("inst:50002", "octo-org"),
    ], "the suspended one is left out"
    assert {(one.type, one.has_children) for one in found} == {("installation", True)}
    assert found[1].url == "https://github.com/organizations/octo-org/settings/installations/50002"
    assert await github.requests() == {LIST: 2}


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        ("inst:50001", ["octocat/Hello-World", "octocat/private-notes"]),
        ("inst:50002", ["octo-org/tentacle-api", "octo-org/docs"]),
    ],
)
async def test_below_an_installation_are_its_repositories(
    of_app: GitHubConnector, github: GitHub, parent: str, expected: list[str]
) -> None:
    found = await listed(of_app, parent_id=parent, limit=1)
    assert [one.name for one in found] == expected
    assert {one.parent_id for one in found} == {parent}
    assert {one.type for one in found} == {"repository"}
    assert await github.requests() == {BELOW: 2}


@pytest.mark.parametrize(("q", "amount"), [("NOTES", 1), ("octocat/", 2), ("no such", 0)])
async def test_q_finds_names_in_an_installation_and_nowhere_else(
    of_app: GitHubConnector, q: str, amount: int
) -> None:
    assert len(await listed(of_app, parent_id="inst:50001", q=q)) == amount


async def test_types_below_and_at_the_top(of_app: GitHubConnector) -> None:
    assert await listed(of_app, parent_id="inst:50001", type="organization") == []
    assert len(await listed(of_app, type="installation")) == 2
    assert all(one.type == "repository" for one in await listed(of_app, type="repository"))


async def test_what_cannot_be_looked_into(of_app: GitHubConnector) -> None:
    with pytest.raises(ProviderForbidden):
        await listed(of_app, parent_id="inst:50003")
    with pytest.raises(ProviderNotFound):
        await listed(of_app, parent_id="inst:50004")


async def test_private_repositories_elsewhere_are_not_there(of_app: GitHubConnector) -> None:
    assert await listed(of_app, q="hubot/robots") == []
    with pytest.raises(ProviderNotFound):
        await of_app.items(ItemQuery(container_id="repo:1296276"))


async def test_an_installation_has_no_items(of_app: GitHubConnector) -> None:
    page = await of_app.items(ItemQuery(container_id="inst:50001"))
    assert page.items == ()


@pytest.mark.parametrize("token", ["ghp_sandbox_octocat", "github_pat_sandbox_octocat"])
async def test_other_tokens_have_no_installations(
    open_with: Open, github: GitHub, token: str
) -> None:
    with pytest.raises(UnsupportedFilter):
        await listed(open_with(token), type="installation")
    assert await github.requests() == {}
