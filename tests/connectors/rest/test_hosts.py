"""Further addresses of one provider: known by name, moved all at once, and no other."""

import httpx
import pytest
from pydantic import BaseModel, ConfigDict

from src.connectors.manager import ConnectorManager
from src.connectors.manifest import Manifest, Site
from src.connectors.registry import ConnectorRegistry, LoadedConnector
from src.connectors.rest.authenticators import BearerAuthenticator
from src.connectors.rest.client import Address, Dialect, RestClient
from src.connectors.rest.retry import Retrier
from src.core.errors import UnreadableAnswer
from src.core.outbound import Outbound
from tests.connectors.rest.conftest import DIALECT, TOKEN, Call, Held, Provider
from tests.testing.shelf.connector import ShelfConnector

HOSTS = {"books": "https://books.test", "maps": "https://maps.test/v2"}


class Sited(BaseModel):
    """The configuration of those who have an installation of their own."""

    model_config = ConfigDict(extra="forbid")

    site: str


ANYTHING = httpx.Response(200, json={})


def client(*answers: httpx.Response) -> tuple[RestClient, Provider]:
    provider = Provider(list(answers or (ANYTHING,)))
    rest = RestClient(
        Outbound(httpx.MockTransport(provider)),
        Address("https://api.test", hosts=HOSTS),
        DIALECT,
        BearerAuthenticator(Held()),
        Retrier(),
        5.0,
    )
    return rest, provider


async def test_a_host_is_asked_by_its_name_with_the_same_credential() -> None:
    rest, provider = client()
    await rest.at("books").call("GET", "/shelf")
    await rest.at("maps").below("/tiles").call("GET", "/{name}", name="seven")
    await rest.call("GET", "/me")
    assert provider.urls == [
        "https://books.test/shelf",
        "https://maps.test/v2/tiles/seven",
        "https://api.test/me",
    ]
    assert {one.headers["authorization"] for one in provider.requests} == {f"Bearer {TOKEN}"}


async def test_a_strangers_host_gets_no_credential() -> None:
    rest, provider = client()
    for name in ("other", "", "https://evil.test"):
        with pytest.raises(ValueError, match="not one of the manifest's hosts"):
            rest.at(name)
    assert provider.requests == []


async def test_a_host_cannot_send_the_credential_to_another_of_them() -> None:
    away = httpx.Response(302, headers={"location": "https://maps.test/v2/x"})
    rest, provider = client(away)
    with pytest.raises(UnreadableAnswer):
        await rest.at("books").call("GET", "/shelf")
    assert provider.urls == ["https://books.test/shelf"]


async def test_headers_can_be_said_besides(over: Call) -> None:
    rest, provider = over(ANYTHING)
    await rest.saying({"X-Key": "1", "User-Agent": "other"}).call("GET", "/a")
    await rest.call("GET", "/a")
    assert [one.headers.get("x-key") for one in provider.requests] == ["1", None]
    assert [one.headers["user-agent"] for one in provider.requests] == ["other", "tests"]


async def test_a_body_may_be_anything(over: Call) -> None:
    rest, provider = over(ANYTHING)
    await rest.call("POST", "/a", content=b"\x00raw", headers={"Content-Type": "x/raw"})
    (sent,) = provider.requests
    assert sent.content == b"\x00raw"
    assert sent.headers["content-type"] == "x/raw"


async def test_a_name_may_come_several_times_in_a_query(over: Call) -> None:
    rest, provider = over(ANYTHING)
    await rest.call("GET", "/a", params={"part": ["one&two", "three"], "none": None, "b": "c"})
    assert provider.urls == ["https://api.test/v3/a?part=one%26two&part=three&b=c"]


def manifest(**more: object) -> Manifest:
    facts = {**dict(ShelfConnector.manifest), "hosts": HOSTS, **more}
    return Manifest.model_validate(facts)


def address(of: Manifest, addresses: dict[str, str], config: dict[str, str]) -> Address:
    class Connector(ShelfConnector):
        manifest = of

    manager = ConnectorManager(
        ConnectorRegistry({"shelf": LoadedConnector(Connector, b"<svg/>")}),
        Outbound(httpx.MockTransport(Provider([ANYTHING]))),
        addresses,
        retrier=Retrier(),
        deadline=5,
    )
    return manager.address("shelf", config)


def test_whoever_moves_the_provider_moves_all_of_it() -> None:
    usual = address(manifest(), {}, {})
    assert usual.hosts == HOSTS
    assert not usual.by_operator
    moved = address(manifest(), {"shelf": "http://mirror.internal"}, {})
    assert moved == Address(
        "http://mirror.internal", by_operator=True, hosts=dict.fromkeys(HOSTS, moved.url)
    )


def test_a_site_of_a_tenant_has_everything_at_its_own_address() -> None:
    def site_of(_: object) -> Site:
        return Site(api_url="https://shelf.acme.test")

    of = manifest(site=site_of, config_model=Sited)
    found = address(of, {"shelf": "http://mirror.internal"}, {"site": "acme"})
    assert {found.url, *found.hosts.values()} == {"https://shelf.acme.test"}
    assert not found.by_operator


@pytest.mark.parametrize(
    "hosts",
    [{"books": "http://books.test"}, {"books": "https://user@books.test"}, {"b": "https://b.test"},
     {"Books": "https://books.test"}, {"books": "https://books.test?x=1"}],
)  # fmt: skip
def test_a_host_is_a_plain_name_of_an_https_address(hosts: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="hosts"):
        manifest(hosts=hosts)


def test_names_may_begin_with_a_prefix_of_the_manifests() -> None:
    tool = ShelfConnector.manifest.tools[0]
    renamed = type(tool)("book_write_note", tool.description, tool.arguments, tool.run)
    assert manifest(tools=(renamed,), prefixes=("book",)).tool("book_write_note") is renamed
    with pytest.raises(ValueError, match="book_write_note must begin with shelf_ or page_"):
        manifest(tools=(renamed,), prefixes=("page",))


def test_a_dialect_is_not_changed_by_what_is_said_once() -> None:
    dialect = Dialect(headers={"A": "1"})
    rest = RestClient(
        Outbound(httpx.MockTransport(Provider([ANYTHING]))),
        Address("https://api.test"),
        dialect,
        BearerAuthenticator(Held()),
        Retrier(),
        5.0,
    )
    rest.saying({"A": "2"})
    assert dict(dialect.headers) == {"A": "1"}
