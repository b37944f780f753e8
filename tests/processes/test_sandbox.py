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
