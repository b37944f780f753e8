"""Imitation providers under a real server: their faults are no errors of ours."""

import httpx
import pytest

from tests.processes.conftest import SERVE, TOKEN, UVICORN, Starter, until


@pytest.mark.parametrize("program", [UVICORN, SERVE], ids=["uvicorn", "serve"])
def test_a_cut_answer_leaves_no_traceback_in_the_log(
    servers: Starter, program: tuple[str, ...]
) -> None:
    server = servers.start(program=program)
    connection_id = server.connect()
    provider = f"{server.url}/sandbox/github"
    httpx.put(f"{provider}/_sandbox/faults", json=[{"kind": "cut"}]).raise_for_status()
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        httpx.get(f"{provider}/user", headers={"Authorization": f"Bearer {TOKEN}"})
    with server.client() as client:
        answer = client.get(
            "/api/connectors/github/containers", params={"connectionId": connection_id}
        )
        assert answer.json()["error"]["code"] == "provider_error"
    until(lambda: "/api/connectors/github/containers" in server.log.read_text())
    assert "Traceback" not in server.log.read_text()
    assert "request.failed" not in server.log.read_text()


def test_a_site_of_a_tenants_own_leads_to_the_imitation(servers: Starter) -> None:
    server = servers.start()
    body = {
        "method": "apiToken",
        "apiKey": "ATATT-sandbox-mia",
        "config": {"siteUrl": "https://acme.atlassian.net", "email": "mia@example.com"},
    }
    with server.client() as client:
        made = client.post("/api/connectors/jira/connect/callback", json=body)
        assert made.status_code == 201, made.text
        query = {"connectionId": made.json()["data"]["connectionId"]}
        found = client.get("/api/connectors/jira/containers", params=query)
    assert found.json()["data"]["items"]
    assert "/sandbox/jira/_sites/acme.atlassian.net/" in server.log.read_text()
