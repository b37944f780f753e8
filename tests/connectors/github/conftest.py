"""The GitHub connector over the imitation GitHub, without a database."""

from collections.abc import Callable

import pytest

from src.connectors.github.connector import GitHubConnector
from src.connectors.manager import ConnectorManager, Use
from src.connectors.registry import ConnectorRegistry, load
from src.connectors.rest.retry import Retrier
from src.core.outbound import Outbound
from tests.conftest import GITHUB_URL, TOKEN, GitHub
from tests.fakes.clock import Sleeps
from tests.fakes.tokens import Held

HELLO = "repo:1296269"
NO_ISSUES = "repo:1296272"
ISSUE = "1296269:issue:42"
PULL = "1296269:pull:101"

Given = tuple[str, ...] | None


Open = Callable[..., GitHubConnector]


@pytest.fixture
def open_with(github: GitHub, sleeps: Sleeps) -> Open:
    """Return a function: the connector with this token, these granted scopes, this config."""
    loaded = load("github", "src.connectors.github.connector")
    manager = ConnectorManager(
        ConnectorRegistry({"github": loaded}),
        Outbound(github.network),
        {"github": GITHUB_URL},
        retrier=Retrier(sleep=sleeps),
        deadline=5,
    )

    def make(
        token: str = TOKEN, granted: Given = None, config: dict[str, str] | None = None
    ) -> GitHubConnector:
        method = loaded.manifest.auth_methods[0]
        use = Use(method=method, tokens=Held(token), config=config or {}, granted_scopes=granted)
        connector = manager.open("github", use)
        assert isinstance(connector, GitHubConnector)
        return connector

    return make


@pytest.fixture
def connector(open_with: Open) -> GitHubConnector:
    """The classic token, with the scopes that GitHub tells of it."""
    return open_with(granted=("read:org", "repo", "user"))
