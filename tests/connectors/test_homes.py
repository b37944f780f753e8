"""An account's own host, which comes with its token: only the provider's hosts get a credential."""

import re
from typing import Literal

import httpx
import pytest
from pydantic import ConfigDict, SecretStr, ValidationError

from src.connectors.homes import Home
from src.connectors.manager import ConnectorManager, Use
from src.connectors.manifest import AuthKind, AuthMethod
from src.connectors.registry import ConnectorRegistry, LoadedConnector
from src.connectors.rest.retry import Retrier
from src.core.errors import UnreadableAnswer, ValidationFailed
from src.core.outbound import Outbound
from src.models.base import Model
from src.models.credential import Credential
from src.services.homes import at_home
from tests.fakes.clock import Sleeps
from tests.testing.shelf.connector import ShelfConnector

HOME = Home(
    field="branchUrl",
    hosts=re.compile(r"[a-z0-9-]+\.library\.example"),
    such_as="https://kiel.library.example",
    told_as="branch_url",
)
TYPED = Home(field="branchUrl", hosts=HOME.hosts, such_as=HOME.such_as)
KIEL = "https://kiel.library.example"


class Branch(Model):
    model_config = ConfigDict(extra="forbid")

    branch_url: str | None = None


def method(home: Home | None = HOME) -> AuthMethod:
    return AuthMethod(id="key", kind=AuthKind.API_KEY, label="Key", home=home)


def loaded() -> LoadedConnector:
    manifest = ShelfConnector.manifest.model_copy(
        update={"auth_methods": (method(),), "config_model": Branch}
    )
    return LoadedConnector(type("Branches", (ShelfConnector,), {"manifest": manifest}), b"")


class Held:
    async def credential(self) -> Credential:
        return Credential(SecretStr("key"))

    async def renew(self) -> bool:
        return False


def manager(
    asked: list[str],
    addresses: dict[str, str] | None = None,
    imitations: dict[str, str] | None = None,
) -> ConnectorManager:
    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json={"id": 7, "name": "librarian"})

    return ConnectorManager(
        ConnectorRegistry({"shelf": loaded()}),
        Outbound(httpx.MockTransport(answer)),
        addresses or {},
        retrier=Retrier(sleep=Sleeps()),
        deadline=5,
        imitations=imitations,
    )


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (KIEL, KIEL),
        ("https://KIEL.Library.Example", KIEL),
        (f" {KIEL}/ ", KIEL),
        ("http://kiel.library.example", None),
        ("https://library.example", None),
        ("https://kiel.library.example.evil.example", None),
        ("https://evil.example/kiel.library.example", None),
        ("https://evil.example?.library.example", None),
        ("https://evil.example#.library.example", None),
        ("https://kiel.library.example@evil.example", None),
        ("https://kiel.library.example:8443", None),
        ("https://kiel.library.example/elsewhere", None),
        ("https://127.0.0.1", None),
        ("https://[::1]", None),
        ("https://kiel.library.example\n", KIEL),
        ("https://kiel.library.example\n.evil.example", None),
        ("https://\N{CYRILLIC SMALL LETTER KA}iel.library.example", None),
        ("kiel.library.example", None),
        ("", None),
    ],
)
def test_only_an_origin_at_a_host_of_the_provider_is_one(text: str, address: str | None) -> None:
    if address is not None:
        assert HOME.address(text) == address
        return
    with pytest.raises(ValueError, match="such as https://kiel"):
        HOME.address(text)


async def test_the_credential_goes_to_the_account_and_not_to_the_manifest() -> None:
    asked: list[str] = []
    use = Use(method=method(), tokens=Held(), config={"branchUrl": KIEL})
    opened = manager(asked)
    assert opened.address("shelf", use.config, use.method).by_operator is False
    await opened.open("shelf", use).identify()
    assert asked == [f"{KIEL}/me"]


def test_an_address_that_was_stored_is_checked_each_time() -> None:
    with pytest.raises(ValidationFailed) as refused:
        manager([]).address("shelf", {"branchUrl": "https://evil.example"}, method())
    assert refused.value.details["errors"][0]["field"] == "config.branchUrl"


@pytest.mark.parametrize("config", [None, {}, {"branchUrl": None}])
def test_without_one_the_provider_is_where_it_was(config: dict[str, str] | None) -> None:
    assert manager([]).address("shelf", config, method()).url == "https://api.library.example"


def test_the_operator_and_the_sandbox_move_it_with_all_the_rest() -> None:
    config = {"branchUrl": KIEL}
    moved = manager([], {"shelf": "http://10.0.0.7"}).address("shelf", config, method())
    assert (moved.url, moved.by_operator) == ("http://10.0.0.7", True)
    base = "http://localhost:8000/sandbox/shelf"
    imitated = manager([], {"shelf": base}, {"shelf": f"{base}/_sites"})
    found = imitated.address("shelf", config, method())
    assert (found.url, found.by_operator) == (f"{base}/_sites/kiel.library.example", True)


def test_one_that_is_typed_is_required_and_one_that_is_told_is_not() -> None:
    assert method(TYPED).required_config == ("branchUrl",)
    assert method(HOME).required_config == ()


def test_the_configuration_must_know_its_field() -> None:
    manifest = ShelfConnector.manifest
    with pytest.raises(ValidationError, match=r"asks for config\.branchUrl"):
        type(manifest).model_validate({**dict(manifest), "auth_methods": (method(),)})


def test_a_told_address_that_the_configuration_refuses_is_none_of_the_providers() -> None:
    class Kiel(Branch):
        branch_url: Literal["https://kiel.library.example"] | None = None

    manifest = ShelfConnector.manifest.model_copy(update={"config_model": Kiel})
    shelf = LoadedConnector(type("Branches", (ShelfConnector,), {"manifest": manifest}), b"")
    assert at_home(shelf, method(), {}, {"branch_url": KIEL}) == {"branchUrl": KIEL}
    with pytest.raises(UnreadableAnswer) as refused:
        at_home(shelf, method(), {}, {"branch_url": "https://bonn.library.example"})
    assert "bonn" not in str(refused.value.details)
