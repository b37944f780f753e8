"""``worker``: processes that do what goes on beside the requests."""

from __future__ import annotations

from typing import Annotated

import typer

from src.cli.serve import check_connectors, read_settings
from src.core.errors import StartError
from src.core.logging import configure_logging
from src.jobs.queue import NO_BROKER


def work(
    processes: Annotated[int, typer.Option(help="Processes that work.", min=1, max=64)] = 1,
) -> None:
    """Synchronize, handle webhooks and deliver events, as hints come from JOBS_BROKER_URL."""
    settings = read_settings()
    if not settings.jobs_broker_url.get_secret_value():
        typer.echo(NO_BROKER, err=True)
        raise typer.Exit(2)
    check_connectors(settings)
    configure_logging(settings.log_level, as_json=settings.log_json)
    # The task queue takes a moment to import, which no other command should wait for.
    from src.jobs.processes import run_workers  # noqa: PLC0415

    try:
        status = run_workers(settings, processes)
    except StartError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    raise typer.Exit(status)
