"""A person before a consent page: reads its form as a browser would, and submits it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx


@dataclass
class Choice:
    """A radio button or a checkbox."""

    name: str
    value: str
    is_chosen: bool
    label: str = ""


@dataclass
class ConsentPage(HTMLParser):
    """What the page shows, and where its form goes."""

    url: httpx.URL
    heading: str = ""
    text: str = ""
    legends: list[str] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)
    method: str = ""
    _inside: list[str] = field(default_factory=list)
    _button: tuple[str, str] = ("", "")

    def __post_init__(self) -> None:
        super().__init__()

    @classmethod
    def of(cls, answer: httpx.Response) -> "ConsentPage":
        assert answer.status_code == 200, answer.text
        page = cls(answer.url)
        page.feed(answer.text)
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            assert "action" not in given, "the form goes back to where it came from"
            self.method = given["method"]
        elif tag == "input":
            self.choices.append(Choice(given["name"], given["value"], "checked" in given))
            return
        elif tag == "meta":
            return
        elif tag == "button":
            self._button = (given["name"], given["value"])
        self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._inside.pop() == tag, "tags that do not match"

    def handle_data(self, data: str) -> None:
        tag = self._inside[-1] if self._inside else ""
        self.text += data
        if tag == "h1":
            self.heading = data
        elif tag == "legend":
            self.legends.append(data)
        elif tag == "label":
            self.choices[-1].label += data.strip()
        elif tag == "button":
            self.buttons[data] = self._button

    def values(self, name: str) -> list[str]:
        return [choice.value for choice in self.choices if choice.name == name]

    async def submit(
        self,
        client: httpx.AsyncClient,
        button: str = "Approve",
        *,
        account: str | None = None,
        without: tuple[str, ...] = (),
    ) -> httpx.Response:
        """Choose an account, untick these scopes, and press a button."""
        chosen = []
        for choice in self.choices:
            if choice.name == "account" and account is not None:
                choice.is_chosen = choice.value == account
            if choice.is_chosen and choice.value not in without:
                chosen.append((choice.name, choice.value))
        form = httpx.QueryParams([*chosen, self.buttons[button]])
        return await client.request(
            self.method.upper(),
            self.url,
            content=str(form),
            headers={"content-type": "application/x-www-form-urlencoded"},
        )


async def approve(
    client: httpx.AsyncClient,
    url: str,
    button: str = "Approve",
    *,
    account: str | None = None,
    without: tuple[str, ...] = (),
) -> dict[str, str]:
    """Walk from the authorize address to the callback, and answer with its parameters."""
    page = ConsentPage.of(await client.get(url))
    answer = await page.submit(client, button, account=account, without=without)
    assert answer.status_code == 303, answer.text
    return dict(httpx.URL(answer.headers["location"]).params)
