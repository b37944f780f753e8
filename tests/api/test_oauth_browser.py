"""OAuth in a browser: our own callback and ``authorize``."""

from tests.api.answers import error_of, items_of
from tests.api.browsers import (
    AUTHORIZE,
    browser_of,
    told,
)
from tests.api.oauth import CALLBACK, HOST, Host
from tests.fakes.browser import approve


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


async def test_an_error_that_asks_for_a_new_authorization_says_where(host: Host) -> None:
    connection_id = (await host.connect())["connectionId"]
    await host.github.client.delete("/_sandbox/oauth/grants")
    params = {"connectionId": connection_id}
    answer = await host.client.get("/api/connectors/github/containers", params=params)
    error = error_of(answer, 409, "reauthorization_required")
    expected = f"http://localhost:8000{AUTHORIZE}?connectionId={connection_id}"
    assert error["details"]["reauthorizeUrl"] == expected
