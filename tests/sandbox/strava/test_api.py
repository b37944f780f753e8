"""The API: who sees what, paging, limits."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from src.sandbox.strava.callers import DANA_TOKEN, FOLLOWER_TOKEN, PROFILE_TOKEN, RIO_TOKEN
from src.sandbox.strava.limits import Limit
from src.sandbox.strava.seed.activities import FIRST
from tests.sandbox.strava.conftest import bearer

DANA = bearer(DANA_TOKEN)


def entries(answer: httpx.Response) -> list[tuple[str, str, str]]:
    return [(one["resource"], one["field"], one["code"]) for one in answer.json().get("errors", [])]


@pytest.mark.parametrize(
    ("path", "token", "status", "found"),
    [
        ("/athlete", "no", 401, ("Athlete", "access_token", "invalid")),
        (
            "/athlete/activities",
            PROFILE_TOKEN,
            401,
            ("AccessToken", "activity:read_permission", "missing"),
        ),
        ("/gear/b16988545", FOLLOWER_TOKEN, 401, None),
        ("/gear/b16988545", RIO_TOKEN, 404, ("Gear", "id", "not found")),
        ("/activities/x", DANA_TOKEN, 404, ("resource", "path", "invalid")),
        ("/clubs/108605/activities", DANA_TOKEN, 404, ("resource", "path", "invalid")),
        ("/clubs/108605/members", DANA_TOKEN, 401, ("Application", "internal", "invalid")),
        ("/nowhere", DANA_TOKEN, 404, ("resource", "path", "invalid")),
    ],
)
async def test_each_refusal(
    strava: httpx.AsyncClient,
    path: str,
    token: str,
    status: int,
    found: tuple[str, str, str] | None,
) -> None:
    answer = await strava.get(path, headers=bearer(token))
    assert answer.status_code == status
    assert found is None or entries(answer) == [found]


async def test_what_is_somebody_elses_has_an_empty_body(strava: httpx.AsyncClient) -> None:
    answer = await strava.get("/activities/1000", headers=DANA)
    assert (answer.status_code, answer.content) == (404, b"")
    hidden = await strava.get(f"/activities/{FIRST + 9}", headers=bearer(FOLLOWER_TOKEN))
    assert hidden.status_code == 404
    assert (await strava.get(f"/activities/{FIRST + 9}", headers=DANA)).status_code == 200


async def test_a_token_stands_in_the_header_only(strava: httpx.AsyncClient) -> None:
    assert (await strava.get("/athlete", params={"access_token": DANA_TOKEN})).status_code == 401


async def test_a_cursor_comes_back_as_it_was_given(strava: httpx.AsyncClient) -> None:
    path = f"/activities/{FIRST}/comments"
    said = (await strava.get(path, headers=DANA, params={"page_size": "2"})).json()
    cursor = said[-1]["cursor"]
    assert unquote(cursor) != cursor
    after = {"page_size": "2", "after_cursor": cursor}
    following = (await strava.get(path, headers=DANA, params=after)).json()
    assert following[0]["id"] == said[-1]["id"] + 1
    plain = {**after, "after_cursor": unquote(cursor)}
    assert (await strava.get(path, headers=DANA, params=plain)).status_code == 400


async def test_what_is_over_the_limit_counts_and_is_told(imitation: Callable[..., Any]) -> None:
    now = [1_763_553_600.0]
    limits = {"overall": Limit(10, 20), "read": Limit(2, 4), "clock": lambda: now[0]}
    async with imitation(**limits) as strava:
        answers = [await strava.get("/athlete", headers=DANA) for _ in range(3)]
        assert [one.status_code for one in answers] == [200, 200, 429]
        assert answers[0].headers["X-ReadRateLimit-Usage"] == "1,1"
        assert answers[2].headers["X-RateLimit-Limit"] == "10,20"
        assert answers[2].headers["X-ReadRateLimit-Usage"] == "3,3"
        assert answers[2].json()["errors"] == "Rate Limit Exceeded"
        assert "retry-after" not in answers[2].headers
        now[0] += 900
        assert (await strava.get("/athlete", headers=DANA)).status_code == 200
        # The day is used up by what was refused.
        assert (await strava.get("/athlete", headers=DANA)).status_code == 429
        now[0] += 86_400
        # Another athlete of the same app.
        other = await strava.get("/athlete", headers=bearer(RIO_TOKEN))
        assert other.headers["X-ReadRateLimit-Usage"] == "1,1"
