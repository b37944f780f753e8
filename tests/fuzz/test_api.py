"""Requests made from our own OpenAPI document: no answer outside of what it promises."""

import os
import subprocess
import sys
from pathlib import Path

from tests.api.operations import EVERY
from tests.fuzz.hooks import TENANT
from tests.processes.conftest import ROOT, Starter, free_port

SEED = "20261120"
PATIENCE_SECONDS = 600
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
CONFIG = """
[parameters]
connector_id = "github"
connection_id = "{connection_id}"
item_id = "1296269:issue:42"
"query.workspaceId" = "{tenant}"
"query.connectionId" = "{connection_id}"
"query.containerId" = "repo:1296269"
"query.itemId" = "1296269:issue:42"
"""


def fuzz(
    servers: Starter, tmp_path: Path, config: str, *, phases: str
) -> subprocess.CompletedProcess[str]:
    port = free_port()
    server = servers.start(port=port, LOG_LEVEL="ERROR")
    with server.client() as client:
        answer = client.post(
            "/api/connectors/github/connect/callback",
            json={"apiKey": "ghp_sandbox_octocat"},
            headers={"X-Tenant-Id": TENANT},
        )
    connection_id = answer.json()["data"]["connectionId"]
    settings = tmp_path / "schemathesis.toml"
    settings.write_text(config.format(connection_id=connection_id, tenant=TENANT))
    command = [sys.executable, "-m", "schemathesis.cli"]
    options = ["--config-file", str(settings), "run", f"{server.url}/openapi.json"]
    limits = ["--seed", SEED, "--max-examples", "10", "--phases", phases]
    output = ["--checks", ",".join(CHECKS), "--no-color", "--generation-database", "none"]
    return subprocess.run(
        [*command, *options, *limits, *output, "-H", f"X-Tenant-Id: {TENANT}"],
        cwd=ROOT,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks",
            "FUZZ_CONNECTION_ID": connection_id,
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


def test_every_answer_is_one_that_the_document_promises(servers: Starter, tmp_path: Path) -> None:
    ended = fuzz(servers, tmp_path, CONFIG, phases="coverage,fuzzing")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    # The run means nothing unless it has come to every operation.
    assert " generated, " in ended.stdout
    assert f"Selected: {len(EVERY)}/{len(EVERY)}" in ended.stdout, ended.stdout[-3000:]


def test_the_same_without_help_with_ids(servers: Starter, tmp_path: Path) -> None:
    # The edges of each value are the same with and without.
    config = '[parameters]\n"query.workspaceId" = "{tenant}"\n'
    ended = fuzz(servers, tmp_path, config, phases="fuzzing")
    assert ended.returncode == 0, ended.stdout + ended.stderr
