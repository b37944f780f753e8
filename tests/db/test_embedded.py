import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from pymongo import MongoClient, WriteConcern

from src.db import mongod
from src.db.embedded import EmbeddedMongoError, start
from src.db.folder import Files, State

IDLE_SECONDS = 0.5
PATIENCE_SECONDS = 20.0
DURABLE = WriteConcern(w="majority", j=True)
PROGRAM = f"""
import asyncio, pathlib, sys
from src.db.embedded import start
async def use():
    mongo = await start(pathlib.Path(sys.argv[1]), idle_seconds={IDLE_SECONDS})
    print(mongo.url, flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await mongo.close()
asyncio.run(use())
"""


class User:
    """A process of its own that uses the embedded database until it is told to leave."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(  # our own program, our own Python
            [sys.executable, "-c", PROGRAM, str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def url(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def leave(self) -> None:
        self.process.communicate("\n", timeout=PATIENCE_SECONDS)

    def crash(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    files = Files(tmp_path / "data")
    yield files
    for process in processes_of(files):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


@pytest.fixture
def user(files: Files) -> Iterator[User]:
    user = User(files.data_dir)
    yield user
    user.crash()


def processes_of(files: Files, name: str = "") -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            command = " ".join(process.cmdline())
            if process.pid != os.getpid() and str(files.data_dir) in command and name in command:
                found.append(process)
    return [process for process in found if process.status() != psutil.STATUS_ZOMBIE]


def mongods_of(files: Files) -> list[psutil.Process]:
    return processes_of(files, f"--dbpath={files.database}")


def keepers_of(files: Files) -> list[psutil.Process]:
    return processes_of(files, "src.db.keeper")


def eventually(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_quiet(files: Files) -> bool:
    return not mongods_of(files) and not keepers_of(files)


def state_of(files: Files) -> State:
    state = State.read(files.state)
    assert state
    return state


def write(url: str, number: int) -> None:
    with MongoClient(url) as client:
        client.test.get_collection("kept", write_concern=DURABLE).insert_one({"_id": number})


def numbers(url: str) -> list[int]:
    with MongoClient(url, serverSelectionTimeoutMS=int(PATIENCE_SECONDS * 1000)) as client:
        return [document["_id"] for document in client.test.kept.find().sort("_id")]


async def test_first_start_gives_a_primary_with_transactions(files: Files) -> None:
    mongo = await start(files.data_dir, idle_seconds=IDLE_SECONDS)
    with MongoClient(mongo.url) as client, client.start_session() as session:
        with session.start_transaction():
            client.test.kept.insert_one({"_id": 1}, session=session)
        with session.start_transaction():
            client.test.kept.insert_one({"_id": 2}, session=session)
            session.abort_transaction()
    assert numbers(mongo.url) == [1]
    await mongo.close()
    await mongo.close()


def test_files_are_for_the_owner_only(files: Files, user: User) -> None:
    assert user.url
    paths = [files.data_dir, *files.data_dir.rglob("*")]
    assert [path for path in paths if path.exists() and path.stat().st_mode & 0o077] == []


def test_a_second_process_attaches_and_the_last_one_out_ends_it(files: Files, user: User) -> None:
    url, pid = user.url, state_of(files).pid
    second = User(files.data_dir)
    assert second.url == url
    user.leave()
    write(url, 1)
    assert [process.pid for process in mongods_of(files)] == [pid]
    second.leave()
    eventually(lambda: is_quiet(files))


def test_data_and_port_survive_a_restart(files: Files, user: User) -> None:
    url = user.url
    write(url, 1)
    user.leave()
    eventually(lambda: is_quiet(files))
    again = User(files.data_dir)
    assert again.url == url
    assert numbers(url) == [1]
    again.leave()


def test_a_taken_port_is_exchanged(files: Files, user: User) -> None:
    url = user.url
    write(url, 1)
    user.leave()
    eventually(lambda: is_quiet(files))
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", state_of(files).port))
        again = User(files.data_dir)
        new_url = again.url
        assert new_url != url
        assert numbers(new_url) == [1]
        write(new_url, 2)
        again.leave()


def test_a_newcomer_during_the_stop_starts_afresh(files: Files, user: User) -> None:
    url, pid = user.url, state_of(files).pid
    user.leave()
    eventually(lambda: "SIGTERM" in files.log.read_text() or "signal" in files.log.read_text())
    again = User(files.data_dir)
    assert again.url == url
    assert [process.pid for process in mongods_of(files)] == [state_of(files).pid]
    assert state_of(files).pid != pid
    again.leave()


def test_killed_mongod_comes_back_with_what_was_acknowledged(files: Files, user: User) -> None:
    url = user.url
    for number in range(20):
        write(url, number)
    [process] = mongods_of(files)
    process.kill()
    eventually(lambda: state_of(files).pid not in {None, process.pid})
    assert numbers(url) == list(range(20))
    write(url, 20)
    assert len(mongods_of(files)) == 1


def test_a_killed_user_needs_no_cleanup(files: Files, user: User) -> None:
    assert user.url
    user.crash()
    eventually(lambda: is_quiet(files))


def test_a_killed_keeper_leaves_a_mongod_that_the_next_start_replaces(
    files: Files, user: User
) -> None:
    url = user.url
    write(url, 1)
    [keeper], [orphan] = keepers_of(files), mongods_of(files)
    keeper.kill()
    again = User(files.data_dir)
    assert again.url == url
    assert numbers(url) == [1]
    assert [process.pid for process in mongods_of(files)] == [state_of(files).pid]
    assert orphan.pid != state_of(files).pid
    assert len(keepers_of(files)) == 1
    again.leave()


def test_everything_killed_at_once_loses_nothing(files: Files, user: User) -> None:
    write(user.url, 1)
    for process in [*keepers_of(files), *mongods_of(files)]:
        process.kill()
    user.crash()
    again = User(files.data_dir)
    assert numbers(again.url) == [1]
    again.leave()


def test_a_stale_pid_of_a_stranger_is_left_alone(files: Files, user: User) -> None:
    assert user.url
    user.leave()
    eventually(lambda: is_quiet(files))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        stale = json.loads(files.state.read_text()) | {"pid": stranger.pid, "keeper": stranger.pid}
        files.state.write_text(json.dumps(stale))
        again = User(files.data_dir)
        assert again.url
        assert stranger.poll() is None
        again.leave()
        stranger.communicate(b"\n")


def test_two_processes_at_once_on_an_empty_folder_share_one_mongod(files: Files) -> None:
    users = [User(files.data_dir) for _ in range(3)]
    assert len({user.url for user in users}) == 1
    assert len(mongods_of(files)) == len(keepers_of(files)) == 1
    for user in users:
        user.leave()


def test_the_keeper_is_beyond_the_terminal_and_knows_no_secret(
    files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEY", "secret")
    user = User(files.data_dir)
    assert user.url
    [keeper], [process] = keepers_of(files), mongods_of(files)
    assert os.getsid(keeper.pid) != os.getsid(user.process.pid)
    assert "ENCRYPTION_KEY" not in keeper.environ() | process.environ()
    keeper.send_signal(signal.SIGTERM)
    eventually(lambda: is_quiet(files))
    user.crash()


def test_a_deleted_folder_ends_everything(files: Files, user: User) -> None:
    assert user.url
    files.data_dir.rename(files.data_dir.with_name("elsewhere"))
    eventually(lambda: is_quiet(files))


def test_the_log_is_bounded(files: Files, user: User) -> None:
    url = user.url
    with files.log.open("a") as log:
        log.write("x" * 17 * 1024 * 1024)
    eventually(files.log.with_name("mongod.log.1").exists)
    write(url, 1)
    eventually(files.log.exists)


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
