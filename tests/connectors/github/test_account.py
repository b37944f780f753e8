"""Whose account it is, and what was granted."""

import pytest

from src.core.errors import CredentialRefused
from tests.conftest import GitHub
from tests.connectors.github.conftest import Open


@pytest.mark.parametrize(
    ("token", "account", "scopes"),
    [
        ("ghp_sandbox_octocat", ("1", "octocat"), ("read:org", "repo", "user")),
        ("ghp_sandbox_hubot", ("2", "hubot"), ("read:org", "repo", "user")),
        ("ghp_sandbox_noscope", ("1", "octocat"), ()),
        ("github_pat_sandbox_octocat", ("1", "octocat"), None),
    ],
)
async def test_the_account_and_the_scopes_of_each_kind_of_token(
    open_with: Open, token: str, account: tuple[str, str], scopes: tuple[str, ...] | None
) -> None:
    identity = await open_with(token).identify()
    assert (identity.account.id, identity.account.name) == account
    assert identity.account.url == f"https://github.com/{account[1]}"
    assert identity.account.avatar_url
    assert identity.granted_scopes == scopes


async def test_a_token_that_github_does_not_know_is_refused_at_once(
    open_with: Open, github: GitHub
) -> None:
    with pytest.raises(CredentialRefused) as caught:
        await open_with("ghp_unknown").identify()
    assert caught.value.details["message"] == "Bad credentials"
    assert await github.requests() == {"GET /user": 1}


async def test_what_is_left_of_the_limit_is_known_after_a_call(open_with: Open) -> None:
    connector = open_with()
    assert connector.rest.rate_limit is None
    await connector.identify()
    assert connector.rest.rate_limit is not None
    assert (connector.rest.rate_limit.limit, connector.rest.rate_limit.remaining) == (5000, 4999)
    assert connector.rest.rate_limit.reset
