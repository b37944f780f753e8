"""A tiny provider, built with nothing but the kit."""

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from src.sandbox.kit import MemoryStore, Provider, Refused, build_app, json_answer, paginate

BASE = "https://imitation.test"


async def list_things(request: Request) -> Response:
    page, headers = paginate(request, range(95))
    return json_answer(list(page), headers=headers)


async def show_thing(request: Request) -> Response:
    if request.path_params["name"] == "gone":
        raise Refused(json_answer({"error": "deleted"}, 410))
    return json_answer({"name": request.path_params["name"]})


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def app(store: MemoryStore) -> ASGIApp:
    routes = (Route("/things", list_things), Route("/things.v1/{name}", show_thing))
    return build_app(Provider("imitation", routes), store)


@pytest.fixture
async def client(app: ASGIApp) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client
