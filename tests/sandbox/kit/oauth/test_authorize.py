"""The browser's part: the page, the user's choice, and the way back."""

import httpx
import pytest

from src.sandbox.kit.oauth import Pkce, ScopesTold
from tests.fakes.browser import ConsentPage, approve
from tests.sandbox.kit.oauth.conftest import CALLBACK, PKCE, Imitate, Imitation


async def page_of(imitation: Imitation, **params: str | None) -> ConsentPage:
    return ConsentPage.of(await imitation.client.get(imitation.url(**params)))


async def error_in_callback(imitation: Imitation, **params: str | None) -> dict[str, str]:
    answer = await imitation.client.get(imitation.url(**params))
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(f"{CALLBACK}?")
    return dict(httpx.URL(answer.headers["location"]).params)


async def test_the_page_shows_app_accounts_and_permissions(imitation: Imitation) -> None:
    page = await page_of(imitation)
    assert page.heading == "Authorize The <App>"
    assert page.legends == ["Account", "Permissions"]
    assert [(one.label, one.is_chosen) for one in page.choices] == [
        ("Ann (ann)", True),
        ("Bob (bob)", False),
        ("read: look at things", True),
        ("write: change things", True),
    ]
    assert list(page.buttons) == ["Approve", "Cancel"]
    assert "you are sent to we.test" in page.text


async def test_the_page_is_plain_html_that_nobody_frames_or_keeps(imitation: Imitation) -> None:
    answer = await imitation.client.get(imitation.url())
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert '<html lang="en">' in answer.text
    assert "<script" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "same-origin"


async def test_approve_sends_the_browser_back_with_code_and_state(imitation: Imitation) -> None:
    callback = await approve(imitation.client, imitation.url(state="a b&c=ü"))
    assert callback["state"] == "a b&c=ü"
    assert set(callback) == {"code", "state"}


async def test_without_a_state_none_comes_back(imitation: Imitation) -> None:
    assert set(await approve(imitation.client, imitation.url(state=None))) == {"code"}


async def test_cancel_sends_the_browser_back_with_the_users_no(imitation: Imitation) -> None:
    callback = await approve(imitation.client, imitation.url(), "Cancel")
    assert (callback["error"], callback["state"]) == ("access_denied", "the state")
    assert "code" not in callback
    assert (await imitation.client.get("/_sandbox/oauth/grants")).json() == []


async def test_the_account_that_was_chosen_is_the_grants(imitation: Imitation) -> None:
    callback = await approve(imitation.client, imitation.url(), account="bob")
    token = (await imitation.exchange(callback["code"])).json()["access_token"]
    grant = await imitation.server.grant_of(token)
    assert grant is not None
    assert (grant.account, grant.client_id) == ("bob", "the-app")


async def test_what_is_unticked_is_not_granted(imitation: Imitation) -> None:
    callback = await approve(imitation.client, imitation.url(), without=("write",))
    assert (await imitation.exchange(callback["code"])).json()["scope"] == "read"


async def test_where_nothing_can_be_unticked_all_is_granted(imitate: Imitate) -> None:
    imitation = imitate(may_untick=False)
    page = await page_of(imitation)
    assert page.values("scope") == []
    assert "write: change things" in page.text
    assert (await imitation.tokens())["scope"] == "read write"


async def test_an_app_with_fixed_permissions_has_no_scopes(imitation: Imitation) -> None:
    await imitation.change(has_scopes=False)
    assert (await page_of(imitation, scope="whatever")).values("scope") == []
    assert (await imitation.tokens(scope="whatever"))["scope"] == ""


async def test_without_scopes_the_page_says_so(imitation: Imitation) -> None:
    page = await page_of(imitation, scope=None)
    assert "Public information only." in page.text


async def test_the_scope_for_refresh_tokens_is_no_permission(imitate: Imitate) -> None:
    imitation = imitate(offline_scope="offline")
    assert (await page_of(imitation, scope="read offline")).values("scope") == ["read"]
    assert "refresh_token" not in await imitation.tokens(scope="read")
    tokens = await imitation.tokens(scope="read offline")
    assert tokens["refresh_token"]
    assert tokens["scope"] == "read offline"


async def test_scopes_in_the_callback_and_with_commas(imitate: Imitate) -> None:
    imitation = imitate(scope_separator=",", granted_separator=",", scopes_told=ScopesTold.CALLBACK)
    callback = await approve(imitation.client, imitation.url(scope="write,read"))
    assert callback["scope"] == "write,read"
    assert "scope" not in (await imitation.exchange(callback["code"])).json()


async def test_scopes_that_are_told_nowhere(imitate: Imitate) -> None:
    imitation = imitate(scopes_told=ScopesTold.NOWHERE)
    assert "scope" not in await imitation.tokens()


async def test_a_narrower_scope_vanishes_into_a_wider_one(imitate: Imitate) -> None:
    imitation = imitate(implied={"write": ("read",)})
    assert (await imitation.tokens())["scope"] == "write"


@pytest.mark.parametrize("client_id", ["nobody", "", None])
async def test_an_unknown_app_gets_a_page_and_no_redirect(
    imitation: Imitation, client_id: str | None
) -> None:
    answer = await imitation.client.get(imitation.url(client_id=client_id))
    assert answer.status_code == 404
    assert "no app with this client_id" in answer.text


@pytest.mark.parametrize(
    "redirect_uri",
    [
        f"{CALLBACK}/",
        f"{CALLBACK}/more",
        f"{CALLBACK}?x=1",
        f"{CALLBACK}#top",
        "https://we.test:443/callback",
        "http://we.test/callback",
        "https://WE.test/callback",
        "https://we.test@evil.test/callback",
        "https://evil.test/callback",
        "javascript:alert(1)",
        "http://[",
    ],
)
async def test_an_address_that_is_not_registered_is_not_visited(
    imitation: Imitation, redirect_uri: str
) -> None:
    for answer in (
        await imitation.client.get(imitation.url(redirect_uri=redirect_uri)),
        await imitation.client.post(
            imitation.url(redirect_uri=redirect_uri), content="decision=approve&account=ann"
        ),
    ):
        assert answer.status_code == 400
        assert "not registered" in answer.text
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("redirect_uri", "status"),
    [
        ("http://localhost:8010/callback", 200),
        ("http://localhost/callback", 200),
        ("http://localhost:8010/callback?x=1", 400),
        ("http://localhost:8010/other", 400),
        ("http://localhost:99999/callback", 400),
        ("http://127.0.0.1:8010/callback", 400),
        ("http://[::1]:1/callback", 200),
        ("https://localhost:8010/callback", 400),
        ("http://localhost:8010@evil.test/callback", 400),
        ("http://a@localhost:8010/callback", 400),
    ],
)
async def test_loopback_takes_any_port(
    imitation: Imitation, redirect_uri: str, status: int
) -> None:
    await imitation.change(
        redirect_uris=["http://localhost:8000/callback", "http://[::1]/callback"]
    )
    answer = await imitation.client.get(imitation.url(redirect_uri=redirect_uri))
    assert answer.status_code == status


async def test_the_only_registered_address_need_not_be_named(imitation: Imitation) -> None:
    code = await imitation.code(redirect_uri=None)
    assert (await imitation.exchange(code)).is_success
    await imitation.change(redirect_uris=[CALLBACK, "https://we.test/other"])
    answer = await imitation.client.get(imitation.url(redirect_uri=None))
    assert (answer.status_code, "redirect_uri is missing" in answer.text) == (400, True)


async def test_a_registered_address_keeps_its_query(imitation: Imitation) -> None:
    await imitation.change(redirect_uris=[f"{CALLBACK}?tenant=1"])
    url = imitation.url(redirect_uri=f"{CALLBACK}?tenant=1")
    callback = await approve(imitation.client, url)
    assert set(callback) == {"tenant", "code", "state"}


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "read admin"}, "invalid_scope"),
        ({"code_challenge": PKCE["code_challenge"]}, "invalid_request"),
        ({**PKCE, "code_challenge_method": "plain"}, "invalid_request"),
        ({**PKCE, "code_challenge": "short"}, "invalid_request"),
    ],
)
async def test_other_mistakes_are_told_to_the_app(
    imitation: Imitation, params: dict[str, str | None], error: str
) -> None:
    callback = await error_in_callback(imitation, **params)
    assert (callback["error"], callback["state"]) == (error, "the state")
    assert callback["error_description"]


async def test_where_pkce_is_required_it_is_asked_for(imitate: Imitate) -> None:
    imitation = imitate(pkce=Pkce.REQUIRED)
    assert (await error_in_callback(imitation))["error"] == "invalid_request"
    assert await imitation.code(**PKCE)


@pytest.mark.parametrize("more", ["state=other", "other=%ff"])
async def test_a_query_that_cannot_be_read(imitation: Imitation, more: str) -> None:
    answer = await imitation.client.get(f"{imitation.url()}&{more}")
    assert (answer.status_code, "cannot be read" in answer.text) == (400, True)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ("", "Neither approved nor cancelled"),
        ("decision=perhaps&account=ann", "Neither approved nor cancelled"),
        ("decision=approve&decision=cancel&account=ann", "Neither approved nor cancelled"),
        ("decision=approve", "no such account"),
        ("decision=approve&account=eve", "no such account"),
        ("\x00%ff", "Neither approved nor cancelled"),
    ],
)
async def test_a_form_that_nobody_could_submit(
    imitation: Imitation, form: str, message: str
) -> None:
    answer = await imitation.client.post(imitation.url(), content=form)
    assert answer.status_code == 400
    assert message in answer.text


async def test_a_scope_that_was_not_asked_for_cannot_be_ticked(imitation: Imitation) -> None:
    answer = await imitation.client.post(
        imitation.url(scope="read"),
        content="decision=approve&account=ann&scope=read&scope=write",
    )
    code = httpx.URL(answer.headers["location"]).params["code"]
    assert (await imitation.exchange(code)).json()["scope"] == "read"


async def test_below_another_path_the_form_comes_back_there(imitation: Imitation) -> None:
    mounted = httpx.ASGITransport(imitation.app, root_path="/sandbox/imitation")
    async with httpx.AsyncClient(transport=mounted, base_url="https://host.test") as client:
        page = ConsentPage.of(await client.get(f"/sandbox/imitation{imitation.url()}"))
        answer = await page.submit(client)
    assert answer.headers["location"].startswith(CALLBACK)
