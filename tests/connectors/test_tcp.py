"""What a connector that speaks no HTTP is handed, and what becomes of its driver's errors."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from src.connectors.base import BaseConnector, Identity
from src.connectors.manager import ConnectorManager, Use
from src.connectors.manifest import AuthKind, AuthMethod, Manifest, Site
from src.connectors.registry import ConnectorRegistry, LoadedConnector
from src.connectors.rest.client import RestClient
from src.connectors.rest.errors import Refusal, Verdict
from src.connectors.rest.retry import Retrier
from src.connectors.tcp import Access, Driver, Tls
from src.core.dialing import Locator
from src.core.errors import (
    AppError,
    CredentialRefused,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
    UnreadableAnswer,
    ValidationFailed,
)
from src.core.lines import MOST_NEW_LINES
from src.core.outbound import Outbound
from src.models.base import Model
from src.models.connection import Account
from src.models.credential import Credential
from tests.fakes.clock import Sleeps
from tests.fakes.network import Network

PUBLIC, OTHER = "93.184.215.14", "93.184.215.15"
PASSWORD = "password-of-the-line"


class DriverError(Exception):
    """What the library of the test raises."""


class Wires(Driver[str]):
    """A driver without wires: what it is to do is written on it, and what it did as well."""

    def __init__(self, *outcomes: Exception | None, verdict: Verdict = Verdict.OUTAGE) -> None:
        self._outcomes = list(outcomes)
        self._verdict = verdict
        self.dialled: list[Access] = []
        self.ended: list[str] = []

    async def dial(self, access: Access) -> str:
        self.dialled.append(access)
        outcome = self._outcomes.pop(0) if self._outcomes else None
        if outcome is not None:
            raise outcome
        return f"line {len(self.dialled)}"

    async def hang_up(self, line: str) -> None:
        self.ended.append(f"hung up {line}")

    def cut(self, line: str) -> None:
        self.ended.append(f"cut {line}")

    def classify(self, error: Exception) -> Refusal | None:
        is_own = isinstance(error, DriverError)
        return Refusal(self._verdict, reason="E1") if is_own else None

    def sentence_of(self, error: Exception) -> str | None:
        return str(error)

    def imitate(self, _: RestClient) -> str:
        return "the imitation"


class Config(Model):
    address: str = "tcp://db.example.com:7001"


class LineConnector(BaseConnector):
    manifest = Manifest(
        id="line",
        version="1.0.0",
        name="Line",
        description="A line.",
        category="other",
        docs_url="https://line.example/docs",
        transport="tcp",
        api_url="tcp://line.example:7000",
        auth_methods=(
            AuthMethod(id="key", kind=AuthKind.API_KEY, label="Key", at_once=2),
            AuthMethod(
                id="moved",
                kind=AuthKind.API_KEY,
                label="Elsewhere",
                site=lambda config: Site(api_url=config.address),
            ),
        ),
        config_model=Config,
    )

    async def identify(self) -> Identity:
        return Identity(Account(id="1", name="one"))


class Counting(Outbound):
    """A door where somebody hears how calls went."""

    def __init__(self) -> None:
        super().__init__(Network({}))
        self.heard: list[str] = []

    def count(self, outcome: str) -> None:
        self.heard.append(outcome)


class Tokens:
    """A credential, and perhaps a newer one."""

    def __init__(self, *newer: str) -> None:
        self._held = [PASSWORD, *newer]

    async def credential(self) -> Credential:
        return Credential(SecretStr(self._held[0]))

    async def renew(self) -> bool:
        if len(self._held) > 1:
            del self._held[0]
            return True
        return False


Opener = Callable[..., BaseConnector]


@pytest.fixture
def opened(sleeps: Sleeps) -> Opener:
    def made(
        *addresses: str,
        tokens: Tokens | None = None,
        by_operator: str | None = None,
        guarded: bool = True,
        deadline: float = 5.0,
        config: dict[str, str] | None = None,
        door: Outbound | None = None,
        owner: str | None = "con_1",
    ) -> BaseConnector:
        async def lookup(name: str, port: int) -> list[str]:
            return list(addresses or (PUBLIC,))

        manager = ConnectorManager(
            ConnectorRegistry({"line": LoadedConnector(LineConnector, b"<svg/>")}),
            door or Outbound(Network({})),
            {} if by_operator is None else {"line": by_operator},
            retrier=Retrier(sleep=sleeps),
            deadline=deadline,
            locator=Locator(lookup, guarded=guarded),
        )
        method = LineConnector.manifest.auth_methods[0 if config is None else 1]
        use = Use(method=method, tokens=tokens or Tokens(), config=config or {}, owner=owner)
        return manager.open("line", use)

    return made


async def echo(line: str) -> str:
    return line


async def test_a_driver_gets_an_address_a_name_to_verify_and_a_credential(opened: Opener) -> None:
    driver = Wires()
    assert await opened().tcp.run(driver, echo) == "line 1"
    (access,) = driver.dialled
    assert (access.host, access.port) == (PUBLIC, 7000)
    assert access.tls is not None
    assert access.tls.name == "line.example"
    assert access.credential.access_token.get_secret_value() == PASSWORD
    assert PASSWORD not in repr(access)
    assert driver.ended == ["hung up line 1"]


def test_it_has_no_rest_client(opened: Opener) -> None:
    connector = opened()
    assert not hasattr(connector, "rest")
    assert connector.rate_limit is None


async def test_the_next_address_is_tried_where_nobody_answers(opened: Opener) -> None:
    driver = Wires(ConnectionRefusedError("('93.184.215.14', 7000)"))
    assert await opened(PUBLIC, OTHER).tcp.run(driver, echo) == "line 2"
    assert [access.host for access in driver.dialled] == [PUBLIC, OTHER]


async def test_no_other_address_is_tried_after_a_refusal(opened: Opener) -> None:
    driver = Wires(DriverError("no"), verdict=Verdict.BAD_KEY)
    with pytest.raises(CredentialRefused):
        await opened(PUBLIC, OTHER).tcp.run(driver, echo, repeatable=True)
    assert len(driver.dialled) == 1


@pytest.mark.parametrize("addresses", [["10.0.0.1"], [PUBLIC, "::1"]], ids=["private", "one of"])
async def test_nobody_is_called_in_a_private_network(opened: Opener, addresses: list[str]) -> None:
    driver = Wires()
    with pytest.raises(ProviderUnavailable, match="address is not allowed"):
        await opened(*addresses).tcp.run(driver, echo)
    assert driver.dialled == []


async def test_an_address_of_the_operator_may_be_private_and_in_the_clear(opened: Opener) -> None:
    driver = Wires()
    connector = opened("10.0.0.1", by_operator="tcp://db.internal:22")
    await connector.tcp.run(driver, echo, tls=Tls(off=True))
    assert (driver.dialled[0].host, driver.dialled[0].port) == ("10.0.0.1", 22)
    assert driver.dialled[0].tls is None


async def test_tenants_do_not_connect_in_the_clear(opened: Opener) -> None:
    driver = Wires()
    with pytest.raises(ProviderUnavailable, match="address is not allowed") as refused:
        await opened().tcp.run(driver, echo, tls=Tls(off=True))
    assert refused.value.details["reason"] == "only addresses with TLS are allowed"
    assert driver.dialled == []


@pytest.mark.parametrize("bounded", [True, False])
async def test_allowed_hosts_are_called_in_the_clear_by_drivers_that_are_bounded(
    opened: Opener, bounded: bool
) -> None:
    """ALLOW_PRIVATE_PROVIDER_HOSTS lets every tenant name such a host, and flood us from it."""
    driver = Wires()
    driver.bounded = bounded  # type: ignore[misc]  a class has one or the other
    tcp = opened("10.0.0.1", guarded=False).tcp
    if bounded:
        assert await tcp.run(driver, echo, tls=Tls(off=True)) == "line 1"
        return
    with pytest.raises(ProviderUnavailable, match="address is not allowed"):
        await tcp.run(driver, echo, tls=Tls(off=True))
    assert driver.dialled == []


async def test_the_site_of_a_configuration_is_where_it_is_called(opened: Opener) -> None:
    driver = Wires()
    connector = opened(config={"address": "tcp://db.example.com:7001"})
    await connector.tcp.run(driver, echo)
    assert driver.dialled[0].port == 7001
    assert driver.dialled[0].tls is not None
    assert driver.dialled[0].tls.name == "db.example.com"


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Verdict.OUTAGE, ProviderUnavailable),
        (Verdict.LIMITED, RateLimited),
        (Verdict.NONSENSE, UnreadableAnswer),
        (Verdict.TIMEOUT, ProviderTimeout),
    ],
)
async def test_errors_of_the_driver_become_ours_without_secrets(
    opened: Opener, verdict: Verdict, expected: type[AppError]
) -> None:
    async def work(line: str) -> None:
        raise DriverError(f"cannot log in as admin with {PASSWORD}")

    driver = Wires(verdict=verdict)
    with pytest.raises(expected) as raised:
        await opened().tcp.run(driver, work)
    details = raised.value.details
    assert details["at"] == "provider"
    assert details["reason"] == "E1"
    assert details["message"] == "cannot log in as admin with ***"
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__
    assert set(driver.ended) == {f"cut line {n + 1}" for n in range(len(driver.dialled))}


async def test_a_bug_of_the_connector_stays_one(opened: Opener) -> None:
    async def work(line: str) -> None:
        raise KeyError(line)

    driver = Wires()
    with pytest.raises(KeyError):
        await opened().tcp.run(driver, work, repeatable=True)
    assert driver.ended == ["cut line 1"]


@pytest.mark.parametrize(("repeatable", "times"), [(True, 3), (False, 1)])
async def test_an_outage_is_tried_again_where_that_is_harmless(
    opened: Opener, repeatable: bool, times: int
) -> None:
    async def work(line: str) -> None:
        raise ConnectionResetError("gone: 93.184.215.14")

    driver = Wires()
    with pytest.raises(ProviderUnavailable) as raised:
        await opened().tcp.run(driver, work, repeatable=repeatable)
    assert PUBLIC not in str(raised.value.details)
    assert len(driver.dialled) == times


async def test_a_call_that_takes_too_long_is_cut(opened: Opener) -> None:
    async def work(line: str) -> None:
        await asyncio.Event().wait()

    driver = Wires()
    with pytest.raises(ProviderTimeout):
        await opened(deadline=0.01).tcp.run(driver, work)
    assert driver.ended == ["cut line 1"]


async def test_a_line_is_cut_that_its_driver_does_not_let_go(opened: Opener) -> None:
    """A driver that is cancelled may wait for a server that is not there any more."""

    class Polite(Wires):
        def __init__(self) -> None:
            super().__init__()
            self.gone = asyncio.Event()

        def cut(self, line: str) -> None:
            super().cut(line)
            self.gone.set()

        async def ask(self, _: str) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                await self.gone.wait()
                raise DriverError("no goodbye")

    driver = Polite()
    with pytest.raises(ProviderTimeout):
        await opened(deadline=0.01).tcp.run(driver, driver.ask)
    assert driver.ended == ["cut line 1"]


async def test_how_calls_went_is_heard(opened: Opener) -> None:
    door = Counting()
    tcp = opened(door=door).tcp
    await tcp.run(Wires(), echo)
    for error, verdict in (
        (ConnectionRefusedError(), Verdict.OUTAGE),
        (DriverError(), Verdict.BAD_KEY),
        (DriverError(), Verdict.TIMEOUT),
    ):
        with pytest.raises(AppError):
            await tcp.run(Wires(error, verdict=verdict), echo)
    assert door.heard == ["ok", "unreachable", "refused", "timeout"]


async def test_whoever_is_cancelled_leaves_no_line_behind(opened: Opener) -> None:
    working = asyncio.Event()

    async def work(line: str) -> None:
        working.set()
        await asyncio.Event().wait()

    driver = Wires()
    task = asyncio.ensure_future(opened().tcp.run(driver, work))
    await working.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert driver.ended == ["cut line 1"]


async def test_a_failed_goodbye_takes_no_answer_away(opened: Opener) -> None:
    class Rude(Wires):
        async def hang_up(self, _: str) -> None:
            raise ConnectionResetError

    driver = Rude()
    assert await opened().tcp.run(driver, echo) == "line 1"
    assert driver.ended == ["cut line 1"]


async def test_a_stale_credential_is_renewed_once(opened: Opener) -> None:
    refusals = (DriverError("expired"), DriverError("expired"))
    driver = Wires(refusals[0], verdict=Verdict.STALE)
    assert await opened(tokens=Tokens("newer")).tcp.run(driver, echo) == "line 2"
    held = [access.credential.access_token.get_secret_value() for access in driver.dialled]
    assert held == [PASSWORD, "newer"]

    with pytest.raises(CredentialRefused):
        await opened(tokens=Tokens("newer")).tcp.run(Wires(*refusals, verdict=Verdict.STALE), echo)


async def test_lines_of_one_connection_are_bounded(opened: Opener) -> None:
    connector, open_lines, most = opened(), 0, 0
    both, go = asyncio.Event(), asyncio.Event()

    async def work(line: str) -> None:
        nonlocal open_lines, most
        open_lines += 1
        most = max(most, open_lines)
        if open_lines == 2:
            both.set()
        await go.wait()
        open_lines -= 1

    driver = Wires()
    tasks = [asyncio.ensure_future(connector.tcp.run(driver, work)) for _ in range(5)]
    await both.wait()
    go.set()
    await asyncio.gather(*tasks)
    assert (most, len(driver.dialled)) == (2, 5)


async def test_lines_of_all_connections_are_bounded(opened: Opener) -> None:
    """Also of those that have no id yet, whose lines nothing else counts."""
    most_new = asyncio.Event()
    go = asyncio.Event()
    open_lines = 0

    async def work(line: str) -> None:
        nonlocal open_lines
        open_lines += 1
        if open_lines == MOST_NEW_LINES:
            most_new.set()
        await go.wait()

    connector, driver = opened(owner=None), Wires()
    tasks = [
        asyncio.ensure_future(connector.tcp.run(driver, work)) for _ in range(MOST_NEW_LINES + 3)
    ]
    await most_new.wait()
    for _ in range(20):
        await asyncio.sleep(0)
    assert len(driver.dialled) == MOST_NEW_LINES
    go.set()
    await asyncio.gather(*tasks)


async def test_an_imitation_is_asked_in_place_of_the_driver(opened: Opener) -> None:
    driver = Wires()
    connector = opened(by_operator="http://line.sandbox")
    assert await connector.tcp.run(driver, echo, tls=Tls(off=True)) == "the imitation"
    assert driver.dialled == []
    assert not hasattr(connector, "rest")


def manifest(**changes: Any) -> Manifest:
    return Manifest(**{**dict(LineConnector.manifest), **changes})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"api_url": "https://line.example"}, "go together"),
        ({"transport": "http"}, "go together"),
        ({"api_url": "tcp://line.example"}, "go together"),
        ({"api_url": "tcp://user@line.example:7000"}, "go together"),
        ({"hosts": {"other": "https://other.example"}}, "has no OAuth, hosts"),
        ({"transport": "udp"}, "Input should be"),
    ],
)
def test_a_manifest_of_two_minds_is_refused(changes: dict[str, Any], reason: str) -> None:
    assert manifest().transport == "tcp"
    with pytest.raises(ValueError, match=reason):
        manifest(**changes)


@pytest.mark.parametrize(
    "address",
    [
        "https://db.example.com",
        "tcp://db.example.com",
        "tcp://user:word@db.example.com:7000",
        "tcp://db.example.com:7000/path",
        "tcp://:7000",
        "tcp://db.example.com:0",
    ],
)
def test_a_site_must_be_a_host_and_a_port(opened: Opener, address: str) -> None:
    with pytest.raises(ValidationFailed, match="does not lead to a tcp address"):
        opened(config={"address": address})
