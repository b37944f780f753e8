"""OAuth in a browser: our own callback, ``authorize``, connect sessions and their page."""

import re
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest

from tests.api.answers import data_of, error_of, items_of
from tests.api.oauth import CALLBACK, HOST, START, Host
from tests.conftest import TOKEN, Service
from tests.fakes.browser import approve

AUTHORIZE = "/api/connectors/github/authorize"
SESSIONS = "/api/connect-sessions"


def browser_of(service: Service) -> httpx.AsyncClient:
    """A browser without any key, which keeps its cookies."""
    transport = httpx.ASGITransport(app=service.app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


async def session(host: Host, **body: Any) -> dict[str, Any]:
    made: dict[str, Any] = data_of(await host.client.post(SESSIONS, json=body), 201)
    return made


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def told(answer: httpx.Response) -> dict[str, str]:
    """What the host's address was told."""
    assert answer.status_code == 303, answer.text
    location = urlsplit(answer.headers["location"])
    assert f"{location.scheme}://{location.netloc}" == HOST
    return dict(parse_qsl(location.query))


async def test_the_browser_goes_back_to_the_host(host: Host) -> None:
    started = await host.start(returnUrl=f"{HOST}/done?tab=2")
    answer = await host.client.get(CALLBACK, params=await host.approve(started))
    found = told(answer)
    (connection,) = items_of(await host.client.get("/api/connections"))
    assert found == {
        "tab": "2",
        "connectionId": connection["id"],
        "status": "connected",
        "state": started["state"],
    }


async def test_without_an_address_a_page_tells_the_opener_alone(host: Host) -> None:
    came = await host.approve(await host.start(openerOrigin=HOST))
    answer = await host.client.get(CALLBACK, params=came)
    assert answer.status_code == 200
    assert f'data-origin="{HOST}"' in answer.text
    assert "told.origin" in answer.text
    assert '"*"' not in answer.text
    assert came["state"] not in answer.text
    assert came["code"] not in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'sha256-" in policy
    assert "unsafe" not in policy


async def test_without_an_opener_the_page_has_no_script(host: Host) -> None:
    answer = await host.client.get(CALLBACK, params=await host.approve(await host.start()))
    assert answer.status_code == 200
    assert "<script" not in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]


async def test_the_page_echoes_nothing(host: Host) -> None:
    params = {
        "state": "<b>x</b>",
        "error": "<script>spoof(1)</script>",
        "error_description": "evil",
    }
    answer = await host.client.get(CALLBACK, params=params)
    assert answer.status_code == 400
    assert "spoof" not in answer.text
    assert "evil" not in answer.text
    assert "<b>" not in answer.text


async def test_authorize_binds_the_flow_to_its_browser(host: Host) -> None:
    params = {"returnUrl": f"{HOST}/done"}
    here, there = browser_of(host.service), browser_of(host.service)
    headers = {"X-Tenant-Id": "acme"}

    async def came() -> dict[str, str]:
        begun = await here.get(AUTHORIZE, params=params, headers=headers)
        assert begun.status_code == 302
        cookie = begun.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert begun.headers["cache-control"] == "no-store"
        assert begun.headers["referrer-policy"] == "no-referrer"
        return await approve(host.github.client, begun.headers["location"])

    stolen = await came()
    assert told(await there.get(CALLBACK, params=stolen))["error"] == "invalid_state"
    # Used up by the stranger, so that it is no use to anybody.
    assert (await here.get(CALLBACK, params=stolen)).status_code == 400
    assert items_of(await host.client.get("/api/connections")) == []
    fine = await came()
    error_of(await host.finish(fine), 400, "invalid_state")
    assert told(await here.get(CALLBACK, params=fine))["status"] == "connected"


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
    assert "form-action 'self' http://github.sandbox;" in page.headers["content-security-policy"]
    form = {"do": "oauth", "connector": "github", "method": "oauth2"}
    begun = await press(browser, page, **form)
    assert begun.status_code == 303
    came = await approve(host.github.client, begun.headers["location"])
    back = await browser.get(CALLBACK, params=came)
    assert back.headers["location"] == "http://localhost:8000/connect"
    found = told(await browser.get("/connect"))
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


async def test_the_page_says_that_the_user_said_no(host: Host) -> None:
    browser, page = await opened(host)
    form = {"do": "oauth", "connector": "github", "method": "oauth2"}
    begun = await press(browser, page, **form)
    came = await approve(host.github.client, begun.headers["location"], "Cancel")
    await browser.get(CALLBACK, params=came)
    shown = await browser.get("/connect")
    assert "was not approved" in shown.text


async def test_cancel_goes_back_to_the_host(host: Host) -> None:
    browser, page = await opened(host, returnUrl=f"{HOST}/done")
    assert told(await press(browser, page, do="cancel")) == {"error": "oauth_denied"}


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


async def test_an_error_that_asks_for_a_new_authorization_says_where(host: Host) -> None:
    connection_id = (await host.connect())["connectionId"]
    await host.github.client.delete("/_sandbox/oauth/grants")
    params = {"connectionId": connection_id}
    answer = await host.client.get("/api/connectors/github/containers", params=params)
    error = error_of(answer, 409, "reauthorization_required")
    expected = f"http://localhost:8000{AUTHORIZE}?connectionId={connection_id}"
    assert error["details"]["reauthorizeUrl"] == expected


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
