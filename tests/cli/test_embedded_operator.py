"""The operator's commands as processes, over the embedded database of a server that runs."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx

from tests.cli.test_commands import PATIENCE, ROOT, environment, free_port, run


def test_commands_work_while_a_server_uses_the_embedded_database(tmp_path: Path) -> None:
    env, port = environment(tmp_path, SANDBOX="true"), free_port()
    command = [sys.executable, "-m", "src.cli", "serve", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}", headers={"X-Tenant-Id": "acme"}
            ) as client:
                deadline = time.monotonic() + PATIENCE
                while not _is_ready(client):
                    assert time.monotonic() < deadline
                answer = client.post(
                    "/api/connectors/github/connect/callback",
                    json={"apiKey": "ghp_sandbox_octocat"},
                )
                assert answer.status_code == 201
                listed = run("tenants", "--json", env=env)
                assert [each["tenantId"] for each in json.loads(listed.stdout)] == ["acme"]
                assert run("keys", "rotate", env=env).returncode == 0
                assert run("audit", "verify", env=env).returncode == 0
                assert client.get("/api/health/ready").is_success
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(PATIENCE)


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/api/health/ready").is_success
    except httpx.TransportError:
        return False
