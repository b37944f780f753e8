"""Every process of a folder shares one database, which ends with the last of them."""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest
from pymongo import MongoClient

from src.db.embedded import start
from src.db.folder import Files
from tests.db.embedded.users import (
    IDLE_SECONDS,
    Join,
    User,
    eventually,
    is_alive,
    is_quiet,
    keepers_of,
    mongods_of,
    numbers,
    state_of,
    write,
)


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


def test_a_second_process_attaches_and_the_last_one_out_ends_it(
    files: Files, user: User, join: Join
) -> None:
    url, pid = user.url, state_of(files).pid
    second = join()
    assert second.url == url
    user.leave()
    write(url, 1)
    assert [process.pid for process in mongods_of(files)] == [pid]
    second.leave()
    eventually(lambda: is_quiet(files))


def test_data_and_port_survive_a_restart(files: Files, user: User, join: Join) -> None:
    url = user.url
    write(url, 1)
    user.leave()
    eventually(lambda: is_quiet(files))
    again = join()
    assert again.url == url
    assert numbers(url) == [1]
    again.leave()


def test_a_taken_port_is_exchanged(files: Files, user: User, join: Join) -> None:
    url = user.url
    write(url, 1)
    user.leave()
    eventually(lambda: is_quiet(files))
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", state_of(files).port))
        again = join()
        new_url = again.url
        assert new_url != url
        assert numbers(new_url) == [1]
        write(new_url, 2)
        again.leave()


def test_a_newcomer_during_the_stop_starts_afresh(files: Files, user: User, join: Join) -> None:
    url, pid = user.url, state_of(files).pid
    user.leave()
    eventually(lambda: "SIGTERM" in files.log.read_text() or "signal" in files.log.read_text())
    again = join()
    assert again.url == url
    assert [process.pid for process in mongods_of(files)] == [state_of(files).pid]
    assert state_of(files).pid != pid
    again.leave()


def test_two_processes_at_once_on_an_empty_folder_share_one_mongod(
    files: Files, join: Join
) -> None:
    users = [join() for _ in range(3)]
    assert len({user.url for user in users}) == 1
    assert len(mongods_of(files)) == len(keepers_of(files)) == 1
    for user in users:
        user.leave()


def test_a_stale_pid_of_a_stranger_is_left_alone(files: Files, user: User, join: Join) -> None:
    assert user.url
    user.leave()
    eventually(lambda: is_quiet(files))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        stale = json.loads(files.state.read_text()) | {"pid": stranger.pid, "keeper": stranger.pid}
        files.state.write_text(json.dumps(stale))
        again = join()
        assert again.url
        assert stranger.poll() is None
        again.leave()
        stranger.communicate(b"\n")


def test_the_keeper_is_beyond_the_terminal_and_knows_no_secret(
    files: Files, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENCRYPTION_KEY", "secret")
    user = join()
    assert user.url
    [keeper], [process] = keepers_of(files), mongods_of(files)
    assert os.getsid(keeper.pid) != os.getsid(user.process.pid)
    assert "ENCRYPTION_KEY" not in keeper.environ() | process.environ()
    keeper.send_signal(signal.SIGTERM)
    # The user starts them anew at once, so that a quiet moment may pass unseen.
    eventually(lambda: not is_alive(keeper) and not is_alive(process))
    user.crash()


def test_the_log_is_bounded(files: Files, user: User) -> None:
    url = user.url
    with files.log.open("a") as log:
        log.write("x" * 17 * 1024 * 1024)
    eventually(files.log.with_name("mongod.log.1").exists)
    write(url, 1)
    eventually(files.log.exists)
