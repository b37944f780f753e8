"""The search: what queries mean, what is refused, and how it pages."""

import httpx
import pytest

from tests.sandbox.jira.conftest import API, PAT, Connect, keys, messages, search


@pytest.mark.parametrize(
    ("jql", "expected"),
    [
        ("key = EX-1", ["EX-1"]),
        ("key in (EX-1, MKT-1) ORDER BY project", ["EX-1", "MKT-1"]),
        ("id = 10101", ["EX-1"]),
        ("parent = EX-1", ["EX-3", "EX-2"]),
        ("parent = 10102 ORDER BY created ASC", ["EX-7", "EX-8"]),
        ('project = "EX" AND issuetype = Epic', ["EX-1"]),
        ('project = 10000 AND "issuetype" = "epic"', ["EX-1"]),
        ("project = EX AND summary ~ 'Every node'", ["EX-3"]),
        ('project = EX AND summary ~ "every nod*"', ["EX-3"]),
        ('project = EX AND summary ~ "every nod"', []),
        ('project = EX AND (summary ~ "talk" OR summary ~ "epic")', ["EX-4", "EX-1"]),
        ("project = EX AND summary ~ talk OR key = MKT-1", ["MKT-1", "EX-4"]),
        ("key in (EX-1, EX-2) AND NOT issuetype = Epic", ["EX-2"]),
        ("key in (EX-1, EX-2) AND issuetype != Epic", ["EX-2"]),
        ("project = SEC AND assignee = currentUser()", ["SEC-3"]),
        ("project = SEC AND assignee IS EMPTY", ["SEC-4", "SEC-1"]),
        ("project = SEC AND statusCategory = Done", ["SEC-2"]),
        ("project = SEC AND labels = 'ünïcode'", ["SEC-2"]),
        ("project = SEC AND created >= 1686714400000", ["SEC-4"]),
        ("project = SEC AND created < 1686714400000 AND created > 1686707200000", ["SEC-3"]),
        # In the time zone of who asks, ten hours ahead.
        ('project = SEC AND created >= "2023-06-14 13:46"', ["SEC-4"]),
        ('project = SEC AND created >= "2023-06-14 13:47"', []),
        ('summary ~ "one OR talk" AND project = EX', ["EX-4", "EX-2"]),
    ],
)
async def test_what_a_query_means(mia: httpx.AsyncClient, jql: str, expected: list[str]) -> None:
    assert await keys(mia, jql) == expected


@pytest.mark.parametrize(
    ("jql", "message"),
    [
        ("", "Unbounded JQL queries are not allowed here."),
        ("ORDER BY created", "Unbounded JQL queries are not allowed here."),
        ("project = NOSUCH", "The value 'NOSUCH' does not exist for the field 'project'."),
        ("status = Nope", "The value 'Nope' does not exist for the field 'status'."),
        ("parent = EX-9999", "An issue with key 'EX-9999' does not exist for field 'parent'."),
        ("nosuch = 1", "Field 'nosuch' does not exist"),
        ("summary = x", "The operator '=' is not supported by the 'summary' field."),
        ("project ~ EX", "The operator '~' is not supported by the 'project' field."),
        ("project = EX AND", "Error in the JQL Query"),
        ("project = EX)", "Error in the JQL Query"),
        ('project = "EX', "Error in the JQL Query"),
        ("project = = EX", "Error in the JQL Query"),
        ("project = EX ORDER updated", "Error in the JQL Query"),
        ("project = EX ORDER BY nosuch", "Field 'nosuch' does not exist"),
        ("updated >= yesterday", "Date value 'yesterday' is invalid."),
        ('text ~ "a:b"', "The text query 'a:b' is not allowed"),
        ('text ~ "*a"', "The text query '*a' is not allowed"),
        ("assignee = nosuchfunction()", "Unable to find JQL function 'nosuchfunction()'."),
        (
            f"project = EX ORDER BY {', '.join(['id'] * 8)}",
            "The query has more than 7 fields in its ORDER BY.",
        ),
    ],
)
async def test_what_is_refused(mia: httpx.AsyncClient, jql: str, message: str) -> None:
    (said,) = messages(await search(mia, jql), 400)
    assert message in said


async def test_without_names_there_are_ids_only(mia: httpx.AsyncClient) -> None:
    found = (await mia.get(f"{API}/search/jql", params={"jql": "key = EX-1"})).json()
    (issue,) = found["issues"]
    assert "fields" not in issue
    assert "total" not in found


async def test_pages_by_tokens_of_one_query(mia: httpx.AsyncClient) -> None:
    first = (await search(mia, "project = SEC", maxResults="3")).json()
    token = first["nextPageToken"]
    assert (len(first["issues"]), first["isLast"]) == (3, False)
    second = (await search(mia, "project = SEC", maxResults="3", nextPageToken=token)).json()
    assert (len(second["issues"]), second["isLast"]) == (1, True)
    assert "nextPageToken" not in second
    for jql, given in (("project = EX", token), ("project = SEC", "nonsense")):
        (said,) = messages(await search(mia, jql, nextPageToken=given), 400)
        assert "token is invalid" in said


async def test_no_more_than_a_hundred_with_fields_and_thousands_without(
    mia: httpx.AsyncClient,
) -> None:
    many = {"maxResults": "5000"}
    assert len((await search(mia, "project = BIG", **many)).json()["issues"]) == 100
    ids = await search(mia, "project = BIG", **many, fields="id")
    assert len(ids.json()["issues"]) == 5_000


async def test_the_old_search_is_gone_in_the_cloud_and_there_in_a_data_center(
    mia: httpx.AsyncClient, connect: Connect
) -> None:
    params = {"jql": "project = EX", "maxResults": "100", "startAt": "50", "fields": "summary"}
    messages(await mia.get(f"{API}/search", params=params), 410)
    found = (await connect(PAT).get("/rest/api/2/search", params=params)).json()
    assert (found["startAt"], found["maxResults"], found["total"]) == (50, 40, 60)
    assert len(found["issues"]) == 10


async def test_projects(mia: httpx.AsyncClient, connect: Connect) -> None:
    params = {"maxResults": "4", "orderBy": "key"}
    first = (await mia.get(f"{API}/project/search", params=params)).json()
    assert (first["total"], first["isLast"], len(first["values"])) == (7, False, 4)
    assert "nextPage" in first
    params |= {"startAt": "4"}
    second = (await mia.get(f"{API}/project/search", params=params)).json()
    assert (second["isLast"], len(second["values"])) == (True, 3)
    messages(await mia.get(f"{API}/project/search", params={"query": "nosuch"}), 404)
    assert isinstance((await connect(PAT).get("/rest/api/2/project")).json(), list)


async def test_comments_say_nothing_of_a_last_page(mia: httpx.AsyncClient) -> None:
    url = f"{API}/issue/EX-4/comment"
    found = (await mia.get(url, params={"startAt": "250", "maxResults": "100"})).json()
    assert set(found) == {"startAt", "maxResults", "total", "comments"}
    assert (found["total"], len(found["comments"])) == (300, 50)
    latest = (await mia.get(url, params={"orderBy": "-created", "maxResults": "1"})).json()
    assert latest["comments"][0]["id"] == "10104300"
    messages(await mia.get(url, params={"orderBy": "updated"}), 400)
