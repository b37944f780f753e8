"""Facts about a provider that contradict each other are refused where they are written."""

from datetime import timedelta
from typing import Any

import pytest

from src.core.oauth import (
    ANY_WORD,
    ClientAuthentication,
    Meaning,
    OAuth2Spec,
    Refusal,
    Step,
)


def spec(**facts: Any) -> OAuth2Spec:
    return OAuth2Spec(authorize_url="https://a.test", token_url="https://t.test", **facts)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"reuse_window": timedelta(minutes=10)}, "reuse window"),
        ({"rotates": True, "reuse_window": timedelta(seconds=-1)}, "reuse window"),
        ({"client_authentication": ClientAuthentication.NONE}, "names itself"),
        ({"authorize_params": {"state": "x"}}, "authorize_params must not set state"),
        ({"authorize_params": {"code_challenge_method": "plain"}}, "code_challenge_method"),
        ({"exchange_params": {"client_secret": "x"}}, "exchange_params must not set"),
        ({"refresh_params": {"grant_type": "x"}}, "refresh_params must not set"),
    ],
)
def test_facts_that_contradict(facts: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        spec(**facts)


def test_a_refusal_needs_something_to_go_by() -> None:
    with pytest.raises(ValueError, match="word or a status"):
        Refusal(Meaning.REQUEST)


@pytest.mark.parametrize("at", [None, Step.EXCHANGE, Step.REFRESH])
def test_a_status_alone_never_ends_a_grant(at: Step | None) -> None:
    with pytest.raises(ValueError, match="status alone"):
        Refusal(Meaning.GRANT, status=403, at=at)


def test_the_providers_own_rule_goes_first() -> None:
    own = spec(refusals=(Refusal(Meaning.OUTAGE, "invalid_grant", at=Step.REFRESH),))
    assert own.meaning(Step.REFRESH, 400, ["invalid_grant"]) is Meaning.OUTAGE
    assert own.meaning(Step.EXCHANGE, 400, ["invalid_grant"]) is Meaning.GRANT


def test_a_rule_that_names_a_status_holds_for_an_outage_too() -> None:
    own = spec(refusals=(Refusal(Meaning.GRANT, "expired", status=500),))
    assert own.meaning(Step.REFRESH, 500, ["expired"]) is Meaning.GRANT
    assert own.meaning(Step.REFRESH, 502, ["expired"]) is Meaning.OUTAGE


@pytest.mark.parametrize(
    ("status", "words", "meaning"),
    [
        (400, ("Refresh token was replaced",), Meaning.GRANT),
        (400, ("invalid_client",), Meaning.CLIENT),
        # A firewall's page has no words of the provider's; another status is about something else.
        (400, (), Meaning.REQUEST),
        (401, ("Nobody knows you",), Meaning.CLIENT),
        (429, ("Slow down",), Meaning.LIMITED),
        (503, ("Back soon",), Meaning.OUTAGE),
    ],
)
def test_a_grant_may_be_dead_whatever_the_provider_calls_it(
    status: int, words: tuple[str, ...], meaning: Meaning
) -> None:
    own = spec(
        refusals=(
            Refusal(Meaning.CLIENT, "invalid_client"),
            Refusal(Meaning.GRANT, ANY_WORD, 400, Step.REFRESH),
        )
    )
    assert own.meaning(Step.REFRESH, status, words) is meaning
    assert own.meaning(Step.EXCHANGE, 400, ("Anything",)) is Meaning.REQUEST
