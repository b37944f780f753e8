"""The account, the hosts, and what a grant of some products can do."""

import httpx
import pytest

from src.connectors.google import scopes
from src.connectors.google.connector import GoogleConnector
from src.connectors.google.manifest import MANIFEST
from src.connectors.manager import ConnectorManager, Use
from src.connectors.registry import ConnectorRegistry, load
from src.connectors.rest.retry import Retrier
from src.core.errors import CredentialRefused, InsufficientScope, ValidationFailed
from src.core.outbound import Outbound
from src.models.query import CommentQuery, ContainerQuery, ItemQuery, OneItemQuery
from tests.connectors.google.conftest import Google, Open
from tests.fakes.tokens import Held

ROOT = "drive:folder:0AAnnRootFolder0000PVA"


async def test_the_account_is_known_by_its_number_and_named_by_its_address(
    connector: GoogleConnector, google: Google
) -> None:
    identity = await connector.identify()
    assert identity.account.id == "109876543210987654321"
    assert identity.account.name == "ann@example.com"
    assert identity.account.avatar_url is not None
    assert identity.granted_scopes is None  # the token's answer tells them
    assert google.asked == ["GET /v1/userinfo"]


async def test_an_unknown_token_is_refused(open_with: Open) -> None:
    with pytest.raises(CredentialRefused):
        await open_with("ya29.unknown").identify()


async def test_a_product_that_the_grant_does_not_cover_is_left_out(
    open_with: Open, google: Google
) -> None:
    connector = open_with(granted=(*scopes.IDENTITY, scopes.DRIVE_READ))
    page = await connector.containers(ContainerQuery(limit=100))
    found = [*page.items]
    truncated = page.truncated
    while page.next_token is not None:
        page = await connector.containers(ContainerQuery(limit=100, token=page.next_token))
        found += page.items
        truncated = truncated or page.truncated
    assert {one.id.partition(":")[0] for one in found} == {"drive"}
    assert truncated
    assert all("/drive/v3/" in path for path in google.asked)


async def test_a_grant_of_mail_alone_opens_no_files(open_with: Open, google: Google) -> None:
    connector = open_with("ya29.sandbox-ann-gmail", (*scopes.IDENTITY, scopes.GMAIL_READ))
    for refused in (
        lambda: connector.items(ItemQuery(container_id=ROOT)),
        lambda: connector.item(OneItemQuery(item_id="drive:file:1RoadmapDocument000000000000")),
        lambda: connector.comments(CommentQuery(item_id="drive:file:1Roadmap00000")),
        lambda: connector.containers(ContainerQuery(parent_id=ROOT)),
        lambda: connector.containers(ContainerQuery(type="shared_drive")),
    ):
        with pytest.raises(InsufficientScope) as caught:
            await refused()
        assert caught.value.details["missingScopes"] == [scopes.DRIVE_READ]
    assert google.asked == []


async def test_a_grant_of_nothing_is_told_what_it_lacks(open_with: Open, google: Google) -> None:
    connector = open_with(granted=scopes.IDENTITY)
    with pytest.raises(InsufficientScope) as caught:
        await connector.containers(ContainerQuery())
    assert scopes.DRIVE_READ in caught.value.details["missingScopes"]
    assert google.asked == []


async def test_a_scope_that_only_google_misses_is_named_by_it(open_with: Open) -> None:
    """An imported token does not tell its scopes."""
    connector = open_with("ya29.sandbox-ann-silent")
    with pytest.raises(InsufficientScope) as caught:
        await connector.items(ItemQuery(container_id=ROOT))
    (missing,) = caught.value.details["missingScopes"]
    assert missing.endswith(".readonly")


@pytest.mark.parametrize("value", ["", "1AbC", "dropbox:1", "drive", "gmail", ":"])
async def test_ids_of_no_product_are_refused(connector: GoogleConnector, value: str) -> None:
    for refused in (
        lambda: connector.items(ItemQuery(container_id=value)),
        lambda: connector.item(OneItemQuery(item_id=value)),
        lambda: connector.comments(CommentQuery(item_id=value)),
    ):
        with pytest.raises(ValidationFailed):
            await refused()


class Everywhere(httpx.AsyncBaseTransport):
    """Remembers which hosts were asked."""

    def __init__(self) -> None:
        self.hosts: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.hosts.append(str(request.url.copy_with(path="/", query=None)))
        body = {"sub": "1", "range": "A1", "files": []}
        return httpx.Response(200, json=body)


@pytest.mark.parametrize(
    ("addresses", "hosts"),
    [
        (
            {},
            [
                "https://openidconnect.googleapis.com/",
                "https://www.googleapis.com/",
                "https://sheets.googleapis.com/",
            ],
        ),
        ({"google": "http://mirror.internal:8080"}, ["http://mirror.internal:8080/"] * 3),
    ],
    ids=["as they are", "moved by the operator"],
)
async def test_each_product_is_asked_at_its_host_and_the_operator_moves_them_all(
    addresses: dict[str, str], hosts: list[str]
) -> None:
    everywhere = Everywhere()
    manager = ConnectorManager(
        ConnectorRegistry({"google": load("google", "src.connectors.google.connector")}),
        Outbound(everywhere),
        addresses,
        retrier=Retrier(),
        deadline=5,
    )
    use = Use(method=MANIFEST.auth_methods[0], tokens=Held("ya29.any"), config={})
    connector = manager.open("google", use)
    assert isinstance(connector, GoogleConnector)
    await connector.identify()
    await connector.items(ItemQuery(container_id=ROOT))
    tool = MANIFEST.tool("sheets_read_range")
    assert tool is not None
    await tool.run(connector, tool.arguments(spreadsheet="1BudgetSpreadsheet"))
    assert everywhere.hosts == hosts
