"""Pages and Link headers are GitHub's."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp


def rels(answer: httpx.Response) -> dict[str | None, str]:
    return {rel: httpx.URL(link["url"]).params["page"] for rel, link in answer.links.items()}


@pytest.mark.parametrize(
    ("query", "expected", "amount"),
    [
        ("", {"next": "2", "last": "4"}, 30),
        ("page=2", {"prev": "1", "next": "3", "last": "4", "first": "1"}, 30),
        ("page=4", {"prev": "3", "first": "1"}, 5),
        ("page=9", {"prev": "4", "last": "4", "first": "1"}, 0),
        ("per_page=100", {}, 95),
        ("per_page=1000", {}, 95),
        ("per_page=0", {"next": "2", "last": "4"}, 30),
        ("per_page=x&page=-1", {"next": "2", "last": "4"}, 30),
        ("page=99999999999999999999", {"next": "2", "last": "4"}, 30),
    ],
)
async def test_rels(
    client: httpx.AsyncClient, query: str, expected: dict[str, str], amount: int
) -> None:
    answer = await client.get(f"/things?{query}")
    assert rels(answer) == expected
    assert len(answer.json()) == amount


async def test_other_parameters_are_kept(client: httpx.AsyncClient) -> None:
    answer = await client.get("/things", params={"q": "ü &=+", "page": "1", "per_page": "10"})
    following = httpx.URL(answer.links["next"]["url"])
    assert dict(following.params) == {"q": "ü &=+", "per_page": "10", "page": "2"}


async def test_links_are_absolute_below_the_mount(app: ASGIApp) -> None:
    outer = Starlette(routes=[Mount("/sandbox/imitation", app=app)])
    transport = httpx.ASGITransport(outer)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        root = "http://localhost:8000/sandbox/imitation"
        await client.put(
            f"{root}/_sandbox/faults", json=[{"kind": "server_error", "path": "/things.v1"}]
        )
        answer = await client.get(f"{root}/things")
        assert answer.links["next"]["url"] == f"{root}/things?page=2"
        assert (await client.get(f"{root}/things.v1/a")).status_code == 503
        counts = (await client.get(f"{root}/_sandbox/requests")).json()
        assert counts == {"GET /things": 1, "GET /things.v1/{name}": 1}
