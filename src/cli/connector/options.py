"""What ``try`` and ``record`` are told on the command line, and the question that it makes."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from src.cli.connector.locating import locate
from src.cli.connector.opening import SECRET_VARIABLE, TOKEN_VARIABLE, Wanted
from src.connectors.asking import Verb
from src.connectors.manifest import Manifest
from src.core.config import Settings
from src.core.errors import ValidationFailed

Connector = Annotated[str, typer.Argument(help="The connector's id, such as acme.")]
Token = Annotated[
    str | None,
    typer.Option(
        "--token",
        envvar=TOKEN_VARIABLE,
        help="API key or access token; '-' reads it from standard input. Better in the variable or"
        " typed when asked for: what is written here stays in the shell's history.",
        show_default=False,
    ),
]
Secret = Annotated[
    str | None,
    typer.Option(
        "--secret", envvar=SECRET_VARIABLE, help="Its second half, where there is one (apiSecret)."
    ),
]
AuthMethod = Annotated[
    str | None, typer.Option("--auth-method", help="Id of the auth method, if not the first.")
]
Config = Annotated[
    list[str] | None, typer.Option("--config", metavar="KEY=VALUE", help="Of the connection.")
]
Setting = Annotated[
    list[str] | None, typer.Option("--setting", metavar="KEY=VALUE", help="Of the connection.")
]
Sandbox = Annotated[
    bool, typer.Option("--sandbox", help="Ask the connector's own imitation, not the provider.")
]
Container = Annotated[
    str | None, typer.Option("--container", help="Whose items; for sync: read only this one.")
]
Item = Annotated[str | None, typer.Option("--item", help="Which item, or whose comments.")]
Parent = Annotated[str | None, typer.Option("--parent", help="What lies below it.")]
Type = Annotated[str | None, typer.Option("--type", help="Only this type; resources need one.")]
Words = Annotated[str | None, typer.Option("--q", help="Search for these words.")]
Filter = Annotated[
    list[str] | None,
    typer.Option(
        "--filter",
        metavar="KEY=VALUE",
        help="Any other field of the question; of items: state, status, updatedSince, sort,"
        " includeBody. Of resources: the filters of their type.",
    ),
]
StreamName = Annotated[str | None, typer.Option("--stream", help="For sync: which stream.")]
Checkpoint = Annotated[
    str | None, typer.Option("--checkpoint", metavar="JSON", help="For sync: since when.")
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", min=1, help="Entries of a page; for sync: stop after so many records."),
]
Cursor = Annotated[
    str | None, typer.Option("--cursor", help="Go on where the page, or the run, before ended.")
]
_PAGE = 20
_LONGEST_PAGE = 100


@dataclass(frozen=True, slots=True)
class Given:
    """What was asked for, as it was typed."""

    container: str | None = None
    item: str | None = None
    parent: str | None = None
    type: str | None = None
    q: str | None = None
    filters: list[str] = field(default_factory=list)
    stream: str | None = None
    checkpoint: str | None = None
    limit: int | None = None
    cursor: str | None = None

    def fields(self, verb: Verb, manifest: Manifest) -> dict[str, Any]:
        """The question of a verb, with what belongs to it.

        Raises:
            ValidationFailed: An option is missing, or is none of this verb's.
        """
        more = pairs("--filter", self.filters)
        fields: dict[str, Any] = {}
        match verb:
            case Verb.IDENTIFY:
                pass
            case Verb.CONTAINERS:
                fields = {**self._page(), "parent_id": self.parent, "type": self.type, "q": self.q}
            case Verb.ITEMS:
                own = {"container_id": _needed("--container", self.container), "q": self.q}
                fields = {**self._page(), **own, "parent_id": self.parent, "type": self.type}
            case Verb.ITEM:
                fields = {"item_id": _needed("--item", self.item)}
            case Verb.COMMENTS:
                fields = {**self._page(), "item_id": _needed("--item", self.item)}
            case Verb.RESOURCES:
                own = {"type": _needed("--type", self.type), "parent_id": self.parent, "q": self.q}
                fields, more = {**self._page(), **own, "filters": more}, {}
            case Verb.SYNC:
                fields = self._run(manifest)
        fields |= {_as_ours(name): value for name, value in more.items()}
        return {name: value for name, value in fields.items() if value is not None}

    def _page(self) -> dict[str, Any]:
        limit = _PAGE if self.limit is None else self.limit
        if limit > _LONGEST_PAGE:
            raise ValidationFailed([("--limit", f"a page has at most {_LONGEST_PAGE} entries")])
        return {"limit": limit, "token": self.cursor}

    def _run(self, manifest: Manifest) -> dict[str, Any]:
        names = [stream.name for stream in manifest.streams]
        if self.stream is None and len(names) > 1:
            raise ValidationFailed([("--stream", f"must be one of: {', '.join(names)}")])
        try:
            checkpoint = None if self.checkpoint is None else msgspec.json.decode(self.checkpoint)
        except msgspec.DecodeError as error:
            raise ValidationFailed([("--checkpoint", f"is no JSON: {error}")]) from error
        return {
            "stream": self.stream or next(iter(names), None),
            "started_at": datetime.now(UTC).isoformat(),
            "container_ids": None if self.container is None else [self.container],
            "checkpoint": checkpoint,
            "position": self.cursor,
        }


def wanted_by(
    settings: Settings,
    *,
    connector: str,
    path: Path | None,
    token: str | None,
    secret: str | None,
    sandbox: bool,
    auth_method: str | None,
    config: list[str] | None,
    setting: list[str] | None,
) -> Wanted:
    """Which connector is meant, and what it is opened with.

    What the variables hold is the provider's, and no use at the imitation.

    Raises:
        StartError: There is no such connector.
        ValidationFailed: A pair is none.
    """
    return Wanted(
        located=locate(connector, path, settings),
        sandbox=sandbox,
        token=_typed(TOKEN_VARIABLE, token) if sandbox else token,
        secret=_typed(SECRET_VARIABLE, secret) if sandbox else secret,
        auth_method=auth_method,
        config=pairs("--config", config),
        settings=pairs("--setting", setting),
    )


def _typed(variable: str, given: str | None) -> str | None:
    return None if given == os.environ.get(variable) else given


def pairs(option: str, given: list[str] | None) -> dict[str, Any]:
    """``key=value`` as fields; a value that is JSON is read as such, anything else is a text.

    Raises:
        ValidationFailed: One of them is no pair.
    """
    found: dict[str, Any] = {}
    for each in given or []:
        name, separator, value = each.partition("=")
        if not (separator and name):
            raise ValidationFailed([(option, "must look like key=value")])
        found[name] = _value(value)
    return found


def _as_ours(name: str) -> str:
    """The field of a query, which callers of the API know as ``updatedSince``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _value(text: str) -> Any:
    if text in {"true", "false"} or text.startswith(("[", "{")):
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            return text
    return text


def _needed(option: str, value: str | None) -> str:
    if value is None:
        raise ValidationFailed([(option, "is needed for this")])
    return value
