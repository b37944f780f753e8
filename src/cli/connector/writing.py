"""Writing a connector from the template: copier asks and renders, ruff formats."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import typer

from src.cli.connector.needs import development_tools
from src.connectors.versions import API_VERSION

TEMPLATE = Path(__file__).parent / "template"
_QUESTION = re.compile(r"^([a-z]\w*):$", re.MULTILINE)
_COMPUTED = re.compile(r"taken|\w+_class")
"""What follows from answers; nothing checks it."""
_DEPENDING = ("recorded/comments.json", "recorded/sync.json")
"""What is there for some answers only."""


class WrongAnswers(Exception):
    """The folder cannot be written; the message says why."""


def questions() -> tuple[str, ...]:
    """The names of all that can be answered."""
    text = (TEMPLATE / "copier.yml").read_text(encoding="utf-8")
    return tuple(name for name in _QUESTION.findall(text) if not _COMPUTED.fullmatch(name))


def write_folder(
    connector: str, folder: Path, answers: Mapping[str, str], *, defaults: bool
) -> None:
    """Ask what is not answered, and write the folder, over what stands there.

    Args:
        connector: The connector's id.
        folder: Where to.
        answers: By the name of the question.
        defaults: Ask nothing.

    Raises:
        WrongAnswers: One of the answers is no good, the folder cannot be written, nobody is there
            to be asked, or whoever was asked has given up.
    """
    with development_tools():
        from copier import Settings, run_copy  # noqa: PLC0415  a tool of development
        from copier.errors import CopierError  # noqa: PLC0415
    if not defaults:
        if not sys.stdin.isatty():
            raise WrongAnswers("Nobody is here to be asked: say --defaults.")
        typer.echo(
            "Each question suggests an answer: take it with Enter, or change it; Ctrl-U clears"
            " it.\n"
        )
    with TemporaryDirectory() as drafts:
        draft = Path(drafts) / connector
        try:
            run_copy(
                str(TEMPLATE),
                draft,
                {"connector": connector, "api_version": API_VERSION, **answers},
                # Neither code of a template nor what a person has set for other templates.
                unsafe=False,
                settings=Settings(),
                defaults=defaults,
                quiet=True,
            )
        except KeyboardInterrupt as error:
            raise WrongAnswers("Nothing was written.") from error
        except (CopierError, ValueError, TypeError) as error:
            raise WrongAnswers(str(error)) from error
        _format(draft)
        _put(draft, folder)


def _put(draft: Path, folder: Path) -> None:
    """Write it whole, over what stands there; files of the author's own stay."""
    try:
        shutil.copytree(draft, folder, dirs_exist_ok=True)
        for name in _DEPENDING:
            if not (draft / name).exists():
                (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise WrongAnswers(f"{folder} cannot be written: {error.strerror or error}.") from error


def _format(folder: Path) -> None:
    """Lines break where names are long, and sort by them."""
    files = sorted(map(str, folder.rglob("*.py")))
    for step in (("check", "--select", "I001", "--fix"), ("format",)):
        command = [sys.executable, "-m", "ruff", *step, "--quiet", "--no-cache", *files]
        try:
            subprocess.run(command, check=True)  # noqa: S603  our own arguments
        except subprocess.CalledProcessError as error:
            raise WrongAnswers(
                f"Nothing was written: ruff, which formats it, ended with {error.returncode}."
            ) from error
