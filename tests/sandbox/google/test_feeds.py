"""Feeds, their tokens and their channels in the imitation, as the guides describe them."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from src.sandbox.google.app import create_app
from src.sandbox.kit import MemoryStore
from tests.sandbox.google.conftest import ANN, API, NOW, Connect, refusal

NOTES, LATIN = "1PlainNotes00000000000000000", "1Latin1Notes0000000000000000"
FILE = f"/drive/v3/files/{NOTES}"
CHANGES, START = "/drive/v3/changes", "/drive/v3/changes/startPageToken"
EVENTS = "/calendar/v3/calendars/primary/events"
HISTORY = "/gmail/v1/users/me/history"
MAIL = "19bc0000000001f3"
ADDRESS = "https://hooks.example/receive"


async def changes(client: httpx.AsyncClient, token: str, **params: Any) -> dict[str, Any]:
    asked = {"pageToken": token, "fields": "*", **params}
    answer: dict[str, Any] = (await client.get(CHANGES, params=asked)).raise_for_status().json()
    return answer


async def start(client: httpx.AsyncClient) -> str:
    token: str = (await client.get(START)).raise_for_status().json()["startPageToken"]
    return token


async def test_of_each_file_the_newest_change_stands_in_the_feed(
    client: httpx.AsyncClient,
) -> None:
    token = await start(client)
    for file, name in ((NOTES, "a"), (LATIN, "b"), (NOTES, "c")):
        await client.patch(f"/drive/v3/files/{file}", json={"name": name})
    first = await changes(client, token, pageSize=1)
    assert [one["file"]["name"] for one in first["changes"]] == ["b"]
    assert "newStartPageToken" not in first
    last = await changes(client, first["nextPageToken"], pageSize=1)
    assert [one["file"]["name"] for one in last["changes"]] == ["c"]
    assert "nextPageToken" not in last
    assert (await changes(client, last["newStartPageToken"]))["changes"] == []
    await client.delete(FILE)
    (gone,) = (await changes(client, last["newStartPageToken"]))["changes"]
    assert (gone["fileId"], gone["removed"], "file" in gone) == (NOTES, True, False)


async def test_a_feed_is_of_one_user(connect: Connect) -> None:
    ann, ben = connect(), connect("ya29.sandbox-ben")
    token = await start(ben)
    await ann.patch(FILE, json={"name": "of Ann's alone"})
    assert (await changes(ben, token))["changes"] == []


@pytest.mark.parametrize("token", ["", "0", "nonsense", "99999999999"])
async def test_a_token_that_was_never_given_out(client: httpx.AsyncClient, token: str) -> None:
    answer = await client.get(CHANGES, params={"pageToken": token})
    assert refusal(answer) == (400, "invalid")


async def test_what_google_has_forgotten_is_said_by_each_product_in_its_way(
    client: httpx.AsyncClient,
) -> None:
    token = await start(client)
    sync = (await client.get(EVENTS, params={"maxResults": 2500})).json()["nextSyncToken"]
    history = (await client.get("/gmail/v1/users/me/profile")).json()["historyId"]
    asked = (
        (CHANGES, {"pageToken": token}, (400, "invalid")),
        (EVENTS, {"maxResults": "2500", "syncToken": sync}, (410, "fullSyncRequired")),
        (HISTORY, {"startHistoryId": history}, (404, "notFound")),
    )
    for path, params, _ in asked:
        (await client.get(path, params=params)).raise_for_status()
    (await client.post("/_sandbox/forget")).raise_for_status()
    for path, params, expected in asked:
        assert refusal(await client.get(path, params=params)) == expected


async def test_a_sync_token_holds_for_the_same_question_only(client: httpx.AsyncClient) -> None:
    listed = await client.get(EVENTS, params={"maxResults": 2500})
    token = listed.json()["nextSyncToken"]
    for other in ({"q": "x"}, {"singleEvents": "true"}, {"timeMin": "2026-01-01T00:00:00Z"}):
        answer = await client.get(EVENTS, params={"syncToken": token, **other})
        assert answer.status_code == 400
    await client.delete(f"{EVENTS}/plain0001")
    (gone,) = (await client.get(EVENTS, params={"syncToken": token})).json()["items"]
    assert (gone["id"], gone["status"]) == ("plain0001", "cancelled")
    assert "summary" not in gone


async def test_the_history_tells_what_was_done_to_mails(client: httpx.AsyncClient) -> None:
    number = (await client.get("/gmail/v1/users/me/profile")).json()["historyId"]
    assert (await client.get(HISTORY, params={"startHistoryId": number})).json() == {
        "historyId": number
    }
    await client.post(f"/gmail/v1/users/me/messages/{MAIL}/trash")
    (await client.delete(f"/_sandbox/mails/ann/{MAIL}")).raise_for_status()
    told = (await client.get(HISTORY, params={"startHistoryId": number})).json()
    kinds = [
        kind for entry in told["history"] for kind in entry if kind.startswith(("la", "messagesD"))
    ]
    assert kinds == ["labelsAdded", "labelsRemoved", "messagesDeleted"]
    only = {"startHistoryId": number, "historyTypes": "messageDeleted"}
    assert len((await client.get(HISTORY, params=only)).json()["history"]) == 1


@pytest.mark.parametrize(("statuses", "calls"), [([503, 204], 2), ([404], 1), ([500] * 3, 3)])
async def test_a_channel_is_called_again_while_its_receiver_has_an_outage(
    statuses: list[int], calls: int
) -> None:
    heard: list[Mapping[str, str]] = []
    answers = [204]

    async def post(address: str, headers: Mapping[str, str], body: bytes) -> int:
        assert (address, body) == (ADDRESS, b"")
        heard.append(headers)
        return answers.pop(0)

    app = create_app(MemoryStore(), clock=lambda: NOW, post=post)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url=API,
        headers={"authorization": f"Bearer {ANN}"},
    ) as client:
        asked = {"id": "channel-1", "type": "web_hook", "address": ADDRESS, "token": "the-token"}
        opened = await client.post(f"{EVENTS}/watch", json=asked)
        channel = opened.raise_for_status().json()
        assert channel["expiration"] == str(int(NOW + 7 * 24 * 3600) * 1000)
        assert heard[0]["X-Goog-Resource-State"] == "sync"
        again = await client.post(f"{EVENTS}/watch", json=asked)
        assert refusal(again) == (400, "channelIdNotUnique")
        answers += statuses
        await client.delete(f"{EVENTS}/plain0001")
        told = heard[1:]
        assert len(told) == calls
        assert {one["X-Goog-Message-Number"] for one in told} == {"2"}
        assert {one["X-Goog-Channel-Token"] for one in told} == {"the-token"}
        assert {one["X-Goog-Resource-ID"] for one in told} == {channel["resourceId"]}
        stop = {"id": "channel-1", "resourceId": channel["resourceId"]}
        assert (await client.post("/calendar/v3/channels/stop", json=stop)).status_code == 204
        assert (await client.post("/calendar/v3/channels/stop", json=stop)).status_code == 404
