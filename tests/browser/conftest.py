"""A real server, a real Chromium, and somebody who listens to what the browser complains of.

Chromium is not from pip: ``CHROMIUM`` names it, or it is found on the PATH. Hence a target of its
own, ``make test-browser``; and its driver keeps an event loop running, which other tests' would
not stand.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.api.sites import APP, DROPINS
from tests.browser.places import SitesProvider, host_app, served
from tests.processes.conftest import SERVE, Server, Starter
from tests.secrecy import SECRETS

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_FLAGS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
)
_COMPLAINT = re.compile(r"content security policy|refused|blocked|deprecat|cookie", re.IGNORECASE)
PATIENCE_MS = 60_000


@pytest.fixture(scope="session")
def sites_provider() -> SitesProvider:
    return SitesProvider()


@pytest.fixture(scope="session")
def host_url() -> Iterator[str]:
    """Where the host application is."""
    with served(host_app()) as url:
        yield url


@pytest.fixture(scope="session")
def server(
    tmp_path_factory: pytest.TempPathFactory,
    mongo_url: str,
    database_name: str,
    host_url: str,
    sites_provider: SitesProvider,
) -> Iterator[Server]:
    """Our own command with two connectors: the imitation GitHub, and one that asks for a choice."""
    starter = Starter(tmp_path_factory.mktemp("browser"))
    with served(sites_provider.app) as sites_url:
        yield starter.start(
            program=SERVE,
            MONGODB_URL=mongo_url,
            MONGODB_DB=f"{database_name}_browser",
            LOG_JSON="true",
            RETURN_URL_ALLOWLIST=f'["{host_url}"]',
            CONNECTOR_PATHS=f'["{DROPINS}"]',
            CONNECTORS__SITES__API_URL=sites_url,
            CONNECTORS__SITES__AUTHORIZE_URL=f"{sites_url}/authorize",
            CONNECTORS__SITES__TOKEN_URL=f"{sites_url}/token",
            CONNECTORS__SITES__REVOKE_URL=f"{sites_url}/revoke",
            CONNECTORS__SITES__CLIENT_ID=APP["client_id"],
            CONNECTORS__SITES__CLIENT_SECRET=APP["client_secret"],
        )
        starter.stop()


@pytest.fixture(scope="session")
def chromium(server: Server) -> Iterator[Browser]:
    """One browser for all tests; each has its own cookies."""
    named = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    assert named, "No Chromium: install one (Debian: chromium), or name it in CHROMIUM."
    with sync_playwright() as playwright:
        is_root = hasattr(os, "geteuid") and os.geteuid() == 0
        browser = playwright.chromium.launch(
            executable_path=named, args=_FLAGS, chromium_sandbox=not is_root
        )
        yield browser
        browser.close()


@dataclass
class Visitor:
    """A person with a browser, and the host's backend that sent it."""

    context: BrowserContext
    page: Page
    server: Server
    tenant: str
    complaints: list[str] = field(default_factory=list)

    def made(self, **body: Any) -> str:
        """The address of a new connect session."""
        return str(self._call("POST", "/api/connect-sessions", json=body)["connectUrl"])

    def open(self, **body: Any) -> Page:
        """Go to the page of a new connect session."""
        self.page.goto(self.made(**body))
        return self.page

    def connection(self, connection_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self._call("GET", f"/api/connections/{connection_id}")
        return found

    def connections(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call("GET", "/api/connections")["items"]
        return found

    def _call(self, method: str, path: str, **how: Any) -> Any:
        headers = {"X-Tenant-Id": self.tenant}
        answer = httpx.request(method, self.server.url + path, headers=headers, timeout=60, **how)
        assert answer.is_success, answer.text
        SECRETS.note_body(answer.content)
        return answer.json()["data"]

    def listen(self, page: Page) -> None:
        """Note what the browser complains of on this page, and the secrets that it carries."""
        page.on("request", lambda sent: SECRETS.note_query(sent.url.partition("?")[2]))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)

    def _note(self, message: ConsoleMessage) -> None:
        # A status that is no success is told as an error, too, and is no complaint.
        if _COMPLAINT.search(message.text) or message.type == "warning":
            self.complaints.append(message.text)


NewVisitor = Callable[..., Visitor]


@pytest.fixture
def new_visitor(
    chromium: Browser, server: Server, request: pytest.FixtureRequest
) -> Iterator[NewVisitor]:
    """Visitors of one tenant for each test; at the end their browsers must have been content."""
    tenant = re.sub(r"\W", "-", request.node.name)[:60].strip("-")
    visitors: list[Visitor] = []

    def make(**options: Any) -> Visitor:
        context = chromium.new_context(locale="en", **options)
        context.set_default_timeout(PATIENCE_MS)
        visitor = Visitor(context, context.new_page(), server, tenant)
        context.on("page", visitor.listen)
        visitor.listen(visitor.page)
        visitors.append(visitor)
        return visitor

    yield make
    for visitor in visitors:
        SECRETS.note(*(cookie["value"] for cookie in visitor.context.cookies()))
        visitor.context.close()
    assert [text for visitor in visitors for text in visitor.complaints] == []


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    return new_visitor()
