"""The GitHub connector over the imitation GitHub, without a database."""

from collections.abc import Callable

import pytest
from pydantic import SecretStr

from src.connectors.github.connector import GitHubConnector
from src.connectors.manager import ConnectorManager, Use
from src.connectors.registry import ConnectorRegistry, load
from src.connectors.rest.retry import Retrier
from src.core.outbound import Outbound
from src.models.credential import Credential
from tests.conftest import GITHUB_URL, TOKEN, GitHub
from tests.fakes.clock import Sleeps

HELLO = "repo:1296269"
NO_ISSUES = "repo:1296272"
ISSUE = "1296269:issue:42"
PULL = "1296269:pull:101"

Given = tuple[str, ...] | None


class Held:
    def __init__(self, token: str) -> None:
        self._credential = Credential(SecretStr(token))

    async def credential(self) -> Credential:
        return self._credential

    async def renew(self) -> bool:
        return False


Open = Callable[..., GitHubConnector]


@pytest.fixture
def open_with(github: GitHub, sleeps: Sleeps) -> Open:
    """Return a function: the connector with this token and these granted scopes."""
    loaded = load("github", "src.connectors.github.connector")
    manager = ConnectorManager(
        ConnectorRegistry({"github": loaded}),
        Outbound(github.network),
        {"github": GITHUB_URL},
        retrier=Retrier(sleep=sleeps),
        deadline=5,
    )

    def make(token: str = TOKEN, granted: Given = None) -> GitHubConnector:
        method = loaded.manifest.auth_methods[0]
        use = Use(method=method, tokens=Held(token), config={}, granted_scopes=granted)
        connector = manager.open("github", use)
        assert isinstance(connector, GitHubConnector)
        return connector

    return make


@pytest.fixture
def connector(open_with: Open) -> GitHubConnector:
    """The classic token, with the scopes that GitHub tells of it."""
    return open_with(granted=("read:org", "repo", "user"))
