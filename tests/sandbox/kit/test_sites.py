"""One imitation at many addresses: told apart by host, whole below each."""

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route, Router

from src.sandbox.kit import (
    MemoryStore,
    Provider,
    at_sites,
    build_app,
    json_answer,
    paginate,
    site_of,
)


async def where(request: Request) -> Response:
    return json_answer({"site": site_of(request)})


async def things(request: Request) -> Response:
    page, headers = paginate(request, range(9))
    return json_answer(list(page), headers=headers)


@pytest.fixture
def client() -> httpx.AsyncClient:
    routes = (Route("/where", where), Route("/ctx/where", where), Route("/things", things))
    app = at_sites(build_app(Provider("one", routes), MemoryStore()), "/_sites")
    mounted = Router(routes=[Mount("/sandbox/one", app=app)])
    transport = httpx.ASGITransport(app=mounted)
    return httpx.AsyncClient(transport=transport, base_url="http://LOCALHOST:8000/sandbox/one")


@pytest.mark.parametrize(
    ("path", "site"),
    [
        ("/where", "localhost"),
        ("/_sites/acme.example/where", "acme.example"),
        ("/_sites/Acme.Example:8443/ctx/where", "acme.example"),
    ],
)
async def test_a_site_is_told_apart_by_its_host(
    client: httpx.AsyncClient, path: str, site: str
) -> None:
    assert (await client.get(path)).json() == {"site": site}


async def test_what_is_not_there_is_not_there_below_a_site_either(
    client: httpx.AsyncClient,
) -> None:
    for path in ("/_sites/acme.example/nowhere", "/_sites/acme.example", "/_sites/"):
        assert (await client.get(path)).status_code == 404


async def test_addresses_in_answers_lead_below_the_site(client: httpx.AsyncClient) -> None:
    answer = await client.get("/_sites/acme.example/things?per_page=4")
    following = answer.links["next"]["url"]
    assert following.lower().startswith("http://localhost:8000/sandbox/one/_sites/acme.example/")
    assert (await client.get(following)).json() == [4, 5, 6, 7]
