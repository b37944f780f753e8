"""The key file of a development folder: made once, for its owner only."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from src.services.encryption import KEY_FILE, Encryption, EncryptionKeyError, development_key

PROGRAM = """
import sys
from pathlib import Path
from src.services.encryption import development_key
print("ready", flush=True)
sys.stdin.readline()
print(development_key(Path(sys.argv[1])), flush=True)
"""


def test_the_first_call_makes_a_key_and_the_next_ones_find_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    key = development_key(folder)
    assert development_key(folder) == key
    assert Encryption(key).fingerprint
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]


def test_each_folder_has_its_own_key(tmp_path: Path) -> None:
    assert development_key(tmp_path / "one") != development_key(tmp_path / "two")


def test_the_key_is_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    development_key(folder)
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_key_that_was_put_there_is_used_and_left_alone(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    (tmp_path / KEY_FILE).write_text(f"{key}\n", encoding="ascii")
    assert development_key(tmp_path) == key
    assert (tmp_path / KEY_FILE).read_text(encoding="ascii") == f"{key}\n"


def test_processes_that_start_at_once_get_one_key(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    keys = {process.communicate()[0].strip() for process in processes}
    assert keys == {(tmp_path / KEY_FILE).read_text(encoding="ascii")}
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


@pytest.mark.parametrize("below", [".", "data"], ids=["is a file", "lies in a file"])
def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("", encoding="ascii")
    with pytest.raises(EncryptionKeyError) as said:
        development_key(tmp_path / "file" / below)
    assert KEY_FILE in str(said.value)
    assert "Set ENCRYPTION_KEY, or DATA_DIR to a folder that can be written." in str(said.value)


def test_a_key_file_that_cannot_be_read_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).mkdir()
    with pytest.raises(EncryptionKeyError, match="cannot be made or read"):
        development_key(tmp_path)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff\xfe\x00"])
def test_a_key_file_that_holds_no_key_is_told_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / KEY_FILE).write_bytes(content)
    with pytest.raises(EncryptionKeyError, match=KEY_FILE):
        development_key(tmp_path)
