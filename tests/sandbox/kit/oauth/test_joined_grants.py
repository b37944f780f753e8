"""Google's way: what a user grants to an app is one, and a refresh token comes when they agree."""

import pytest

from src.sandbox.kit.oauth import Refusal, wording
from tests.fakes.browser import approve
from tests.sandbox.kit.oauth.conftest import APP, PKCE, VERIFIER, Imitate, Imitation, refusal

OFFLINE = {"access_type": "offline"}


@pytest.fixture
def google(imitate: Imitate) -> Imitation:
    return imitate(
        joins_grants=True,
        revokes_for_anybody=True,
        sure_scopes=frozenset({"read"}),
        told_as={"read": "https://scopes.test/read"},
        apps=(APP,),
        wordings={Refusal.REVOKED_TOKEN: wording("invalid_token", "Token expired or revoked")},
    )


async def test_a_refresh_token_comes_with_a_consent_and_offline_access_only(
    google: Imitation,
) -> None:
    assert "refresh_token" not in await google.tokens()
    fresh = google.tokens
    assert "refresh_token" not in await fresh(**OFFLINE)  # agreed to before
    assert "refresh_token" in await fresh(**OFFLINE, prompt="consent")
    assert "refresh_token" in await fresh(**OFFLINE, prompt="select_account consent")
    assert "refresh_token" not in await fresh(prompt="consent")


async def test_more_scopes_are_a_new_consent(google: Imitation) -> None:
    assert "refresh_token" in await google.tokens(**OFFLINE, scope="read")
    assert "refresh_token" not in await google.tokens(**OFFLINE, scope="read")
    assert "refresh_token" in await google.tokens(**OFFLINE, scope="write")


async def test_former_scopes_are_added_if_they_are_wanted(google: Imitation) -> None:
    await google.tokens(scope="write")
    alone = await google.tokens(scope="read")
    assert alone["scope"] == "https://scopes.test/read"
    both = await google.tokens(scope="read", include_granted_scopes="true")
    assert both["scope"] == "https://scopes.test/read write"


async def test_what_is_sure_is_granted_unticked(google: Imitation) -> None:
    came = await approve(google.client, google.url(), without=("read", "write"))
    answer = await google.exchange(came["code"])
    assert answer.json()["scope"] == "https://scopes.test/read"


async def test_whoever_has_a_token_ends_all_that_the_user_has_granted(google: Imitation) -> None:
    first = await google.tokens(**OFFLINE, scope="read")
    second = await google.tokens(**OFFLINE, scope="write")
    came = await approve(google.client, google.url(), account="bob")
    other = (await google.exchange(came["code"])).json()
    answer = await google.client.post("/revoke", data={"token": first["refresh_token"]})
    assert (answer.status_code, answer.json()) == (200, {})
    assert not await google.is_good(first["access_token"])
    assert not await google.is_good(second["access_token"])
    assert await google.is_good(other["access_token"])
    again = await google.client.post("/revoke", data={"token": first["refresh_token"]})
    assert refusal(again) == (400, "invalid_token")
    assert refusal(await google.client.post("/revoke", data={})) == (400, "invalid_request")


async def test_a_challenge_is_checked_as_ever(google: Imitation) -> None:
    code = await google.code(**OFFLINE, **PKCE)
    assert refusal(await google.exchange(code)) == (400, "invalid_grant")
    code = await google.code(**OFFLINE, **PKCE)
    assert (await google.exchange(code, code_verifier=VERIFIER)).is_success
