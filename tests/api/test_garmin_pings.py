"""Garmin's Developer Program: pings become records, and the records are what is browsed."""

from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from src.sandbox.garmin.oauth import APP
from src.sandbox.garmin.people import MIA
from src.sandbox.garmin.seed import ACTIVITIES_OF_MIA
from src.sandbox.garmin.wellness import PULL_TOKEN
from tests.api.answers import data_of, error_of, items_of
from tests.api.hooked import until
from tests.api.test_garmin import C, Host, begin
from tests.conftest import GitHub, StartService
from tests.secrecy import SECRETS

REST = "https://apis.garmin.com/wellness-api/rest"
SPAN = "uploadStartTimeInSeconds=1767225600&uploadEndTimeInSeconds=1767229200"
RUN = "activity:5001968355"
DAY = "day:2026-01-11"


@pytest.fixture
async def host(start: StartService, github: GitHub) -> Host:
    SECRETS.note(PULL_TOKEN)
    return await begin(start, github)


async def own_app(host: Host) -> Any:
    """A connection by an app of the tenant's own, whose address the tenant may see."""
    app = {"clientId": APP.client_id, "clientSecret": APP.client_secret}
    data_of(await host.client.patch(C, json=app))
    return await host.oauth()


async def subscribe(host: Host, connected: Any, **body: Any) -> str:
    """The path of the address that is to be entered at Garmin."""
    answer = await host.client.post(
        f"{C}/webhooks", json={"connectionId": connected["connectionId"], **body}
    )
    setup = data_of(answer, 201)["setup"]
    assert "garmin.com" in setup["instructions"]
    SECRETS.note(setup["url"].rpartition("/")[2])
    return urlsplit(setup["url"]).path


def ping(kind: str, user: str = MIA.wellness_id, **more: Any) -> dict[str, Any]:
    address = f"{REST}/{kind}?{SPAN}&token={PULL_TOKEN}"
    return {kind: [{"userId": user, "callbackURL": address, **more}]}


async def deliver(
    host: Host, path: str, body: Any, status: int = 200, client: str = APP.client_id
) -> httpx.Response:
    answer = await host.client.post(path, json=body, headers={"garmin-client-id": client})
    assert answer.status_code == status, answer.text
    return answer


async def items(host: Host, connected: Any, place: str) -> list[dict[str, Any]]:
    return items_of(await host.ask("items", connected, containerId=place))


async def test_pings_become_items(host: Host) -> None:
    connected = await own_app(host)
    path = await subscribe(host, connected)
    assert await items(host, connected, "activities") == []
    host.asked()
    await deliver(host, path, {**ping("activities"), **ping("dailies")})

    async def are_there() -> bool:
        places = ("activities", "daily")
        return all([await items(host, connected, place) for place in places])

    await until(are_there)
    (activity,) = await items(host, connected, "activities")
    assert (activity["id"], activity["title"]) == (RUN, "Olathe Running")
    assert (await host.item(connected, RUN))["fields"] == activity["fields"]
    (day,) = await items(host, connected, "daily")
    assert day["id"] == DAY
    records = await host.client.get(
        f"/api/connections/{connected['connectionId']}/records", params={"stream": "daily"}
    )
    assert [one["id"] for one in data_of(records)["items"]] == [DAY]
    assert sorted(host.asked()) == [
        "GET /wellness-api/rest/activities",
        "GET /wellness-api/rest/dailies",
    ]
    error_of(await host.ask("items/activity:7", connected), 404, "not_found")
    for filters in ({"q": "run"}, {"sort": "updatedAt"}):
        answer = await host.ask("items", connected, containerId="activities", **filters)
        error_of(answer, 422, "unsupported_filter")
    for place in ("gear", "activities:running"):
        answer = await host.ask("items", connected, containerId=place)
        error_of(answer, 422, "validation_error")
    strangers = {"X-Tenant-Id": "globex"}
    query = {"connectionId": connected["connectionId"], "containerId": "activities"}
    answer = await host.client.get(f"{C}/items", params=query, headers=strangers)
    error_of(answer, 404, "not_found")


async def test_what_garmin_hands_over_by_itself_is_no_job(host: Host) -> None:
    connected = await own_app(host)
    body = {"connectionId": connected["connectionId"]}
    error_of(await host.client.post(f"{C}/jobs", json=body), 422, "unsupported_capability")
    named = {**body, "streams": ["activities"]}
    error_of(await host.client.post(f"{C}/jobs", json=named), 422, "unsupported_capability")


async def test_a_stream_that_a_key_does_not_open_is_no_job_and_neither_are_those_beside_it(
    host: Host,
) -> None:
    connected = await host.key()
    named = {"connectionId": connected["connectionId"], "streams": ["daily", "gear"]}
    error_of(await host.client.post(f"{C}/jobs", json=named), 422, "unsupported_capability")
    assert items_of(await host.client.get("/api/jobs")) == []


async def test_who_does_not_know_the_app_or_the_user_brings_nothing(host: Host) -> None:
    connected = await own_app(host)
    path = await subscribe(host, connected)
    host.asked()
    await deliver(host, path, ping("activities"), 401, client="somebody-else")
    await deliver(host, f"{path}x", ping("activities"), 404)
    await deliver(host, path, ping("activities", user="unknown-user"))
    evil = {"activities": [{"userId": MIA.wellness_id, "callbackURL": "https://evil.test/x"}]}
    await deliver(host, path, evil)
    await deliver(host, path, {"activities": "nonsense"}, 400)
    assert host.asked() == []


async def test_a_deregistration_is_asked_about(host: Host) -> None:
    connected = await own_app(host)
    path = await subscribe(host, connected)
    host.asked()
    await deliver(host, path, {"deregistrations": [{"userId": MIA.wellness_id}]})

    async def was_asked() -> bool:
        return any(one.url.path.endswith("/user/id") for one in host.requests)

    await until(was_asked)
    assert await host.status(connected) == "connected"
    await host.end("oauth/grants")
    left = {"deregistrations": [{"userId": MIA.wellness_id, "summaryId": "again"}]}
    await deliver(host, path, left)

    async def is_over() -> bool:
        return await host.status(connected) == "reauth_required"

    await until(is_over)


async def test_only_apps_are_pinged(host: Host) -> None:
    connected = await host.key()
    answer = await host.client.post(
        f"{C}/webhooks", json={"connectionId": connected["connectionId"]}
    )
    assert answer.status_code in {409, 422}, answer.text


async def test_a_personal_key_is_synchronized_instead(host: Host) -> None:
    connected = await host.key()
    answer = await host.client.post(
        f"{C}/jobs", json={"connectionId": connected["connectionId"], "type": "sync"}
    )
    jobs = {job["stream"]: job["jobId"] for job in data_of(answer, 202)["jobs"]}
    assert set(jobs) == {"activities", "daily"}

    async def are_over() -> bool:
        found = [data_of(await host.client.get(f"/api/jobs/{job}")) for job in jobs.values()]
        return all(one["status"] == "succeeded" for one in found)

    await until(are_over)
    records = f"/api/connections/{connected['connectionId']}/records"
    found = data_of(await host.client.get(records, params={"stream": "activities"}))
    assert len(found["items"]) == ACTIVITIES_OF_MIA + 1
