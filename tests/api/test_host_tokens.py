"""JWTs of the host application, over HTTP."""

import base64
import hmac
import json
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from src.models.principal import Permission
from tests.api.answers import data_of, error_of, items_of
from tests.api.callers import ADMIN, ADMIN_KEY, bearer
from tests.api.host import (
    BY_KEYS,
    DAY,
    FIRST,
    HOST,
    JWT,
    SECOND,
    STRANGER,
    THIRD,
    Host,
    claims,
    good,
    signed,
)
from tests.conftest import GITHUB_URL, GitHub, StartService, connect

SECRET = "a-secret-that-the-host-and-we-share"
ME = "/api/auth/me"


@pytest.fixture
def host() -> Host:
    return Host([FIRST, SECOND, THIRD])


@pytest.fixture
async def client(start: StartService, github: GitHub, host: Host) -> httpx.AsyncClient:
    """A client of a service that knows the host's keys; it names no tenant."""
    github.network.add(HOST, host.app)
    client = (await start(**BY_KEYS, admin_api_key=ADMIN_KEY)).client
    client.headers.pop("X-Tenant-Id")
    return client


async def test_a_token_is_its_user_in_its_tenant(client: httpx.AsyncClient) -> None:
    me = data_of(await client.get(ME, headers=bearer(good())))
    assert me["principal"] == {
        "tenantId": "acme",
        "userId": "ada",
        "permissions": ["connections:read", "connections:write"],
        "via": "jwt",
    }
    assert me["user"] is None


@pytest.mark.parametrize(
    "token",
    [
        signed(SECOND, "ES256"),
        signed(THIRD, "EdDSA"),
        signed(THIRD, "Ed25519"),
        signed(FIRST, "PS256"),
        good(aud=["other", "connectors"]),
        good(nbf=claims()["iat"]),
    ],
    ids=["ES256", "EdDSA", "Ed25519", "PS256", "one of several audiences", "not before now"],
)
async def test_other_good_tokens(client: httpx.AsyncClient, token: str) -> None:
    assert data_of(await client.get(ME, headers=bearer(token)))["principal"]["userId"] == "ada"


def _b64(value: Any) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def _unsigned(alg: str) -> str:
    return f"{_b64({'alg': alg, 'typ': 'JWT', 'kid': 'first'})}.{_b64(claims())}."


def _confused() -> str:
    """Signed with the public key as if it were a shared secret."""
    signed_part = f"{_b64({'alg': 'HS256', 'kid': 'first'})}.{_b64(claims())}"
    mac = hmac.digest(FIRST.as_pem(private=False), signed_part.encode(), "sha256")
    return f"{signed_part}.{_b64(mac)}"


def _edited() -> str:
    head, _, signature = good().split(".")
    return f"{head}.{_b64(claims(sub='root'))}.{signature}"


SOON = claims()["iat"]
BAD: dict[str, str] = {
    "alg none": _unsigned("none"),
    "alg None": _unsigned("None"),
    "alg NONE": _unsigned("NONE"),
    "alg empty": _unsigned(""),
    "HS256 with the public key": _confused(),
    "edited": _edited(),
    "signature cut off": good().rpartition(".")[0] + ".",
    "signature of another": signed(STRANGER, "RS256"),
    "key of another kind": signed(SECOND, "ES256", header={"kid": "first"}),
    "no kid": good(header={"kid": None}),
    "unknown kid": good(header={"kid": "nobody"}),
    "kid that is no text": f"{_b64({'alg': 'RS256', 'kid': 7})}.{_b64(claims())}.AAAA",
    "key in the header": signed(STRANGER, "RS256", header={"jwk": STRANGER.as_dict(private=False)}),
    "key address in the header": signed(STRANGER, "RS256", header={"jku": "https://evil.example"}),
    "critical header": f"{_b64({'alg': 'RS256', 'kid': 'first', 'crit': ['exp']})}.e30.AAAA",
    "wrong issuer": good(iss="https://host.example"),
    "no issuer": good(iss=None),
    "issuers": good(iss=["https://host.example/"]),
    "wrong audience": good(aud="connector"),
    "no audience": good(aud=None),
    "empty audience": good(aud=[]),
    "expired": good(exp=SOON - 1),
    "no end": good(exp=None),
    "end that is text": good(exp="9999999999"),
    "not yet": good(nbf=SOON + DAY // 2),
    "from the future": good(iat=SOON + DAY // 2),
    "no subject": good(sub=None),
    "empty subject": good(sub=""),
    "subject with a blank": good(sub="a b"),
    "subject that is a number": good(sub=7),
    "no tenant": good(tenant_id=None),
    "tenant that is no tenant": good(tenant_id="a/b"),
    "tenants": good(tenant_id=["acme"]),
    "not a token": "a.b.c",
    "two parts": "a.b",
    "five parts": "a.b.c.d.e",
    "deep": f"{_b64(b'[' * 5000)}.e30.AAAA",
    "deep claims": f"{_b64({'alg': 'RS256', 'kid': 'first'})}.{_b64(b'[' * 5000)}.AAAA",
    "header that is a list": f"{_b64([])}.e30.AAAA",
    "very long": good(extra="x" * 9000),
}


@pytest.mark.parametrize("token", BAD.values(), ids=BAD.keys())
async def test_a_bad_token_is_refused_and_nothing_told(
    client: httpx.AsyncClient, token: str
) -> None:
    data_of(await client.get(ME, headers=bearer(good())))
    answer = await client.get(ME, headers=bearer(token))
    assert error_of(answer, 401, "unauthorized")["message"] == "The token is not valid."


@pytest.mark.parametrize("roles", ["member unknown", ["unknown", "member", 7, None, ["boss"]]])
async def test_a_role_gives_what_it_is_mapped_to(client: httpx.AsyncClient, roles: Any) -> None:
    me = data_of(await client.get(ME, headers=bearer(good(roles=roles))))
    assert me["principal"]["permissions"] == ["connections:read", "connections:write"]


@pytest.mark.parametrize("roles", [None, [], "", "Member", 7, {"member": True}, ["admin"]])
async def test_an_unknown_role_gives_nothing(client: httpx.AsyncClient, roles: Any) -> None:
    headers = bearer(good(roles=roles))
    assert data_of(await client.get(ME, headers=headers))["principal"]["permissions"] == []
    error_of(await client.get("/api/connections", headers=headers), 403, "forbidden")


async def test_an_administrator_may_do_everything(client: httpx.AsyncClient) -> None:
    me = data_of(await client.get(ME, headers=bearer(good(roles=["boss"]))))
    assert set(me["principal"]["permissions"]) == set(Permission)


async def test_a_token_stays_in_its_tenant_and_with_its_user(client: httpx.AsyncClient) -> None:
    ada, bob = bearer(good()), bearer(good(sub="bob"))
    other = bearer(good(tenant_id="globex"))
    client.headers.update(ada)
    mine = await connect(client)
    for foreign in (bob, other):
        answer = await client.get(f"/api/connections/{mine}", headers=foreign)
        error_of(answer, 404, "not_found")
        assert items_of(await client.get("/api/connections", headers=foreign)) == []
    answer = await client.get("/api/connections", headers={"X-Tenant-Id": "globex"})
    error_of(answer, 403, "tenant_mismatch")
    answer = await client.get("/api/connections?workspaceId=globex")
    error_of(answer, 403, "tenant_mismatch")
    error_of(await client.get("/api/connections", headers={"X-User-Id": "bob"}), 403, "forbidden")
    error_of(await client.get("/api/connections?userId=bob"), 403, "forbidden")
    data_of(await client.get("/api/connections?userId=ada", headers={"X-User-Id": "ada"}))


async def test_a_linked_subject_is_the_first_user(client: httpx.AsyncClient) -> None:
    backend = {**ADMIN, "X-Tenant-Id": "acme"}
    body = {"email": "ada@example.com", "emailVerified": True}
    for user_id in ("gh-ada", "ada"):
        path = "/api/auth/sync-oauth-user"
        data = await client.post(path, json={**body, "userId": user_id}, headers=backend)
        assert data.status_code in {200, 201}
    me = data_of(await client.get(ME, headers=bearer(good())))
    assert (me["principal"]["userId"], me["user"]["email"]) == ("gh-ada", "ada@example.com")
    for own in ("ada", "gh-ada"):
        data_of(await client.get(ME, headers={**bearer(good()), "X-User-Id": own}))
    foreign = {**bearer(good(tenant_id="globex")), "X-User-Id": "gh-ada"}
    error_of(await client.get(ME, headers=foreign), 403, "forbidden")


async def test_a_user_who_administers_tells_of_nobody(client: httpx.AsyncClient) -> None:
    boss = bearer(good(sub="boss", roles=["boss"]))
    body = {"userId": "x", "email": "x@example.com"}
    answer = await client.post("/api/auth/sync-oauth-user", json=body, headers=boss)
    error_of(answer, 403, "forbidden")


async def test_a_shared_secret_signs_with_hs256_only(start: StartService) -> None:
    settings = {**JWT, "auth_required": True, "jwt_secret": SECRET}
    client = (await start(**settings)).client
    key = OctKey.import_key(SECRET)

    def token(alg: str, **header: str) -> dict[str, str]:
        return bearer(jwt.encode({"alg": alg, **header}, claims(), key, algorithms=[alg]))

    data_of(await client.get(ME, headers=token("HS256")))
    data_of(await client.get(ME, headers=token("HS256", kid="any")))
    others = [token("HS384"), token("HS512"), bearer(good()), bearer(_unsigned("none"))]
    for headers in others:
        error_of(await client.get(ME, headers=headers), 401, "unauthorized")


async def test_without_a_key_set_nobody_is_let_in(
    start: StartService, github: GitHub, host: Host
) -> None:
    github.network.add(HOST, host.app)
    host.status = 500
    client = (await start(**BY_KEYS)).client
    answer = await client.get(ME, headers=bearer(good()))
    error_of(answer, 503, "service_unavailable")
    assert answer.headers["Retry-After"]


async def test_a_service_without_tokens_reads_none(start: StartService) -> None:
    client = (await start(connectors={"github": {"api_url": GITHUB_URL}})).client
    error_of(await client.get(ME, headers=bearer(good())), 401, "unauthorized")
