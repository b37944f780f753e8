"""Google's files over HTTP: an imported token, pickers, cursors, the sandbox."""

from typing import Any

import pytest

from src.connectors.google import scopes
from tests.api.answers import data_of, error_of, items_of
from tests.api.google import CALLBACK, OWN_CALLBACK, START, GoogleHost, google_host
from tests.conftest import GitHub, StartService

ROOT = "drive:folder:0AAnnRootFolder0000PVA"


@pytest.fixture
async def google(start: StartService, github: GitHub) -> GoogleHost:
    return await google_host(start, github.network)


async def test_a_token_of_the_hosts_own_can_be_imported(google: GoogleHost) -> None:
    raw = {
        "access_token": "ya29.sandbox-ann-reader",
        "expires_in": 3599,
        "refresh_token": "1//unknown",
        "scope": f"openid {scopes.DRIVE_READ}",
        "token_type": "Bearer",
    }
    body = {"method": "import", "token": {"raw": raw}}
    answer = await google.client.post(CALLBACK, json=body)
    connected = data_of(answer, 201)
    assert connected["account"]["name"] == "ann@example.com"
    items_of(await google.ask("items", connected["connectionId"], containerId=ROOT))


PICKED: list[tuple[str, dict[str, Any], list[str]]] = [
    ("google_sheets", {"q": "bud"}, ["Budget"]),
    (
        "google_drive_file",
        {"parentId": ROOT, "filters": '{"mimeType": "application/vnd.google-apps.spreadsheet"}'},
        ["Many", "Projects", "Empty sheet"],
    ),
    ("google_drive_folder", {"parentId": ROOT}, ["Many", "Projects"]),
]


@pytest.mark.parametrize(("kind", "params", "names"), PICKED, ids=[one[0] for one in PICKED])
async def test_pickers_over_http(
    google: GoogleHost, kind: str, params: dict[str, Any], names: list[str]
) -> None:
    connection_id = (await google.connect())["connectionId"]
    answer = await google.ask(f"resources/{kind}", connection_id, **params)
    assert [one["name"] for one in items_of(answer)] == names


async def test_a_picker_tells_the_way_to_where_it_looks(google: GoogleHost) -> None:
    connection_id = (await google.connect())["connectionId"]
    nested = "drive:folder:1ProjectsFolder0000000000000"
    answer = await google.ask(
        "resources/google_drive_file", connection_id, parentId=nested, include="parents"
    )
    page = data_of(answer)
    assert [one["name"] for one in page["parents"]] == ["My Drive", "Projects"]


async def test_a_cursor_of_another_folder_is_refused(google: GoogleHost) -> None:
    connection_id = (await google.connect())["connectionId"]
    many = "drive:folder:1ManyFilesFolder000000000000"
    page = data_of(await google.ask("items", connection_id, containerId=many, limit="10"))
    answer = await google.ask(
        "items", connection_id, containerId=ROOT, limit="10", cursor=page["nextCursor"]
    )
    error_of(answer, 400, "invalid_cursor")


async def test_the_sandbox_brings_its_own_app_and_addresses(start: StartService) -> None:
    service = await start(sandbox=True, connectors={})
    body = {"method": "oauth2", "redirectUri": OWN_CALLBACK}
    started = data_of(await service.client.post(START, json=body), 201)
    base = "http://localhost:8000/sandbox/google"
    assert started["authUrl"].startswith(f"{base}/o/oauth2/v2/auth?")
