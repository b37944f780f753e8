"""``backup`` and ``restore``: the database with its key, in one encrypted file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from src.cli.operator import AsJson, Exit, Operator, operate, say, show_json
from src.core.errors import StartError
from src.services.maintenance.archive import Lock
from src.services.maintenance.backup import Contents, Source, back_up, inspect, restore

PASSPHRASE = "BACKUP_PASSPHRASE"  # noqa: S105  a name
SHORTEST_PASSPHRASE = 12

File = Annotated[Path, typer.Argument(help="The archive.")]
PassphraseFile = Annotated[
    Path | None, typer.Option(help=f"A file with the passphrase; else {PASSPHRASE}, else asked.")
]
KeyFile = Annotated[Path | None, typer.Option(help="A file with a Fernet key, in its place.")]


def write_backup(
    file: File,
    *,
    passphrase_file: PassphraseFile = None,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Write the database with its key into one encrypted file, while the service goes on."""

    async def work(operator: Operator) -> Exit:
        lock = _lock(passphrase_file, key_file, is_new=True)
        contents = await back_up(_source(operator), file, lock)
        _show(contents, f"{file} holds", as_json=as_json)
        return Exit.FINE

    operate(work, as_json=as_json)


def read_backup(
    file: File,
    *,
    passphrase_file: PassphraseFile = None,
    key_file: KeyFile = None,
    check: Annotated[bool, typer.Option(help="Only read it through and prove it.")] = False,
    force: Annotated[bool, typer.Option(help="Replace everything in the database.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup into an empty database, sealed with the key that is configured here."""

    async def work(operator: Operator) -> Exit:
        lock = _lock(passphrase_file, key_file, is_new=False)
        if check:
            contents, _ = inspect(file, lock)
            _show(contents, f"{file} is whole and holds", as_json=as_json)
            return Exit.FINE
        contents = await restore(_source(operator), file, lock, force=force)
        _show(contents, "Restored", as_json=as_json)
        return Exit.FAULTS if contents.unreadable else Exit.FINE

    operate(work, as_json=as_json)


def _source(operator: Operator) -> Source:
    return Source(operator.mongo.database, operator.keys, operator.settings.app_version)


def _lock(passphrase_file: Path | None, key_file: Path | None, *, is_new: bool) -> Lock:
    if passphrase_file and key_file:
        raise StartError("Give a passphrase or a key, not both.")
    if key_file:
        return Lock(SecretStr(_read(key_file)), is_key=True)
    words = _read(passphrase_file) if passphrase_file else os.environ.get(PASSPHRASE)
    if words is None:
        words = str(typer.prompt("Passphrase", hide_input=True, confirmation_prompt=is_new))
    if is_new and len(words) < SHORTEST_PASSPHRASE:
        raise StartError(f"The passphrase must have at least {SHORTEST_PASSPHRASE} characters.")
    return Lock(SecretStr(words))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise StartError(f"{path} cannot be read ({error.strerror}).") from error


def _show(contents: Contents, verb: str, *, as_json: bool) -> None:
    if as_json:
        show_json(contents.facts())
        return
    say(
        f"{verb} {contents.documents.total()} documents of {contents.made_at}, "
        f"version {contents.version}, schema {contents.schema_version}."
    )
    for name, count in sorted(contents.documents.items()):
        say(f"  {name}: {count}")
    if contents.unreadable:
        say(
            f"{contents.unreadable} secrets had been lost before the backup was made: "
            "`python -m src.cli keys report` names them.",
            style="red",
        )
