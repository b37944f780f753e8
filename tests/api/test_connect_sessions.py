"""Connect sessions: a browser without a key, and the page that it is shown."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.api.answers import data_of, error_of, items_of, wrong_fields
from tests.api.browsers import (
    AUTHORIZE,
    SESSIONS,
    browser_of,
    onward,
    path_of,
    session,
    told_at,
)
from tests.api.desk import EMAIL, Desk
from tests.api.desk import SECRET as DESK_SECRET
from tests.api.oauth import CALLBACK, HOST, START, Host
from tests.conftest import TOKEN, connect
from tests.fakes.browser import approve


async def test_a_session_opens_once_and_leaves_the_address_bar(host: Host) -> None:
    made = await session(host, connectorIds=["github"])
    assert made["connectUrl"] == f"http://localhost:8000/connect?session={made['token']}"
    browser = browser_of(host.service)
    opened = await browser.get(path_of(made["connectUrl"]))
    assert opened.status_code == 303
    assert opened.headers["location"] == "/connect"
    cookie = opened.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert made["token"] not in cookie
    shown = await browser.get("/connect")
    assert shown.status_code == 200
    assert "Sign in with GitHub" in shown.text
    assert "Personal access token" in shown.text
    assert made["token"] not in shown.text
    again = browser_of(host.service)
    assert (await again.get(path_of(made["connectUrl"]))).status_code == 401
    assert (await again.get("/connect")).status_code == 401


def csrf_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)
    assert found is not None
    return found[1]


async def opened(host: Host, **body: Any) -> tuple[httpx.AsyncClient, httpx.Response]:
    """A browser on the page of a new session."""
    browser = browser_of(host.service)
    made = await session(host, **body)
    await browser.get(path_of(made["connectUrl"]))
    return browser, await browser.get("/connect")


async def press(browser: httpx.AsyncClient, page: httpx.Response, **form: str) -> httpx.Response:
    return await browser.post("/connect", data={"csrf": csrf_of(page), **form})


async def test_the_page_connects_with_oauth(host: Host) -> None:
    browser, page = await opened(host, userId="ada", returnUrl=f"{HOST}/done")
    assert "form-action 'self';" in page.headers["content-security-policy"]
    form = {"do": "oauth", "connector": "github", "method": "oauth2"}
    begun = await press(browser, page, **form)
    came = await approve(host.github.client, onward(begun))
    back = await browser.get(CALLBACK, params=came)
    assert back.headers["location"] == "http://localhost:8000/connect"
    found = told_at(onward(await browser.get("/connect")))
    connection = data_of(await host.client.get(f"/api/connections/{found['connectionId']}"))
    assert (connection["userId"], connection["status"]) == ("ada", "connected")


async def test_the_page_connects_with_a_key_and_tells_what_is_wrong(host: Host) -> None:
    browser, page = await opened(host, openerOrigin=HOST)
    form = {"do": "key", "connector": "github", "method": "pat"}
    for key in ("", "ghp_wrong"):
        wrong = await press(browser, page, **form, apiKey=key)
        assert wrong.status_code == 422
        assert 'role="alert"' in wrong.text
        assert "ghp_wrong" not in wrong.text
    assert (await press(browser, page, **form, apiKey=TOKEN)).status_code == 303
    done = await browser.get("/connect")
    assert "octocat is connected" in done.text
    assert f'data-origin="{HOST}"' in done.text


async def test_the_page_asks_for_what_each_method_needs(desk: Desk) -> None:
    made = await desk.client.post(SESSIONS, json={"connectorIds": ["desk"]})
    browser = browser_of(desk.service)
    await browser.get(path_of(data_of(made, 201)["connectUrl"]))
    page = await browser.get("/connect")
    forms = {
        re.findall(r'name="method" value="(\w+)"', form)[0]: re.findall(
            r'name="(config\.\w+)"', form
        )
        for form in page.text.split("<form")[1:]
        if 'name="method"' in form
    }
    assert forms["apiToken"] == ["config.email", "config.siteUrl"]
    assert forms["pat"] == ["config.baseUrl"]
    form = {"do": "key", "connector": "desk", "method": "apiToken", "apiKey": DESK_SECRET}
    lacking = await press(browser, page, **form, **{"config.siteUrl": "https://acme.desk.example"})
    assert lacking.status_code == 422
    assert "E-mail is required." in lacking.text
    assert 'value="https://acme.desk.example"' in lacking.text
    assert DESK_SECRET not in lacking.text
    filled = {"config.email": EMAIL, "config.siteUrl": "https://acme.desk.example"}
    assert (await press(browser, page, **form, **filled)).status_code == 303
    assert "acme.desk.example is connected" in (await browser.get("/connect")).text


async def test_the_page_says_that_the_user_said_no(host: Host) -> None:
    browser, page = await opened(host)
    form = {"do": "oauth", "connector": "github", "method": "oauth2"}
    begun = await press(browser, page, **form)
    came = await approve(host.github.client, onward(begun), "Cancel")
    await browser.get(CALLBACK, params=came)
    shown = await browser.get("/connect")
    assert "was not approved" in shown.text


async def test_cancel_goes_back_to_the_host(host: Host) -> None:
    browser, page = await opened(host, returnUrl=f"{HOST}/done")
    gone = onward(await press(browser, page, do="cancel"))
    assert told_at(gone) == {"error": "oauth_denied"}


async def test_a_form_without_the_csrf_token_does_nothing(host: Host) -> None:
    browser, _ = await opened(host)
    other, page = await opened(host)
    form = {"do": "key", "connector": "github", "method": "pat", "apiKey": TOKEN}
    assert (await browser.post("/connect", data=form)).status_code == 403
    assert (await press(browser, page, **form)).status_code == 403
    assert items_of(await host.client.get("/api/connections")) == []
    await other.aclose()


async def test_a_session_keeps_to_its_routes_user_and_connectors(host: Host) -> None:
    bobs = (await host.connect(userId="bob"))["connectionId"]
    shared = (await host.connect(choice={"account": "hubot"}))["connectionId"]
    browser, page = await opened(host, userId="ada", connectorIds=["github"])
    own = (await host.connect(userId="ada"))["connectionId"]
    assert data_of(await browser.get(f"/api/connections/{own}"))["userId"] == "ada"
    for hidden in (bobs, shared):
        error_of(await browser.get(f"/api/connections/{hidden}"), 404, "not_found")
    error_of(await browser.post(START, json={"method": "apiKey"}), 403, "forbidden")
    csrf = {"X-CSRF-Token": csrf_of(page)}
    data_of(await browser.post(START, json={"method": "apiKey"}, headers=csrf))
    for method, url in [
        ("GET", "/api/connections"),
        ("DELETE", f"/api/connections/{own}"),
        ("GET", f"/api/connections/{own}/token"),
        ("GET", "/api/audit-logs"),
        ("POST", SESSIONS),
    ]:
        json = {} if method == "POST" else None
        answer = await browser.request(method, url, headers=csrf, json=json)
        error_of(answer, 400, "tenant_required")
    body = {"apiKey": TOKEN, "userId": "bob"}
    error_of(await browser.post(CALLBACK, json=body, headers=csrf), 403, "forbidden")


async def test_a_session_is_its_tenant_and_no_other(host: Host) -> None:
    browser, page = await opened(host, connectorIds=["github"])
    theirs = await connect(host.client, workspaceId="acme")
    csrf = {"X-CSRF-Token": csrf_of(page)}
    body = {"method": "apiKey", "workspaceId": "globex"}
    error_of(await browser.post(START, json=body, headers=csrf), 403, "tenant_mismatch")
    # A header that names a tenant is another caller, who has to prove themselves in another way.
    globex = {"X-Tenant-Id": "globex"}
    error_of(await browser.get(f"/api/connections/{theirs}", headers=globex), 404, "not_found")
    assert data_of(await browser.get(f"/api/connections/{theirs}"))["id"] == theirs


async def test_a_session_without_a_user_sees_no_users_connections(host: Host) -> None:
    adas = (await host.connect(userId="ada"))["connectionId"]
    browser, _ = await opened(host)
    error_of(await browser.get(f"/api/connections/{adas}"), 404, "not_found")
    params = {"connectionId": adas}
    error_of(await browser.get(AUTHORIZE, params=params), 404, "not_found")


async def test_the_way_back_is_opened_with_a_session(host: Host) -> None:
    connected = await host.connect(choice={"without": ("read:org",)})
    connection_id = connected["connectionId"]
    params = {"connectionId": connection_id}
    needs = data_of(await host.client.get("/api/connectors/github/scopes", params=params))
    assert needs["missingScopes"] == ["read:org"]
    url = needs["reauthorizeUrl"]
    assert url.startswith(f"http://localhost:8000{AUTHORIZE}?connectionId={connection_id}&scopes=")
    assert parse_qs(urlsplit(url).query)["scopes"] == ["read:org,repo"]
    made = await session(host, connectionId=connection_id)
    browser = browser_of(host.service)
    begun = await browser.get(f"{path_of(url)}&session={made['token']}")
    assert begun.status_code == 302
    assert made["token"] not in begun.headers["location"]
    came = await approve(host.github.client, begun.headers["location"])
    assert (await browser.get(CALLBACK, params=came)).status_code == 303
    found = data_of(await host.client.get(f"/api/connections/{connection_id}"))
    assert found["missingScopes"] == []


async def test_a_session_for_a_connection_offers_its_connector_alone(host: Host) -> None:
    connection_id = (await host.connect())["connectionId"]
    _, page = await opened(host, connectionId=connection_id)
    assert re.findall(r'<section aria-labelledby="(\w+)-name"', page.text) == ["github"]
    body = {"connectionId": connection_id, "connectorIds": ["jira"]}
    assert wrong_fields(await host.client.post(SESSIONS, json=body)) == ["connectorIds"]


@pytest.mark.parametrize(
    "body", [{"connectorIds": ["nothing"]}, {"returnUrl": "https://evil.example"}]
)
async def test_a_session_that_cannot_be_is_refused(host: Host, body: dict[str, Any]) -> None:
    error_of(await host.client.post(SESSIONS, json=body), 422, "validation_error")


async def test_a_session_is_for_connections_of_its_tenant(host: Host) -> None:
    connection_id = (await host.connect())["connectionId"]
    headers = {"X-Tenant-Id": "globex"}
    answer = await host.client.post(SESSIONS, json={"connectionId": connection_id}, headers=headers)
    error_of(answer, 404, "not_found")
