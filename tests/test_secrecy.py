"""The search for secrets in the log of the run: it finds them, and nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.secrecy import Secrets, leaks

ROOT = Path(__file__).parents[1]
SECRET = "pa55-of-this-very-run"
CONFTEST = """
from tests import secrecy

def pytest_configure(config):
    secrecy.watch(config)
"""
TESTS = """
import sys
from pydantic import SecretStr

def test_it_is_used():
    SecretStr("{secret}")

def test_it_is_logged():
    sys.stderr.write("token.refreshed token={logged} connection=con_1")
"""


def run(folder: Path, logged: str, workers: int) -> subprocess.CompletedProcess[str]:
    """A run of two tests: one uses a secret, the other logs something."""
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "test_two.py").write_text(TESTS.format(secret=SECRET, logged=logged))
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", str(workers)]
    return subprocess.run(
        [*command, str(folder)],
        cwd=folder,
        env={**env, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("workers", [0, 2])
def test_a_run_that_logs_a_secret_fails(tmp_path: Path, workers: int) -> None:
    """Also when one process used it and another logged it."""
    ended = run(tmp_path, SECRET, workers)
    assert "2 passed" in ended.stdout
    assert ended.returncode == 1
    assert f"SECRET IN THE LOG: {SECRET} in: token.refreshed token={SECRET}" in ended.stdout


def test_a_run_that_masks_it_does_not(tmp_path: Path) -> None:
    ended = run(tmp_path, "***", 0)
    assert (ended.returncode, "SECRET IN" in ended.stdout) == (0, False)
    assert "1 secrets were looked for in" in ended.stdout


def test_secrets_are_noted_on_the_wire() -> None:
    secrets = Secrets()
    secrets.note_query("state=state-0123456789&limit=50&code=code-0123456789ab")
    secrets.note_body(b'{"data": {"apiKey": "key-0123456789ab", "code": "validation_error"}}')
    secrets.note_body(b'{"token": {"refreshToken": "refresh-0123456789"}}')
    secrets.note_body(b"grant_type=refresh_token&client_secret=client-0123456789")
    secrets.note_headers([(b"Authorization", b"Bearer bearer-0123456789")])
    secrets.note_headers([(b"set-cookie", b"connect-session=cookie-0123456789; Path=/")])
    secrets.note_headers([(b"location", b"https://app.example/?state=other-0123456789")])
    secrets.note_settings({"ENCRYPTION_KEY": "first-key,second-key", "LOG_LEVEL": "INFORMATION"})
    assert secrets.known == {
        "state-0123456789",
        "code-0123456789ab",
        "key-0123456789ab",
        "refresh-0123456789",
        "client-0123456789",
        "bearer-0123456789",
        "cookie-0123456789",
        "other-0123456789",
        "first-key",
        "second-key",
    }


@pytest.mark.parametrize(
    ("secret", "log"),
    [
        ("sites-token-0123456789", "GET /me with sites-token-0123456789 was answered"),
        ("0123456789abcdef", "glued=x0123456789abcdefx"),
        ("correct horse battery", "the passphrase is correct horse battery"),
        ("", "opened gAAAAABlb2ZfYV90b2tlbl9vZl9mZXJuZXQ= twice"),
        ("", f"key uck_key_{'0' * 24}_{'a' * 64} was used"),
    ],
    ids=["with dashes", "inside a word", "with blanks", "sealed by its form", "key by its form"],
)
def test_a_secret_in_a_log_is_found(secret: str, log: str) -> None:
    assert len(list(leaks({secret} - {""}, log))) == 1


def test_what_is_only_like_a_secret_is_not_found() -> None:
    log = "sites-token-9876543210 0123456789 sites token"
    assert list(leaks({"sites-token-0123456789"}, log)) == []
