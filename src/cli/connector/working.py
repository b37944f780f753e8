"""What ``try`` and ``record`` do around their work: open, tell a failure in one sentence, close."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import typer

from src.cli.connector.explaining import Secrets, explain, explain_bug
from src.cli.connector.opening import Door, Ready, Wanted, opened
from src.cli.operator import Exit, tell
from src.cli.serve import read_settings
from src.core.config import Settings
from src.core.errors import AppError, CallerError, SetupError, StartError
from src.core.logging import configure_logging

_INTERRUPTED = 130
"""As shells have it: 128 and the number of the signal."""

WantedOf = Callable[[Settings], Wanted]
Work = Callable[[Ready], Awaitable[None]]


def carry_out(
    wanted_of: WantedOf, work: Work, *, as_json: bool = False, door: Door | None = None
) -> None:
    """Open a provider, do the work, and end with a code and a sentence if it fails.

    Raises:
        Exit: It failed, or was interrupted.
    """
    settings = read_settings()
    configure_logging("CRITICAL", as_json=False)
    stage = _Stage()
    try:
        asyncio.run(stage.play(wanted_of, work, settings, door))
    except KeyboardInterrupt:
        tell("Interrupted.", as_json=as_json)
        raise typer.Exit(_INTERRUPTED) from None
    except (AppError, StartError, OSError) as error:
        sentence = explain(error) if isinstance(error, AppError) else str(error)
        code = Exit.FAULTS
        if isinstance(error, CallerError | SetupError | StartError):
            code = Exit.REFUSED
    except typer.Exit:
        raise
    except Exception as error:  # noqa: BLE001  a connector may raise anything; it is told where
        sentence, code = explain_bug(error, stage.folder), Exit.FAULTS
    else:
        return
    tell(stage.secrets.mask(sentence), as_json=as_json)
    raise typer.Exit(code)


class _Stage:
    """What is known when something fails."""

    def __init__(self) -> None:
        self.secrets = Secrets()
        self.folder: Path | None = None

    async def play(
        self, wanted_of: WantedOf, work: Work, settings: Settings, door: Door | None
    ) -> None:
        """Open and work."""
        wanted = wanted_of(settings)
        self.folder = wanted.located.folder
        self.secrets = Secrets(tuple(filter(None, (wanted.token, wanted.secret))))
        async with opened(wanted, settings, door) as ready:
            self.secrets = ready.secrets
            await ready.require_choice()
            await work(ready)
