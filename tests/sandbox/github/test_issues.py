"""Issues, pull requests and comments: paging and filters."""

import httpx
import pytest

from tests.sandbox.github.conftest import API, walk

REPO = "/repos/octocat/Hello-World"


async def test_paging_walks_every_issue_exactly_once(client: httpx.AsyncClient) -> None:
    issues = await walk(client, f"{REPO}/issues?state=all&per_page=100")
    assert sorted(one["number"] for one in issues) == [
        number for number in range(1, 381) if number not in {13, 16}
    ]
    counts = (await client.get("/_sandbox/requests")).json()
    assert counts == {
        "GET /repos/{owner}/{repo}/issues": 1,
        "GET /repositories/{id}/issues": 3,
    }


async def test_link_names_the_repository_by_id(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{REPO}/issues?state=all&page=2")
    root = f"{API}/repositories/1296269/issues?state=all"
    assert answer.headers["link"] == (
        f'<{root}&page=1>; rel="prev", <{root}&page=3>; rel="next", '
        f'<{root}&page=13>; rel="last", <{root}&page=1>; rel="first"'
    )


async def test_both_prefixes_answer_alike(client: httpx.AsyncClient) -> None:
    by_name = await client.get(f"{REPO}/issues")
    by_id = await client.get("/repositories/1296269/issues")
    assert by_name.content == by_id.content
    assert (await client.get("/repos/OCTOCAT/hello-world/issues")).content == by_id.content


async def test_issues_contain_pulls_and_pulls_only_pulls(client: httpx.AsyncClient) -> None:
    issues = await walk(client, f"{REPO}/issues?state=all&per_page=100")
    pulls = await walk(client, f"{REPO}/pulls?state=all&per_page=100")
    marked = {one["number"] for one in issues if "pull_request" in one}
    assert marked == {one["number"] for one in pulls}
    assert 100 < len(marked) < len(issues)
    assert {one["draft"] for one in pulls} == {True, False}
    assert any(one["merged_at"] for one in pulls)


async def test_state_is_open_unless_told(client: httpx.AsyncClient) -> None:
    opened = await walk(client, f"{REPO}/issues?per_page=100")
    closed = await walk(client, f"{REPO}/issues?per_page=100&state=closed")
    assert {one["state"] for one in opened} == {"open"}
    assert {one["state"] for one in closed} == {"closed"}
    assert len(opened) + len(closed) == 378
    reasons = {one["state_reason"] for one in closed if "pull_request" not in one}
    assert reasons == {"completed", "not_planned", "duplicate"}


async def test_since_is_inclusive_and_ties_exist(client: httpx.AsyncClient) -> None:
    query = "state=all&sort=updated&direction=asc&per_page=100"
    everything = await walk(client, f"{REPO}/issues?{query}")
    moments = [one["updated_at"] for one in everything]
    assert moments == sorted(moments)
    tie = max(set(moments), key=moments.count)
    assert moments.count(tie) > 30
    for since in (tie, tie.replace("Z", "%2B00:00"), tie.replace("Z", "+00:00")):
        later = await walk(client, f"{REPO}/issues?{query}&since={since}")
        assert later == [one for one in everything if one["updated_at"] >= tie]


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ("labels=bug", "labels", "bug"),
        ("labels=bug,good first issue", "labels", "good first issue"),
        ("creator=hubot", "user", "hubot"),
        ("assignee=octocat", "assignees", "octocat"),
        ("milestone=2", "milestone", 2),
    ],
)
async def test_filters(client: httpx.AsyncClient, query: str, field: str, value: object) -> None:
    issues = await walk(client, f"{REPO}/issues?state=all&per_page=100&{query}")
    assert 0 < len(issues) < 378
    for one in issues:
        found = one[field] if isinstance(one[field], list) else [one[field]]
        assert value in [x.get("login", x.get("name", x.get("number"))) for x in found]


async def test_bodies_are_as_odd_as_in_life(client: httpx.AsyncClient) -> None:
    issues = await walk(client, f"{REPO}/issues?state=all&per_page=100")
    bodies = [one["body"] for one in issues]
    assert None in bodies
    assert "" in bodies
    assert any(body and "\r\n" in body for body in bodies)
    assert any(body and len(body) == 5000 for body in bodies)
    assert any(body and "👩‍👩‍👧‍👦" in body for body in bodies)
    assert any(one["user"] is None for one in issues)


async def test_one_issue_and_its_children(client: httpx.AsyncClient) -> None:
    issue = (await client.get(f"{REPO}/issues/7")).json()
    children = (await client.get(f"{REPO}/issues/7/sub_issues")).json()
    assert [one["number"] for one in children] == [9, 10, 12]
    assert issue["sub_issues_summary"]["total"] == 3
    assert issue["url"] == f"{API}{REPO}/issues/7"
    assert "pull_request" not in issue


async def test_the_long_thread(client: httpx.AsyncClient) -> None:
    comments = await walk(client, f"{REPO}/issues/42/comments?per_page=100")
    ids = [one["id"] for one in comments]
    assert len(ids) == 160
    assert ids == sorted(set(ids))
    assert (await client.get(f"{REPO}/issues/42")).json()["comments"] == 160
    middle = comments[80]["updated_at"]
    later = await walk(client, f"{REPO}/issues/42/comments?since={middle}")
    assert later == [one for one in comments if one["updated_at"] >= middle]


async def test_comments_of_the_whole_repository(client: httpx.AsyncClient) -> None:
    query = "sort=updated&direction=asc&per_page=100"
    comments = await walk(client, f"{REPO}/issues/comments?{query}")
    moments = [one["updated_at"] for one in comments]
    assert moments == sorted(moments)
    assert len({one["id"] for one in comments}) == len(comments) > 195


async def test_review_threads(client: httpx.AsyncClient) -> None:
    pull = (await client.get(f"{REPO}/pulls/101")).json()
    comments = await walk(client, f"{REPO}/pulls/101/comments?per_page=100")
    reviews = (await client.get(f"{REPO}/pulls/101/reviews")).json()
    assert pull["review_comments"] == len(comments) == 130
    firsts = {one["id"] for one in comments if "in_reply_to_id" not in one}
    replies = {one["in_reply_to_id"] for one in comments if "in_reply_to_id" in one}
    assert replies <= firsts
    assert {one["pull_request_review_id"] for one in comments} <= {one["id"] for one in reviews}
    assert {"merged", "mergeable", "changed_files", "comments"} <= pull.keys()


async def test_pulls_filters_and_their_odd_direction(client: httpx.AsyncClient) -> None:
    newest = (await client.get(f"{REPO}/pulls?state=all")).json()
    assert newest[0]["created_at"] > newest[-1]["created_at"]
    oldest = (await client.get(f"{REPO}/pulls?state=all&sort=updated")).json()
    assert oldest[0]["updated_at"] < oldest[-1]["updated_at"]
    one = (await client.get(f"{REPO}/pulls?state=all&head=octocat:patch-101&base=main")).json()
    assert [pull["number"] for pull in one] == [101]
    assert (await client.get(f"{REPO}/pulls?state=all&base=next")).json() == []


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        (f"{REPO}/issues/13", 410, "This issue was deleted"),
        (f"{REPO}/issues/9999", 404, "Not Found"),
        (f"{REPO}/issues/x", 404, "Not Found"),
        (f"{REPO}/issues/7/", 404, "Not Found"),
        (f"{REPO}/pulls/7", 404, "Not Found"),
        (f"{REPO}/issues?state=bogus", 422, "Validation Failed"),
        (f"{REPO}/issues?since=yesterday", 422, "Validation Failed"),
        ("/repos/octocat/no-issues/issues", 410, "Issues are disabled for this repo"),
        ("/repos/octocat/takedown/issues", 451, "Repository access blocked"),
        ("/repositories/1296280/issues", 404, "Not Found"),
        ("/repositories/x/issues", 404, "Not Found"),
    ],
)
async def test_errors(client: httpx.AsyncClient, path: str, status: int, message: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == status
    assert answer.json()["message"] == message
    assert answer.json()["status"] == str(status)
    assert "x-ratelimit-remaining" in answer.headers


async def test_disabled_issues_leave_the_pulls(client: httpx.AsyncClient) -> None:
    assert len((await client.get("/repos/octocat/no-issues/pulls?state=all")).json()) == 6
    assert (await client.get("/repos/octocat/empty/issues")).json() == []


async def test_a_transferred_issue_redirects(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"{REPO}/issues/16")
    assert answer.status_code == 301
    assert answer.headers["location"] == f"{API}/repositories/1296274/issues/3"
    assert (await client.get(answer.headers["location"])).json()["number"] == 3
    comments = await client.get(f"{REPO}/issues/16/comments?per_page=1")
    location = f"{API}/repositories/1296274/issues/3/comments?per_page=1"
    assert comments.headers["location"] == location


async def test_a_renamed_repository_redirects(client: httpx.AsyncClient) -> None:
    answer = await client.get("/repos/octocat/Hello-Planet/issues?state=all&page=2")
    location = f"{API}/repositories/1296269/issues?state=all&page=2"
    assert (answer.status_code, answer.headers["location"]) == (301, location)
    assert answer.json()["message"] == "Moved Permanently"
    assert answer.json()["url"] == location
