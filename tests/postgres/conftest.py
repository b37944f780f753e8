"""One PostgreSQL for all tests of this folder, and the connector at work on it."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import SecretStr

from src.connectors.base import BrowsesItems
from src.connectors.manager import ConnectorManager, Use
from src.connectors.registry import ConnectorRegistry, LoadedConnector, load, module_of
from src.connectors.rest.retry import Retrier
from src.core.dialing import Locator
from src.core.outbound import Outbound
from src.models.credential import Credential
from src.testing.bench import Given
from tests.fakes.clock import Sleeps
from tests.fakes.network import Network
from tests.postgres.cluster import NAME, READER, READER_PASSWORD, ROOT, Cluster, role_script
from tests.secrecy import SECRETS

SCRIPT = Path(__file__).parent / "shop.sql"
COLUMNS = """
REVOKE SELECT ON customers FROM reader;
GRANT SELECT (id, name, email, updated_at) ON customers TO reader;
"""


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    SECRETS.note(READER_PASSWORD)
    made = Cluster()
    try:
        made.make()
        made.sql("CREATE DATABASE shop")
        made.sql("CREATE DATABASE hidden")
        made.sql("REVOKE CONNECT ON DATABASE hidden, postgres FROM PUBLIC")
        made.sql(SCRIPT.read_text(), "shop")
        made.sql(role_script("shop", "public"), "shop")
        made.sql(COLUMNS, "shop")
        yield made
    finally:
        made.remove()


@pytest.fixture(scope="session")
def loaded() -> LoadedConnector:
    return load("postgresql", module_of(ROOT / "examples" / "postgresql"))


Opener = Callable[..., Any]


@pytest.fixture
def open_reader(cluster: Cluster, loaded: LoadedConnector, sleeps: Sleeps) -> Opener:
    """The connector as the service opens it; its name leads to the server of the test."""

    async def lookup(name: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    def opened(
        config: Mapping[str, Any] | None = None,
        *,
        password: str = READER_PASSWORD,
        deadline: float = 20.0,
        **settings: str,
    ) -> BrowsesItems:
        manager = ConnectorManager(
            ConnectorRegistry({"postgresql": loaded}),
            Outbound(Network({})),
            {},
            retrier=Retrier(sleep=sleeps),
            deadline=deadline,
            locator=Locator(lookup, guarded=False),
        )
        use = Use(
            method=loaded.manifest.auth_methods[0],
            tokens=Given(Credential(SecretStr(password))),
            config={
                "host": NAME,
                "port": cluster.port,
                "database": "shop",
                "user": READER,
                "certificates": cluster.authority,
                **(config or {}),
            },
            settings=settings,
        )
        return cast("BrowsesItems", manager.open("postgresql", use))

    return opened


@pytest.fixture
def reader(open_reader: Opener) -> Any:
    return open_reader()
