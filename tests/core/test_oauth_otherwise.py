"""A provider with two ways to give a token back, and refusals that are explained to people."""

from dataclasses import dataclass, field
from dataclasses import replace as changed
from typing import Any

import httpx
import pytest

from src.core.oauth import (
    ClientRefused,
    CodeRefused,
    Meaning,
    OAuth2Client,
    OAuthError,
    ProviderOutage,
    Refusal,
    RequestRefused,
    Revocation,
    Step,
)
from src.core.outbound import Outbound
from tests.core.oauth_providers import (
    ACCESS_TOKEN,
    APP,
    PLAIN,
    AuthorizationServer,
    exchange,
    refresh,
    revoke,
    says,
)

OLD = Revocation(url="deauthorize", sends="access", signed_by_token=True)
SPEC = changed(PLAIN, revocation=Revocation(url="https://auth.test/oauth/revoke", otherwise=OLD))
GONE = says({"message": "Record Not Found"}, 404)


@dataclass
class TwoWays:
    """Answers each path in its own way."""

    first: httpx.Response
    second: httpx.Response = field(default_factory=lambda: says({}))
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.first if request.url.path == "/oauth/revoke" else self.second

    @property
    def paths(self) -> list[str]:
        return [request.url.path for request in self.requests]

    def client(self) -> OAuth2Client:
        return OAuth2Client(Outbound(httpx.MockTransport(self)), SPEC, APP)


async def test_the_second_way_is_not_asked_when_the_first_works() -> None:
    server = TwoWays(says({}))
    assert await revoke(server.client()) is True
    assert server.paths == ["/oauth/revoke"]


@pytest.mark.parametrize("first", [GONE, says({"error": "invalid_client"}, 401)])
async def test_a_refusal_leads_to_the_second_way_beside_the_first(first: httpx.Response) -> None:
    server = TwoWays(first)
    assert await revoke(server.client()) is True
    assert server.paths == ["/oauth/revoke", "/oauth/deauthorize"]
    sent = server.requests[1]
    assert sent.headers["authorization"] == f"Bearer {ACCESS_TOKEN.get_secret_value()}"
    assert sent.content == b""


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (says({}, 503), says({}), ProviderOutage),
        # An access token that is over says nothing of the grant.
        (GONE, says({}, 401), RequestRefused),
        (GONE, says({}, 403), RequestRefused),
        (GONE, says({}, 503), ProviderOutage),
    ],
)
async def test_what_nobody_has_revoked_is_not_said_to_be(
    first: httpx.Response, second: httpx.Response, kind: type[OAuthError]
) -> None:
    with pytest.raises(OAuthError) as caught:
        await revoke(TwoWays(first, second).client())
    assert type(caught.value) is kind


@pytest.mark.parametrize("status", [200, 401])
async def test_a_token_that_signs_its_own_end(status: int) -> None:
    """Alone, the older way; a token that is not known any more has ended."""
    alone = changed(OLD, url="https://auth.test/oauth/deauthorize")
    server = AuthorizationServer(says({"message": "Authorization Error"}, status))
    assert await revoke(server.client(changed(PLAIN, revocation=alone))) is True
    (request,) = server.requests
    assert request.headers["authorization"] == f"Bearer {ACCESS_TOKEN.get_secret_value()}"
    assert request.content == b""


async def test_the_second_way_moves_with_the_first() -> None:
    moved = SPEC.with_addresses(revoke_url="https://proxy.test/strava/oauth/revoke")
    server = AuthorizationServer(GONE)
    with pytest.raises(RequestRefused):
        await revoke(server.client(moved))
    assert [str(one.url) for one in server.requests] == [
        "https://proxy.test/strava/oauth/revoke",
        "https://proxy.test/strava/oauth/deauthorize",
    ]


FULL = Refusal(Meaning.CLIENT, status=403, at=Step.EXCHANGE, explanation="The app is full.")


@pytest.mark.parametrize(
    ("ask", "status", "kind", "told"),
    [
        (exchange, 403, ClientRefused, "The app is full."),
        (exchange, 400, RequestRefused, None),
        (refresh, 403, RequestRefused, None),
    ],
)
async def test_a_refusal_is_explained_where_it_is_known(
    ask: Any, status: int, kind: type[OAuthError], told: str | None
) -> None:
    server = AuthorizationServer(says({"message": "Forbidden"}, status))
    with pytest.raises(OAuthError) as caught:
        await ask(server.client(changed(PLAIN, refusals=(FULL,))))
    assert (type(caught.value), caught.value.explanation) == (kind, told)


async def test_explanations_of_dead_grants_are_not_told_of_codes() -> None:
    spec = changed(PLAIN, explanations={"invalid_grant": "It is over."})
    server = AuthorizationServer(says({"error": "invalid_grant"}, 400))
    with pytest.raises(CodeRefused) as caught:
        await exchange(server.client(spec))
    assert caught.value.explanation is None
