"""Connectors are opened with the right address, signature and config."""

import httpx
import pytest
from pydantic import BaseModel, SecretStr

from src.connectors.base import Identity
from src.connectors.manager import ConnectorManager, Use
from src.connectors.manifest import AuthKind, AuthMethod
from src.connectors.registry import ConnectorRegistry, LoadedConnector
from src.connectors.rest.retry import Retrier
from src.core.errors import ConnectionNotReady, NotFound, ProviderUnavailable, ValidationFailed
from src.core.outbound import Outbound
from src.models.credential import Credential
from tests.fakes.clock import Sleeps
from tests.testing.shelf.connector import ShelfConnector

LOADED = LoadedConnector(ShelfConnector, b"<svg/>")
KEY = ShelfConnector.manifest.auth_methods[0]
METHODS = (
    KEY,
    AuthMethod(id="pair", kind=AuthKind.IMPORT, label="Pair", signs="basic"),
    AuthMethod(id="own", kind=AuthKind.OAUTH2, label="Own", signs="header", header="X-Key"),
    AuthMethod(id="second", kind=AuthKind.API_KEY, label="Second key"),
)


class Held:
    async def credential(self) -> Credential:
        return Credential(SecretStr("key"), SecretStr("secret"))

    async def renew(self) -> bool:
        return False


class Wire:
    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, json={"id": 7, "name": "librarian"})


@pytest.fixture
def wire() -> Wire:
    return Wire()


def manager(wire: Wire, addresses: dict[str, str] | None = None) -> ConnectorManager:
    return ConnectorManager(
        ConnectorRegistry({"shelf": LOADED}),
        Outbound(httpx.MockTransport(wire)),
        addresses or {},
        disabled=["other"],
        retrier=Retrier(sleep=Sleeps()),
        deadline=5,
    )


def use(method: AuthMethod = KEY, **config: object) -> Use:
    return Use(method=method, tokens=Held(), config=config)


async def test_the_manifests_address_is_used_unless_the_operator_set_one(wire: Wire) -> None:
    ours = manager(wire).address("shelf")
    assert (ours.url, ours.by_operator) == ("https://api.library.example", False)
    await manager(wire).open("shelf", use()).identify()
    assert str(wire.requests[0].url) == "https://api.library.example/me"


async def test_an_address_of_the_operator_may_be_private_and_below_a_path(wire: Wire) -> None:
    opened = manager(wire, {"shelf": "http://10.0.0.7:8080/library/"})
    assert opened.address("shelf").by_operator
    assert opened.address("shelf").origin == "http://10.0.0.7:8080"
    await opened.open("shelf", use()).identify()
    assert str(wire.requests[0].url) == "http://10.0.0.7:8080/library/me"


async def test_an_address_of_a_manifest_may_not_be_private(wire: Wire) -> None:
    private = ShelfConnector.manifest.model_copy(update={"api_url": "https://127.0.0.1"})
    kind = type("Private", (ShelfConnector,), {"manifest": private})
    inside = ConnectorManager(
        ConnectorRegistry({"shelf": LoadedConnector(kind, b"")}),
        Outbound(httpx.MockTransport(wire)),
        {},
        retrier=Retrier(sleep=Sleeps()),
        deadline=5,
    )
    with pytest.raises(ProviderUnavailable):
        await inside.open("shelf", use()).identify()
    assert wire.requests == []


@pytest.mark.parametrize(
    ("method", "header", "value"),
    [
        (METHODS[0], "authorization", "Bearer key"),
        (METHODS[1], "authorization", "Basic a2V5OnNlY3JldA=="),
        (METHODS[2], "x-key", "key"),
    ],
    ids=lambda value: getattr(value, "id", None),
)
async def test_the_method_decides_the_signature(
    wire: Wire, method: AuthMethod, header: str, value: str
) -> None:
    identity = await manager(wire).open("shelf", use(method)).identify()
    assert isinstance(identity, Identity)
    assert wire.requests[0].headers[header] == value


def test_a_connector_that_the_operator_switched_off_is_not_enabled(wire: Wire) -> None:
    assert manager(wire).is_enabled("shelf")
    assert not manager(wire).is_enabled("other")


def test_an_unknown_connector_is_not_found(wire: Wire) -> None:
    with pytest.raises(NotFound):
        manager(wire).open("nothing", use())
    with pytest.raises(NotFound):
        manager(wire).address("nothing")


def test_config_is_read_by_the_connectors_model(wire: Wire) -> None:
    opened = manager(wire).open("shelf", use())
    assert isinstance(opened.config, BaseModel)
    with pytest.raises(ConnectionNotReady, match="Connect again"):
        manager(wire).open("shelf", use(site="x"))


@pytest.mark.parametrize(
    ("name", "found"),
    [("key", "key"), ("import", "pair"), ("oauth2", "own"), ("second", "second"), ("pair", "pair")],
)
def test_an_auth_method_is_found_by_id_or_by_a_kind_that_is_the_only_one(
    wire: Wire, name: str, found: str
) -> None:
    assert manager(wire).auth_method(_several(), name).id == found


@pytest.mark.parametrize("name", ["apiKey", "", "basic", "KEY"])
def test_an_auth_method_that_is_not_there_or_not_clear_is_refused(wire: Wire, name: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        manager(wire).auth_method(_several(), name, "authMethod")
    (problem,) = caught.value.details["errors"]
    assert problem == {"field": "authMethod", "message": "must be one of: key, pair, own, second"}


def _several() -> LoadedConnector:
    several = ShelfConnector.manifest.model_copy(update={"auth_methods": METHODS})
    return LoadedConnector(type("Several", (ShelfConnector,), {"manifest": several}), b"")


def test_capabilities_are_what_the_class_can(wire: Wire) -> None:
    opened = manager(wire).open("shelf", use())
    assert opened.capabilities() == ("containers", "items", "comments", "resources", "tools")
