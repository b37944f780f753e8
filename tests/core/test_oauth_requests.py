"""What leaves us: the authorize address, the token request, the revocation."""

import json
import re
from base64 import b64decode
from urllib.parse import parse_qsl, urlsplit

import pytest
from pydantic import SecretStr

from src.core.oauth import OAuth2App, OAuth2Spec, PkcePair, new_state
from tests.core.oauth_providers import (
    ACCESS_TOKEN,
    APP,
    ATLASSIAN,
    CODE,
    GARMIN,
    GITHUB,
    GOOGLE,
    PLAIN,
    REDIRECT_URI,
    REFRESH_TOKEN,
    STRAVA,
    SUPABASE,
    TOKENS,
    VERIFIER,
    AuthorizationServer,
    says,
)

SECRET = "s3cret:of/the app+"
OURS = {"client_id": "the client", "client_secret": SECRET}
PUBLIC = OAuth2App("the client")


@pytest.fixture
def server() -> AuthorizationServer:
    return AuthorizationServer()


def authorize_url(spec: OAuth2Spec, **more: object) -> str:
    client = AuthorizationServer().client(spec)
    return client.authorize_url(redirect_uri=REDIRECT_URI, state="the state", **more)


def query(url: str) -> dict[str, str]:
    pairs = parse_qsl(urlsplit(url).query, strict_parsing=True)
    assert len(pairs) == len(dict(pairs))
    return dict(pairs)


def form(server: AuthorizationServer) -> dict[str, str]:
    request = server.requests[-1]
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    return dict(parse_qsl(request.content.decode(), strict_parsing=True))


def basic(server: AuthorizationServer) -> str:
    scheme, _, value = server.requests[-1].headers["authorization"].partition(" ")
    assert scheme == "Basic"
    return b64decode(value).decode()


def test_the_pair_of_rfc_7636() -> None:
    pair = PkcePair.of(SecretStr("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))
    assert pair.code_challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_pairs_and_states_are_random_and_of_256_bit() -> None:
    one, other = PkcePair.new(), PkcePair.new()
    states = {new_state(), new_state(), one.code_challenge, other.code_challenge}
    verifiers = {one.code_verifier.get_secret_value(), other.code_verifier.get_secret_value()}
    assert len(states | verifiers) == 6
    for value in states | verifiers:
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", value)


def test_a_pair_shows_no_verifier() -> None:
    pair = PkcePair.new()
    assert pair.code_verifier.get_secret_value() not in repr(pair)


def test_an_authorize_address_as_rfc_6749_has_it() -> None:
    url = authorize_url(PLAIN, scopes=("read", "write all"))
    assert url.startswith("https://auth.test/authorize?")
    assert query(url) == {
        "response_type": "code",
        "client_id": "the client",
        "redirect_uri": REDIRECT_URI,
        "state": "the state",
        "scope": "read write all",
    }
    assert "+" not in url


def test_the_separator_of_scopes_is_the_providers() -> None:
    assert query(authorize_url(STRAVA, scopes=("read", "activity:read")))["scope"] == (
        "read,activity:read"
    )


def test_without_scopes_there_is_no_scope_parameter() -> None:
    assert "scope" not in query(authorize_url(PLAIN))


def test_extra_parameters_of_the_provider_go_along() -> None:
    params = query(authorize_url(ATLASSIAN))
    assert (params["audience"], params["prompt"]) == ("api.atlassian.com", "consent")


def test_an_address_with_a_query_keeps_it() -> None:
    spec = PLAIN.with_addresses(authorize_url="https://auth.test/a?tenant=x%20y#top")
    params = query(authorize_url(spec))
    assert (params["tenant"], params["client_id"]) == ("x y", "the client")
    assert "#" not in authorize_url(spec)


def test_a_challenge_goes_ahead_and_the_verifier_does_not() -> None:
    pair = PkcePair.of(VERIFIER)
    url = authorize_url(GITHUB, pkce=pair)
    assert query(url)["code_challenge"] == pair.code_challenge
    assert query(url)["code_challenge_method"] == "S256"
    assert VERIFIER.get_secret_value() not in url


def test_a_provider_that_requires_pkce_gets_it() -> None:
    with pytest.raises(ValueError, match="requires PKCE"):
        authorize_url(GARMIN)


def test_a_provider_that_knows_no_pkce_gets_none() -> None:
    with pytest.raises(ValueError, match="knows no PKCE"):
        authorize_url(ATLASSIAN, pkce=PkcePair.new())


async def test_an_exchange_with_basic(server: AuthorizationServer) -> None:
    await server.client(PLAIN).exchange(code=CODE, redirect_uri=REDIRECT_URI)
    assert form(server) == {
        "grant_type": "authorization_code",
        "code": CODE.get_secret_value(),
        "redirect_uri": REDIRECT_URI,
    }
    request = server.requests[0]
    assert (request.method, str(request.url)) == ("POST", "https://auth.test/token")
    assert request.headers["accept"] == "application/json"
    assert request.headers["user-agent"] == "connector-platform"


async def test_basic_is_form_encoded_first(server: AuthorizationServer) -> None:
    await server.client(PLAIN).exchange(code=CODE, redirect_uri=REDIRECT_URI)
    assert basic(server) == "the+client:s3cret%3Aof%2Fthe+app%2B"


async def test_an_exchange_with_the_secret_in_the_form(server: AuthorizationServer) -> None:
    await server.client(GITHUB).exchange(
        code=CODE, redirect_uri=REDIRECT_URI, code_verifier=VERIFIER
    )
    assert form(server) == {
        "grant_type": "authorization_code",
        "code": CODE.get_secret_value(),
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER.get_secret_value(),
        **OURS,
    }
    assert "authorization" not in server.requests[0].headers


async def test_an_exchange_in_json(server: AuthorizationServer) -> None:
    await server.client(ATLASSIAN).exchange(code=CODE, redirect_uri=REDIRECT_URI)
    request = server.requests[0]
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.content) == {
        "grant_type": "authorization_code",
        "code": CODE.get_secret_value(),
        "redirect_uri": REDIRECT_URI,
        **OURS,
    }


@pytest.mark.parametrize("spec", [PLAIN, GITHUB])
async def test_an_app_without_a_secret_names_itself(
    server: AuthorizationServer, spec: OAuth2Spec
) -> None:
    await server.client(spec, PUBLIC).refresh(REFRESH_TOKEN)
    assert form(server) == {
        "grant_type": "refresh_token",
        "refresh_token": REFRESH_TOKEN.get_secret_value(),
        "client_id": "the client",
    }
    assert "authorization" not in server.requests[0].headers


async def test_a_refresh(server: AuthorizationServer) -> None:
    await server.client(GOOGLE).refresh(REFRESH_TOKEN)
    assert form(server) == {
        "grant_type": "refresh_token",
        "refresh_token": REFRESH_TOKEN.get_secret_value(),
        **OURS,
    }


async def test_extra_parameters_and_headers_of_the_provider(server: AuthorizationServer) -> None:
    spec = OAuth2Spec(
        authorize_url="https://auth.test/a",
        token_url="https://auth.test/t",
        headers={"X-Version": "3", "User-Agent": "theirs"},
        exchange_params={"one": "1"},
        refresh_params={"two": "2"},
    )
    client = server.client(spec)
    await client.exchange(code=CODE, redirect_uri=REDIRECT_URI)
    assert form(server)["one"] == "1"
    await client.refresh(REFRESH_TOKEN)
    assert form(server)["two"] == "2"
    assert "one" not in form(server)
    assert server.requests[1].headers["x-version"] == "3"
    assert server.requests[1].headers["user-agent"] == "theirs"


async def test_each_request_is_sent_once(server: AuthorizationServer) -> None:
    await server.client(PLAIN).refresh(REFRESH_TOKEN)
    assert len(server.requests) == 1


async def test_a_revocation_as_rfc_7009_has_it(server: AuthorizationServer) -> None:
    client = server.client(PLAIN)
    assert await client.revoke(access_token=ACCESS_TOKEN, refresh_token=REFRESH_TOKEN)
    assert form(server) == {
        "token": REFRESH_TOKEN.get_secret_value(),
        "token_type_hint": "refresh_token",
    }
    assert basic(server).startswith("the+client:")
    assert await client.revoke(access_token=ACCESS_TOKEN)
    assert form(server) == {
        "token": ACCESS_TOKEN.get_secret_value(),
        "token_type_hint": "access_token",
    }


async def test_a_revocation_at_github(server: AuthorizationServer) -> None:
    server.answer = says(b"", 204)
    client = server.client(GITHUB, OAuth2App("Iv1/x", APP.client_secret))
    assert await client.revoke(access_token=ACCESS_TOKEN, refresh_token=REFRESH_TOKEN)
    request = server.requests[0]
    assert request.method == "DELETE"
    assert str(request.url) == "https://api.github.com/applications/Iv1%2Fx/token"
    assert json.loads(request.content) == {"access_token": ACCESS_TOKEN.get_secret_value()}
    assert basic(server).startswith("Iv1%2Fx:")


async def test_a_revocation_at_google_names_no_client(server: AuthorizationServer) -> None:
    client = server.client(GOOGLE)
    assert await client.revoke(access_token=ACCESS_TOKEN, refresh_token=REFRESH_TOKEN)
    assert form(server) == {"token": REFRESH_TOKEN.get_secret_value()}
    assert "authorization" not in server.requests[0].headers


async def test_a_revocation_at_strava_is_the_apps(server: AuthorizationServer) -> None:
    client = server.client(STRAVA)
    assert await client.revoke(access_token=ACCESS_TOKEN, refresh_token=REFRESH_TOKEN)
    (request,) = server.requests
    assert request.headers["authorization"].startswith("Basic ")
    assert form(server) == {
        "token": REFRESH_TOKEN.get_secret_value(),
        "token_type_hint": "refresh_token",
    }


async def test_a_revocation_at_supabase(server: AuthorizationServer) -> None:
    server.answer = says(b"", 204)
    client = server.client(SUPABASE)
    assert await client.revoke(access_token=ACCESS_TOKEN, refresh_token=REFRESH_TOKEN)
    assert json.loads(server.requests[0].content) == {
        "refresh_token": REFRESH_TOKEN.get_secret_value(),
        **OURS,
    }
    assert not await client.revoke(access_token=ACCESS_TOKEN)
    assert len(server.requests) == 1


async def test_a_provider_without_revocation_is_not_asked(server: AuthorizationServer) -> None:
    assert not await server.client(ATLASSIAN).revoke(access_token=ACCESS_TOKEN)
    assert server.requests == []


async def test_the_addresses_can_be_somewhere_else(server: AuthorizationServer) -> None:
    spec = GITHUB.with_addresses(
        authorize_url="https://ghes.test/a", token_url="https://ghes.test/t"
    )
    assert spec.authorize_url == "https://ghes.test/a"
    assert spec.revocation == GITHUB.revocation
    moved = spec.with_addresses(revoke_url="https://ghes.test/r/{client_id}")
    assert (moved.authorize_url, moved.token_url) == (spec.authorize_url, spec.token_url)
    await server.client(moved).refresh(REFRESH_TOKEN)
    await server.client(moved).revoke(access_token=ACCESS_TOKEN)
    assert [str(request.url) for request in server.requests] == [
        "https://ghes.test/t",
        "https://ghes.test/r/the%20client",
    ]
    assert ATLASSIAN.with_addresses(revoke_url="https://x.test").revocation is None


async def test_an_address_of_the_operator_may_be_http(server: AuthorizationServer) -> None:
    spec = PLAIN.with_addresses(token_url="http://127.0.0.1:8000/token")
    grant = await server.client(spec, operator_address=True).refresh(REFRESH_TOKEN)
    assert grant.access_token.get_secret_value() == TOKENS["access_token"]
