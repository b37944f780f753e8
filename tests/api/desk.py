"""The provider of the connector in ``desk_dropins``, and what its tests say again and again."""

import base64
from pathlib import Path
from typing import Any

import httpx
import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.kit import (
    MemoryStore,
    PlainDialect,
    Provider,
    Refused,
    build_app,
    json_answer,
    paginate,
    site_of,
)
from tests.api.answers import data_of
from tests.conftest import Service

DROPINS = Path(__file__).parent / "desk_dropins"
DESK_URL = "http://desk.sandbox"
START = "/api/connectors/desk/connect"
CALLBACK = f"{START}/callback"
TOOLS = "/api/connectors/desk/tools"
RESOURCES = "/api/connectors/desk/resources"
EMAIL = "mia@desk.example"
SECRET = "desk-secret-4711"
READER = "desk-reader-4711"
WRITER = "desk-writer-4711"
SILENT = "desk-silent-4711"
NARROW = "desk-narrow-4711"
SCOPES: dict[str, list[str] | None] = {
    SECRET: None,
    SILENT: None,
    READER: ["read"],
    NARROW: ["write"],
    WRITER: ["admin"],
}
QUEUES = {1: 60, 2: 3}


def create_app(store: Any) -> Any:
    made: list[dict[str, Any]] = []

    async def me(request: Request) -> Response:
        token = _token(request)
        place = site_of(request)
        return json_answer({"id": f"u1-{place}", "name": place, "scopes": SCOPES[token]})

    async def token(_: Request) -> Response:
        return json_answer({"access_token": WRITER, "token_type": "bearer", "scope": "admin"})

    async def queues(request: Request) -> Response:
        _token(request)
        words = request.query_params.get("q", "")
        found = [_queue(number) for number in QUEUES if words in f"Queue {number}"]
        page, headers = paginate(request, found)
        return json_answer(list(page), headers=headers)

    async def queue(request: Request) -> Response:
        _token(request)
        return json_answer(_queue(_known(request)))

    async def tickets(request: Request) -> Response:
        _token(request)
        number = _known(request)
        if request.method == "POST":
            given = msgspec.json.decode(await request.body())
            ticket = {"id": 9000 + len(made), "title": given["title"], "queue": number}
            made.append(ticket)
            return json_answer(ticket, 201)
        found = [_ticket(number, at) for at in range(1, QUEUES[number] + 1)] + made
        words = request.query_params.get("q", "")
        state = request.query_params.get("state")
        kept = [
            one
            for one in found
            if words in one["title"] and state in {None, "open" if one["id"] % 2 else "closed"}
        ]
        page, headers = paginate(request, kept)
        return json_answer(list(page), headers=headers)

    routes = (
        Route("/token", token, methods=["POST"]),
        Route("/me", me),
        Route("/ctx/me", me),
        Route("/queues", queues),
        Route("/queues/{queue:int}", queue),
        Route("/queues/{queue:int}/tickets", tickets, methods=["GET", "POST"]),
    )
    return build_app(Provider("desk", routes), store)


def _token(request: Request) -> str:
    scheme, _, proof = request.headers.get("authorization", "").partition(" ")
    if scheme == "Basic":
        name, _, proof = base64.b64decode(proof).decode().partition(":")
        if name != EMAIL:
            # A careless provider: it repeats what it was sent.
            raise Refused(json_answer({"message": f"{name} may not use {proof}"}, 401))
    if proof not in SCOPES:
        raise Refused(json_answer({"message": f"unknown: {proof}"}, 401))
    return proof


def _known(request: Request) -> int:
    number: int = request.path_params["queue"]
    if number not in QUEUES:
        raise Refused(PlainDialect().error(404))
    return number


def _queue(number: int) -> dict[str, Any]:
    return {"id": number, "name": f"Queue {number}"}


def _ticket(queue: int, number: int) -> dict[str, Any]:
    return {"id": queue * 1000 + number, "title": f"Ticket {number}", "queue": queue}


class Desk:
    """The application with the desk, and the imitation behind it."""

    def __init__(self, service: Service, requests: list[httpx.Request], provider: Any) -> None:
        self.service = service
        self.client = service.client
        self._requests = requests
        self._provider = provider

    async def connect(
        self, token: str = WRITER, client: httpx.AsyncClient | None = None, **body: Any
    ) -> str:
        given = {"method": "key", "apiKey": token, **body}
        answer = await (client or self.client).post(CALLBACK, json=given)
        connection_id: str = data_of(answer, 201)["connectionId"]
        return connection_id

    async def grant(self, tenant: str) -> str:
        """Connect by OAuth, with the app that all tenants share."""
        headers = {"X-Tenant-Id": tenant}
        own = f"http://localhost:8000{CALLBACK}"
        body = {"method": "oauth2", "redirectUri": own}
        answer = await self.client.post(START, json=body, headers=headers)
        given = {"code": "any-code", "state": data_of(answer, 201)["state"]}
        ended = await self.client.post(CALLBACK, json=given, headers=headers)
        connection_id: str = data_of(ended, 201)["connectionId"]
        return connection_id

    async def run(
        self, tool: str, connection_id: str, headers: Any = None, **arguments: Any
    ) -> httpx.Response:
        body = {"connectionId": connection_id, "arguments": arguments}
        return await self.client.post(f"{TOOLS}/{tool}", json=body, headers=headers)

    async def pick(self, kind: str, connection_id: str, **query: str) -> httpx.Response:
        params = {"connectionId": connection_id, **query}
        return await self.client.get(f"{RESOURCES}/{kind}", params=params)

    async def fault(self, **fault: Any) -> None:
        transport = httpx.ASGITransport(app=self._provider)
        async with httpx.AsyncClient(transport=transport, base_url=DESK_URL) as client:
            (await client.put("/_sandbox/faults", json=[fault])).raise_for_status()

    def asked(self, path: str = "") -> list[httpx.Request]:
        """What came to the imitation since ``forget``."""
        return [one for one in self._requests if path in one.url.path]

    def forget(self) -> None:
        self._requests.clear()


def new_app() -> Any:
    return create_app(MemoryStore())
