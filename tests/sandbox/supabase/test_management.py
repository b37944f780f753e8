"""The Management API of the imitation: bodies, limits, and both ways to run SQL."""

from typing import Any

import httpx
import pytest

from src.sandbox.kit import MemoryStore
from src.sandbox.supabase.app import create_app
from src.sandbox.supabase.callers import BEN_TOKEN, MIA_TOKEN, SCOPED_TOKEN
from src.sandbox.supabase.seed.world import ACME, ASLEEP, SHOP, UMBRELLA

QUERY = f"/v1/projects/{SHOP.ref}/database/query"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_answers_carry_the_limit_in_seconds_that_are_left() -> None:
    now = [1_000_000_020.0]
    app = create_app(MemoryStore(), limit=2, clock=lambda: now[0])
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
        client.headers.update(bearer(MIA_TOKEN))
        told = [await client.get("/v1/organizations") for _ in range(3)]
        assert [one.status_code for one in told] == [200, 200, 429]
        assert [one.headers["x-ratelimit-remaining"] for one in told] == ["1", "0", "0"]
        assert {one.headers["x-ratelimit-reset"] for one in told} == {"60"}
        assert told[2].json() == {"message": "ThrottlerException: Too Many Requests"}
        # The limit is the user's, over all tokens; another user has one of its own.
        scoped = await client.get("/v1/organizations", headers=bearer(SCOPED_TOKEN))
        assert scoped.status_code == 429
        other = await client.get("/v1/organizations", headers=bearer(BEN_TOKEN))
        assert other.status_code == 200
        now[0] += 60
        assert (await client.get("/v1/organizations")).status_code == 200


@pytest.mark.parametrize(
    ("path", "token", "status", "message"),
    [
        ("/v1/organizations", "sbp_none", 401, "Unauthorized"),
        ("/v1/profile", SCOPED_TOKEN, 403, "Forbidden resource"),
        (f"/v1/organizations/{ACME.slug}", BEN_TOKEN, 404, "Organization not found"),
        (f"/v1/projects/{SHOP.ref}", BEN_TOKEN, 403, "Forbidden resource"),
        (
            f"/v1/organizations/{ACME.slug}/projects?limit=101",
            MIA_TOKEN,
            400,
            ["limit must not be greater than 100"],
        ),
        ("/v1/nothing", MIA_TOKEN, 404, "Not Found"),
    ],
)
async def test_refusals(
    management: httpx.AsyncClient, path: str, token: str, status: int, message: Any
) -> None:
    answer = await management.get(path, headers=bearer(token))
    assert (answer.status_code, answer.json()) == (status, {"message": message})


async def test_projects_of_an_organisation_come_in_pages(management: httpx.AsyncClient) -> None:
    path = f"/v1/organizations/{UMBRELLA.slug}/projects"
    answer = await management.get(path, params={"offset": "8", "limit": "4", "sort": "name_asc"})
    body = answer.json()
    assert body["pagination"] == {"count": 9, "limit": 4, "offset": 8}
    assert [one["name"] for one in body["projects"]] == ["Numbered h"]
    whole = (await management.get("/v1/projects")).json()
    assert {one["organization_slug"] for one in whole} == {ACME.slug, UMBRELLA.slug}


async def test_sql_is_answered_with_201(management: httpx.AsyncClient) -> None:
    body = {"query": "select 1"}
    answer = await management.post(QUERY, json=body)
    assert (answer.status_code, answer.json()) == (201, [{"?column?": 1}])
    read_only = await management.post(f"{QUERY}/read-only", json=body)
    assert read_only.status_code == 201


@pytest.mark.parametrize(
    ("query", "parameters", "rows"),
    [
        (
            'select "id", title from public.notes where id = $1',
            [3],
            [{"id": 3, "title": "Note 3 about orders"}],
        ),
        ("select count(*) from public.notes where title is not null", [], [{"count": 59}]),
        (
            "select id from public.notes where id in (2, 5) order by id desc",
            [],
            [{"id": 5}, {"id": 2}],
        ),
        (
            "select id from public.notes where title like 'Note 2%' limit 1 offset 1",
            [],
            [{"id": 20}],
        ),
        ("SELECT kind FROM public.totals WHERE total >= 31;", [], [{"kind": "returned"}]),
        (
            "select 'it''s' as said, $1 as given, null as none",
            ["x"],
            [{"said": "it's", "given": "x", "none": None}],
        ),
    ],
)
async def test_simple_selects(
    management: httpx.AsyncClient, query: str, parameters: list[Any], rows: list[Any]
) -> None:
    body = {"query": query, "parameters": parameters}
    answer = await management.post(f"{QUERY}/read-only", json=body)
    assert answer.json() == rows


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "42601"),
        ("select * from notes", "42P01"),
        ("select * from public.notes where id = 1 or 1 = 1", "42601"),
        ("select * from public.notes -- x", "42601"),
        ("select 1; drop table public.notes", "42601"),
        ("select $1", "42P02"),
        ("select * from public.notes where id = 'a'", "22P02"),
        ("select * from public.notes where id like 'a'", "42883"),
        ("delete from public.notes", "25006"),
    ],
)
async def test_what_postgresql_refuses(
    management: httpx.AsyncClient, query: str, code: str
) -> None:
    answer = await management.post(f"{QUERY}/read-only", json={"query": query})
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(f"Failed to run sql query: ERROR:  {code}: ")


async def test_changes_stay(management: httpx.AsyncClient) -> None:
    async def run(query: str) -> Any:
        return (await management.post(QUERY, json={"query": query})).json()

    assert await run("insert into public.settings (code, value) values ('a', null)") == []
    (added,) = await run("insert into public.notes (title) values ('b') returning *")
    assert (added["id"], added["done"]) == (61, False)
    await run("delete from public.notes where id <= 60")
    assert await run("update public.notes set title = 'c' returning *") == [{**added, "title": "c"}]
    assert await run("select count(*) from public.notes") == [{"count": 1}]


async def test_a_project_that_is_asleep(management: httpx.AsyncClient) -> None:
    shown = (await management.get(f"/v1/projects/{ASLEEP.ref}")).json()
    assert shown["status"] == "INACTIVE"
    query = f"/v1/projects/{ASLEEP.ref}/database/query/read-only"
    answer = await management.post(query, json={"query": "select 1"})
    assert answer.status_code == 400


async def test_a_scope_that_is_missing_is_named(management: httpx.AsyncClient) -> None:
    answer = await management.post(QUERY, json={"query": "select 1"}, headers=bearer(SCOPED_TOKEN))
    assert (answer.status_code, answer.json()["message"]) == (
        403,
        "The token lacks the scope database:write",
    )
