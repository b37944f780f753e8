"""Authorizing again: what is asked for because of what was granted before, and why grants end."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from pydantic import SecretStr

from src.core.oauth import Former, GrantDead, OAuth2Spec
from src.models.credential import StoredToken
from src.services.troubles import DEAD, LOST, trouble_of
from tests.core.oauth_providers import PLAIN, REDIRECT_URI, AuthorizationServer, says

SPEC = OAuth2Spec(
    authorize_url="https://a.test/authorize",
    token_url="https://a.test/token",
    authorize_params={"access_type": "offline"},
    consent_params={"prompt": "consent"},
    incremental_params={"include_granted_scopes": "true"},
    hint_param="login_hint",
    explanations={"invalid_rapt": "Sign in again.", "invalid_grant": "It is over."},
    explained_end="Its seven days are over.",
)
FIRST = {"access_type": "offline", "prompt": "consent"}
MORE = {"access_type": "offline", "include_granted_scopes": "true"}


@pytest.mark.parametrize(
    ("former", "added"),
    [
        (None, FIRST),
        (Former("7", lives=True), {**MORE, "login_hint": "7"}),
        (Former("7", lives=False), {**MORE, "login_hint": "7", "prompt": "consent"}),
        (Former(None, lives=True), MORE),
    ],
    ids=["the first", "a grant that lives", "a grant that is over", "of nobody yet"],
)
def test_consent_is_asked_for_when_it_is_needed(
    former: Former | None, added: dict[str, str]
) -> None:
    url = (
        AuthorizationServer()
        .client(SPEC)
        .authorize_url(redirect_uri=REDIRECT_URI, state="s", former=former)
    )
    usual = {"response_type", "client_id", "redirect_uri", "state"}
    params = dict(parse_qsl(urlsplit(url).query))
    assert {name: value for name, value in params.items() if name not in usual} == added


def test_a_provider_without_such_params_is_asked_as_ever() -> None:
    client = AuthorizationServer().client(PLAIN)
    urls = {
        client.authorize_url(redirect_uri=REDIRECT_URI, state="s", former=former)
        for former in (None, Former("7", lives=True), Former("7", lives=False))
    }
    assert len(urls) == 1


@pytest.mark.parametrize("name", ["consent_params", "incremental_params"])
def test_what_is_ours_is_not_set_by_them(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} must not set state"):
        OAuth2Spec(authorize_url="https://a", token_url="https://t", **{name: {"state": "x"}})


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"error": "invalid_grant", "error_subtype": "invalid_rapt"}, "Sign in again."),
        ({"error": "invalid_grant"}, "It is over."),
    ],
)
async def test_a_dead_grant_is_explained_by_the_providers_words(
    answer: dict[str, Any], told: str
) -> None:
    server = AuthorizationServer(says(answer, 400))
    with pytest.raises(GrantDead) as caught:
        await server.client(SPEC).refresh(SecretStr("the refresh token"))
    assert caught.value.explanation == told


def dead(explanation: str | None) -> GrantDead:
    error = GrantDead("no longer good", word="invalid_grant")
    error.explanation = explanation
    return error


def token(ends_in: timedelta | None, *, told: bool) -> StoredToken:
    end = None if ends_in is None else datetime.now(UTC) + ends_in
    return StoredToken(
        connection_id="con_1",
        sealed=b"",
        refresh_expires_at=end,
        refresh_end_told=told,
        updated_at=datetime.now(UTC),
    )


OVER, EARLY = timedelta(minutes=-5), timedelta(days=3)


@pytest.mark.parametrize(
    ("stored", "explanation", "sentence"),
    [
        (token(OVER, told=True), "It is over.", "Its seven days are over."),
        (token(EARLY, told=True), "It is over.", "It is over."),
        (token(OVER, told=False), "It is over.", "It is over."),
        (token(None, told=False), None, DEAD),
    ],
    ids=["ended when it was said", "ended before", "nobody had said when", "no explanation"],
)
def test_the_sentence_says_what_most_likely_happened(
    stored: StoredToken, explanation: str | None, sentence: str
) -> None:
    trouble = trouble_of(dead(explanation), stored, lost=False, explained_end=SPEC.explained_end)
    assert trouble.message == f"{sentence} It says: invalid_grant."
    lost = trouble_of(dead(explanation), stored, lost=True, explained_end=SPEC.explained_end)
    assert lost.message == LOST
