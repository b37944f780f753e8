"""``keys rotate`` and ``keys report``: what is sealed with which key, and sealing it anew."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from src.cli.operator import (
    AsJson,
    Exit,
    Operator,
    complaints,
    operate,
    say,
    show_json,
    show_table,
)
from src.services.maintenance.rotation import Keys, KeyUse, Rotation, Tell, rotation_facts
from src.services.maintenance.rotation import Progress as Step

app = typer.Typer(
    help="API keys of tenants, and the keys that seal the stored secrets.", no_args_is_help=True
)

_EVERY = 1_000_000_000


@app.command()
def rotate(*, as_json: AsJson = False) -> None:
    """Seal everything with the first key of ENCRYPTION_KEY, while the service goes on."""

    async def work(operator: Operator) -> Exit:
        keys = Keys(operator.mongo.database, operator.encryption)
        with _progress(quiet=as_json) as progress:
            rotation = await keys.rotate(_teller(progress))
        if as_json:
            show_json(rotation_facts(rotation))
        else:
            _show_rotation(rotation, has_former=len(operator.encryption.fingerprints) > 1)
        return Exit.FINE if rotation.complete else Exit.FAULTS

    operate(work, as_json=as_json)


@app.command()
def report(
    *,
    every: Annotated[bool, typer.Option("--all", help="Name every document.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say how many secrets each key seals, and which documents are not under the first key."""

    async def work(operator: Operator) -> Exit:
        keys = Keys(operator.mongo.database, operator.encryption)
        uses = await (keys.report(most_named=_EVERY) if every else keys.report())
        if as_json:
            present = list(operator.encryption.fingerprints)
            show_json({"keys": present, "uses": [asdict(use) for use in uses]})
        else:
            _show_report(uses)
        return Exit.FINE if all(use.is_newest for use in uses) else Exit.FAULTS

    operate(work, as_json=as_json)


def _progress(*, quiet: bool) -> Progress:
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    return Progress(*columns, console=complaints, disable=quiet or not complaints.is_terminal)


def _teller(progress: Progress) -> Tell:
    tasks: dict[str, Any] = {}

    def tell(step: Step) -> None:
        if step.field not in tasks:
            tasks[step.field] = progress.add_task(step.field, total=step.total)
        progress.update(tasks[step.field], completed=step.seen, total=step.total)

    return tell


def _show_rotation(rotation: Rotation, *, has_former: bool) -> None:
    for place, count in rotation.resealed.items():
        say(f"{place}: {count} sealed anew")
    for name in rotation.unreadable:
        say(f"{name}: opens with none of the present keys", style="red")
    if rotation.unreadable:
        say("Put their key at the end of ENCRYPTION_KEY and rotate again, or connect them anew.")
    elif rotation.left:
        say(
            f"{rotation.left} secrets were sealed with a former key just now: a process still has "
            "it first in ENCRYPTION_KEY. Restart that one, then rotate again.",
            style="red",
        )
    else:
        say(f"Everything is sealed with the key {rotation.fingerprint}.", style="green")
        if has_former:
            say("The other keys may be taken out of ENCRYPTION_KEY.")


def _show_report(uses: list[KeyUse]) -> None:
    table = Table("where", "key", "secrets", "")
    for use in uses:
        state = "first key" if use.is_newest else "former key" if use.fingerprint else "unknown key"
        table.add_row(use.place, use.fingerprint or "?", str(use.count), state)
    show_table(table)
    for use in uses:
        for name in use.documents:
            say(f"{use.place}  {use.fingerprint or 'unknown key'}  {name}")
        if more := (0 if use.is_newest else use.count - len(use.documents)):
            say(f"… and {more} more in {use.place}: --all names them")
