"""Webhooks of any imitation can come twice, and in another order."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.kit import MemoryStore, Provider, build_app, build_imitation, json_answer
from src.sandbox.kit.posting import Post

HOOK = "https://us.test/hooks/1?x=2"


class Mail:
    """Who receives."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        assert (url, headers) == (HOOK, {"x-kind": "told"})
        self.bodies.append(body)
        return 200


def create_app(store: Any, *, post: Post | None = None) -> Any:
    async def tell(request: Request) -> Response:
        assert post is not None
        status = await post(HOOK, {"x-kind": "told"}, await request.body())
        return json_answer({"status": status})

    return build_app(Provider("teller", (Route("/tell", tell, methods=["POST"]),)), store)


@pytest.fixture
def mail() -> Mail:
    return Mail()


@pytest.fixture
async def client(mail: Mail) -> AsyncIterator[httpx.AsyncClient]:
    app = build_imitation(create_app, MemoryStore(), "teller", mail)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://teller.test") as client:
        yield client


async def switch(client: httpx.AsyncClient, *faults: dict[str, Any]) -> None:
    (await client.put("/_sandbox/faults", json=list(faults))).raise_for_status()


async def tell(client: httpx.AsyncClient, *bodies: bytes) -> None:
    for body in bodies:
        (await client.post("/tell", content=body)).raise_for_status()


async def test_a_delivery_comes_once(client: httpx.AsyncClient, mail: Mail) -> None:
    await tell(client, b"a", b"b")
    assert mail.bodies == [b"a", b"b"]


async def test_a_doubled_one_comes_twice(client: httpx.AsyncClient, mail: Mail) -> None:
    await switch(client, {"kind": "doubled_delivery", "times": 1, "path": "/hooks/1$"})
    await tell(client, b"a", b"b")
    assert mail.bodies == [b"a", b"a", b"b"]


async def test_held_ones_come_when_they_are_let_go_and_the_newest_first(
    client: httpx.AsyncClient, mail: Mail
) -> None:
    await switch(client, {"kind": "held_delivery", "times": 3}, {"kind": "doubled_delivery"})
    await tell(client, b"a", b"\xff", b"c")
    assert mail.bodies == []
    assert (await client.post("/_sandbox/deliveries")).json() == {"sent": 3}
    assert mail.bodies == [b"c", b"c", b"\xff", b"\xff", b"a", b"a"]
    assert (await client.post("/_sandbox/deliveries")).json() == {"sent": 0}


async def test_faults_of_deliveries_and_of_requests_do_not_meet(
    client: httpx.AsyncClient, mail: Mail
) -> None:
    await switch(
        client,
        {"kind": "doubled_delivery", "path": "/tell"},
        {"kind": "server_error", "path": "/hooks"},
        {"kind": "server_error", "path": "/tell", "after": 1},
    )
    await tell(client, b"a")
    assert mail.bodies == [b"a"]
    assert (await client.post("/tell", content=b"b")).status_code == 503


async def test_an_imitation_that_delivers_nothing_is_served_as_it_is(mail: Mail) -> None:
    def silent(store: Any) -> Any:
        return build_app(Provider("silent", ()), store)

    app = build_imitation(silent, MemoryStore(), "silent", mail)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://silent.test") as client:
        assert (await client.get("/_sandbox/faults")).json() == []
        assert (await client.post("/_sandbox/deliveries")).status_code == 404
