"""The imitation Jira as its callers see it."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from src.sandbox.atlassian.people import ACME
from src.sandbox.jira.app import create_app
from src.sandbox.kit import MemoryStore

API = f"/ex/jira/{ACME.id}/rest/api/3"
MIA = "Bearer eyJ-sandbox-mia"
BEN = "Bearer eyJ-sandbox-ben"
READER = "Bearer eyJ-sandbox-mia-reader"
SITE = httpx.BasicAuth("mia@example.com", "ATATT-sandbox-mia")
SCOPED = httpx.BasicAuth("mia@example.com", "ATSTT-sandbox-mia")
PAT = "Bearer PAT-sandbox-mia"

Connect = Callable[..., httpx.AsyncClient]


@pytest.fixture
def connect() -> Connect:
    """Return a function: a client with this credential, of one imitation for the whole test."""
    apps: dict[str, Any] = {}

    def make(authorization: Any = MIA, **settings: Any) -> httpx.AsyncClient:
        app = apps.setdefault(str(settings), create_app(MemoryStore(), **settings))
        is_text = isinstance(authorization, str)
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(app),
            base_url="http://jira.sandbox",
            headers={"authorization": authorization} if is_text else {},
            auth=None if is_text or authorization is None else authorization,
        )

    return make


@pytest.fixture
def mia(connect: Connect) -> httpx.AsyncClient:
    return connect()


async def search(client: httpx.AsyncClient, jql: str, **params: Any) -> httpx.Response:
    asked = {"jql": jql, "fields": "summary", "maxResults": "100", **params}
    return await client.get(f"{API}/search/jql", params=asked)


async def keys(client: httpx.AsyncClient, jql: str) -> list[str]:
    answer = (await search(client, jql)).raise_for_status().json()
    return [issue["key"] for issue in answer["issues"]]


def messages(answer: httpx.Response, status: int) -> list[str]:
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"errorMessages", "errors"}
    said: list[str] = body["errorMessages"]
    return said
