"""A start that fails says why in one sentence, and which program may open the data."""

from pathlib import Path

import pytest

from src.db import mongod
from src.db.embedded import EmbeddedMongoError, start
from src.db.folder import Files
from tests.db.embedded.users import IDLE_SECONDS, eventually, is_quiet


async def test_a_file_in_place_of_the_folder_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for data_dir in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(EmbeddedMongoError, match="choose another folder with DATA_DIR"):
            await start(data_dir)


@pytest.mark.parametrize(
    ("version", "sentence"),
    [("3.2.1\n", r"written by MongoDB 3\.2, but only"), ("?", "which version"), (None, "which")],
)
async def test_data_of_another_version_is_refused(
    files: Files, version: str | None, sentence: str
) -> None:
    files.database.mkdir(parents=True)
    (files.database / "WiredTiger").touch()
    if version:
        files.version.write_text(version)
    with pytest.raises(EmbeddedMongoError, match=sentence):
        await start(files.data_dir)
    assert is_quiet(files)


async def test_no_binary_is_a_sentence(files: Files) -> None:
    with pytest.raises(EmbeddedMongoError, match=r"pip install -r requirements\.txt"):
        await start(files.data_dir, candidates=[])


def script(path: Path, text: str, mode: int = 0o755) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("error while loading shared libraries: libcurl.so.4: cannot open", "libcurl4"),
        ("Library not loaded: @rpath/libcurl.4.dylib", "libcurl 4"),
        ("error while loading shared libraries: libcrypto.so.3: cannot open", "OpenSSL 3"),
        ("error while loading shared libraries: libfoo.so: cannot open", "libfoo"),
        ("Illegal instruction", "Illegal instruction.*MONGODB_URL"),
    ],
)
async def test_a_binary_that_does_not_load_says_why(
    files: Files, tmp_path: Path, words: str, sentence: str
) -> None:
    broken = script(tmp_path / "mongod", f"echo 'mongod: {words}' >&2; exit 127")
    with pytest.raises(EmbeddedMongoError, match=sentence):
        await start(files.data_dir, candidates=[broken])


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("No space left on device", "disk is full"),
        ("Permission denied", "no right to write"),
        ("DBPathInUse", "stop it"),
        ("Address already in use", "No free port"),
        ("UPGRADE PROBLEM", "another version"),
        ("nobody knows", "the reason is at the end of .*mongod.log"),
    ],
)
async def test_a_mongod_that_ends_at_once_says_why(
    files: Files, tmp_path: Path, words: str, sentence: str
) -> None:
    version = '[ "$1" = --version ] && echo "db version v6.0.5" && exit 0'
    broken = script(tmp_path / "mongod", f"{version}\necho '{words}' >&2; exit 1")
    with pytest.raises(EmbeddedMongoError, match=sentence):
        await start(files.data_dir, candidates=[broken])
    eventually(lambda: is_quiet(files))


async def test_a_mongod_that_never_answers_is_given_up(files: Files, tmp_path: Path) -> None:
    version = '[ "$1" = --version ] && echo "db version v6.0.5" && exit 0'
    mute = script(tmp_path / "mongod", f"{version}\nexec sleep 60")
    with pytest.raises(EmbeddedMongoError, match=r"not start within 0\.5 seconds.*mongod\.log"):
        await start(files.data_dir, idle_seconds=IDLE_SECONDS, start_seconds=0.5, candidates=[mute])
    eventually(lambda: is_quiet(files))


def test_the_run_bit_is_set_or_a_copy_runs(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.data_dir.mkdir()
    lame = script(tmp_path / "mongod", 'echo "db version v6.0.5"', mode=0o644)
    with monkeypatch.context() as patch:
        chmod = Path.chmod

        def refuse(path: Path, mode: int) -> None:
            if path == lame:
                raise PermissionError
            chmod(path, mode)

        patch.setattr(Path, "chmod", refuse)
        assert mongod.choose(files, [lame]).path == files.data_dir / "bin" / "mongod"
    assert mongod.choose(files, [lame]).path == lame
    assert files.version.read_text() == "6.0.5\n"


def test_the_first_that_runs_is_preferred_and_data_stay_with_their_version(
    files: Files, tmp_path: Path
) -> None:
    files.database.mkdir(parents=True)
    broken = script(tmp_path / "broken", "exit 1")
    seven = script(tmp_path / "seven", 'echo "db version v7.0.2"')
    six = script(tmp_path / "six", 'echo "db version v6.0.9"')
    assert mongod.choose(files, [broken, seven, six]).path == seven
    files.version.write_text("6.0.5\n")
    (files.database / "WiredTiger").touch()
    assert mongod.choose(files, [seven, six]).path == six
