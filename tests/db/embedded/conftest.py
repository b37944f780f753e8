"""A data folder of one test and processes that use it; whatever is left is killed at the end."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from src.db.folder import Files
from tests.db.embedded.users import Join, User, processes_of


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    files = Files(tmp_path / "data")
    yield files
    while left := processes_of(files):
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()


@pytest.fixture
def join(files: Files) -> Iterator[Join]:
    """Let one more process use the folder."""
    with contextlib.ExitStack() as stack:

        def begin() -> User:
            user = User(files.data_dir)
            stack.callback(user.crash)
            return user

        yield begin


@pytest.fixture
def user(join: Join) -> User:
    return join()
