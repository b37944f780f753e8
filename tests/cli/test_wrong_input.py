"""The commands with input that makes no sense: a sentence and a code, never a traceback."""

from pathlib import Path

import pytest

from src.db.client import Mongo
from tests.cli.conftest import Run
from tests.conftest import Service

USAGE = [
    ("nothing",),
    ("doctor", "all"),
    ("tenants", "acme"),
    ("connections", "acme"),
    ("keys", "rotate", "now"),
    ("keys", "report", "--most", "3"),
    ("keys", "list"),
    ("keys", "list", "two words"),
    ("tenant", "export"),
    ("tenant", "export", "two words"),
    ("tenant", "erase", "two words", "--yes"),
    ("tenant", "erase", "", "--yes"),
    ("audit", "verify", "--tenant", "two words"),
    ("backup",),
    ("restore",),
    ("serve", "--port", "0"),
    ("serve", "--workers", "0"),
]
FILES = [
    (("backup", "{dir}/nowhere/file"), "cannot be written"),
    (("backup", "{dir}"), "exists"),
    (("backup", "{dir}/new", "--key-file", "{dir}/nowhere"), "cannot be read"),
    (("backup", "{dir}/new", "--passphrase-file", "{dir}/nowhere"), "cannot be read"),
    (("restore", "{dir}/nowhere"), "cannot be read"),
    (("restore", "{dir}"), "cannot be read"),
    (("restore", "{dir}/other"), "is not a backup"),
    (("tenant", "export", "acme", "--output", "{dir}/nowhere/file"), "cannot be written"),
    (("audit", "verify", "--heads", "{dir}/nowhere"), "is no answer of"),
    (("audit", "verify", "--heads", "{dir}/other"), "is no answer of"),
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
async def test_a_wrong_call_is_explained(
    run: Run, service: Service, mongo: Mongo, arguments: tuple[str, ...]
) -> None:
    ended = await run(*arguments)
    assert (ended.code, ended.said) == (2, "")
    assert "Usage:" in ended.complained
    assert "Traceback" not in ended.complained
    assert await mongo.database["erased_tenants"].count_documents({}) == 0


@pytest.mark.parametrize(("arguments", "words"), FILES, ids=lambda each: " ".join(each)[:60])
async def test_a_file_that_cannot_be_used_is_named(
    run: Run, service: Service, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    (tmp_path / "other").write_text("not what is wanted")
    ended = await run(*(each.format(dir=tmp_path) for each in arguments))
    assert ended.code == 2
    assert words in ended.complained
    assert len(ended.complained.splitlines()) == 1


async def test_an_export_of_nothing_is_told_from_a_tenants(run: Run, service: Service) -> None:
    ended = await run("tenant", "export", "acne")
    assert ended.code == 1
    assert ended.complained == "There is nothing of acne.\n"
