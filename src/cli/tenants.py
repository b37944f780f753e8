"""``tenants``, ``tenant export``, ``tenant erase`` and ``connections``."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from rich.table import Column, Table

from src.cli.operator import (
    AsJson,
    Exit,
    Operator,
    TenantId,
    operate,
    say,
    show_json,
    show_table,
    tell,
)
from src.core.errors import StartError
from src.services.maintenance.tenants import Tenants

_MOST_UNWELL = 1000

one = typer.Typer(help="One tenant as a whole.", no_args_is_help=True)


def list_tenants(*, as_json: AsJson = False) -> None:
    """List the tenants, and how much each has."""

    async def work(operator: Operator) -> Exit:
        counts = await Tenants(operator.mongo.database).counts()
        if as_json:
            show_json([{"tenantId": name, "documents": each} for name, each in counts.items()])
            return Exit.FINE
        columns = sorted({name for each in counts.values() for name in each})
        table = Table("tenant", *columns)
        for name, each in counts.items():
            table.add_row(name, *(str(each.get(column, 0)) for column in columns))
        show_table(table)
        return Exit.FINE

    operate(work, as_json=as_json)


def list_connections(
    *,
    unwell: Annotated[
        bool, typer.Option("--unwell", help="Name those that fail or wait for their user.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Count the connections by connector, status and health."""

    async def work(operator: Operator) -> Exit:
        tenants = Tenants(operator.mongo.database)
        found = await tenants.unwell(_MOST_UNWELL + 1) if unwell else await tenants.health()
        shown = found[:_MOST_UNWELL] if unwell else found
        if as_json:
            show_json(shown)
        else:
            _show_connections(shown, unwell=unwell)
        if len(found) > len(shown):
            tell(f"There are more than {_MOST_UNWELL}.", as_json=False)
        return Exit.FAULTS if unwell and found else Exit.FINE

    operate(work, as_json=as_json)


def _show_connections(found: list[dict[str, Any]], *, unwell: bool) -> None:
    counted = ("connector", "status", "health", "connections")
    named = ("tenant", "connection", "connector", "status", "health", "last error")
    # Whoever looks for one needs its id as a whole.
    table = Table(*(Column(name, no_wrap=True) for name in (named if unwell else counted)))
    for each in found:
        table.add_row(*("" if value is None else str(value) for value in each.values()))
    show_table(table)


@one.command()
def export(
    tenant: TenantId,
    *,
    output: Annotated[Path | None, typer.Option(help="A new file; else what is printed.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write everything of a tenant as lines of JSON, without secrets."""

    async def work(operator: Operator) -> Exit:
        lines = 0
        with contextlib.ExitStack() as stack:
            write = typer.echo if output is None else stack.enter_context(_new(output)).write
            async for line in Tenants(operator.mongo.database).export(tenant):
                write(line if output is None else f"{line}\n")
                lines += 1
        if output is not None and as_json:
            show_json({"tenantId": tenant, "file": str(output), "documents": lines - 1})
        elif output is not None:
            say(f"{output} holds {lines - 1} documents of {tenant}.")
        if lines > 1:
            return Exit.FINE
        # A slip in the name would else be taken for the whole of a tenant.
        tell(f"There is nothing of {tenant}.", as_json=False)
        return Exit.FAULTS

    operate(work, as_json=as_json)


def _new(path: Path) -> IO[str]:
    """A file that was not there, readable by its owner only."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except OSError as error:
        raise StartError(f"{path} cannot be written ({error.strerror}).") from error
    return os.fdopen(descriptor, "w", encoding="utf-8")


@one.command()
def erase(
    tenant: TenantId,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Remove everything of a tenant, its audit log too; there is no way back."""

    async def work(operator: Operator) -> Exit:
        tenants = Tenants(operator.mongo.database)
        counts = (await tenants.counts()).get(tenant, {})
        if not yes:
            _confirm(tenant, counts, as_json=as_json)
        erasure = await tenants.erase(tenant)
        if as_json:
            facts = {"removed": dict(erasure.removed), "complete": erasure.complete}
            show_json({"tenantId": tenant, **facts})
        else:
            say(f"{erasure.removed.total()} documents of {tenant} are gone.")
            if not erasure.complete:
                say("Somebody goes on writing for it: take its keys away, then erase again.")
        return Exit.FINE if erasure.complete else Exit.FAULTS

    operate(work, as_json=as_json)


def _confirm(tenant: str, counts: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        raise StartError("With --json nobody can be asked: add --yes.")
    say(f"{tenant} has {counts or 'nothing'}.")
    if typer.prompt("Type the tenant's id to erase all of it") != tenant:
        raise StartError("That is another id. Nothing was erased.")
