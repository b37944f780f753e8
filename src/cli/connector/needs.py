"""What commands need beyond the server: tools of development, which the image does not carry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer


@contextmanager
def development_tools() -> Iterator[None]:
    """Import them inside; where they are missing the command ends with a sentence."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "src":
            raise
        typer.echo(
            f"{error.name} is missing, which only development needs. Install it with: make dev",
            err=True,
        )
        raise typer.Exit(2) from None
