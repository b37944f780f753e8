"""Connectors from outside in a running service: catalogue, connect, browse over HTTP."""

from pathlib import Path

import httpx

from tests.connectors.test_dropins import drop_in
from tests.processes.conftest import PATIENCE, SERVE, Server, Starter
from tests.testing.library import TOKEN

BASE = "/api/connectors/shelf"


def browse(server: Server) -> list[str]:
    """Connect the outside connector and list the types of what is on the first shelf."""
    with server.client() as client:
        assert "shelf" in names(client)
        connected = client.post(f"{BASE}/connect/callback", json={"apiKey": TOKEN})
        assert connected.status_code == 201, connected.text
        params = {"connectionId": connected.json()["data"]["connectionId"]}
        shelves = client.get(f"{BASE}/containers", params=params).json()["data"]["items"]
        items = client.get(f"{BASE}/items", params={**params, "containerId": shelves[0]["id"]})
        return [item["type"] for item in items.json()["data"]["items"]]


def names(client: httpx.Client) -> list[str]:
    return [entry["id"] for entry in client.get("/api/connectors").json()["data"]["items"]]


def test_a_folder_in_connector_paths_is_served(servers: Starter, tmp_path: Path) -> None:
    drop_in(tmp_path / "connectors")
    server = servers.start(CONNECTOR_PATHS=str(tmp_path / "connectors"))
    assert set(browse(server)) == {"book"}


def test_an_installed_package_is_served(servers: Starter, tmp_path: Path) -> None:
    site = tmp_path / "site"
    drop_in(site, "shelf_package", **{'id="shelf"': 'id="shelf"'})
    info = site / "shelf_package-1.0.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shelf-package\nVersion: 1.0.0\n")
    (info / "entry_points.txt").write_text("[connectors]\nshelf = shelf_package.connector\n")
    server = servers.start(PYTHONPATH=str(site))
    assert set(browse(server)) == {"book"}


def test_a_broken_one_stops_the_start_with_its_name_and_reason(
    servers: Starter, tmp_path: Path
) -> None:
    drop_in(tmp_path / "connectors", **{'id="shelf"': 'id="other"'})
    server = servers.begin(CONNECTOR_PATHS=str(tmp_path / "connectors"))
    assert server.process.wait(PATIENCE) != 0
    said = server.log.read_text()
    assert "connector 'shelf'" in said
    assert "its manifest says 'other'" in said


def test_a_setting_for_a_connector_that_is_not_there_stops_the_start(servers: Starter) -> None:
    server = servers.begin(program=SERVE, CONNECTORS__GITUB__ENABLED="false")
    assert server.process.wait(PATIENCE) == 2
    assert "CONNECTORS__GITUB__… names no connector" in server.log.read_text()
