"""A user's browser, as far as a client of HTTP can be one, and where it is sent."""

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.api.answers import data_of
from tests.api.oauth import HOST, Host
from tests.conftest import Service

AUTHORIZE = "/api/connectors/github/authorize"
SESSIONS = "/api/connect-sessions"


def browser_of(service: Service) -> httpx.AsyncClient:
    """A browser without any key, which keeps its cookies."""
    transport = httpx.ASGITransport(app=service.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


async def session(host: Host, **body: Any) -> dict[str, Any]:
    made: dict[str, Any] = data_of(await host.client.post(SESSIONS, json=body), 201)
    return made


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def told(answer: httpx.Response) -> dict[str, str]:
    """What the host's address was told."""
    assert answer.status_code == 303, answer.text
    return told_at(answer.headers["location"])


def told_at(url: str) -> dict[str, str]:
    location = urlsplit(url)
    assert f"{location.scheme}://{location.netloc}" == HOST
    return dict(parse_qsl(location.query))


def onward(answer: httpx.Response) -> str:
    """Where a page sends the browser by itself."""
    assert answer.status_code == 200, answer.text
    found = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', answer.text)
    assert found is not None
    return unescape(found[1])
