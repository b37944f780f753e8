"""A project of the imitation: keys, paging by range, filters, schemas, and PostgREST's errors."""

from typing import Any

import httpx
import pytest

from src.sandbox.supabase.callers import legacy_key, publishable_key, secret_key
from src.sandbox.supabase.seed.world import ASLEEP, HIVE, LAB, SHOP

PUBLISHABLE = {"apikey": publishable_key(SHOP)}
SERVICE = legacy_key(SHOP, "service_role")
NOTES = "/rest/v1/notes"


@pytest.mark.parametrize(
    ("headers", "status", "message"),
    [
        ({"apikey": ""}, 401, "No API key found in request"),
        (
            {"apikey": "", "authorization": f"Bearer {secret_key(SHOP)}"},
            401,
            "No API key found in request",
        ),
        ({"apikey": "sb_secret_none"}, 401, "Invalid API key"),
        ({"apikey": secret_key(HIVE)}, 401, "Invalid API key"),
        ({"authorization": f"Bearer {SERVICE}"}, 401, "Invalid API key"),
        ({"user-agent": "Mozilla/5.0"}, 401, "Forbidden use of secret API key in browser"),
    ],
)
async def test_keys_that_do_not_open(
    shop: httpx.AsyncClient, headers: dict[str, str], status: int, message: str
) -> None:
    answer = await shop.get(NOTES, headers=headers)
    assert (answer.status_code, answer.json()["message"]) == (status, message)


async def test_a_new_key_may_stand_twice(shop: httpx.AsyncClient) -> None:
    twice = {"authorization": f"Bearer {secret_key(SHOP)}"}
    assert (await shop.get(NOTES, headers=twice)).status_code == 200


async def test_a_legacy_key_needs_the_bearer_to_have_its_role(shop: httpx.AsyncClient) -> None:
    alone = await shop.get("/rest/v1/settings", headers={"apikey": SERVICE})
    assert alone.json() == []
    both = {"apikey": SERVICE, "authorization": f"Bearer {SERVICE}"}
    assert len((await shop.get("/rest/v1/settings", headers=both)).json()) == 2


async def test_only_secret_keys_read_the_description(shop: httpx.AsyncClient) -> None:
    told = (await shop.get("/rest/v1/")).json()
    assert told["swagger"] == "2.0"
    assert "<pk/>" in told["definitions"]["notes"]["properties"]["id"]["description"]
    assert "post" not in told["paths"]["/totals"]
    assert (await shop.get("/rest/v1/", headers=PUBLISHABLE)).status_code == 403


@pytest.mark.parametrize(
    ("range_", "prefer", "status", "content_range", "count"),
    [
        ("0-9", "", 200, "0-9/*", 10),
        ("0-9", "count=exact", 206, "0-9/60", 10),
        ("0-99", "count=exact", 200, "0-59/60", 60),
        ("55-99", "count=exact", 206, "55-59/60", 5),
        ("60-99", "count=exact", 206, "*/60", 0),
        ("60-99", "", 200, "*/*", 0),
        ("900-999", "", 200, "*/*", 0),
    ],
)
async def test_ranges(
    shop: httpx.AsyncClient, range_: str, prefer: str, status: int, content_range: str, count: int
) -> None:
    headers = {"range-unit": "items", "range": range_, "prefer": prefer}
    answer = await shop.get(NOTES, headers=headers)
    assert (answer.status_code, answer.headers["content-range"]) == (status, content_range)
    assert len(answer.json()) == count


async def test_a_range_beyond_a_count(shop: httpx.AsyncClient) -> None:
    answer = await shop.get(NOTES, headers={"range": "61-70", "prefer": "count=exact"})
    assert (answer.status_code, answer.json()["code"]) == (416, "PGRST103")


async def test_never_more_rows_than_the_project_gives(shop: httpx.AsyncClient) -> None:
    whole = await shop.get("/rest/v1/events", headers={"prefer": "count=estimated"})
    assert (len(whole.json()), whole.headers["content-range"]) == (1_000, "0-999/4900")
    lab = {"host": f"{LAB.ref}.supabase.co", "apikey": secret_key(LAB)}
    few = await shop.get("/rest/v1/samples", headers={**lab, "prefer": "count=estimated"})
    assert (few.status_code, few.headers["content-range"]) == (206, "0-9/11")


@pytest.mark.parametrize(
    ("params", "ids"),
    [
        ({"id": "lte.3"}, [1, 2, 3]),
        ({"id": "in.(3,1)"}, [1, 3]),
        ({"id": "not.gt.2"}, [1, 2]),
        ({"title": "is.null"}, [5]),
        ({"title": "ilike.note 1_*stock", "limit": "2"}, [1, 10]),
        ({"body": 'eq.a,b.c:(d)"e"\\f*%_'}, [6]),
        ({"or": "(id.eq.1,id.eq.2)"}, [1, 2]),
        ({"and": '("id".gte."58",not.or(id.eq.59,title.imatch."note 60"))'}, [58]),
        ({"order": "id.desc", "limit": "2"}, [60, 59]),
        ({"order": '"updated_at".desc.nullslast,id.asc', "limit": "2"}, [5, 60]),
        ({"limit": "2", "offset": "58"}, [59, 60]),
    ],
)
async def test_filters(shop: httpx.AsyncClient, params: dict[str, str], ids: list[int]) -> None:
    answer = await shop.get(NOTES, params={"select": "id", **params})
    assert answer.status_code == 200, answer.text
    assert [row["id"] for row in answer.json()] == ids


@pytest.mark.parametrize(
    ("path", "headers", "status", "code"),
    [
        ("/rest/v1/none", {}, 404, "PGRST205"),
        (f"{NOTES}?none=eq.1", {}, 400, "42703"),
        (f"{NOTES}?select=none", {}, 400, "42703"),
        (f"{NOTES}?id=eq.x", {}, 400, "22P02"),
        (f"{NOTES}?id=near.1", {}, 400, "PGRST100"),
        (f"{NOTES}?and=(id.eq.1", {}, 400, "PGRST100"),
        (f"{NOTES}?id=like.x", {}, 404, "42883"),
        (NOTES, {"accept": "application/vnd.pgrst.object+json"}, 406, "PGRST116"),
        (NOTES, {"accept-profile": "private"}, 406, "PGRST106"),
        ("/rest/v1/payroll", PUBLISHABLE, 401, "42501"),
    ],
)
async def test_errors(
    shop: httpx.AsyncClient, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await shop.get(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()) == {"code", "details", "hint", "message"}


@pytest.mark.parametrize(
    ("path", "rows", "headers", "status", "code"),
    [
        (NOTES, [{"id": 1}], {}, 409, "23505"),
        (NOTES, [{"id": 90}, {"title": "x"}], {}, 400, "PGRST102"),
        (NOTES, [{"none": 1}], {}, 400, "PGRST204"),
        ("/rest/v1/settings", [{"value": 1}], {}, 400, "23502"),
        (NOTES, [{"title": "x"}], PUBLISHABLE, 401, "42501"),
    ],
)
async def test_rows_that_are_not_taken(
    shop: httpx.AsyncClient, path: str, rows: Any, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await shop.post(path, json=rows, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_rows_are_added(shop: httpx.AsyncClient) -> None:
    prefer = {"prefer": "return=representation"}
    answer = await shop.post(NOTES, json={"title": "new"}, headers=prefer)
    assert (answer.status_code, answer.json()[0]["id"]) == (201, 61)
    assert (await shop.post(NOTES, json=[{"title": "x"}])).content == b""
    found = await shop.get(NOTES, params={"id": "gt.60", "select": "title"})
    assert found.json() == [{"title": "new"}, {"title": "x"}]


async def test_a_custom_domain_and_a_paused_project(shop: httpx.AsyncClient) -> None:
    custom = await shop.get("/auth/v1/settings", headers={"host": "data.acme.example"})
    assert custom.status_code == 200
    paused = {"host": f"{ASLEEP.ref}.supabase.co", "apikey": secret_key(ASLEEP)}
    assert (await shop.get(NOTES, headers=paused)).status_code == 540
    unknown = await shop.get(NOTES, headers={"host": "none.supabase.co"})
    assert unknown.status_code == 404
