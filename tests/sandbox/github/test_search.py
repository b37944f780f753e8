"""The search: its language, its scope, its limits."""

import httpx
import pytest

from tests.sandbox.github.conftest import Connect, walk

HELLO = "repo:octocat/Hello-World"


async def search(client: httpx.AsyncClient, query: str, **params: str) -> list[dict]:
    answer = await client.get("/search/issues", params={"q": query, "per_page": "100", **params})
    assert answer.status_code == 200, answer.text
    assert answer.json()["incomplete_results"] is False
    return answer.json()["items"]


def repositories(items: list[dict]) -> set[str]:
    return {"/".join(one["repository_url"].split("/")[-2:]) for one in items}


async def test_everything_is_walked_once(client: httpx.AsyncClient) -> None:
    items = await walk(client, f"/search/issues?q={HELLO}&per_page=100")
    assert len({one["number"] for one in items}) == len(items) == 378


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("repo:octo-org/docs", {"octo-org/docs"}),
        ("repo:octo-org/docs repo:tentacle-labs/legacy", {"octo-org/docs", "tentacle-labs/legacy"}),
        ("org:octo-org", {"octo-org/docs", "octo-org/tentacle-api"}),
        ("user:hubot", {"hubot/robots"}),
        ("org:octo-org -repo:octo-org/docs", {"octo-org/tentacle-api"}),
        ("repo:octo-org/docs repo:nobody/nothing", {"octo-org/docs"}),
    ],
)
async def test_scopes_widen(client: httpx.AsyncClient, query: str, expected: set[str]) -> None:
    assert repositories(await search(client, query)) == expected


async def test_without_a_scope_all_that_is_visible(connect: Connect) -> None:
    private = "octocat/private-notes"
    found = await walk(connect(), "/search/issues?q=is:private&per_page=100")
    assert repositories(found) == {private, "octo-org/tentacle-api", "hubot/robots"}
    hubots = await walk(connect("ghp_sandbox_hubot"), "/search/issues?q=is:open&per_page=100")
    assert private not in repositories(hubots)
    assert "hubot/secret-lab" in repositories(hubots)
    public = await walk(connect("ghp_sandbox_noscope"), "/search/issues?q=is:open&per_page=100")
    assert not {private, "octo-org/tentacle-api"} & repositories(public)


async def test_a_scope_that_is_not_visible_is_an_error(client: httpx.AsyncClient) -> None:
    answer = await client.get("/search/issues", params={"q": "repo:hubot/secret-lab x"})
    assert answer.status_code == 422
    assert "cannot be searched" in answer.json()["errors"][0]["message"]


async def test_quotes_and_escapes_keep_text_inside(client: httpx.AsyncClient) -> None:
    attack = 'x" repo:hubot/robots is:open "'
    escaped = attack.replace("\\", "\\\\").replace('"', '\\"')
    assert await search(client, f'repo:octo-org/docs "{escaped}"') == []
    open_door = await search(client, f'repo:octo-org/docs "{attack}"')
    assert repositories(open_door) <= {"octo-org/docs", "hubot/robots"}
    assert repositories(await search(client, "repo:octo-org/docs zzz OR repo:hubot/robots")) == {
        "hubot/robots"
    }
    assert await search(client, 'repo:octo-org/docs "zzz OR repo:hubot/robots"') == []
    found = await search(client, f'{HELLO} "Quotes \\"inside\\" a title"')
    assert found
    assert all('Quotes "inside"' in one["title"] for one in found)


async def test_words_are_all_needed_and_phrases_are_whole(client: httpx.AsyncClient) -> None:
    words = await search(client, f"{HELLO} theme dark in:title")
    phrase = await search(client, f'{HELLO} "dark theme" in:title')
    assert words == phrase
    assert phrase
    assert await search(client, f'{HELLO} "theme dark" in:title') == []
    without = await search(client, f'{HELLO} "dark theme" -fix in:title')
    assert 0 < len(without) < len(phrase)


@pytest.mark.parametrize(
    ("qualifier", "field", "value"),
    [("is:open", "state", "open"), ("state:closed", "state", "closed")],
)
async def test_state(client: httpx.AsyncClient, qualifier: str, field: str, value: str) -> None:
    assert {one[field] for one in await search(client, f"{HELLO} {qualifier}")} == {value}


@pytest.mark.parametrize("qualifier", ["is:pr", "type:pr", "-is:issue", "NOT is:issue"])
async def test_only_pulls(client: httpx.AsyncClient, qualifier: str) -> None:
    items = await search(client, f"{HELLO} {qualifier}")
    assert len(items) == 100
    assert all("pull_request" in one for one in items)


async def test_people_and_labels(client: httpx.AsyncClient) -> None:
    mine = await search(client, f"{HELLO} author:@me")
    assert {one["user"]["login"] for one in mine} == {"octocat"}
    labelled = await search(client, f'{HELLO} label:"good first issue"')
    names = [{label["name"] for label in one["labels"]} for one in labelled]
    assert names
    assert all("good first issue" in each for each in names)


@pytest.mark.parametrize(
    ("range_", "low", "high"),
    [
        (">=2025-06-01", "2025-06-01", "9"),
        (">2025-06-01", "2025-06-02", "9"),
        ("<2024-06-01T12:00:00Z", "2", "2024-06-01T12:00:00Z"),
        ("2025-01-01..2025-01-31", "2025-01-01", "2025-02-01"),
        ("*..2024-06-30", "2", "2024-07-01"),
        ("2025-06-19", "2025-06-19", "2025-06-20"),
    ],
)
async def test_dates(client: httpx.AsyncClient, range_: str, low: str, high: str) -> None:
    query = f"/search/issues?per_page=100&q={HELLO}"
    everything = [one["updated_at"] for one in await walk(client, query)]
    found = [one["updated_at"] for one in await walk(client, f"{query} updated:{range_}")]
    assert found
    assert sorted(found) == sorted(moment for moment in everything if low <= moment < high)


async def test_order(client: httpx.AsyncClient) -> None:
    falling = await search(client, HELLO, sort="updated")
    rising = await search(client, HELLO, sort="updated", order="asc")
    assert falling[0]["updated_at"] > falling[-1]["updated_at"] > rising[-1]["updated_at"]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"q": "  "},
        {"q": "x" * 257},
        {"q": "is:open", "per_page": "100", "page": "11"},
        {"q": "is:open", "order": "sideways"},
        {"q": "updated:>=yesterday"},
    ],
)
async def test_what_is_refused(client: httpx.AsyncClient, params: dict[str, str]) -> None:
    answer = await client.get("/search/issues", params=params)
    assert answer.status_code == 422
    assert answer.json()["status"] == "422"


async def test_qualifiers_do_not_count_for_the_length(client: httpx.AsyncClient) -> None:
    query = f"{'x' * 256} {HELLO} is:open state:open"
    assert await search(client, query) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("user:@me", {"Hello-World", "private-notes", "empty", "no-issues"}),
        ("user:@me fork:true", {"Hello-World", "private-notes", "empty", "no-issues", "linguist"}),
        ("user:@me fork:only", {"linguist"}),
        ("org:octo-org tentacle in:name", {"tentacle-api"}),
        ("user:@me org:octo-org docs in:name", {"docs"}),
    ],
)
async def test_repositories(client: httpx.AsyncClient, query: str, expected: set[str]) -> None:
    answer = await client.get("/search/repositories", params={"q": query})
    assert {one["name"] for one in answer.json()["items"]} == expected
    assert answer.json()["total_count"] == len(expected)
