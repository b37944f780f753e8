"""The imitation Drive refuses what Drive refuses, and hides what it hides."""

from typing import Any

import httpx
import pytest

from src.sandbox.google.drive.seed import (
    BUDGET,
    ENGINEERING,
    HANDBOOK,
    LEGAL,
    LINKED,
    LINKED_KEY,
    MANY,
    ROADMAP,
)
from tests.sandbox.google.conftest import Connect, refusal

FILES = "/drive/v3/files"
ALL = {"supportsAllDrives": "true", "includeItemsFromAllDrives": "true"}
WHOLE = {**ALL, "corpora": "allDrives", "pageSize": "1000"}


async def names(client: httpx.AsyncClient, q: str, **params: Any) -> list[str]:
    answer = await client.get(FILES, params={**WHOLE, "q": q, **params})
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["files"]]


QUERIES = {
    "name contains 'road'": ["Roadmap", "Roadmap, shortly"],
    "name contains 'oadmap'": [],
    "name = 'Roadmap' and trashed = false": ["Roadmap"],
    "name = 'Old draft'": ["Old draft"],
    "trashed = true": ["Old draft"],
    "not trashed = false": ["Old draft"],
    "name = 'O\\'Brien\\'s \\\\ plan (theme).txt'": ["O'Brien's \\ plan (theme).txt"],
    f"'{HANDBOOK}' in parents": ["On call theme", "Diagram"],
    "fullText contains 'wheel'": ["Budget"],
    "fullText contains '\"for ann\"'": ["Ben's theme"],
    "mimeType = 'text/csv'": ["latin1.csv"],
    "mimeType contains 'image/'": ["logo.png"],
    "sharedWithMe = true": ["Ben's theme", "Ben's folder", "One case"],
    "sharedWithMe": None,
    "'ben@example.com' in owners and mimeType = 'text/plain'": ["inside.txt"],
    "(name = 'Pitch' or name = 'Survey') and trashed = false": ["Pitch", "Survey"],
    "name = 'Pitch' or name = 'Survey' and name = 'no'": ["Pitch"],
    "modifiedTime > '2026-03-01T09:00:00' and name contains 'roadmap'": ["Roadmap"],
    "modifiedTime > '2026-03-01T12:00:00+01:00' and name contains 'roadmap'": [],
    "": None,
    "name": None,
    "name contains": None,
    "name contains 'x": None,
    "name contains x": None,
    "name like 'x'": None,
    "weight = '1'": None,
    "(name = 'x'": None,
    "name = 'x' name = 'y'": None,
    "name = 'x' and": None,
    "'x' in labels": None,
    "trashed = 'false'": None,
    "modifiedTime > 'yesterday'": None,
}


@pytest.mark.parametrize(("q", "found"), QUERIES.items(), ids=QUERIES)
async def test_the_query_language(
    client: httpx.AsyncClient, q: str, found: list[str] | None
) -> None:
    if found is not None:
        assert await names(client, q) == found
        return
    answer = await client.get(FILES, params={**WHOLE, "q": q})
    assert refusal(answer) == (400, "invalid")
    assert answer.json()["error"]["errors"][0]["location"] == "q"


async def test_without_fields_there_is_little(client: httpx.AsyncClient) -> None:
    one = (await client.get(f"{FILES}/{ROADMAP}")).json()
    assert set(one) == {"kind", "id", "name", "mimeType"}
    listed = (await client.get(FILES)).json()
    assert set(listed["files"][0]) == {"kind", "id", "name", "mimeType"}
    some = await client.get(f"{FILES}/{ROADMAP}", params={"fields": "id,owners(emailAddress)"})
    assert some.json() == {"id": ROADMAP, "owners": [{"emailAddress": "ann@example.com"}]}


@pytest.mark.parametrize("fields", ["", "id,", "files(", "files()", "id)", "a/b"])
async def test_fields_that_cannot_be_read(client: httpx.AsyncClient, fields: str) -> None:
    answer = await client.get(f"{FILES}/{ROADMAP}", params={"fields": fields})
    assert refusal(answer) == (400, "invalidParameter")


async def test_comments_must_name_their_fields(client: httpx.AsyncClient) -> None:
    url = f"{FILES}/{ROADMAP}/comments"
    assert refusal(await client.get(url)) == (400, "required")
    answer = await client.get(url, params={"fields": "*"})
    body = answer.json()
    assert len(body["comments"]) == 20
    assert "emailAddress" not in body["comments"][0]["author"]
    everything = {"fields": "*", "pageSize": "100", "includeDeleted": "true"}
    deleted = (await client.get(url, params=everything)).json()["comments"][7]
    assert deleted["deleted"]
    assert "content" not in deleted


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"pageSize": "1001"}, "invalidParameter"),
        ({"pageSize": "0"}, "invalidParameter"),
        ({"pageToken": "nonsense"}, "invalid"),
        ({"orderBy": "size"}, "invalid"),
        ({"orderBy": "name up"}, "invalid"),
        ({"corpora": "everything"}, "invalid"),
        ({"corpora": "drive"}, "teamDriveIdRequired"),
        ({"driveId": ENGINEERING}, "teamDriveIdRequired"),
        ({"corpora": "allDrives"}, "invalid"),
        ({"includeItemsFromAllDrives": "true"}, "invalid"),
    ],
    ids=str,
)
async def test_a_list_that_is_asked_for_wrongly(
    client: httpx.AsyncClient, params: dict[str, str], reason: str
) -> None:
    assert refusal(await client.get(FILES, params=params)) == (400, reason)


async def test_a_search_of_texts_cannot_be_sorted(client: httpx.AsyncClient) -> None:
    params = {"q": "fullText contains 'theme'", "orderBy": "name"}
    assert refusal(await client.get(FILES, params=params)) == (403, "forbidden")


async def test_a_token_is_good_for_the_very_same_question(client: httpx.AsyncClient) -> None:
    question = {"q": f"'{MANY}' in parents", "pageSize": "100"}
    first = (await client.get(FILES, params=question)).json()
    token = {"pageToken": first["nextPageToken"]}
    second = (await client.get(FILES, params={**question, **token})).json()
    assert not {one["id"] for one in first["files"]} & {one["id"] for one in second["files"]}
    other = await client.get(FILES, params={"q": "trashed = true", **token})
    assert refusal(other) == (400, "invalid")


async def test_shared_drives_are_for_those_who_know_them(client: httpx.AsyncClient) -> None:
    assert refusal(await client.get(f"{FILES}/{HANDBOOK}")) == (404, "notFound")
    known = await client.get(f"{FILES}/{HANDBOOK}", params=ALL)
    assert known.json()["name"] == "Handbook"
    assert "Handbook" not in [one["name"] for one in (await client.get(FILES)).json()["files"]]
    drives = (await client.get("/drive/v3/drives")).json()["drives"]
    assert [one["name"] for one in drives] == ["Engineering", "Empty ∅"]
    assert refusal(await client.get(f"/drive/v3/drives/{LEGAL}")) == (404, "notFound")
    # The top folder of a shared drive has another name than the drive.
    top = await client.get(f"{FILES}/{ENGINEERING}", params=ALL)
    assert top.json()["name"] == "Drive"


async def test_a_file_shared_by_link_opens_with_its_key(client: httpx.AsyncClient) -> None:
    url = f"{FILES}/{LINKED}"
    assert refusal(await client.get(url)) == (404, "notFound")
    for keys, status in ((f"{LINKED}/{LINKED_KEY}", 200), (f"{LINKED}/0-wrong", 404)):
        answer = await client.get(url, headers={"X-Goog-Drive-Resource-Keys": keys})
        assert answer.status_code == status


@pytest.mark.parametrize(
    ("path", "params", "reason"),
    [
        (ROADMAP, {"alt": "media"}, "fileNotDownloadable"),
        ("1AbusiveFile0000000000000000", {"alt": "media"}, "cannotDownloadAbusiveFile"),
        ("1TooLargeDocument00000000000/export", {"mimeType": "text/plain"},
         "exportSizeLimitExceeded"),
        ("1LockedDocument0000000000000/export", {"mimeType": "text/plain"}, "cannotExportFile"),
        ("1PlainNotes00000000000000000/export", {"mimeType": "text/plain"}, "fileNotExportable"),
    ],
)  # fmt: skip
async def test_contents_that_are_not_given_out(
    client: httpx.AsyncClient, path: str, params: dict[str, str], reason: str
) -> None:
    assert refusal(await client.get(f"{FILES}/{path}", params=params)) == (403, reason)


async def test_an_export_needs_a_type_that_there_is(client: httpx.AsyncClient) -> None:
    url = f"{FILES}/{BUDGET}/export"
    assert refusal(await client.get(url)) == (400, "required")
    wrong = await client.get(url, params={"mimeType": "text/markdown"})
    assert refusal(wrong) == (400, "badRequest")


async def test_scopes_are_asked_for_and_named(connect: Connect) -> None:
    silent = connect("ya29.sandbox-ann-silent")
    answer = await silent.get(FILES)
    assert refusal(answer) == (403, "insufficientPermissions")
    assert "drive.readonly" in answer.headers["www-authenticate"]
    reader = connect("ya29.sandbox-ann-reader")
    assert (await reader.get(FILES)).status_code == 200
    assert refusal(await reader.post(FILES, json={"name": "x"})) == (403, "insufficientPermissions")
    nobody = await connect(None).get(FILES)
    assert refusal(nobody) == (401, "authError")


async def test_what_is_made_is_seen_by_whoever_may(connect: Connect) -> None:
    client = connect()
    made = await client.post(FILES, params={"fields": "*"}, json={"name": "New", "mimeType": "a/b"})
    assert made.status_code == 200
    file_id = made.json()["id"]
    assert await names(client, "name = 'New'") == ["New"]
    ben = connect("ya29.sandbox-ben")
    assert refusal(await ben.get(f"{FILES}/{file_id}")) == (404, "notFound")
    assert await names(ben, "name = 'New'") == []


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("text/plain", b"x"),
        ("multipart/related; boundary=x", b""),
        ("multipart/related; boundary=x", b"--x\r\n\r\n{}\r\n--x--"),
        ("multipart/related; boundary=x",
         b"--x\r\nContent-Type: application/json\r\n\r\n{\r\n--x\r\n\r\ny\r\n--x--"),
    ],
)  # fmt: skip
async def test_an_upload_that_cannot_be_read(
    client: httpx.AsyncClient, content_type: str, content: bytes
) -> None:
    answer = await client.post(
        "/upload/drive/v3/files", content=content, headers={"content-type": content_type}
    )
    assert refusal(answer)[0] == 400


SHEET = f"/v4/spreadsheets/{BUDGET}/values"


@pytest.mark.parametrize(
    ("path", "status", "reason"),
    [
        (f"{SHEET}/A1:B2", 200, ""),
        (f"{SHEET}/Nowhere!A1", 400, "INVALID_ARGUMENT"),
        (f"{SHEET}/A1?valueRenderOption=x", 400, "INVALID_ARGUMENT"),
        ("/v4/spreadsheets/1Nothing/values/A1", 404, "NOT_FOUND"),
        (f"/v4/spreadsheets/{ROADMAP}/values/A1", 404, "NOT_FOUND"),
    ],
)
async def test_ranges(client: httpx.AsyncClient, path: str, status: int, reason: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == status
    if reason:
        assert refusal(answer) == (status, reason)


async def test_an_empty_range_has_no_values(client: httpx.AsyncClient) -> None:
    assert "values" not in (await client.get(f"{SHEET}/Z90:Z99")).json()


async def test_rows_need_to_be_told_how_they_are_meant(client: httpx.AsyncClient) -> None:
    given = {"values": [["x"]]}
    assert refusal(await client.post(f"{SHEET}/A1:append", json=given))[0] == 400
    params = {"valueInputOption": "RAW"}
    bad = await client.post(f"{SHEET}/A1:append", params=params, json={"values": "x"})
    assert refusal(bad) == (400, "INVALID_ARGUMENT")


async def test_a_user_who_asks_too_much_is_refused_and_nobody_else(connect: Connect) -> None:
    ann, ben = connect(drive_requests=2), connect("ya29.sandbox-ben", drive_requests=2)
    statuses = [(await ann.get(FILES)).status_code for _ in range(3)]
    assert statuses == [200, 200, 403]
    assert refusal(await ann.get(FILES)) == (403, "userRateLimitExceeded")
    assert (await ben.get(FILES)).status_code == 200


async def test_reads_and_writes_of_sheets_are_counted_apart(connect: Connect) -> None:
    client = connect(sheet_requests=1)
    assert (await client.get(f"{SHEET}/A1")).status_code == 200
    assert refusal(await client.get(f"{SHEET}/A1")) == (429, "RATE_LIMIT_EXCEEDED")
    params = {"valueInputOption": "RAW"}
    given = {"values": [["x"]]}
    written = await client.post(f"{SHEET}/A1:append", params=params, json=given)
    assert written.status_code == 200
