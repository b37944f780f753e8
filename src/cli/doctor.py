"""``doctor``: what is wrong with my configuration?"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from pathlib import Path

import typer
from pydantic import ValidationError

from src.cli.operator import AsJson, Exit, opened, say, show_json
from src.connectors.registry import discover
from src.core.config import Settings
from src.core.errors import AppError, StartError
from src.core.logging import configure_logging
from src.core.outbound import Outbound
from src.jobs.queue import open_queue
from src.models.base import complaint
from src.services.maintenance.findings import Finding, Level, fine, note, problem
from src.services.maintenance.settings_check import (
    check_connectors,
    check_names,
    check_settings,
    env_file_names,
)
from src.services.maintenance.surroundings_check import check_database, check_public_url
from src.services.queue import IN_PROCESS

_STYLES = {Level.OK: "green", Level.NOTE: "", Level.WARNING: "yellow", Level.PROBLEM: "bold red"}
_ENV_FILE = Path(".env")
_CLOSING_SECONDS = 5.0


def diagnose(*, as_json: AsJson = False) -> None:
    """Look at every setting and all that the service depends on; change nothing."""
    found = [*check_names(os.environ, env_file_names(_ENV_FILE))]
    try:
        settings = Settings()
    except ValidationError as error:
        found += _refusals(error)
    else:
        configure_logging("CRITICAL", as_json=False)
        found += asyncio.run(_look(settings))
    _show(found, as_json=as_json)
    if any(finding.level is Level.PROBLEM for finding in found):
        raise typer.Exit(Exit.FAULTS)


def _refusals(error: ValidationError) -> list[Finding]:
    """One finding for each setting that is wrong; what was given is not repeated."""
    return [
        problem(
            "__".join(map(str, each["loc"])).upper() or "settings",
            complaint(each),
            "Correct it: the table in README.md says what it takes. Nothing else was looked at.",
        )
        for each in error.errors(include_url=False, include_input=False)
    ]


async def _look(settings: Settings) -> list[Finding]:
    found = [*check_settings(settings)]
    try:
        found += check_connectors(settings, discover(settings.connector_paths))
    except StartError as error:
        found.append(problem("connectors", str(error), "Correct or remove that connector."))
    try:
        async with opened(settings) as operator:
            checks = check_database(operator.mongo, operator.encryption)
            found += [finding async for finding in checks]
    except (StartError, AppError) as error:
        found.append(problem("database", str(error), "See docs/operations.md, MongoDB."))
    found.append(await _look_at_broker(settings))
    outbound = Outbound()
    found.append(await check_public_url(settings, outbound))
    await outbound.close()
    return found


async def _look_at_broker(settings: Settings) -> Finding:
    queue = open_queue(settings)
    state = await queue.state()
    await queue.close(_CLOSING_SECONDS)
    if state == IN_PROCESS:
        return note(
            "broker",
            "Jobs are done in the processes of the API.",
            "Many and long ones slow requests down: set JOBS_BROKER_URL, and start workers.",
        )
    if state == "ok":
        return fine("broker", "It answers.")
    return problem("broker", f"{state}.", "See docs/operations.md, Workers.")


def _show(found: list[Finding], *, as_json: bool) -> None:
    if as_json:
        show_json([finding.facts() for finding in found])
        return
    for finding in found:
        say(f"{finding.level.value:8} {finding.subject}: {finding.text}", _STYLES[finding.level])
        if finding.remedy:
            say(f"         {finding.remedy}")
    counts = Counter(finding.level for finding in found)
    say(f"\n{counts[Level.PROBLEM]} problems, {counts[Level.WARNING]} warnings.")
