"""``connector check``: what is wrong with a connector, line by line."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from src.cli.connector.locating import ConnectorId, Folder, Located, locate
from src.cli.connector.needs import development_tools
from src.cli.connector.verdicts import Format, show
from src.cli.operator import Exit, complain, say
from src.cli.serve import read_settings
from src.core.errors import StartError
from src.core.logging import configure_logging

if TYPE_CHECKING:
    from src.testing.checking import Verdict
    from src.testing.hostile.report import GradeReport

_SECONDS = 600.0


def check(
    connector: ConnectorId = None,
    *,
    path: Folder = None,
    hostile: Annotated[
        bool, typer.Option("--hostile", help="Play every fault upon it, and tell its grade.")
    ] = False,
    shape: Annotated[
        Format, typer.Option("--format", help="How findings are written.")
    ] = Format.TABLE,
    time_limit: Annotated[
        float, typer.Option(help="Seconds for all of it.", min=1, max=7200)
    ] = _SECONDS,
) -> None:
    """Look for all that is wrong: what the registry says, the code, the suite, its own tests."""
    with development_tools():
        from src.testing import checking  # noqa: PLC0415  a tool of development
    configure_logging("CRITICAL", as_json=False)
    try:
        located = locate(connector, path, read_settings())
    except StartError as error:
        raise typer.Exit(complain(error, as_json=shape is Format.JSON)) from None
    if shape is Format.TABLE:
        say(f"Checking {located.connector_id} in {located.folder} …")
    verdict = checking.check(
        located.connector_id, located.module, located.folder, time_limit=time_limit
    )
    grade = _grade(located, verdict, time_limit) if hostile else None
    show(located.connector_id, verdict, grade, shape)
    if verdict.findings or (grade is not None and grade.claims_too_much):
        raise typer.Exit(Exit.FAULTS)


def _grade(located: Located, verdict: Verdict, time_limit: float) -> GradeReport | None:
    """What grade it earns; none where there is nothing to examine."""
    from src.testing.hostile import examine  # noqa: PLC0415  a tool of development
    from src.testing.suites import NoSuite, find_suite  # noqa: PLC0415  the same

    if verdict.loaded is None:
        return None
    try:
        suite = find_suite(verdict.loaded)
    except NoSuite:
        return None

    async def examined() -> GradeReport:
        async with asyncio.timeout(time_limit):
            return await examine(suite, failed=verdict.failed.get(suite.__name__, {}))

    try:
        return asyncio.run(examined())
    except TimeoutError:
        say(f"{located.connector_id}: the examination was not over after {time_limit:g} seconds.")
        raise typer.Exit(Exit.FAULTS) from None
