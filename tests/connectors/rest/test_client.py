"""One call: what is sent, and what becomes of the answer."""

from collections.abc import Mapping
from dataclasses import replace

import httpx
import msgspec
import pytest
from pydantic import SecretStr

from src.connectors.rest.authenticators import BearerAuthenticator
from src.connectors.rest.errors import Refusal, Verdict
from src.core.errors import (
    AppError,
    AskUser,
    CredentialRefused,
    ProviderNotFound,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
    UnreadableAnswer,
    ValidationFailed,
)
from src.models.credential import Credential
from src.models.rate_limit import RateLimit
from src.models.unified import Container
from tests.connectors.rest.conftest import BASE, DIALECT, TOKEN, Call, Held
from tests.fakes.clock import Sleeps


class Thing(msgspec.Struct):
    id: int
    name: str | None = None


def to_container(thing: Thing) -> Container:
    return Container(id=str(thing.id), type="thing", name=thing.name or "")


THING = httpx.Response(200, json={"id": 7, "name": "ü", "more": [1, {"x": None}]})
GONE = httpx.Response(404, json={"message": "Not Found"})


async def test_a_request_is_signed_and_carries_the_dialects_headers(over: Call) -> None:
    client, provider = over(THING)
    assert await client.get("/things/{name}", Thing, name="ab") == Thing(7, "ü")
    (request,) = provider.requests
    assert (request.method, str(request.url)) == ("GET", f"{BASE}/things/ab")
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["user-agent"] == "tests"
    assert "content-type" not in request.headers


async def test_parameters_are_encoded_and_those_of_none_are_left_out(over: Call) -> None:
    client, provider = over(THING)
    await client.get("/x", Thing, params={"q": "a&b=ü c", "page": None, "empty": ""})
    assert provider.urls == [f"{BASE}/x?q=a%26b%3D%C3%BC+c&empty="]


async def test_without_parameters_there_is_no_question_mark(over: Call) -> None:
    client, provider = over(THING)
    await client.call("GET", "/x", params={"page": None})
    assert provider.urls == [f"{BASE}/x"]


async def test_a_base_address_may_end_with_a_slash(over: Call) -> None:
    client, provider = over(THING, base=f"{BASE}/")
    await client.call("GET", "/x")
    assert provider.urls == [f"{BASE}/x"]


async def test_a_body_is_json(over: Call) -> None:
    client, provider = over(httpx.Response(201, json={"id": 1}))
    response = await client.call("POST", "/things", json={"name": "ü", "tags": []})
    (request,) = provider.requests
    assert request.content == '{"name":"ü","tags":[]}'.encode()
    assert request.headers["content-type"] == "application/json"
    assert response.status == 201


async def test_a_value_outside_its_pattern_is_never_sent(over: Call) -> None:
    client, provider = over(THING)
    with pytest.raises(ValidationFailed):
        await client.get("/things/{name}", Thing, name="../admin")
    assert provider.requests == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b'{"id": 7',
        b'{"id": "7"}',
        b'{"name": "x"}',
        b"[]",
        b"null",
        b'{"id": 7, "name": "\xff"}',
        b'{"id": 7, "x": ' + b"[" * 100_000,
    ],
)
@pytest.mark.parametrize("raw", [False, True])
async def test_an_answer_of_another_form_is_unreadable(
    over: Call, content: bytes, raw: bool
) -> None:
    client, provider = over(httpx.Response(200, content=content))
    with pytest.raises(UnreadableAnswer):
        await client.one("/x", Thing, to_container, raw=raw)
    assert len(provider.requests) == 1


async def test_one_is_mapped_with_the_raw_payload_on_request(over: Call) -> None:
    client, _ = over(THING)
    plain = await client.one("/x", Thing, to_container, raw=False)
    assert plain == Container(id="7", type="thing", name="ü")
    assert b"raw" not in msgspec.json.encode(plain)
    raw = await client.one("/x", Thing, to_container, raw=True)
    assert msgspec.json.decode(msgspec.json.encode(raw))["raw"] == THING.json()


async def test_bytes_that_are_no_text_are_not_passed_on_as_raw(over: Call) -> None:
    client, _ = over(httpx.Response(200, content=b'{"id": 7, "unread": "\xff"}'))
    assert (await client.one("/x", Thing, to_container, raw=False)).id == "7"
    with pytest.raises(UnreadableAnswer):
        await client.one("/x", Thing, to_container, raw=True)


@pytest.mark.parametrize("error", [ValueError("no"), OverflowError("no"), KeyError("no")])
async def test_a_value_that_a_mapping_cannot_read_is_the_providers_fault(
    over: Call, error: Exception
) -> None:
    def mapping(thing: Thing) -> Container:
        raise error

    client, _ = over(THING)
    with pytest.raises(UnreadableAnswer):
        await client.one("/x", Thing, mapping, raw=False)


@pytest.mark.parametrize("error", [AttributeError("no"), TypeError("no"), ProviderRejected("no")])
async def test_other_errors_of_a_mapping_are_our_own(over: Call, error: Exception) -> None:
    def mapping(thing: Thing) -> Container:
        raise error

    client, _ = over(THING)
    with pytest.raises(type(error)):
        await client.one("/x", Thing, mapping, raw=False)


async def test_find_one_is_none_for_what_is_gone_and_only_for_that(over: Call) -> None:
    client, _ = over(THING, GONE, httpx.Response(403))
    found = await client.find_one("/x", Thing, to_container, raw=False)
    assert found is not None
    assert found.id == "7"
    assert await client.find_one("/x", Thing, to_container, raw=False) is None
    with pytest.raises(AppError) as caught:
        await client.find_one("/x", Thing, to_container, raw=False)
    assert not isinstance(caught.value, ProviderNotFound)


async def test_a_redirect_is_followed_at_the_same_origin_and_signed_again(over: Call) -> None:
    moved = httpx.Response(301, headers={"location": "/v3/new?page=2"})
    client, provider = over(moved, httpx.Response(307, headers={"location": "newer"}), THING)
    assert (await client.get("/old", Thing)).id == 7
    assert provider.urls == [f"{BASE}/old", f"{BASE}/new?page=2", f"{BASE}/newer"]
    assert {request.headers["authorization"] for request in provider.requests} == {
        f"Bearer {TOKEN}"
    }


@pytest.mark.parametrize(
    "location",
    [
        "https://else.test/v3/x",
        "http://api.test/v3/x",
        "https://api.test:444/",
        "//else.test/",
        "https://[x",
        "https://api.test:x/",
    ],
)
async def test_a_redirect_to_another_host_is_not_followed(over: Call, location: str) -> None:
    client, provider = over(httpx.Response(302, headers={"location": location}), THING)
    with pytest.raises(UnreadableAnswer):
        await client.get("/old", Thing)
    assert len(provider.requests) == 1


async def test_redirects_come_to_an_end(over: Call) -> None:
    client, provider = over(httpx.Response(302, headers={"location": "/v3/x"}))
    with pytest.raises(UnreadableAnswer):
        await client.get("/x", Thing)
    assert len(provider.requests) == 4


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirected_post_is_not_sent_elsewhere(over: Call, status: int) -> None:
    client, provider = over(httpx.Response(status, headers={"location": "/v3/new"}), THING)
    with pytest.raises(UnreadableAnswer):
        await client.call("POST", "/old", json={})
    assert len(provider.requests) == 1


async def test_a_redirect_without_location_is_unreadable(over: Call) -> None:
    client, _ = over(httpx.Response(302))
    with pytest.raises(UnreadableAnswer):
        await client.get("/x", Thing)


@pytest.mark.parametrize(
    ("method", "answer", "requests"),
    [
        ("GET", httpx.Response(500), 3),
        ("GET", httpx.ReadError("cut"), 3),
        ("GET", httpx.Response(429, headers={"retry-after": "1"}), 3),
        ("POST", httpx.Response(500), 1),
        ("POST", httpx.ReadError("cut"), 1),
        ("POST", httpx.Response(429, headers={"retry-after": "1"}), 3),
        ("GET", httpx.Response(401), 1),
        ("GET", httpx.Response(429, headers={"retry-after": "60"}), 1),
    ],
    ids=lambda value: (
        getattr(value, "status_code", None) and f"{value.status_code}-{value.headers}"
    ),
)
async def test_what_is_sent_again(
    over: Call, method: str, answer: httpx.Response | Exception, requests: int
) -> None:
    client, provider = over(answer)
    with pytest.raises(AppError):
        await client.call(method, "/x")
    assert len(provider.requests) == requests


async def test_a_call_that_recovers_is_a_success(over: Call, sleeps: Sleeps) -> None:
    client, _ = over(httpx.Response(503, headers={"retry-after": "2"}), THING)
    assert (await client.get("/x", Thing)).id == 7
    assert sleeps.seconds == [2]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.ConnectError("refused"), ProviderUnavailable),
        (httpx.ReadTimeout("slow"), ProviderTimeout),
        (httpx.Response(401), CredentialRefused),
        (httpx.Response(429, headers={"retry-after": "99"}), RateLimited),
    ],
)
async def test_failures_have_their_class(
    over: Call, answer: httpx.Response | Exception, kind: type[AppError]
) -> None:
    client, _ = over(answer)
    with pytest.raises(kind):
        await client.get("/x", Thing)


STALE = httpx.Response(401)


def newer(*tokens: str) -> tuple[BearerAuthenticator, Held]:
    held = Held(newer=[Credential(SecretStr(token)) for token in tokens])
    return BearerAuthenticator(held), held


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_with_a_newer_token_a_stale_call_is_sent_once_more(over: Call, method: str) -> None:
    authenticator, _ = newer("the-newer-one")
    client, provider = over(STALE, THING, authenticator=authenticator)
    assert (await client.call(method, "/x")).status == 200
    sent = [request.headers["authorization"] for request in provider.requests]
    assert sent == [f"Bearer {TOKEN}", "Bearer the-newer-one"]


async def test_a_newer_token_that_is_refused_too_is_the_last(over: Call) -> None:
    authenticator, held = newer("the-newer-one", "the-newest")
    client, provider = over(STALE, authenticator=authenticator)
    with pytest.raises(CredentialRefused):
        await client.get("/x", Thing)
    assert (len(provider.requests), len(held.newer)) == (2, 1)


@pytest.mark.parametrize("verdict", [Verdict.BAD_KEY, Verdict.SCOPE])
async def test_a_401_of_another_meaning_asks_for_no_newer_token(
    over: Call, verdict: Verdict
) -> None:
    authenticator, held = newer("the-newer-one")
    dialect = replace(DIALECT, classify=lambda _: Refusal(verdict))
    client, provider = over(STALE, authenticator=authenticator, dialect=dialect)
    with pytest.raises(AskUser):
        await client.get("/x", Thing)
    assert (len(provider.requests), len(held.newer)) == (1, 1)


async def test_an_answer_that_echoes_the_key_does_not_give_it_away(over: Call) -> None:
    said = {"message": f"Header 'Bearer {TOKEN}': {TOKEN} is unknown"}
    client, _ = over(httpx.Response(400, json=said))
    with pytest.raises(ProviderRejected) as caught:
        await client.get("/x", Thing)
    assert caught.value.details["message"] == "Header '***': *** is unknown"


async def test_the_last_known_limit_is_kept(over: Call) -> None:
    def read(headers: Mapping[str, str]) -> RateLimit | None:
        left = headers.get("x-left")
        return None if left is None else RateLimit(100, int(left), None)

    dialect = replace(DIALECT, rate_limit=read)
    answers = (httpx.Response(404, headers={"x-left": "5"}), THING)
    client, _ = over(*answers, dialect=dialect)
    assert client.rate_limit is None
    with pytest.raises(ProviderNotFound):
        await client.get("/x", Thing)
    assert client.rate_limit == RateLimit(100, 5, None)
    await client.get("/x", Thing)
    assert client.rate_limit == RateLimit(100, 5, None)


async def test_a_call_that_changes_nothing_may_be_sent_again_whatever_its_method(
    over: Call,
) -> None:
    client, provider = over(httpx.Response(503), httpx.Response(201, json=[]))
    await client.call("POST", "/query", json={"query": "select 1"}, repeatable=True)
    assert [request.content for request in provider.requests] == [b'{"query":"select 1"}'] * 2
    client, provider = over(httpx.Response(503), httpx.Response(201, json=[]))
    with pytest.raises(ProviderUnavailable):
        await client.call("POST", "/query", json={"query": "insert"})
    assert len(provider.requests) == 1
