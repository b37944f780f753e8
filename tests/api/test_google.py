"""Google over HTTP: grants that grow, refresh tokens that stay, and the ways in which they end."""

import pytest

from src.connectors.google import scopes
from src.db.client import Mongo
from src.sandbox.google.oauth import APP, TESTING_APP
from tests.api.answers import data_of, error_of, items_of
from tests.api.google import OWN_CALLBACK, START, GoogleHost, asked, google_host
from tests.conftest import GitHub, StartService

ANN = "109876543210987654321"
BUDGET = "drive:file:1BudgetSpreadsheet0000000000"
ROOT = "drive:folder:0AAnnRootFolder0000PVA"
GLOBEX = {"X-Tenant-Id": "globex"}


@pytest.fixture
async def google(start: StartService, github: GitHub) -> GoogleHost:
    return await google_host(start, github.network)


async def test_the_user_is_sent_with_what_google_asks_for(google: GoogleHost) -> None:
    params = asked(await google.start())
    assert params["client_id"] == APP.client_id
    assert params["access_type"] == "offline"
    assert params["prompt"] == "consent"
    assert params["code_challenge_method"] == "S256"
    assert {"openid", "email", "profile", scopes.DRIVE_READ} <= {*params["scope"].split()}
    # What this user has granted for others is no business of a new connection.
    assert "include_granted_scopes" not in params
    assert "login_hint" not in params


async def test_tools_ask_for_exactly_their_scopes(google: GoogleHost) -> None:
    params = asked(await google.start(tools=["sheets_append_rows", "drive_create_file"]))
    wanted = {*scopes.IDENTITY, scopes.SHEETS, scopes.DRIVE_FILE}
    assert {*params["scope"].split()} == wanted


async def test_an_account_is_connected_and_browsed(google: GoogleHost) -> None:
    connected = await google.connect()
    assert connected["status"] == "connected"
    assert connected["account"]["id"] == ANN
    assert connected["account"]["name"] == "ann@example.com"
    assert connected["missingScopes"] == []
    connection_id = connected["connectionId"]
    tops = items_of(await google.ask("containers", connection_id))
    assert tops[0]["name"] == "My Drive"
    files = items_of(await google.ask("items", connection_id, containerId=ROOT, type="document"))
    assert "Roadmap" in {one["title"] for one in files}
    said = items_of(await google.ask("comments", connection_id, itemId=files[0]["id"], limit="2"))
    assert [one["body"] for one in said] == ["Comment 0", "Answer 0 ☂"]
    token = data_of(await google.client.get(f"/api/connections/{connection_id}/token"))
    assert token["hasRefreshToken"]


async def test_another_tenant_does_not_reach_it(google: GoogleHost) -> None:
    connection_id = (await google.connect())["connectionId"]
    google.client.headers.update(GLOBEX)
    error_of(await google.ask("containers", connection_id), 404, "not_found")
    answer = await google.tool("drive_search", connection_id, query="roadmap")
    error_of(answer, 404, "not_found")
    again = {"method": "oauth2", "redirectUri": OWN_CALLBACK, "connectionId": connection_id}
    error_of(await google.client.post(START, json=again), 404, "not_found")


async def test_a_grant_grows_by_what_a_tool_needs(google: GoogleHost) -> None:
    connected = await google.connect(tools=["drive_search"])
    connection_id = connected["connectionId"]
    found = items_of(await google.tool("drive_search", connection_id, query="budget"))
    assert [one["title"] for one in found] == ["Budget"]
    rows = {"spreadsheet": BUDGET, "rows": [["Bell", 4]]}
    google.network.requests.clear()
    error = error_of(await google.tool("sheets_append_rows", connection_id, **rows), 403,
                     "insufficient_scope")  # fmt: skip
    assert error["details"]["missingScopes"] == [scopes.SHEETS]
    assert google.requests("/token") == google.network.requests == []  # nobody was asked

    started = await google.start(connectionId=connection_id, tools=["sheets_append_rows"])
    params = asked(started)
    assert params["include_granted_scopes"] == "true"
    assert params["login_hint"] == ANN
    assert "prompt" not in params  # only what is new has to be agreed to
    again = data_of(await google.finish(started), 200)
    assert {scopes.DRIVE_METADATA_READ, scopes.SHEETS} <= {*again["grantedScopes"]}
    assert again["connectionId"] == connection_id
    answer = data_of(await google.tool("sheets_append_rows", connection_id, **rows))
    assert answer["rows"] == 1
    items_of(await google.tool("drive_search", connection_id, query="budget"))


async def test_a_refresh_token_that_does_not_come_again_is_kept(google: GoogleHost) -> None:
    connection_id = (await google.connect())["connectionId"]
    started = await google.start(connectionId=connection_id)
    assert "prompt" not in asked(started)
    data_of(await google.finish(started), 200)
    token = data_of(await google.client.get(f"/api/connections/{connection_id}/token"))
    assert token["hasRefreshToken"]
    # It is the first one that works still.
    await google.end_access_tokens()
    items_of(await google.ask("items", connection_id, containerId=ROOT))
    assert google.requests("/token")[-1].content.startswith(b"grant_type=refresh_token")


async def test_another_account_changes_nothing(google: GoogleHost, mongo: Mongo) -> None:
    connection_id = (await google.connect())["connectionId"]
    before = await mongo.database["tokens"].find_one({"_id": connection_id}) or {}
    started = await google.start(connectionId=connection_id)
    error_of(await google.finish(started, "ben"), 409, "account_mismatch")
    after = await mongo.database["tokens"].find_one({"_id": connection_id}) or {}
    assert before == after
    await google.end_access_tokens()
    items_of(await google.ask("items", connection_id, containerId=ROOT))


async def test_a_scope_that_was_unticked_is_told_and_asked_for_again(google: GoogleHost) -> None:
    connected = await google.connect(
        tools=["drive_search", "sheets_read_range"], without=(scopes.SHEETS_READ,)
    )
    assert connected["status"] == "connected"
    assert connected["missingScopes"] == [scopes.SHEETS_READ]
    connection_id = connected["connectionId"]
    google.network.requests.clear()
    answer = await google.tool("sheets_read_range", connection_id, spreadsheet=BUDGET)
    error = error_of(answer, 403, "insufficient_scope")
    assert error["details"]["missingScopes"] == [scopes.SHEETS_READ]
    assert google.network.requests == []
    items_of(await google.tool("drive_search", connection_id, query="budget"))
    again = await google.connect(
        connectionId=connection_id, tools=["sheets_read_range"], status=200
    )
    assert again["missingScopes"] == []
    data_of(await google.tool("sheets_read_range", connection_id, spreadsheet=BUDGET))


async def test_an_address_in_a_grant_is_the_scope_that_was_asked_for(google: GoogleHost) -> None:
    connected = await google.connect(scopes=["email"])
    told = {one for one in connected["grantedScopes"] if "userinfo" in one}
    assert told == {
        "https://www.googleapis.com/auth/userinfo.email",
        "https://www.googleapis.com/auth/userinfo.profile",
    }
    assert connected["missingScopes"] == []


async def test_a_refresh_keeps_the_refresh_token_and_the_scopes(google: GoogleHost) -> None:
    connected = await google.connect()
    connection_id = connected["connectionId"]
    for _ in range(3):
        await google.end_access_tokens()
        items_of(await google.ask("items", connection_id, containerId=ROOT))
    found = await google.connection(connection_id)
    assert found["status"] == "connected"
    assert found["grantedScopes"] == connected["grantedScopes"]
    assert len(google.requests("/token")) == 4
    assert (await google.grants())[0]["alive"]


async def test_a_grant_that_was_revoked_at_google_waits_for_its_user(google: GoogleHost) -> None:
    connection_id = (await google.connect())["connectionId"]
    await google.end_grants()
    await google.end_access_tokens()
    error_of(await google.ask("containers", connection_id), 409, "reauthorization_required")
    found = await google.connection(connection_id)
    assert found["status"] == "reauth_required"
    for word in ("revoked", "six months", "seven days", "invalid_grant"):
        assert word in found["lastError"]["message"]
    started = await google.start(connectionId=connection_id)
    assert asked(started)["prompt"] == "consent"  # else there would be no refresh token
    assert data_of(await google.finish(started), 200)["status"] == "connected"
    token = data_of(await google.client.get(f"/api/connections/{connection_id}/token"))
    assert token["hasRefreshToken"]


async def test_the_end_of_an_app_in_testing_is_explained(
    start: StartService, github: GitHub
) -> None:
    google = await google_host(start, github.network, TESTING_APP)
    # As if its seven days were over in a moment.
    changed = await google.google.put(
        f"/_sandbox/oauth/apps/{TESTING_APP.client_id}", json={"refresh_lifetime": 60}
    )
    changed.raise_for_status()
    connection_id = (await google.connect())["connectionId"]
    await google.end_access_tokens()
    # Uses do not put the end off.
    items_of(await google.ask("items", connection_id, containerId=ROOT))
    (
        await google.google.put("/_sandbox/oauth/clock", json={"seconds_ahead": 61})
    ).raise_for_status()
    await google.end_access_tokens()
    error_of(await google.ask("containers", connection_id), 409, "reauthorization_required")
    message = (await google.connection(connection_id))["lastError"]["message"]
    assert "seven days" in message
    assert "Publish the app" in message
    assert "six months" not in message


async def test_an_organisation_that_asks_to_sign_in_again_is_named(google: GoogleHost) -> None:
    connection_id = (await google.connect())["connectionId"]
    (await google.google.put("/_sandbox/session-control")).raise_for_status()
    await google.end_access_tokens()
    error_of(await google.ask("containers", connection_id), 409, "reauthorization_required")
    message = (await google.connection(connection_id))["lastError"]["message"]
    assert "session control" in message
    await google.google.delete("/_sandbox/session-control")
    again = await google.connect(connectionId=connection_id, status=200)
    assert again["status"] == "connected"


async def test_an_app_that_google_does_not_know_is_the_operators_to_repair(
    google: GoogleHost,
) -> None:
    connection_id = (await google.connect())["connectionId"]
    await google.google.put(
        f"/_sandbox/oauth/apps/{APP.client_id}", json={"client_secret": "changed"}
    )
    await google.end_access_tokens()
    error = error_of(await google.ask("containers", connection_id), 409, "connector_not_configured")
    assert error["details"]["reason"] == "app_refused"
    assert (await google.connection(connection_id))["status"] == "connected"


async def end(google: GoogleHost, connection_id: str, tenant: str = "acme") -> str:
    answer = await google.client.delete(
        f"/api/connections/{connection_id}", headers={"X-Tenant-Id": tenant}
    )
    told: str = data_of(answer)["revokedAtProvider"]
    return told


async def test_disconnecting_ends_the_grant_at_google(google: GoogleHost) -> None:
    connection_id = (await google.connect())["connectionId"]
    assert await end(google, connection_id) == "yes"
    (sent,) = google.requests("/revoke")
    assert sent.url.query == b""
    assert sent.content.startswith(b"token=1%2F%2F")  # the refresh token, in the body
    assert b"client" not in sent.content
    assert "authorization" not in sent.headers
    assert [one["alive"] for one in await google.grants()] == [False]


async def test_a_grant_that_another_tenant_lives_on_is_left_alone(google: GoogleHost) -> None:
    """Google would end it for both: whatever a user grants to an app is one."""
    first = (await google.connect())["connectionId"]
    google.client.headers.update(GLOBEX)
    second = (await google.connect())["connectionId"]
    assert await end(google, first, "acme") == "skipped_shared"
    assert google.requests("/revoke") == []
    items_of(await google.ask("items", second, containerId=ROOT))
    assert await end(google, second, "globex") == "yes"


async def test_a_new_connection_gets_no_scopes_of_another_tenants(google: GoogleHost) -> None:
    await google.connect(tools=["sheets_append_rows", "drive_search"])
    google.client.headers.update(GLOBEX)
    connected = await google.connect(tools=["drive_search"])
    assert scopes.SHEETS not in connected["grantedScopes"]


async def test_a_grant_that_is_gone_already_counts_as_ended(google: GoogleHost) -> None:
    connection_id = (await google.connect())["connectionId"]
    await google.end_grants()
    assert await end(google, connection_id) == "yes"
