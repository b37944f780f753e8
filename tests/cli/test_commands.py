"""The commands as a newcomer types them: real processes, real HTTP."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
PATIENCE = 40.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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


def test_serve_says_what_to_do_next_and_stops_on_a_signal(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "src.cli", "serve", "--port", str(port)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        wait_for(f"http://127.0.0.1:{port}/api/health/ready")
        server.send_signal(signal.SIGINT)
        said, _ = server.communicate(timeout=PATIENCE)
    assert f"http://localhost:{port}/docs" in said
    assert "connect/callback" in said


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        ended = run("serve", "--port", str(port), env=environment(tmp_path))
    assert ended.returncode == 2
    assert f"Port {port}" in ended.stderr
    assert "Traceback" not in ended.stderr


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


def wait_for(url: str) -> None:
    started = time.monotonic()
    while time.monotonic() - started < PATIENCE:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"{url} did not answer")
