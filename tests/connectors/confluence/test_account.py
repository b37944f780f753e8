"""Whose account it is, by each way to authorize, and the sites of a grant."""

from typing import Any

import pytest
from starlette.responses import JSONResponse

from src.connectors.confluence.connector import ConfluenceConnector
from src.core.errors import CredentialRefused, ProviderNotFound
from src.models.query import ContainerQuery
from src.sandbox.atlassian.people import ACME, MIA, UMBRELLA
from tests.connectors.confluence.conftest import SITE, Imitation, Open


async def test_the_account_is_the_user_at_the_site(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    account = (await connector.identify()).account
    assert (account.id, account.name) == (f"{ACME.id}:{MIA.account_id}", "Mia Krystof @ Acme")
    assert account.url == "https://acme.atlassian.net"
    assert account.avatar_url == f"{account.url}/wiki/aa-avatar/{MIA.account_id}"
    assert imitation.asked() == [
        "GET /wiki/rest/api/user/current",
        "GET /oauth/token/accessible-resources",
    ]


async def test_the_same_user_is_another_account_at_another_site(open_with: Open) -> None:
    account = (await open_with(cloudId=UMBRELLA.id).identify()).account
    assert account.id == f"{UMBRELLA.id}:{MIA.account_id}"


async def test_an_api_token_goes_to_the_site(open_with: Open, imitation: Imitation) -> None:
    connector = open_with(
        "ATATT-sandbox-mia",
        method="apiToken",
        siteUrl=f"https://{SITE}/wiki/",
        email="mia@example.com",
    )
    account = (await connector.identify()).account
    # The same account as by OAuth.
    assert (account.id, account.name) == (
        *(f"{ACME.id}:{MIA.account_id}", "Mia Krystof @ acme.atlassian.net"),
    )
    found = await connector.containers(ContainerQuery(limit=1))
    assert found.items[0].url is not None
    assert found.items[0].url.startswith(f"https://{SITE}/wiki/")
    assert {one.url.host for one in imitation.network.requests} == {SITE}


async def test_an_api_token_with_scopes_goes_to_the_gateway(
    open_with: Open, imitation: Imitation
) -> None:
    connector = open_with(
        "ATSTT-sandbox-mia", method="scopedToken", cloudId=ACME.id, email="mia@example.com"
    )
    account = (await connector.identify()).account
    assert (account.id, account.name) == (
        *(f"{ACME.id}:{MIA.account_id}", "Mia Krystof @ acme.atlassian.net"),
    )
    assert imitation.network.requests[0].url.path.startswith(f"/ex/confluence/{ACME.id}/wiki/")


async def test_what_else_stands_in_the_configuration_changes_no_address(
    open_with: Open, imitation: Imitation
) -> None:
    both = {"siteUrl": f"https://{SITE}", "cloudId": ACME.id, "email": "mia@example.com"}
    await open_with(**both).containers(ContainerQuery())
    await open_with("ATATT-sandbox-mia", method="apiToken", **both).containers(ContainerQuery())
    asked = [(one.url.host, one.url.path) for one in imitation.network.requests]
    assert asked == [
        ("confluence.sandbox", f"/ex/confluence/{ACME.id}/wiki/api/v2/spaces"),
        (SITE, "/wiki/api/v2/spaces"),
    ]


async def test_a_wrong_api_token_is_refused_and_sent_once(
    open_with: Open, imitation: Imitation
) -> None:
    connector = open_with(
        "ATATT-wrong", method="apiToken", siteUrl=f"https://{SITE}", email="mia@example.com"
    )
    with pytest.raises(CredentialRefused):
        await connector.identify()
    assert len(imitation.network.requests) == 1


async def test_the_sites_are_those_with_a_confluence(open_with: Open, imitation: Imitation) -> None:
    selection = await open_with(cloudId=ACME.id).choices()
    assert selection.field == "cloudId"
    assert [(one.value, one.label) for one in selection.options] == [
        (ACME.id, "Acme"),
        (UMBRELLA.id, UMBRELLA.name),
    ]
    assert imitation.asked() == ["GET /oauth/token/accessible-resources"]


async def test_a_site_that_the_grant_does_not_cover_is_not_found(open_with: Open) -> None:
    with pytest.raises(ProviderNotFound):
        await open_with("eyJ-sandbox-ben", cloudId=UMBRELLA.id).identify()


async def test_a_grant_that_no_longer_covers_the_site_is_no_account(
    open_with: Open, imitation: Imitation
) -> None:
    imitation.network.add("confluence.sandbox", WithoutSites(imitation.app))
    with pytest.raises(CredentialRefused):
        await open_with().identify()


class WithoutSites:
    """The imitation, for a user who has left every site meanwhile."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        found = JSONResponse([])
        is_list = scope["path"].endswith("/accessible-resources")
        await (found if is_list else self._app)(scope, receive, send)
