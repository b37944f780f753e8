"""Webhooks that share an address: whom a delivery is for, and what proves it."""

import asyncio
from typing import Any

import httpx
import pytest

from tests.api.answers import data_of, error_of
from tests.api.bells import APP, DELIVERY_ID, path_of, ring, token_of
from tests.api.hooked import Hooked, until
from tests.api.test_webhooks import bells

__all__ = ["bells"]

SECRET = APP["client_secret"]
NAME = {DELIVERY_ID: "d1"}


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", DELIVERY_ID: "d1"}


async def test_one_delivery_reaches_every_connection_that_it_names(bells: Hooked) -> None:
    acme = await bells.connect("lodge", "ada")
    globex = await bells.connect("lodge", "ada", "globex")
    other = await bells.connect("lodge", "bob", "globex")
    for connection, tenant in ((acme, "acme"), (globex, "globex"), (other, "globex")):
        await bells.subscribe("lodge", connection, tenant)
    urls = {hook["url"] for hook in bells.provider.hooks.values()}
    assert len(urls) == 1
    (url,) = urls
    told = {"things": ["t1"], "who": "ada"}
    assert data_of(await ring(bells.client, url, told, **bearer(token_of(SECRET)))) == {"news": 2}
    await bells.handled(2)
    assert set(await bells.records(acme)) == {"t1"}
    assert set(await bells.records(globex)) == {"t1"}
    assert await bells.records(other) == {}
    nobody = {"things": ["t1"], "who": "eve"}
    assert data_of(await ring(bells.client, url, nobody, **bearer(token_of(SECRET)))) == {"news": 0}
    anybody = {"things": ["t1"]}
    assert data_of(await ring(bells.client, url, anybody, **bearer(token_of(SECRET)))) == {
        "news": 0
    }


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": f"Basic {token_of(SECRET)}"},
        {"Authorization": f"Bearer {token_of('another-secret-0123456789-0123456789')}"},
        {"Authorization": f"Bearer {token_of(SECRET, exp=1_000_000_000)}"},
        {"Authorization": f"Bearer {token_of(SECRET + SECRET, 'HS512')}"},
        {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJiZWxscyJ9."},
        {"Authorization": f"Bearer {token_of(SECRET)[:-2]}"},
        {"Authorization": "Bearer ..."},
    ],
    ids=["none", "scheme", "secret", "over", "algorithm", "unsigned", "cut", "odd"],
)
async def test_a_token_that_is_not_the_apps_opens_nothing(
    bells: Hooked, headers: dict[str, str]
) -> None:
    await bells.subscribe("lodge", await bells.connect("lodge"))
    told = {"things": ["t1"], "who": "ada"}
    error_of(await ring(bells.client, bells.hook["url"], told, **headers), 401, "unauthorized")
    assert await bells.count("hook_deliveries") == 0


async def test_a_tenants_own_app_has_an_address_of_its_own(bells: Hooked) -> None:
    own = {"clientId": APP["client_id"], "clientSecret": "globex-secret-0123456789-0123456789"}
    globex = {"X-Tenant-Id": "globex"}
    data_of(await bells.client.patch("/api/connectors/lodge", json=own, headers=globex))
    await bells.subscribe("lodge", await bells.connect("lodge"))
    theirs = await bells.connect("lodge", "ada", "globex")
    await bells.subscribe("lodge", theirs, "globex")
    first, second = (hook["url"] for hook in bells.provider.hooks.values())
    assert first != second
    told = {"things": ["t1"], "who": "ada"}
    # What is signed with the one's secret says nothing at the other's address.
    mine, others = bearer(token_of(SECRET)), bearer(token_of(own["clientSecret"]))
    error_of(await ring(bells.client, first, told, **others), 401, "unauthorized")
    error_of(await ring(bells.client, second, told, **mine), 401, "unauthorized")
    assert data_of(await ring(bells.client, second, told, **others)) == {"news": 1}
    await bells.handled(1)
    assert set(await bells.records(theirs)) == {"t1"}


async def greet(client: httpx.AsyncClient, url: str, **query: str) -> httpx.Response:
    return await client.get(
        path_of(url), params={f"hub.{name}": text for name, text in query.items()}
    )


async def test_the_first_makes_the_apps_subscription_and_the_last_ends_it(bells: Hooked) -> None:
    greetings: list[httpx.Response] = []

    async def greeter(url: str, secret: str) -> None:
        asked = {"challenge": "c-15f7", "mode": "subscribe"}
        greetings.append(await greet(bells.client, url, verify_token=secret, **asked))
        greetings.append(await greet(bells.client, url, verify_token="wrong", **asked))

    bells.provider.greeter = greeter
    acme = await bells.connect("club", "ada")
    globex = await bells.connect("club", "bob", "globex")
    made = await asyncio.gather(
        bells.subscribe("club", acme), bells.subscribe("club", globex, "globex")
    )
    assert bells.provider.count("POST", "/app/hooks") == 1
    right, wrong = greetings
    assert right.status_code == 200
    assert right.json() == {"hub.challenge": "c-15f7"}
    error_of(wrong, 404, "not_found")
    error_of(await greet(bells.client, bells.hook["url"]), 404, "not_found")
    first = data_of(await bells.end("club", acme, made[0]["id"]))
    assert first["removedAtProvider"] == "skipped_shared"
    assert bells.provider.hooks
    told = {"things": ["t1"], "who": "ada", "id": "d1"}
    assert data_of(await ring(bells.client, bells.hook["url"], told)) == {"news": 0}
    last = data_of(await bells.end("club", globex, made[1]["id"], "globex"))
    assert last["removedAtProvider"] == "yes"
    assert bells.provider.hooks == {}
    await bells.subscribe("club", acme)
    assert bells.provider.count("POST", "/app/hooks") == 2


async def test_where_only_the_address_proves_it_a_delivery_is_but_a_hint(bells: Hooked) -> None:
    connection = await bells.connect("club")
    await bells.subscribe("club", connection)
    url = bells.hook["url"]
    told = {"things": ["t2"], "who": "ada", "id": "d1", "title": "Forged"}
    for news in (1, 0):
        assert data_of(await ring(bells.client, url, told)) == {"news": news}
    await bells.handled(1)
    assert "Two" in (await bells.records(connection))["t2"]["data"]


async def test_a_delivery_that_tells_too_much_is_refused(bells: Hooked) -> None:
    await bells.subscribe("club", await bells.connect("club"))
    told = {"things": [f"t{number}" for number in range(10_001)], "who": "ada", "id": "d1"}
    error_of(await ring(bells.client, bells.hook["url"], told), 413, "payload_too_large")
    assert await bells.count("hook_deliveries") == 0


async def test_a_grant_that_is_said_to_be_over_is_asked_about(bells: Hooked) -> None:
    ada = await bells.connect("club", "ada")
    bob = await bells.connect("club", "bob", "globex")
    await bells.subscribe("club", ada)
    await bells.subscribe("club", bob, "globex")
    url = bells.hook["url"]
    bells.provider.dead.add("bob-token-0123456789")
    for who in ("ada", "bob"):
        await ring(bells.client, url, {"who": who, "left": True, "id": f"left-{who}"})
    await bells.handled(2)
    assert await status_of(bells, ada, "acme") == "connected"
    assert await status_of(bells, bob, "globex") == "reauth_required"


async def status_of(bells: Hooked, connection: str, tenant: str) -> Any:
    answer = await bells.client.get(
        f"/api/connections/{connection}", headers={"X-Tenant-Id": tenant}
    )
    return data_of(answer)["status"]


async def test_news_without_a_name_makes_the_stream_run(bells: Hooked) -> None:
    connection = await bells.connect("club")
    await bells.subscribe("club", connection)
    told = {"things": [None], "who": "ada", "id": "d1"}
    data_of(await ring(bells.client, bells.hook["url"], told))

    async def are_read() -> bool:
        return set(await bells.records(connection)) == {"t1", "t2"}

    await until(are_read)
