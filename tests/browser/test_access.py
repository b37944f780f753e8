"""The page for everybody: by keyboard alone, read aloud, enlarged, and under its policy."""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewVisitor, Visitor
from tests.browser.test_connect_page import give_key, sign_in, sign_in_at_sites, told
from tests.conftest import TOKEN

_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations", "incomplete"],
}
_PLACE = "scrollY + document.activeElement.getBoundingClientRect().top"
_FOCUSED = "const e = document.activeElement; [e.tagName, e.labels?.[0]?.innerText || e.innerText]"


def to_problem(visitor: Visitor) -> None:
    give_key(visitor.open(), "ghp_wrong")
    expect(visitor.page.get_by_role("alert")).to_be_visible()


def to_choice(visitor: Visitor) -> None:
    sign_in_at_sites(visitor.open())
    expect(visitor.page.get_by_label("Red")).to_be_visible()


def to_done(visitor: Visitor) -> None:
    sign_in(visitor.open())
    expect(visitor.page.get_by_role("status")).to_be_visible()


def to_cancelled(visitor: Visitor) -> None:
    visitor.open().get_by_role("button", name="Cancel").click()
    expect(visitor.page.get_by_role("heading", name="Cancelled")).to_be_visible()


def to_used(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.server.url}/connect?session=unknown")


def to_callback(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.server.url}/api/connectors/github/connect/callback?state=x")


def to_list(visitor: Visitor) -> None:
    visitor.open()


STATES = [to_list, to_problem, to_choice, to_done, to_cancelled, to_used, to_callback]


@pytest.mark.parametrize("go", STATES, ids=lambda go: go.__name__)
def test_every_state_of_the_page_is_accessible(
    visitor: Visitor, go: Callable[[Visitor], None]
) -> None:
    go(visitor)
    results = Axe().run(visitor.page, options=_RULES)
    assert results.violations_count == 0, results.generate_report()
    assert results.response["incomplete"] == []
    assert visitor.page.locator("html").get_attribute("lang") == "en"
    assert visitor.page.title()
    expect(visitor.page.get_by_role("main")).to_have_count(1)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_count(1)


def test_the_check_finds_what_is_wrong(visitor: Visitor) -> None:
    page = visitor.open()
    page.evaluate("document.querySelector('label').remove()")
    page.evaluate("document.querySelector('h2').style.color = '#ccc'")
    found = {each["id"] for each in Axe().run(page, options=_RULES).response["violations"]}
    assert {"label", "color-contrast"} <= found


def focused(page: Page) -> tuple[str, str]:
    name, text = page.evaluate(_FOCUSED)
    return name, re.sub(r"\s+", " ", text).strip()


def tab_to(page: Page, wanted: str) -> None:
    for _ in range(40):
        page.keyboard.press("Tab")
        if focused(page)[1] == wanted:
            return
    pytest.fail(f"{wanted} is not reached by keyboard")


def test_the_focus_goes_from_top_to_bottom_and_can_be_seen(visitor: Visitor) -> None:
    page = visitor.open(connectorIds=["github", "sites"])
    wanted = page.locator("button, input:not([type=hidden])").count()
    places = []
    for _ in range(wanted):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches('button, input')")
        places.append(page.evaluate(_PLACE))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert places == sorted(places)
    assert len(set(places)) == wanted


def test_the_keyboard_alone_connects_with_a_key(visitor: Visitor, host_url: str) -> None:
    page = visitor.open(connectorIds=["github"], returnUrl=f"{host_url}/done")
    tab_to(page, "Personal access token")
    page.keyboard.type("ghp_wrong")
    page.keyboard.press("Enter")
    alert = page.get_by_role("alert")
    expect(alert).to_be_focused()
    tab_to(page, "Personal access token")
    page.keyboard.type(TOKEN)
    page.keyboard.press("Enter")
    assert told(page, host_url)["status"] == "connected"


def test_the_keyboard_alone_chooses_a_site(visitor: Visitor, host_url: str) -> None:
    page = visitor.open(connectorIds=["sites"], returnUrl=f"{host_url}/done")
    tab_to(page, "Sign in with Sites")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Allow").wait_for()
    tab_to(page, "Allow")
    page.keyboard.press("Enter")
    page.get_by_label("Red").wait_for()
    tab_to(page, "Red")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Blue")).to_be_checked()
    tab_to(page, "Continue")
    page.keyboard.press("Enter")
    connection = visitor.connection(told(page, host_url)["connectionId"])
    assert connection["config"]["site"] == "blue"


def test_the_page_fits_a_narrow_window(new_visitor: NewVisitor) -> None:
    page = new_visitor(viewport={"width": 320, "height": 480}).open()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_policy_stops_what_is_not_of_the_page(visitor: Visitor) -> None:
    """What the other tests rely on: a violation is seen, and stopped."""
    page = visitor.open()
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), "
        "{textContent: 'document.title = \"taken\"'}))"
    )
    expect(page).to_have_title("Connect an account")
    with page.expect_event("console"):
        page.evaluate("f = document.forms[0], f.action = 'http://elsewhere.example/', f.submit()")
    assert page.url == f"{visitor.server.url}/connect"
    assert len(visitor.complaints) == 2
    assert all("Content Security Policy" in text for text in visitor.complaints)
    visitor.complaints.clear()


def test_the_page_cannot_be_framed(visitor: Visitor, host_url: str) -> None:
    page = visitor.page
    page.goto(f"{host_url}/done")
    frame = (
        "url => document.body.append(Object.assign(document.createElement('iframe'), {src: url}))"
    )
    with page.expect_event("console", lambda said: "frame" in said.text.lower()):
        page.evaluate(frame, f"{visitor.server.url}/connect")
    assert "frame-ancestors" in visitor.complaints.pop()
