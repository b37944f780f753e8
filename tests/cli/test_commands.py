"""The commands as a newcomer types them: real processes, real HTTP."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from src.db.keeper import free_port

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
DEMO_PATIENCE = 100.0


def environment(data_dir: Path, **more: str) -> Mapping[str, str]:
    return {**os.environ, "DATA_DIR": str(data_dir), "COLUMNS": "200", **more}


def run(*arguments: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "src.cli", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def test_the_demo_walks_and_stops(tmp_path: Path) -> None:
    ended = run("demo", "--once", "--port", str(free_port()), env=environment(tmp_path))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    for step in (
        "What can be connected",
        "Connect a GitHub account",
        "Organisations at the top",
        "Its open issues",
        "What people say about it",
    ):
        assert step in ended.stdout
    assert "201 in" in ended.stdout
    assert '"ok": true' in ended.stdout
    assert "ghp_sandbox_octocat" not in ended.stdout + ended.stderr


def serve(port: int, *options: str, env: Mapping[str, str]) -> tuple[str, str]:
    """Serve until the banner has been printed; what was said on both channels."""
    command = [sys.executable, "-m", "src.cli", "serve", "--port", str(port), *options]
    with (
        subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as server,
        ExitStack() as on_failure,
    ):
        on_failure.callback(server.terminate)
        assert server.stdout
        said = ""
        while "Ctrl-C stops." not in said:
            line = server.stdout.readline()
            assert line, "the server ended without a banner"
            said += line
        # Whoever reads it can follow it at once.
        assert httpx.get(f"http://127.0.0.1:{port}/", timeout=60).is_success
        server.send_signal(signal.SIGINT)
        more, logged = server.communicate(timeout=PATIENCE)
        on_failure.pop_all()
    return said + more, logged


@pytest.mark.parametrize("options", [(), ("--workers", "2"), ("--reload",)], ids=str)
def test_serve_says_once_what_to_do_next_and_stops_on_a_signal(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    port = free_port()
    said, _ = serve(port, *options, env=environment(tmp_path))
    assert f"http://localhost:{port}/docs" in said
    assert said.count("connect/callback") == 1
    assert "Authorization" not in said


def test_with_auth_the_next_step_carries_a_key(tmp_path: Path) -> None:
    env = environment(
        tmp_path, AUTH_REQUIRED="true", ADMIN_API_KEY="a-key-of-the-platform", API_PREFIX="/v1"
    )
    said, _ = serve(free_port(), env=env)
    assert "-H 'Authorization: Bearer <ADMIN_API_KEY>'" in said
    assert "/v1/connectors/github/connect/callback" in said
    assert "a-key-of-the-platform" not in said


def test_auth_without_a_key_is_told_in_banner_and_log(tmp_path: Path) -> None:
    said, logged = serve(free_port(), env=environment(tmp_path, AUTH_REQUIRED="true"))
    for told in (said, logged):
        assert "every call is refused. Set ADMIN_API_KEY" in told
    assert "connect/callback" not in said
    assert logged.count("callers.locked_out") == 1


def test_a_start_that_fails_prints_no_banner(tmp_path: Path) -> None:
    occupied = tmp_path / "a-file"
    occupied.write_text("")
    ended = run("serve", "--port", str(free_port()), env=environment(occupied))
    assert ended.returncode == 3
    assert ended.stdout == ""
    assert str(occupied) in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("command", "advice"), [("serve", "make run PORT=8010"), ("demo", "make demo PORT=8010")]
)
def test_a_taken_port_is_one_sentence(tmp_path: Path, command: str, advice: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = run(command, "--port", str(port), env=environment(tmp_path))
    assert ended.returncode == 2
    assert f"Port {port}" in ended.stderr
    assert advice in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_demo_with_a_foreign_key_says_so_and_ends(tmp_path: Path) -> None:
    def demo() -> subprocess.CompletedProcess[str]:
        key = Fernet.generate_key().decode()
        env = environment(tmp_path, ENCRYPTION_KEY=key)
        return run("demo", "--once", "--port", str(free_port()), env=env)

    assert demo().returncode == 0
    started = time.monotonic()
    ended = demo()
    assert ended.returncode == 1
    assert "put the former ENCRYPTION_KEY back" in ended.stdout
    assert f"DATA_DIR={tmp_path}" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr
    assert time.monotonic() - started < DEMO_PATIENCE


def test_wrong_settings_are_named_one_by_one(tmp_path: Path) -> None:
    env = environment(tmp_path, ENVIRONMENT="production", PUBLIC_URL="http://localhost")
    ended = run("serve", env=env)
    assert ended.returncode == 2
    assert "AUTH_REQUIRED" in ended.stderr
    assert "https PUBLIC_URL" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_start_that_fails_says_why_in_a_sentence(tmp_path: Path) -> None:
    occupied = tmp_path / "a-file"
    occupied.write_text("")
    command = [sys.executable, "-m", "uvicorn", "src.api.main:app", "--port", str(free_port())]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(occupied),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert ended.returncode == 3
    assert str(occupied) in ended.stderr
    assert "Traceback" not in ended.stderr
