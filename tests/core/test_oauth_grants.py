"""What comes back when all is well, and how little of it is believed."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from src.core.oauth import (
    Expiry,
    LostReply,
    OAuth2Spec,
    OAuthError,
    TokenGrant,
    TokenTypeUnsupported,
)
from tests.core.oauth_providers import (
    ATLASSIAN,
    CODE,
    GITHUB,
    GOOGLE,
    NOW,
    PLAIN,
    REDIRECT_URI,
    STRAVA,
    SUPABASE,
    TOKENS,
    Ask,
    AuthorizationServer,
    exchange,
    refresh,
    revoke,
    says,
)

FORM = "application/x-www-form-urlencoded; charset=utf-8"


async def granted(answer: httpx.Response, spec: OAuth2Spec = PLAIN, ask: Ask = refresh) -> Any:
    return await ask(AuthorizationServer(answer).client(spec))


def secret(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()


async def test_the_answer_of_rfc_6749() -> None:
    grant = await granted(
        says(
            {
                "access_token": "2YotnFZFEjr1zCsicMWpAA",
                "token_type": "Bearer",
                "expires_in": 3600,
                "refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA",
                "example_parameter": {"example": "value"},
            }
        )
    )
    assert secret(grant.access_token) == "2YotnFZFEjr1zCsicMWpAA"
    assert secret(grant.refresh_token) == "tGzv3JOkF0XG5Qx2TlKWIA"
    assert grant.expires_at == NOW + timedelta(hours=1)
    assert grant.token_type == "bearer"
    assert grant.extra == {"example_parameter": {"example": "value"}}


async def test_what_is_left_out_is_none() -> None:
    assert await granted(says({"access_token": "a"})) == TokenGrant(SecretStr("a"))


async def test_a_grant_shows_no_secret() -> None:
    answer = {"access_token": "AAAA", "refresh_token": "BBBB", "id_token": "CCCC"}
    shown = repr(await granted(says(answer)))
    assert not any(token in shown for token in answer.values())


async def test_github_answers_in_a_form_when_nobody_asks_for_json() -> None:
    body = urlencode(
        {
            "access_token": "ghu_x",
            "expires_in": "28800",
            "refresh_token": "ghr_y",
            "refresh_token_expires_in": "15897600",
            "scope": "",
            "token_type": "bearer",
        }
    ).encode()
    grant = await granted(says(body, content_type=FORM), GITHUB)
    assert (secret(grant.access_token), secret(grant.refresh_token)) == ("ghu_x", "ghr_y")
    assert grant.expires_at == NOW + timedelta(hours=8)
    assert grant.refresh_expires_at == NOW + timedelta(days=184)
    assert grant.scopes == ()


async def test_supabase_answers_201() -> None:
    assert await granted(says(TOKENS, 201), SUPABASE)


@pytest.mark.parametrize("life", [3600, 3600.0, "3600", "3600.0"], ids=repr)
async def test_a_life_in_seconds_may_be_text(life: Any) -> None:
    grant = await granted(says({**TOKENS, "expires_in": life}))
    assert grant.expires_at == NOW + timedelta(hours=1)


@pytest.mark.parametrize("life", [None, ""], ids=repr)
async def test_an_empty_life_is_none(life: Any) -> None:
    assert (await granted(says({**TOKENS, "expires_in": life}))).expires_at is None


async def test_strava_tells_the_moment_and_the_athlete() -> None:
    athlete = {"id": 12342176, "username": None}
    answer = {
        "token_type": "Bearer",
        "expires_at": 1767232800,
        "expires_in": 21600,
        "refresh_token": "r",
        "access_token": "a",
        "athlete": athlete,
    }
    grant = await granted(says(answer), STRAVA)
    assert grant.expires_at == datetime(2026, 1, 1, 2, tzinfo=UTC)
    assert grant.extra == {"athlete": athlete}


@pytest.mark.parametrize("span", [{}, {"expires_in": 21600}], ids=["moment", "and span"])
@pytest.mark.parametrize("skew", [timedelta(hours=1), -timedelta(hours=1)])
async def test_a_moment_that_is_told_is_by_the_clock_that_tells_it(
    skew: timedelta, span: dict[str, int]
) -> None:
    end = int((NOW + skew + timedelta(hours=6)).timestamp())
    answer = says({**TOKENS, "expires_at": end, **span})
    answer.headers["date"] = format_datetime(NOW + skew, usegmt=True)
    grant = await granted(answer, STRAVA)
    assert grant.expires_at == NOW + timedelta(hours=6)


@pytest.mark.parametrize("skew", [timedelta(hours=7), timedelta(hours=5), -timedelta(days=2)])
async def test_a_date_that_is_not_by_the_clock_of_the_tokens_moves_nothing(
    skew: timedelta,
) -> None:
    """A proxy before the provider may tell any: the span, which Strava tells as well, decides."""
    end = int((NOW + timedelta(hours=6)).timestamp())
    answer = says({**TOKENS, "expires_at": end, "expires_in": 21600})
    answer.headers["date"] = format_datetime(NOW + skew, usegmt=True)
    assert (await granted(answer, STRAVA)).expires_at == NOW + timedelta(hours=6)


@pytest.mark.parametrize("skew", [timedelta(hours=7), timedelta(hours=25), -timedelta(hours=25)])
async def test_no_date_makes_a_token_end_before_it_began(skew: timedelta) -> None:
    end = int((NOW + timedelta(hours=6)).timestamp())
    answer = says({**TOKENS, "expires_at": end})
    answer.headers["date"] = format_datetime(NOW + skew, usegmt=True)
    assert (await granted(answer, STRAVA)).expires_at == NOW + timedelta(hours=6)


async def test_without_the_moment_the_span_holds() -> None:
    grant = await granted(says({**TOKENS, "expires_in": 60}), STRAVA)
    assert grant.expires_at == NOW + timedelta(minutes=1)


async def test_a_life_that_the_provider_does_not_tell() -> None:
    spec = OAuth2Spec(
        authorize_url="https://a.test",
        token_url="https://t.test",
        expiry=Expiry.NONE,
        access_lifetime=timedelta(hours=2),
    )
    grant = await granted(says({**TOKENS, "expires_in": "soon"}), spec)
    assert grant.expires_at == NOW + timedelta(hours=2)


async def test_the_life_of_a_refresh_token() -> None:
    answer = says({**TOKENS, "refresh_token": "r"})
    assert (await granted(answer, ATLASSIAN)).refresh_expires_at == NOW + timedelta(days=90)
    told = says({**TOKENS, "refresh_token": "r", "refresh_token_expires_in": 60})
    assert (await granted(told, GOOGLE)).refresh_expires_at == NOW + timedelta(minutes=1)


async def test_a_refresh_prolongs_the_refresh_token_that_is_kept() -> None:
    grant = await granted(says(TOKENS), GOOGLE)
    assert grant.refresh_token is None
    assert grant.refresh_expires_at == NOW + timedelta(days=180)


async def test_without_a_refresh_token_nothing_of_it_expires() -> None:
    assert (await granted(says(TOKENS), ATLASSIAN, exchange)).refresh_expires_at is None


@pytest.mark.parametrize(
    ("spec", "answer", "callback", "scopes"),
    [
        (PLAIN, {"scope": "read write read"}, None, ("read", "write")),
        (PLAIN, {"scope": ""}, None, ()),
        (PLAIN, {}, None, ("asked", "for")),
        (PLAIN, {"scope": None}, "ignored", ("asked", "for")),
        (GITHUB, {"scope": "repo,gist"}, None, ("repo", "gist")),
        (GITHUB, {"scope": "repo, read:org"}, None, ("repo", "read:org")),
        (STRAVA, {}, "read,activity:read_all", ("read", "activity:read_all")),
        (STRAVA, {"scope": "other"}, "", ()),
        (STRAVA, {"scope": "other"}, None, None),
        (SUPABASE, {"scope": "other"}, "other", ("asked", "for")),
    ],
)
async def test_granted_scopes(
    spec: OAuth2Spec, answer: dict[str, Any], callback: str | None, scopes: object
) -> None:
    grant = (
        await AuthorizationServer(says({**TOKENS, **answer}))
        .client(spec)
        .exchange(
            code=CODE,
            redirect_uri=REDIRECT_URI,
            requested_scopes=["asked", "for"],
            callback_scope=callback,
        )
    )
    assert grant.scopes == scopes


async def test_where_nothing_is_requested_nothing_is_known() -> None:
    assert (await granted(says(TOKENS), SUPABASE, exchange)).scopes is None


@pytest.mark.parametrize(
    ("spec", "answer", "scopes"),
    [
        (PLAIN, {"scope": "read"}, ("read",)),
        (PLAIN, {}, None),
        (STRAVA, {"scope": "read"}, None),
        (SUPABASE, {"scope": "read"}, None),
    ],
)
async def test_a_refresh_tells_scopes_or_leaves_them(
    spec: OAuth2Spec, answer: dict[str, Any], scopes: object
) -> None:
    assert (await granted(says({**TOKENS, **answer}), spec)).scopes == scopes


@pytest.mark.parametrize("token_type", ["bearer", "Bearer", "BEARER", "", None], ids=repr)
async def test_bearer_in_any_spelling(token_type: str | None) -> None:
    assert (await granted(says({**TOKENS, "token_type": token_type}))).token_type == "bearer"


@pytest.mark.parametrize("ask", [exchange, refresh])
async def test_another_type_of_token_is_refused_by_name(ask: Ask) -> None:
    with pytest.raises(TokenTypeUnsupported, match=r"another type\. \(mac\)") as refused:
        await granted(says({"access_token": "a", "token_type": "mac"}), ask=ask)
    assert refused.value.word == "mac"


async def test_a_token_in_the_place_of_the_type_is_not_shown() -> None:
    with pytest.raises(TokenTypeUnsupported) as refused:
        await granted(says({"access_token": "AAAA", "token_type": "AAAA"}))
    assert "AAAA" not in str(refused.value)


BROKEN: list[tuple[str, bytes | dict[str, Any]]] = [
    ("empty", b""),
    ("html", b"<!DOCTYPE html><html><body>Sign in</body></html>"),
    ("no utf-8", b'{"access_token": "\xff"}'),
    ("half", b'{"access_token": "a'),
    ("a list", b'[{"access_token": "a"}]'),
    ("a text", b'"access_token"'),
    ("twice", b'{"access_token": "a", "access_token": "b"}'),
    ("twice inside", b'{"access_token": "a", "more": {"b": 1, "b": 2}}'),
    ("nan", b'{"access_token": "a", "expires_in": NaN}'),
    ("infinity", b'{"access_token": "a", "expires_in": Infinity}'),
    ("beyond floats", b'{"access_token": "a", "expires_in": 1e999}'),
    ("a huge number", b'{"access_token": "a", "expires_in": ' + b"9" * 5000 + b"}"),
    ("beyond every range", b'{"access_token": "a", "expires_in": ' + b"9" * 400 + b"}"),
    ("deep", b"[" * 60_000),
    ("no token", {"token_type": "bearer"}),
    ("an empty token", {"access_token": ""}),
    ("no text", {"access_token": 1}),
    ("a space", {"access_token": "a b"}),
    ("a line", {"access_token": "a\r\nX-Header: b"}),
    ("no ascii", {"access_token": "ключ"}),
    ("a bad refresh token", {**TOKENS, "refresh_token": ["r"]}),
    ("a line in the refresh token", {**TOKENS, "refresh_token": "r\n"}),
    ("a bad type", {**TOKENS, "token_type": 1}),
    ("a bad scope", {**TOKENS, "scope": ["read"]}),
    ("negative", {**TOKENS, "expires_in": -1}),
    ("negative text", {**TOKENS, "expires_in": "-1"}),
    ("nan as text", {**TOKENS, "expires_in": "NaN"}),
    ("words", {**TOKENS, "expires_in": "an hour"}),
    ("true", {**TOKENS, "expires_in": True}),
    ("a thousand years", {**TOKENS, "expires_in": 31_536_000_000}),
    ("a bad end", {**TOKENS, "refresh_token_expires_in": -1}),
]


@pytest.mark.parametrize("ask", [exchange, refresh])
@pytest.mark.parametrize("body", [body for _, body in BROKEN], ids=[name for name, _ in BROKEN])
async def test_an_answer_that_cannot_be_read_is_a_lost_reply(
    body: bytes | dict[str, Any], ask: Ask
) -> None:
    with pytest.raises(LostReply) as lost:
        await granted(says(body), ask=ask)
    assert lost.value.may_have_happened
    assert lost.value.status == 200


@pytest.mark.parametrize("moment", ["2026-01-01T00:00:00Z", -5, 1767232800000])
async def test_a_moment_that_cannot_be_read(moment: Any) -> None:
    with pytest.raises(LostReply, match="expires_at"):
        await granted(says({**TOKENS, "expires_at": moment}), STRAVA)


@pytest.mark.parametrize(
    "body", [b"access_token=a&access_token=b", b"access_token", b"access_token=%ff", b"&" * 200]
)
async def test_a_form_that_cannot_be_read(body: bytes) -> None:
    with pytest.raises(LostReply):
        await granted(says(body, content_type=FORM), GITHUB)


async def test_an_answer_that_is_too_large_is_a_lost_reply() -> None:
    body = {**TOKENS, "padding": "x" * 65_536}
    with pytest.raises(LostReply, match="AnswerTooLarge"):
        await granted(says(body))


async def test_an_answer_just_small_enough_is_read() -> None:
    assert await granted(says({**TOKENS, "padding": "x" * 65_000}))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    [
        "access_token",
        "refresh_token",
        "token_type",
        "expires_in",
        "expires_at",
        "refresh_token_expires_in",
        "scope",
        "error",
        "error_description",
        "errors",
        "message",
    ]
)
OBJECTS = st.dictionaries(FIELDS, VALUES)
JUNK = st.one_of(
    st.binary(max_size=200),
    VALUES.map(lambda value: json.dumps(value).encode()),
    OBJECTS.map(lambda value: json.dumps(value).encode()),
    OBJECTS.map(lambda value: urlencode(value, errors="replace").encode()),
)


@settings(deadline=None)
@given(
    body=JUNK,
    status=st.integers(200, 599),
    content_type=st.sampled_from(["application/json", FORM, "text/html", ""]),
    retry_after=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
    spec=st.sampled_from([PLAIN, GITHUB, ATLASSIAN, STRAVA, SUPABASE]),
    ask=st.sampled_from([exchange, refresh, revoke]),
)
async def test_no_answer_makes_another_error_than_ours(
    body: bytes, status: int, content_type: str, retry_after: str, spec: OAuth2Spec, ask: Ask
) -> None:
    answer = says(body, status, content_type=content_type, retry_after=retry_after)
    with suppress(OAuthError):
        await granted(answer, spec, ask)
