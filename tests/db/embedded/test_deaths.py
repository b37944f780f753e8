"""What is killed comes back by itself, with all that was acknowledged."""

from src.db.folder import Files
from tests.db.embedded.users import (
    Join,
    User,
    eventually,
    is_quiet,
    keepers_of,
    kill,
    mongods_of,
    numbers,
    state_of,
    stranger_at,
    write,
)


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


def test_keeper_and_mongod_killed_together_come_back_by_themselves(
    files: Files, user: User
) -> None:
    url = user.url
    for number in range(20):
        write(url, number)
    kill(*keepers_of(files), *mongods_of(files))
    assert numbers(url) == list(range(20))
    write(url, 20)
    assert user.url_now() == url
    assert len(mongods_of(files)) == len(keepers_of(files)) == 1
    assert user.leave() == 0
    eventually(lambda: is_quiet(files))


def test_they_come_back_time_and_again(files: Files, user: User) -> None:
    url = user.url
    for number in range(3):
        write(url, number)
        kill(*keepers_of(files), *mongods_of(files))
        assert numbers(url) == list(range(number + 1))


def test_of_many_users_one_starts_them_again(files: Files, join: Join) -> None:
    users = [join() for _ in range(4)]
    [url] = {user.url for user in users}
    write(url, 1)
    kill(*keepers_of(files), *mongods_of(files))
    assert numbers(url) == [1]
    assert {user.url_now() for user in users} == {url}
    assert len(mongods_of(files)) == len(keepers_of(files)) == 1
    for user in users:
        assert user.leave() == 0
    eventually(lambda: is_quiet(files))


def test_every_user_follows_to_another_port(files: Files, join: Join) -> None:
    users = [join() for _ in range(2)]
    [url] = {user.url for user in users}
    write(url, 1)
    port = state_of(files).port
    kill(*keepers_of(files), *mongods_of(files))
    with stranger_at(port):
        eventually(lambda: url not in {user.url_now() for user in users})
        [moved] = {user.url_now() for user in users}
        assert numbers(moved) == [1]
        write(moved, 2)
    for user in users:
        assert user.leave() == 0


def test_a_port_that_is_taken_while_mongod_is_down_is_exchanged(files: Files, user: User) -> None:
    url = user.url
    write(url, 1)
    [keeper] = keepers_of(files)
    keeper.suspend()
    kill(*mongods_of(files))
    with stranger_at(state_of(files).port):
        keeper.resume()
        eventually(lambda: user.url_now() != url)
        assert numbers(user.url_now()) == [1]


def test_a_killed_keeper_is_replaced_and_mongod_ends_with_the_last_user(
    files: Files, user: User
) -> None:
    url = user.url
    write(url, 1)
    [keeper] = keepers_of(files)
    kill(keeper)
    eventually(lambda: state_of(files).keeper not in {None, keeper.pid})
    assert numbers(url) == [1]
    write(url, 2)
    assert [process.pid for process in mongods_of(files)] == [state_of(files).pid]
    user.leave()
    eventually(lambda: is_quiet(files))


def test_the_last_user_ends_a_mongod_whose_keeper_was_just_killed(files: Files, user: User) -> None:
    assert user.url
    kill(*keepers_of(files))
    assert user.leave() == 0
    eventually(lambda: is_quiet(files))


def test_a_user_that_leaves_while_it_all_comes_back_leaves_nothing(
    files: Files, user: User
) -> None:
    assert user.url
    kill(*keepers_of(files), *mongods_of(files))
    eventually(lambda: not is_quiet(files))
    assert user.leave() == 0
    eventually(lambda: is_quiet(files))


def test_a_killed_user_needs_no_cleanup(files: Files, user: User) -> None:
    assert user.url
    user.crash()
    eventually(lambda: is_quiet(files))


def test_a_mongod_without_keeper_is_replaced_by_the_next_start(
    files: Files, user: User, join: Join
) -> None:
    url = user.url
    write(url, 1)
    [orphan] = mongods_of(files)
    user.crash()
    kill(*keepers_of(files))
    again = join()
    assert again.url == url
    assert numbers(url) == [1]
    assert [process.pid for process in mongods_of(files)] == [state_of(files).pid]
    assert orphan.pid != state_of(files).pid
    assert len(keepers_of(files)) == 1
    again.leave()


def test_everything_killed_at_once_loses_nothing(files: Files, user: User, join: Join) -> None:
    write(user.url, 1)
    user.crash()
    kill(*keepers_of(files), *mongods_of(files))
    again = join()
    assert numbers(again.url) == [1]
    again.leave()


def test_a_deleted_folder_ends_everything_and_is_not_made_anew(files: Files, user: User) -> None:
    assert user.url
    files.data_dir.rename(files.data_dir.with_name("elsewhere"))
    eventually(lambda: is_quiet(files))
    assert user.leave() == 0
    assert not files.data_dir.exists()
