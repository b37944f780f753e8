"""The document is one that generators make pleasant clients of: the demo's walk with two of them.

They need Node.js, hence a target of its own, ``make test-clients``.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from src.api.generate_openapi import TARGET
from tests.processes.conftest import SERVE, Server, Starter

HERE = Path(__file__).parent
GENERATORS = Path(os.environ.get("CLIENTS_VENV", ".venv-clients")).absolute() / "bin"
UNSUPPORTED = "Unsupported content_type image/svg+xml"
"""The icons are pictures: no client has a type for them."""


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, mongo_url: str, database_name: str
) -> Iterator[Server]:
    starter = Starter(tmp_path_factory.mktemp("clients"))
    yield starter.start(program=SERVE, MONGODB_URL=mongo_url, MONGODB_DB=f"{database_name}_clients")
    starter.stop()


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    ended = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    told = ended.stdout + ended.stderr
    assert ended.returncode == 0, told
    return told


def test_a_python_client(server: Server, tmp_path: Path) -> None:
    told = run(
        *(GENERATORS / "openapi-python-client", "generate", "--meta", "none"),
        *("--path", TARGET, "--output-path", tmp_path / "generated"),
        cwd=tmp_path,
    )
    # One warning, and that is the one we know.
    assert told.count("WARNING") == told.count(UNSUPPORTED) == 1, told
    walk = run(
        *(GENERATORS / "python", HERE / "python_walk.py", server.url),
        cwd=tmp_path,
        PYTHONPATH=str(tmp_path),
    )
    assert "comments)" in walk


def test_a_typescript_client(server: Server, tmp_path: Path) -> None:
    folder = tmp_path / "typescript"
    shutil.copytree(HERE / "typescript", folder, ignore=shutil.ignore_patterns("node_modules"))
    run("npm", "ci", "--no-audit", "--no-fund", cwd=folder)
    run("npx", "openapi-typescript", TARGET, "--output", "generated.ts", cwd=folder)
    run("npx", "tsc", cwd=folder)
    assert "comments)" in run("node", "built/walk.js", server.url, cwd=folder)
