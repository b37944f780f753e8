"""Google's streams and watch channels over HTTP: a copy that keeps itself up to date."""

from typing import Any

import pytest

from tests.api.answers import data_of, items_of
from tests.api.google import GoogleHost, google_host
from tests.api.hooked import until
from tests.conftest import GitHub, StartService

OWN = "calendar:list:ann@example.com"
EVENTS = "/calendar/v3/calendars/primary/events"
ANN = {"authorization": "Bearer ya29.sandbox-ann"}
WEBHOOKS = "/api/connectors/google/webhooks"


class Copy:
    """One connection, and the records that are kept of it."""

    def __init__(self, google: GoogleHost, connection_id: str) -> None:
        self.google = google
        self.client = google.client
        self.connection_id = connection_id

    async def run(self, stream: str, **body: Any) -> dict[str, Any]:
        """A run of a stream, to its end."""
        asked = {"connectionId": self.connection_id, "type": "sync", "streams": [stream], **body}
        made = data_of(await self.client.post("/api/connectors/google/jobs", json=asked), 202)
        job_id = made["jobs"][0]["jobId"]
        job: dict[str, Any] = {}

        async def is_over() -> bool:
            nonlocal job
            job = data_of(await self.client.get(f"/api/jobs/{job_id}"))
            return job["status"] not in {"queued", "running"}

        await until(is_over)
        return job

    async def records(self, stream: str) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        params = {"stream": stream, "limit": "100"}
        while True:
            url = f"/api/connections/{self.connection_id}/records"
            page = data_of(await self.client.get(url, params=params))
            found |= {one["id"]: one for one in page["items"]}
            if not page["hasMore"]:
                return found
            params["cursor"] = page["nextCursor"]


@pytest.fixture
async def copy(start: StartService, github: GitHub) -> Copy:
    google = await google_host(start, github.network)
    return Copy(google, (await google.connect())["connectionId"])


async def test_files_are_kept_up_by_their_feeds_and_a_forgotten_one_sweeps(copy: Copy) -> None:
    first = await copy.run("files", mode="full")
    assert first["status"] == "succeeded"
    assert first["counts"]["added"] > 250
    again = await copy.run("files", mode="incremental")
    assert again["counts"] == {**dict.fromkeys(again["counts"], 0)}
    notes = "1PlainNotes00000000000000000"
    google = copy.google.google
    (await google.delete(f"/drive/v3/files/{notes}", headers=ANN)).raise_for_status()
    told = await copy.run("files", mode="incremental")
    assert told["counts"]["deleted"] == 1
    latin = "1Latin1Notes0000000000000000"
    (await google.delete(f"/drive/v3/files/{latin}", headers=ANN)).raise_for_status()
    (await google.post("/_sandbox/forget")).raise_for_status()
    swept = await copy.run("files", mode="incremental")
    assert swept["status"] == "succeeded"
    assert swept["counts"]["deleted"] == 1
    assert swept["counts"]["added"] == swept["counts"]["updated"] == 0


async def test_a_channel_has_what_is_new_fetched(copy: Copy) -> None:
    await copy.run("events", containerIds=[OWN])
    body = {"connectionId": copy.connection_id, "events": ["calendar.events"], "containerId": OWN}
    made = data_of(await copy.client.post(WEBHOOKS, json=body), 201)
    assert made["events"] == ["calendar.events"]
    assert made["expiresAt"] is not None
    changed = await copy.google.google.patch(
        f"{EVENTS}/plain0003", json={"summary": "Moved by a call"}, headers=ANN
    )
    changed.raise_for_status()

    async def is_there() -> bool:
        found = (await copy.records("events"))["calendar:event:ann@example.com:plain0003"]
        return bool(found["data"]["title"] == "Moved by a call")

    await until(is_there)
    listed = items_of(await copy.client.get(WEBHOOKS, params={"connectionId": copy.connection_id}))
    assert [one["id"] for one in listed] == [made["id"]]
    params = {"connectionId": copy.connection_id, "webhookId": made["id"]}
    ended = data_of(await copy.client.delete(WEBHOOKS, params=params))
    assert ended == {"webhookId": made["id"], "removedAtProvider": "yes"}
