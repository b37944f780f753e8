"""What goes wrong, in each provider's words: who must act, and may it have happened?"""

import asyncio
import logging
import socket
import ssl
import traceback
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote_plus

import httpx
import pytest

from src.core.oauth import (
    ClientRefused,
    CodeRefused,
    Denied,
    GrantDead,
    LateReply,
    LostReply,
    NotSent,
    OAuth2App,
    OAuth2Client,
    OAuth2Spec,
    OAuthError,
    ProviderOutage,
    RequestRefused,
    Throttled,
)
from src.core.outbound import Outbound
from tests.core.conftest import Serve
from tests.core.oauth_providers import (
    ACCESS_TOKEN,
    APP,
    ATLASSIAN,
    CODE,
    GARMIN,
    GITHUB,
    GOOGLE,
    NOW,
    PLAIN,
    REFRESH_TOKEN,
    STRAVA,
    SUPABASE,
    TOKENS,
    VERIFIER,
    Ask,
    AuthorizationServer,
    exchange,
    refresh,
    revoke,
    says,
)
from tests.core.servers import plain, raw, silent

HTML = b"<!DOCTYPE html><html><body><h1>Back soon</h1></body></html>"


async def failing(answer: httpx.Response | Exception, spec: OAuth2Spec, ask: Ask) -> OAuthError:
    with pytest.raises(OAuthError) as failed:
        await ask(AuthorizationServer(answer).client(spec))
    return failed.value


def word(name: str, description: str | None = None) -> dict[str, Any]:
    return {"error": name, "error_description": description}


def strava(resource: str, field: str) -> dict[str, Any]:
    entry = {"resource": resource, "field": field, "code": "invalid"}
    return {"message": "Bad Request", "errors": [entry]}


IN_THEIR_WORDS = [
    ("rfc, dead", PLAIN, refresh, 400, word("invalid_grant"), GrantDead),
    ("rfc, code", PLAIN, exchange, 400, word("invalid_grant"), CodeRefused),
    ("rfc, client", PLAIN, refresh, 401, word("invalid_client"), ClientRefused),
    ("rfc, client with 400", PLAIN, refresh, 400, word("invalid_client"), ClientRefused),
    ("rfc, unauthorized", PLAIN, refresh, 400, word("unauthorized_client"), ClientRefused),
    ("rfc, scope", PLAIN, refresh, 400, word("invalid_scope"), RequestRefused),
    ("rfc, request", PLAIN, exchange, 400, word("invalid_request"), RequestRefused),
    ("rfc, grant type", PLAIN, refresh, 400, word("unsupported_grant_type"), RequestRefused),
    ("github, dead", GITHUB, refresh, 200, word("bad_refresh_token"), GrantDead),
    ("github, code", GITHUB, exchange, 200, word("bad_verification_code"), CodeRefused),
    (
        "github, client",
        GITHUB,
        refresh,
        200,
        word("incorrect_client_credentials"),
        ClientRefused,
    ),
    ("github, redirect", GITHUB, exchange, 200, word("redirect_uri_mismatch"), ClientRefused),
    ("github, unknown", GITHUB, exchange, 200, word("unverified_user_email"), RequestRefused),
    (
        "atlassian, dead",
        ATLASSIAN,
        refresh,
        403,
        word("unauthorized_client", "refresh_token is invalid"),
        GrantDead,
    ),
    ("atlassian, documented", ATLASSIAN, refresh, 403, word("invalid_grant"), GrantDead),
    ("atlassian, client", ATLASSIAN, refresh, 401, word("access_denied"), ClientRefused),
    ("atlassian, code", ATLASSIAN, exchange, 403, word("invalid_grant"), CodeRefused),
    ("atlassian, callback", ATLASSIAN, exchange, 403, word("unauthorized_client"), ClientRefused),
    (
        "atlassian, another status",
        ATLASSIAN,
        refresh,
        400,
        word("unauthorized_client"),
        ClientRefused,
    ),
    ("google, dead", GOOGLE, refresh, 400, word("invalid_grant", "Bad Request"), GrantDead),
    (
        "google, policy",
        GOOGLE,
        refresh,
        400,
        {**word("invalid_grant"), "error_subtype": "invalid_rapt"},
        GrantDead,
    ),
    ("google, client", GOOGLE, refresh, 401, word("invalid_client"), ClientRefused),
    ("google, outage", GOOGLE, refresh, 400, word("internal_failure"), ProviderOutage),
    ("strava, dead", STRAVA, refresh, 400, strava("RefreshToken", "refresh_token"), GrantDead),
    ("strava, other field", STRAVA, refresh, 400, strava("RefreshToken", "code"), GrantDead),
    ("strava, code", STRAVA, exchange, 400, strava("RequestToken", "code"), CodeRefused),
    ("strava, client", STRAVA, refresh, 400, strava("Application", "client_id"), ClientRefused),
    ("strava, unknown", STRAVA, refresh, 400, strava("Athlete", "id"), RequestRefused),
    ("garmin, dead", GARMIN, refresh, 400, word("invalid_grant"), GrantDead),
    ("supabase, unknown", SUPABASE, refresh, 404, {"message": "Not found"}, RequestRefused),
    ("no name, 401", PLAIN, refresh, 401, {}, ClientRefused),
    ("no name, 400", PLAIN, refresh, 400, {}, RequestRefused),
    ("no name, 403", PLAIN, refresh, 403, {"error": {"code": 403}}, RequestRefused),
    ("no name, 404", PLAIN, refresh, 404, {"errors": ["x", {}]}, RequestRefused),
    ("outage, 500", PLAIN, refresh, 500, {}, ProviderOutage),
    ("outage, in words", PLAIN, refresh, 503, word("temporarily_unavailable"), ProviderOutage),
    ("outage, with 400", PLAIN, refresh, 400, word("server_error"), ProviderOutage),
    ("outage, says dead", PLAIN, refresh, 500, word("invalid_grant"), ProviderOutage),
    ("outage, 408", PLAIN, refresh, 408, word("invalid_grant"), ProviderOutage),
    ("outage, html", PLAIN, refresh, 502, HTML, ProviderOutage),
    ("a firewall, 403", ATLASSIAN, refresh, 403, HTML, ProviderOutage),
    ("a firewall, 401", PLAIN, refresh, 401, HTML, ProviderOutage),
    ("a redirect", PLAIN, refresh, 302, b"", ProviderOutage),
    ("a redirect, says dead", PLAIN, refresh, 307, word("invalid_grant"), ProviderOutage),
    ("throttled", PLAIN, refresh, 429, {}, Throttled),
    ("throttled, says dead", PLAIN, refresh, 429, word("invalid_grant"), Throttled),
    ("throttled, html", PLAIN, refresh, 429, HTML, Throttled),
]


@pytest.mark.parametrize(
    ("spec", "ask", "status", "body", "kind"),
    [case[1:] for case in IN_THEIR_WORDS],
    ids=[case[0] for case in IN_THEIR_WORDS],
)
async def test_a_refusal_in_the_providers_words(
    spec: OAuth2Spec, ask: Ask, status: int, body: Any, kind: type[OAuthError]
) -> None:
    error = await failing(says(body, status), spec, ask)
    assert type(error) is kind
    assert error.status == status


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
@pytest.mark.parametrize("spec", [PLAIN, GITHUB, ATLASSIAN, GOOGLE, STRAVA, SUPABASE, GARMIN])
async def test_an_unknown_refusal_never_ends_a_grant(spec: OAuth2Spec, status: int) -> None:
    error = await failing(says(word("never_heard_of"), status), spec, refresh)
    assert isinstance(error, RequestRefused | ClientRefused)


async def test_an_error_tells_the_providers_word_and_sentence() -> None:
    answer = says(word("invalid_grant", "Token has been\nexpired or revoked."), 400)
    error = await failing(answer, GOOGLE, refresh)
    assert str(error) == "The refresh token is no longer good. (invalid_grant)"
    assert error.word == "invalid_grant"
    assert error.description == "Token has been expired or revoked."


@pytest.mark.parametrize("name", ["two words", "a" * 65, "<b>", "1st", "ключ", "\ud800"])
async def test_a_word_that_is_none_is_not_shown(name: str) -> None:
    answer = says(f'{{"error": {name!a}}}'.replace("'", '"').encode(), 400)
    error = await failing(answer, PLAIN, refresh)
    assert error.word is None
    assert str(error) == "The provider refuses the request."


async def test_a_long_sentence_is_cut_and_printable() -> None:
    body = b'{"error": "no", "error_description": "\\ud800' + b"x" * 1000 + b'"}'
    error = await failing(says(body, 400), PLAIN, refresh)
    assert error.description == " " + "x" * 299


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "30"}, 30.0),
        ({"retry_after": "999999999"}, 86400.0),
        ({"retry_after": format_datetime(NOW + timedelta(minutes=2), usegmt=True)}, 120.0),
        ({"retry_after": "Wed, 31 Dec 2025 23:00:00 -0000"}, 0.0),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "-1"}, None),
        ({}, None),
    ],
    ids=repr,
)
@pytest.mark.parametrize(("status", "body"), [(429, {}), (503, {}), (429, HTML), (503, HTML)])
async def test_when_to_come_back(
    headers: dict[str, str], seconds: float | None, status: int, body: Any
) -> None:
    error = await failing(says(body, status, **headers), PLAIN, refresh)
    assert isinstance(error, ProviderOutage)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("status", "body", "may_have_happened"),
    [(200, HTML, True), (500, {}, True), (502, HTML, True), (429, {}, False)],
)
async def test_whether_it_may_have_happened(
    status: int, body: Any, may_have_happened: bool
) -> None:
    error = await failing(says(body, status), PLAIN, refresh)
    assert isinstance(error, ProviderOutage)
    assert error.may_have_happened is may_have_happened


@pytest.mark.parametrize(
    "lost",
    [
        httpx.ReadTimeout("slow"),
        httpx.ReadError("cut"),
        httpx.RemoteProtocolError("gone"),
        httpx.WriteError("half"),
        httpx.ConnectError("somewhere on the way"),
        httpx.PoolTimeout("full"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_what_cannot_be_told_may_have_happened(lost: Exception) -> None:
    error = await failing(lost, PLAIN, refresh)
    assert isinstance(error, LostReply)


@pytest.mark.parametrize(
    "cause",
    [
        socket.gaierror("no such name"),
        ConnectionRefusedError("nobody"),
        ssl.SSLCertVerificationError("somebody else"),
    ],
    ids=repr,
)
async def test_without_a_connection_nothing_was_sent(cause: Exception) -> None:
    lost = httpx.ConnectError("no connection")
    lost.__cause__ = cause
    error = await failing(lost, PLAIN, refresh)
    assert isinstance(error, NotSent)
    assert not error.may_have_happened


@pytest.mark.parametrize("url", ["http://auth.test/token", "https://10.0.0.1/token", "nowhere"])
async def test_an_address_that_may_not_be_called_is_not_called(url: str) -> None:
    server = AuthorizationServer()
    with pytest.raises(NotSent, match="AddressRefused"):
        await refresh(server.client(PLAIN.with_addresses(token_url=url)))
    assert server.requests == []


async def test_over_real_connections(serve: Serve, outbound: Outbound) -> None:
    async def asked(url: str, deadline: float = 20) -> type[OAuthError]:
        spec = PLAIN.with_addresses(token_url=url)
        client = OAuth2Client(outbound, spec, APP, operator_address=True, deadline=deadline)
        with pytest.raises(OAuthError) as failed:
            await refresh(client)
        return type(failed.value)

    listening = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    listening.close()
    await listening.wait_closed()
    assert await asked(f"http://127.0.0.1:{port}/token") is NotSent
    assert await asked((await serve(silent)).url, 0.1) is LateReply
    half = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{")
    assert await asked((await serve(half)).url) is LostReply
    assert await asked((await serve(raw(b""))).url) is LostReply
    assert await asked((await serve(plain(b"{}", "500 Oh"))).url) is ProviderOutage


@pytest.mark.parametrize(
    ("spec", "status", "body"),
    [
        (PLAIN, 200, b""),
        (PLAIN, 200, HTML),
        (PLAIN, 400, word("invalid_token")),
        (GOOGLE, 400, word("invalid_token", "Token expired or revoked")),
        (GITHUB, 404, {"message": "Not Found"}),
        (GITHUB, 404, b""),
        (GARMIN, 204, b""),
    ],
)
async def test_a_token_that_is_gone_is_revoked(spec: OAuth2Spec, status: int, body: Any) -> None:
    assert await revoke(AuthorizationServer(says(body, status)).client(spec)) is True


@pytest.mark.parametrize(
    ("spec", "status", "body", "kind"),
    [
        (PLAIN, 401, word("invalid_client"), ClientRefused),
        (PLAIN, 401, b"", ClientRefused),
        (PLAIN, 404, {}, RequestRefused),
        (PLAIN, 400, word("unsupported_token_type"), RequestRefused),
        (GITHUB, 422, {"message": "Validation Failed"}, RequestRefused),
        (PLAIN, 503, HTML, ProviderOutage),
        (PLAIN, 302, b"", ProviderOutage),
        (PLAIN, 429, b"", Throttled),
    ],
)
async def test_a_revocation_that_fails(
    spec: OAuth2Spec, status: int, body: Any, kind: type[OAuthError]
) -> None:
    assert type(await failing(says(body, status), spec, revoke)) is kind


async def test_a_revocation_without_an_answer() -> None:
    assert isinstance(await failing(httpx.ReadError("cut"), PLAIN, revoke), LostReply)


@pytest.mark.parametrize(
    ("spec", "name", "kind"),
    [
        (PLAIN, "access_denied", Denied),
        (ATLASSIAN, "access_denied", Denied),
        (PLAIN, "invalid_scope", RequestRefused),
        (PLAIN, "unauthorized_client", ClientRefused),
        (GITHUB, "redirect_uri_mismatch", ClientRefused),
        (GITHUB, "application_suspended", ClientRefused),
        (PLAIN, "temporarily_unavailable", ProviderOutage),
        (PLAIN, "server_error", ProviderOutage),
        (PLAIN, "<script>", RequestRefused),
    ],
)
def test_an_error_in_the_callback(spec: OAuth2Spec, name: str, kind: type[OAuthError]) -> None:
    error = AuthorizationServer().client(spec).callback_refusal(name, "they said\nno")
    assert type(error) is kind
    assert error.description == "they said no"
    assert error.status is None


SECRETS = [
    secret.get_secret_value()
    for secret in (CODE, VERIFIER, REFRESH_TOKEN, ACCESS_TOKEN, APP.client_secret)
    if secret is not None
]


def sent(request: httpx.Request) -> list[str]:
    """The secrets in a request, whatever way they are written there."""
    body = request.content.decode()
    text = body + unquote_plus(body) + request.headers.get("authorization", "")
    return [secret for secret in SECRETS if secret in text]


def echo(request: httpx.Request) -> str:
    """Everything that was sent, as a careless provider repeats it."""
    return "; ".join([*request.headers.values(), request.content.decode(), *sent(request), "tail"])


CARELESS: dict[str, Callable[[httpx.Request], httpx.Response]] = {
    "as the word": lambda request: says(word(echo(request)), 400),
    "as a short word": lambda request: says(word(sent(request)[0]), 400),
    "as the sentence": lambda request: says(word("invalid_grant", echo(request)), 400),
    "as the message": lambda request: says({"message": echo(request)}, 500),
    "in a list": lambda request: says({"errors": [{"resource": echo(request)}]}, 400),
    "as the type": lambda request: says({**TOKENS, "token_type": echo(request)}),
    "as a number": lambda request: says({**TOKENS, "expires_in": echo(request)}),
    "in a header": lambda request: says({}, 429, retry_after=echo(request)),
    "in broken json": lambda request: says(b'{"a": "' + echo(request).encode()),
    "in html": lambda request: says(HTML + echo(request).encode(), 502),
    "twice": lambda request: says(f'{{"{sent(request)[0]}": 1, "{sent(request)[0]}": 2}}'.encode()),
}


async def outcome(handler: Callable[[httpx.Request], httpx.Response], spec: OAuth2Spec, ask: Ask):
    client = OAuth2Client(Outbound(httpx.MockTransport(handler)), spec, APP, clock=lambda: NOW)
    try:
        return await ask(client)
    except OAuthError as error:
        return error


@pytest.mark.parametrize("how", CARELESS)
@pytest.mark.parametrize("ask", [exchange, refresh, revoke])
@pytest.mark.parametrize("spec", [PLAIN, GITHUB, ATLASSIAN, STRAVA])
async def test_what_a_provider_repeats_is_not_shown(
    how: str, ask: Ask, spec: OAuth2Spec, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        found = await outcome(CARELESS[how], spec, ask)
    shown = f"{found!r} {found} {vars(found) if isinstance(found, OAuthError) else ''}"
    for secret in (*SECRETS, APP.basic):
        assert secret not in shown + caplog.text


async def test_a_lost_connection_shows_nothing_of_the_request() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError(echo(request), request=request)

    error = await outcome(answer, PLAIN, refresh)
    shown = "".join(traceback.format_exception(error))
    assert "Unreachable" in shown
    assert not any(secret in shown for secret in SECRETS)


async def test_tokens_in_a_refusal_are_not_shown() -> None:
    body = {**word("invalid_grant", "use AAAAAA or BBBBBB"), "access_token": "AAAAAA"}
    error = await failing(says({**body, "refresh_token": "BBBBBB"}, 400), PLAIN, refresh)
    assert error.description == "use *** or ***"


def test_an_app_and_a_client_show_no_secret() -> None:
    assert isinstance(APP, OAuth2App)
    shown = repr(APP) + repr(AuthorizationServer().client(PLAIN))
    assert not any(secret in shown for secret in SECRETS)
