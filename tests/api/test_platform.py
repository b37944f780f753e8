"""Liveness, readiness, the icon and the documentation."""

import re

import httpx

from tests.api.answers import data_of, error_of
from tests.conftest import Service, StartService


async def anonymous(service: Service, path: str) -> httpx.Response:
    """Ask without tenant and key."""
    service.client.headers.pop("X-Tenant-Id", None)
    return await service.client.get(path)


async def test_liveness_tells_name_and_version(start: StartService) -> None:
    service = await start(app_name="Plugs", app_version="9.8.7")
    alive = data_of(await anonymous(service, "/"))
    assert alive.pop("uptimeSeconds") >= 0
    assert alive == {"name": "Plugs", "version": "9.8.7", "status": "ok"}


async def test_readiness_tells_what_requests_depend_on(service: Service) -> None:
    ready = data_of(await anonymous(service, "/api/health/ready"))
    assert re.fullmatch(r"[0-9a-f]{16}", ready.pop("keyFingerprint"))
    assert ready == {
        "server": "ok",
        "mongodb": "ok",
        "replicaSet": "ok",
        "broker": "in_process",
        "encryptionKey": "ok",
    }


async def test_the_icon_needs_no_key(start: StartService) -> None:
    service = await start(auth_required=True, admin_api_key="a-long-enough-key")
    answer = await anonymous(service, "/api/connectors/github/icon.svg")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.content.startswith(b"<svg")
    assert "script" not in answer.text
    error_of(await anonymous(service, "/api/connectors/none/icon.svg"), 404, "not_found")


async def test_the_documentation_answers(client: httpx.AsyncClient) -> None:
    page = await client.get("/docs")
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    document = (await client.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert "/api/connections" in document["paths"]


async def test_the_prefix_of_the_api_is_a_setting(start: StartService) -> None:
    service = await start(api_prefix="/v1/plugs", public_url="https://plugs.example/")
    listed = data_of(await service.client.get("/v1/plugs/connectors"))
    icons = {entry["iconUrl"] for entry in listed["items"]}
    assert "https://plugs.example/v1/plugs/connectors/github/icon.svg" in icons
    error_of(await service.client.get("/api/connectors"), 404, "not_found")
    assert (await service.client.get("/v1/plugs/connectors/github/icon.svg")).status_code == 200
