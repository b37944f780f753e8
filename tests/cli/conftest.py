"""The operator's commands, in this process and over the test's database."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from src.cli.__main__ import app
from src.core.logging import configure_logging
from src.db.client import Mongo
from tests.conftest import TEST_KEY

PASSPHRASE = "correct horse battery staple"


@dataclass(frozen=True)
class Ended:
    """What a command said, and how it ended."""

    code: int
    said: str
    complained: str

    @property
    def json(self) -> Any:
        return json.loads(self.said)


Run = Callable[..., Awaitable[Ended]]


@pytest.fixture
def run(
    mongo: Mongo,
    mongo_url: str,
    database_name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Run]:
    """Run a command with these settings; it never sees the developer's ``.env``."""
    monkeypatch.chdir(tmp_path)
    given = {
        "MONGODB_URL": mongo_url,
        "MONGODB_DB": database_name,
        "DATA_DIR": str(tmp_path),
        "ENCRYPTION_KEY": TEST_KEY,
        "BACKUP_PASSPHRASE": PASSPHRASE,
    }

    async def begin(*arguments: str, answer: str | None = None, **settings: str) -> Ended:
        def act() -> Ended:
            result = CliRunner().invoke(app, arguments, input=answer, env={**given, **settings})
            assert not isinstance(result.exception, Exception), result.exception
            return Ended(result.exit_code, result.stdout, result.stderr)

        # Each command has an event loop of its own.
        return await asyncio.to_thread(act)

    yield begin
    # Each command has set the log up for the channels that it had.
    configure_logging("INFO", as_json=False)


@pytest.fixture
def author(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody in a folder of their own: no developer's ``.env``, no token of theirs."""
    monkeypatch.chdir(tmp_path)
    for variable in ("CONNECTOR_TOKEN", "CONNECTOR_SECRET", "CONNECTOR_PATHS"):
        monkeypatch.delenv(variable, raising=False)
    yield
    configure_logging("INFO", as_json=False)
