"""``connector new``: a folder with a connector that already passes."""

from __future__ import annotations

import keyword
import re
from importlib.util import find_spec
from pathlib import Path
from shlex import quote
from typing import Annotated, NoReturn

import typer

import src.connectors
from src.cli.connector.writing import WrongAnswers, questions, write_folder

_ID = re.compile(r"(?=.{2,32}$)[a-z][a-z0-9]*(_[a-z0-9]+)*")
_OURS = Path(src.connectors.__path__[0])
_NO_COMMENTS = "none"
_YES_OR_NO = frozenset({"has_comments", "sync"})
_BOOLEANS = frozenset({"true", "false"})
_WRONG = 2

Answer = str | None


def new(
    connector: Annotated[str, typer.Argument(help="Its id, and the name of its folder: acme.")],
    *,
    into: Annotated[
        Path, typer.Option(help="The folder of connectors to put it into.", file_okay=False)
    ] = Path("connectors"),
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Ask nothing; what is not said is as usual.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Write over a folder that is there.")
    ] = False,
    name: Annotated[Answer, typer.Option(help="What people call the provider.")] = None,
    api_url: Annotated[Answer, typer.Option(help="Where its API is.")] = None,
    auth: Annotated[Answer, typer.Option(help="api_key, bearer, basic or oauth2.")] = None,
    paging: Annotated[
        Answer,
        typer.Option(help="page_number, offset, cursor, next_url, link_header or none."),
    ] = None,
    containers: Annotated[
        Answer, typer.Option(help="What holds things there, plural: projects.")
    ] = None,
    items: Annotated[Answer, typer.Option(help="What these things are, plural: tasks.")] = None,
    comments: Annotated[
        Answer, typer.Option(help="What people say about them, plural; none = they cannot.")
    ] = None,
    sync: Annotated[
        bool | None, typer.Option("--sync/--no-sync", help="Shall they be synchronized, too?")
    ] = None,
    data: Annotated[
        list[str] | None, typer.Option(help="Any answer as key=value; can be repeated.")
    ] = None,
) -> None:
    """Write a folder with a connector that already passes all of its tests.

    It asks a few questions about the provider; every option answers one of them.
    """
    _check_id(connector)
    folder = into / connector
    _check_place(folder, overwrite=overwrite)
    said = {
        "name": name,
        "api_url": api_url,
        "auth": auth,
        "paging": paging,
        "containers": containers,
        "items": items,
        "has_comments": None if comments is None else str(comments != _NO_COMMENTS).lower(),
        "comments": None if comments == _NO_COMMENTS else comments,
        "sync": None if sync is None else str(sync).lower(),
    }
    answers = {key: value for key, value in said.items() if value is not None}
    try:
        write_folder(connector, folder, {**answers, **_read(data or [])}, defaults=defaults)
    except WrongAnswers as error:
        _refuse(str(error))
    _tell_next(folder)


def _check_id(connector: str) -> None:
    if _ID.fullmatch(connector):
        return
    likely = re.sub(r"[^a-z0-9]+", "_", connector.lower()).strip("_")
    advice = f" Try {likely}." if _ID.fullmatch(likely) else ""
    _refuse(
        f"{connector!r} cannot be the id of a connector: it has 2 to 32 lower-case letters and"
        f" digits, with single _ in between, and begins with a letter.{advice}"
    )


def _check_place(folder: Path, *, overwrite: bool) -> None:
    connector = folder.name
    if (_OURS / connector).is_dir():
        _refuse(
            f"{connector} is a connector of ours already, or a part of the toolkit. Take another"
            f" id, such as {connector}_own."
        )
    if folder.exists() or folder.is_symlink():
        if overwrite and folder.is_dir():
            return
        _refuse(
            f"{folder} is there already. Take another id, or say --overwrite to write over its"
            " files."
        )
    if keyword.iskeyword(connector) or find_spec(connector) is not None:
        _refuse(
            f"{connector} is the name of something in Python, which tools would mix up with the"
            f" connector. Take another id, such as {connector}_app."
        )


def _read(data: list[str]) -> dict[str, str]:
    known = questions()
    answers: dict[str, str] = {}
    for one in data:
        key, separator, value = one.partition("=")
        if not separator:
            _refuse(f"--data {one}: write it as key=value.")
        if key not in known:
            _refuse(f"--data {one}: nothing is called {key!r}. There are: {', '.join(known)}.")
        if key in _YES_OR_NO and value not in _BOOLEANS:
            _refuse(f"--data {one}: write {key}=true or {key}=false.")
        answers[key] = value
    return answers


def _refuse(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(_WRONG)


def _tell_next(folder: Path) -> None:
    connector, path = folder.name, quote(str(folder))
    command = f"CONNECTOR_PATHS={quote(str(folder.parent))} python -m src.cli connector"
    typer.echo(f"""\
{path} is a connector that works, over an imitation of its provider. Next:

  {command} check {connector}
  {command} try {connector} items --container 1 --sandbox
  python -m pytest {path}

Then make it true: manifest.py (where, how to authorize), schemas.py and mapping.py (what the
provider answers), connector.py (its paths), and sandbox.py alike. More is in its README.md.""")
