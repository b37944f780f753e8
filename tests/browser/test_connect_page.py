"""The connect page in a real browser: what a person sees and does, from the link to the end."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewVisitor, Visitor
from tests.browser.places import SitesProvider
from tests.conftest import TOKEN


def told(page: Page, host_url: str) -> dict[str, str]:
    """What the host's address was told."""
    page.wait_for_url(f"{host_url}/done?**")
    return dict(parse_qsl(urlsplit(page.url).query))


def sign_in(page: Page, button: str = "Approve") -> None:
    """Sign in with the imitation GitHub."""
    page.get_by_role("button", name="Sign in with GitHub").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Authorize Sandbox OAuth app")
    page.get_by_role("button", name=button).click()


def give_key(page: Page, key: str) -> None:
    form = page.get_by_role("region", name="GitHub").get_by_role("group")
    form.get_by_label("Personal access token").fill(key)
    form.get_by_role("button", name="Connect").click()


def sign_in_at_sites(page: Page) -> None:
    page.get_by_role("button", name="Sign in with Sites").click()
    page.get_by_role("button", name="Allow").click()


def heard(opener: Page) -> Any:
    """All that the window was told, and by whom."""
    return json.loads(opener.locator("#told").inner_text())


def test_the_session_leaves_the_address_bar_and_the_history(visitor: Visitor) -> None:
    url = visitor.made()
    page = visitor.page
    page.goto("about:blank")
    page.goto(url)
    assert page.url == f"{visitor.server.url}/connect"
    token = url.partition("session=")[2]
    assert token not in page.content()
    page.reload()
    assert page.url == f"{visitor.server.url}/connect"
    expect(page.get_by_role("heading", level=1)).to_have_text("Connect an account")
    assert page.evaluate("document.cookie") == ""
    page.go_back()
    assert page.url == "about:blank"
    (cookie,) = visitor.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    assert token not in cookie["value"]


def test_the_page_lists_the_connectors_of_the_session(visitor: Visitor) -> None:
    page = visitor.open(connectorIds=["github", "sites"])
    for name, about in (("GitHub", "issues"), ("Sites", "Boards on sites.")):
        section = page.get_by_role("region", name=name)
        expect(section.get_by_role("heading", level=2, name=name)).to_be_visible()
        expect(section).to_contain_text(about)
        expect(section.get_by_role("button", name=f"Sign in with {name}")).to_be_enabled()
    page = visitor.open(connectorIds=["sites"])
    expect(page.get_by_role("region")).to_have_count(1)


def test_oauth_goes_to_the_provider_and_back_to_the_host(visitor: Visitor, host_url: str) -> None:
    page = visitor.open(userId="ada", returnUrl=f"{host_url}/done?tab=2")
    sign_in(page)
    found = told(page, host_url)
    assert (found["tab"], found["status"]) == ("2", "connected")
    connection = visitor.connection(found["connectionId"])
    assert (connection["userId"], connection["status"]) == ("ada", "connected")


def test_oauth_without_an_address_ends_on_the_page(visitor: Visitor) -> None:
    page = visitor.open()
    sign_in(page)
    expect(page.get_by_role("status")).to_have_text("octocat is connected.")
    assert page.url == f"{visitor.server.url}/connect"


def test_a_provider_that_asks_no_more_leads_straight_to_the_host(
    visitor: Visitor, host_url: str, sites_provider: SitesProvider
) -> None:
    """One click, and five redirects over three origins, which a policy could stop."""
    page = visitor.open(returnUrl=f"{host_url}/done")
    sites_provider.knows_the_user = True
    try:
        page.get_by_role("button", name="Sign in with Sites").click()
        page.get_by_label("Red").check()
    finally:
        sites_provider.knows_the_user = False
    page.get_by_role("button", name="Continue").click()
    assert told(page, host_url)["status"] == "connected"


def test_a_user_who_says_no_is_told_and_may_try_again(visitor: Visitor) -> None:
    page = visitor.open()
    sign_in(page, "Cancel")
    expect(page.get_by_role("alert")).to_have_text("The authorization was not approved.")
    assert visitor.connections() == []
    sign_in(page)
    expect(page.get_by_role("status")).to_have_text("octocat is connected.")


def test_a_key_is_refused_with_a_sentence_and_then_taken(visitor: Visitor, host_url: str) -> None:
    page = visitor.open(returnUrl=f"{host_url}/done")
    give_key(page, "")
    expect(page.get_by_role("alert")).to_have_count(0)
    for wrong in ("ghp_wrong", "two words"):
        give_key(page, wrong)
        expect(page.get_by_role("alert")).to_be_visible()
        assert "ghp_wrong" not in page.content()
    field = page.get_by_role("region", name="GitHub").get_by_label("Personal access token")
    expect(field).to_have_attribute("type", "password")
    expect(field).to_have_value("")
    give_key(page, TOKEN)
    assert visitor.connection(told(page, host_url)["connectionId"])["authMethod"] == "pat"


def test_a_choice_of_sites_is_made_on_the_page(visitor: Visitor, host_url: str) -> None:
    page = visitor.open(returnUrl=f"{host_url}/done")
    sign_in_at_sites(page)
    expect(page.get_by_role("group", name="Choose one").get_by_role("radio")).to_have_count(2)
    page.get_by_role("button", name="Continue").click()
    assert page.url == f"{visitor.server.url}/connect", "nothing is chosen yet"
    page.get_by_label("Blue").check()
    page.get_by_role("button", name="Continue").click()
    connection = visitor.connection(told(page, host_url)["connectionId"])
    assert (connection["status"], connection["config"]["site"]) == ("connected", "blue")


@pytest.mark.parametrize("step", ["list", "choice"])
def test_cancel_leads_back_to_the_host(visitor: Visitor, host_url: str, step: str) -> None:
    page = visitor.open(returnUrl=f"{host_url}/done")
    if step == "choice":
        sign_in_at_sites(page)
    page.get_by_role("button", name="Cancel").click()
    assert told(page, host_url) == {"error": "oauth_denied"}


def test_cancel_without_an_address_says_so(visitor: Visitor) -> None:
    page = visitor.open()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cancelled")
    assert visitor.connections() == []


def test_a_window_tells_its_opener_and_closes(visitor: Visitor, host_url: str) -> None:
    opener = visitor.page
    opener.goto(f"{host_url}/opener?url={visitor.made(openerOrigin=host_url)}")
    with visitor.context.expect_page() as popup:
        opener.get_by_role("link", name="Connect").click()
    page = popup.value
    with page.expect_event("close"):
        sign_in(page)
    expect(opener.locator("#told")).to_contain_text("connected")
    (connection,) = visitor.connections()
    told = {"connectionId": connection["id"], "status": "connected", "error": None}
    assert heard(opener) == [[visitor.server.url, {"type": "connect", **told}]]


def test_another_origin_that_opened_the_window_is_not_told(visitor: Visitor, host_url: str) -> None:
    other = host_url.replace("127.0.0.1", "localhost")
    opener = visitor.page
    opener.goto(f"{other}/opener?url={visitor.made(openerOrigin=host_url)}")
    with visitor.context.expect_page() as popup:
        opener.get_by_role("link", name="Connect").click()
    with popup.value.expect_event("close"):
        sign_in(popup.value)
    opener.evaluate("postMessage('the last one', '*')")
    expect(opener.locator("#told")).to_contain_text("the last one")
    assert heard(opener) == [[other, "the last one"]]


def test_a_used_link_is_explained(new_visitor: NewVisitor) -> None:
    first, second = new_visitor(), new_visitor()
    url = first.made()
    first.page.goto(url)
    second.page.goto(url)
    expect(second.page.get_by_role("heading", level=1)).to_have_text("Nothing to connect here")
    first.page.reload()
    expect(first.page.get_by_role("heading", level=1)).to_have_text("Connect an account")


def test_a_callback_of_another_browser_is_refused(new_visitor: NewVisitor) -> None:
    victim, thief = new_visitor(), new_visitor()
    page = victim.open()
    page.get_by_role("button", name="Sign in with GitHub").click()
    page.get_by_role("button", name="Approve").wait_for()
    thief.page.goto(page.url)
    thief.page.get_by_role("button", name="Approve").click()
    expect(thief.page.get_by_role("main")).not_to_contain_text("is connected")
    assert victim.connections() == []


@pytest.mark.parametrize("way", ["oauth", "key", "choice", "cancel"])
def test_nothing_needs_a_script(new_visitor: NewVisitor, host_url: str, way: str) -> None:
    visitor = new_visitor(java_script_enabled=False)
    page = visitor.open(returnUrl=f"{host_url}/done")
    if way == "oauth":
        sign_in(page)
    elif way == "key":
        give_key(page, TOKEN)
    elif way == "choice":
        sign_in_at_sites(page)
        page.get_by_label("Red").check()
        page.get_by_role("button", name="Continue").click()
    else:
        page.get_by_role("button", name="Cancel").click()
    expected = ("error", "oauth_denied") if way == "cancel" else ("status", "connected")
    assert expected in told(page, host_url).items()
