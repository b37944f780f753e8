"""Whose account it is, by each way to authorize; and which sites there are to choose from."""

import pytest

from src.core.errors import (
    CredentialRefused,
    CredentialStale,
    InsufficientScope,
    ProviderNotFound,
    ValidationFailed,
)
from src.sandbox.atlassian.people import ACME, UMBRELLA
from tests.connectors.jira.conftest import (
    MIA,
    PAT,
    SCOPED,
    SCOPED_TOKEN,
    SERVER,
    SITE,
    SITE_TOKEN,
    Atlassian,
    Open,
)


async def test_a_grant_at_a_site(open_with: Open, atlassian: Atlassian) -> None:
    identity = await open_with(known=False).identify()
    account = identity.account
    assert (account.id, account.name) == (f"{ACME.id}:{MIA}", "Mia Krystof @ Acme")
    assert account.url == "https://acme.atlassian.net"
    assert account.avatar_url is not None
    assert atlassian.asked() == ["GET api/3/myself", "GET /oauth/token/accessible-resources"]


async def test_the_same_user_is_another_account_at_another_site(open_with: Open) -> None:
    account = (await open_with(cloudId=UMBRELLA.id).identify()).account
    assert (account.id, account.name) == (f"{UMBRELLA.id}:{MIA}", "Mia Krystof @ Umbrella ☂")


@pytest.mark.parametrize(
    ("method", "config", "account", "asked"),
    [
        (
            SITE_TOKEN,
            SITE,
            (f"{ACME.id}:{MIA}", "Mia Krystof @ acme.atlassian.net", "https://acme.atlassian.net"),
            ["GET api/3/myself", "GET /_edge/tenant_info"],
        ),
        (
            SCOPED_TOKEN,
            SCOPED,
            (f"{ACME.id}:{MIA}", "Mia Krystof @ acme.atlassian.net", "https://acme.atlassian.net"),
            ["GET api/3/myself", "GET api/3/serverInfo"],
        ),
        (
            PAT,
            SERVER,
            (
                "jira.example.com/jira:JIRAUSER00311",
                "Mia Krystof @ jira.example.com/jira",
                "https://jira.example.com/jira",
            ),
            ["GET api/2/myself"],
        ),
    ],
    ids=["apiToken", "scopedToken", "pat"],
)
async def test_keys(
    open_with: Open,
    atlassian: Atlassian,
    method: tuple[str, str],
    config: dict[str, str],
    account: tuple[str, str, str],
    asked: list[str],
) -> None:
    found = (await open_with(*method, known=False, **config).identify()).account
    assert (found.id, found.name, found.url) == account
    assert atlassian.asked() == asked


async def test_the_sites_are_those_with_jira_and_each_comes_once(open_with: Open) -> None:
    selection = await open_with(known=False, email="unused@example.com").choices()
    assert selection.field == "cloudId"
    assert [(option.value, option.label, option.url) for option in selection.options] == [
        (ACME.id, "Acme", "https://acme.atlassian.net"),
        (UMBRELLA.id, "Umbrella ☂", "https://umbrella.atlassian.net"),
    ]


async def test_a_site_of_others_is_not_there(open_with: Open) -> None:
    connector = open_with("oauth2", "eyJ-sandbox-ben", cloudId=UMBRELLA.id)
    with pytest.raises(ProviderNotFound):
        await connector.identify()


async def test_without_a_site_nothing_can_be_asked(open_with: Open, atlassian: Atlassian) -> None:
    connector = open_with(email="only@example.com")
    with pytest.raises(ValidationFailed, match=r"config\.cloudId"):
        await connector.identify()
    assert atlassian.asked() == []


@pytest.mark.parametrize(
    ("method", "token", "config"),
    [
        ("oauth2", "nonsense", {"cloudId": ACME.id}),
        # A token of OAuth opens nothing at a site's own address, nor does one with scopes.
        ("pat", "eyJ-sandbox-mia", {"serverUrl": "https://acme.atlassian.net"}),
        ("apiToken", "ATSTT-sandbox-mia", SITE),
        # A token without scopes opens nothing at the gateway.
        ("scopedToken", "ATATT-sandbox-mia", SCOPED),
        ("apiToken", "wrong", SITE),
        ("pat", "wrong", SERVER),
    ],
    ids=str,
)
async def test_a_credential_at_the_wrong_place(
    open_with: Open, method: str, token: str, config: dict[str, str]
) -> None:
    with pytest.raises(CredentialRefused):
        await open_with(method, token, **config).identify()


async def test_a_bad_key_is_told_from_a_stale_token(open_with: Open) -> None:
    with pytest.raises(CredentialRefused) as refused:
        await open_with("apiToken", "wrong", **SITE).identify()
    # Several of these bring a CAPTCHA: no second try is made of it.
    assert not isinstance(refused.value, CredentialStale)
    with pytest.raises(CredentialStale):
        await open_with("oauth2", "nonsense").identify()


async def test_a_scope_that_is_missing_is_no_bad_credential(open_with: Open) -> None:
    connector = open_with("oauth2", "eyJ-sandbox-mia-reader")
    await connector.identify()
    with pytest.raises(InsufficientScope):
        await connector.at.assign("EX-1", None)
