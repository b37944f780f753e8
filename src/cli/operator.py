"""What every command of an operator needs: settings, the database, the keys, and an exit code."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import IntEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from src.bootstrap import open_database
from src.cli.serve import read_settings
from src.core.config import Settings
from src.core.errors import AppError, ServiceUnavailable, StartError
from src.core.logging import configure_logging
from src.db.client import Mongo
from src.db.platform import PlatformStore
from src.models.ids import TENANT_ID_PATTERN
from src.services.encryption import Encryption, development_key

console = Console()
complaints = Console(stderr=True)
_UNCUT = 10_000

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


def require_tenant_id(given: str | None) -> str | None:
    """Refuse what names no tenant, before anything is opened.

    Raises:
        BadParameter: It is none.
    """
    if given is not None and re.fullmatch(TENANT_ID_PATTERN, given) is None:
        raise typer.BadParameter("a tenant's id is 1 to 128 letters, digits and . _ : @ -")
    return given


TenantId = Annotated[str, typer.Argument(help="The tenant.", callback=require_tenant_id)]


class Exit(IntEnum):
    """How a command ends."""

    FINE = 0
    FAULTS = 1
    """It was carried out, and what it found or left is not well."""
    REFUSED = 2
    """It could not be carried out: settings, key, or a request that makes no sense."""
    AWAY = 3
    """The database does not answer."""


@dataclass(frozen=True, slots=True)
class Operator:
    """What a command works with."""

    settings: Settings
    mongo: Mongo
    keys: str
    encryption: Encryption

    async def require_root(self) -> None:
        """Read the root secret.

        Raises:
            StartError: No service has started on this database.
            CredentialsUnreadable: Our key is not the database's.
        """
        root = await PlatformStore(self.mongo.database).root()
        if root is None:
            raise StartError("No service has ever started on this database: there is nothing yet.")
        self.encryption.adopt_root(root.sealed)


Work = Callable[[Operator], Awaitable[Exit]]


def keys_of(settings: Settings) -> str:
    """The keys, as the service finds them.

    Raises:
        EncryptionKeyError: The key file cannot be used.
    """
    return settings.encryption_key.get_secret_value() or development_key(settings.data_dir)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Operator]:
    """The database of these settings, embedded or not, also while a server runs on it."""
    keys = keys_of(settings)
    encryption = Encryption(keys)
    mongo, embedded = await open_database(settings, is_patient=True)
    try:
        yield Operator(settings, mongo, keys, encryption)
    finally:
        await mongo.close()
        if embedded is not None:
            await embedded.close()


def operate(work: Work, *, as_json: bool) -> None:
    """Run a command's work and end with its code; a failure is one sentence.

    Raises:
        Exit: Always, unless all is well.
    """
    settings = read_settings()
    configure_logging("ERROR", as_json=settings.log_json)

    async def run() -> Exit:
        async with opened(settings) as operator:
            return await work(operator)

    try:
        code = asyncio.run(run())
    except (StartError, AppError) as error:
        code = complain(error, as_json=as_json)
    if code:
        raise typer.Exit(code)


def complain(error: StartError | AppError, *, as_json: bool) -> Exit:
    """Say why a command could not be carried out."""
    tell(str(error), as_json=as_json)
    return Exit.AWAY if isinstance(error, ServiceUnavailable) else Exit.REFUSED


def tell(sentence: str, *, as_json: bool) -> None:
    """A sentence about a failure: on the error channel, or where a program looks for it."""
    if as_json:
        show_json({"error": sentence})
    else:
        complaints.print(sentence, markup=False, highlight=False, soft_wrap=True)


def say(sentence: str, style: str = "") -> None:
    """A sentence for a person."""
    console.print(sentence, style=style, markup=False, highlight=False, soft_wrap=True)


def show_table(table: Table) -> None:
    """A table for a person; into a pipe or a file it goes uncut."""
    wide = console if console.is_terminal else Console(width=_UNCUT)
    wide.print(table)


def show_json(document: Any) -> None:
    """One document for a program."""
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
