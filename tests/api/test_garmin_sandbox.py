"""In sandbox mode Garmin is imitated whole: keys, token files and consent, at every host."""

import time
from typing import Any

import httpx
import pytest

from src.sandbox.garmin.people import LI_OAUTH1, MIA_KEY, MIA_OAUTH1
from tests.api.answers import data_of, items_of
from tests.api.test_garmin import CALLBACK, C, di, garth
from tests.conftest import GitHub, Service, StartService
from tests.fakes.browser import approve

PUBLIC = "http://localhost:8000"


@pytest.fixture
async def sandbox(start: StartService, github: GitHub) -> Service:
    service = await start(sandbox=True, public_url=PUBLIC, connectors={})
    github.network.add("localhost", service.app)
    return service


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({"apiKey": MIA_KEY}, 2),
        ({"token": {"raw": garth(MIA_OAUTH1, end=time.time() - 60)}}, 4),
        ({"token": {"raw": di(end=time.time() - 60)}}, 4),
        (
            {
                "token": {"raw": garth(LI_OAUTH1, end=time.time() - 60)},
                "config": {"domain": "garmin.cn"},
            },
            4,
        ),
    ],
    ids=["key", "garth", "di", "china"],
)
async def test_keys_and_files(
    sandbox: Service, github: GitHub, body: dict[str, Any], places: int
) -> None:
    connected = data_of(await sandbox.client.post(CALLBACK, json=body), 201)
    params = {"connectionId": connected["connectionId"]}
    found = items_of(await sandbox.client.get(f"{C}/containers", params=params))
    assert len(found) == places
    params["containerId"] = "activities"
    assert items_of(await sandbox.client.get(f"{C}/items", params=params))
    assert {request.url.host for request in github.network.requests} == {"localhost"}


async def test_the_developer_program(sandbox: Service, github: GitHub) -> None:
    body = {"method": "oauth2", "redirectUri": f"{PUBLIC}{CALLBACK}"}
    started = data_of(await sandbox.client.post(f"{C}/connect", json=body), 201)
    assert started["authUrl"].startswith(f"{PUBLIC}/sandbox/garmin/oauth2Confirm?")
    transport = httpx.ASGITransport(sandbox.app)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as browser:
        came = await approve(browser, started["authUrl"])
    connected = data_of(await sandbox.client.post(CALLBACK, json=came), 201)
    answer = data_of(
        await sandbox.client.post(f"{C}/revoke", json={"connectionId": connected["connectionId"]})
    )
    assert answer["revokedAtProvider"] == "yes"
    assert {request.url.host for request in github.network.requests} == {"localhost"}
