"""GitHub Enterprise Server: another address, the same API."""

import pytest
from pydantic import ValidationError

from src.connectors.github.connector import GitHubConnector
from src.connectors.github.sites import GitHubConfig, site_of
from src.connectors.manifest import Site
from src.connectors.rest.paginators import walk
from src.models.query import ContainerQuery, ItemQuery
from tests.conftest import GitHub
from tests.connectors.github.conftest import HELLO, Open

ACME = {"baseUrl": "https://github.acme.com"}


@pytest.mark.parametrize(
    ("base", "web", "api"),
    [
        ("https://github.acme.com", "https://github.acme.com", "https://github.acme.com/api/v3"),
        ("https://GitHub.Acme.com/", "https://github.acme.com", "https://github.acme.com/api/v3"),
        ("https://git.acme.com/api/v3/", "https://git.acme.com", "https://git.acme.com/api/v3"),
        (
            "https://git.acme.com:8443",
            "https://git.acme.com:8443",
            "https://git.acme.com:8443/api/v3",
        ),
        ("https://octocorp.ghe.com", "https://octocorp.ghe.com", "https://api.octocorp.ghe.com"),
    ],
)
def test_the_addresses_of_a_server(base: str, web: str, api: str) -> None:
    assert site_of(GitHubConfig(base_url=base)) == Site(
        api_url=api,
        authorize_url=f"{web}/login/oauth/authorize",
        token_url=f"{web}/login/oauth/access_token",
        revoke_url=f"{api}/applications/{{client_id}}/token",
    )


@pytest.mark.parametrize(
    "base", [None, "https://github.com", "https://github.com/", "https://api.github.com"]
)
def test_github_com_is_no_site_of_ones_own(base: str | None) -> None:
    config = GitHubConfig(base_url=base)
    assert site_of(config) is None
    assert config.web == "https://github.com"


@pytest.mark.parametrize(
    "base",
    [
        "",
        "github.acme.com",
        "http://github.acme.com",
        "https://",
        "https://user@github.acme.com",
        "https://github.acme.com/some/path",
        "https://github.acme.com?x=1",
        "https://github.acme.com#x",
    ],
)
def test_what_is_no_address_of_a_server(base: str) -> None:
    with pytest.raises(ValidationError):
        GitHubConfig(base_url=base)


async def test_a_server_is_asked_at_its_own_address_and_pages_stay_there(
    open_with: Open, github: GitHub
) -> None:
    connector: GitHubConnector = open_with(config=ACME)
    github.network.alias("github.acme.com", "github.sandbox")
    pages = await walk(ItemQuery(container_id=HELLO, limit=100), connector.items)
    assert sum(len(page.items) for page in pages) == 378
    asked = {(one.url.host, one.url.path) for one in github.network.requests}
    assert asked == {("github.acme.com", "/api/v3/repositories/1296269/issues")}


async def test_a_server_may_tell_no_limits_and_its_links_lead_to_it(
    open_with: Open, github: GitHub
) -> None:
    connector: GitHubConnector = open_with(config=ACME)
    github.network.alias("github.acme.com", "github.sandbox")
    page = await connector.containers(ContainerQuery(type="organization"))
    assert connector.rest.rate_limit is None
    assert page.items[0].url == "https://github.acme.com/octo-org"
