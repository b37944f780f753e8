"""Answers of verbs as tables for people and as documents for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from rich.markup import escape
from rich.table import Table

from src.cli.connector.explaining import Secrets
from src.cli.operator import say, show_json, show_table
from src.connectors.asking import Answer, Verb
from src.connectors.base import Identity
from src.connectors.tools import Tool
from src.models.unified import Page

_COLUMNS = {
    Verb.CONTAINERS: ("id", "type", "name", "parentId", "updatedAt"),
    Verb.ITEMS: ("id", "type", "title", "state", "author", "updatedAt"),
    Verb.COMMENTS: ("id", "author", "body", "createdAt"),
    Verb.RESOURCES: ("id", "type", "name", "hasChildren", "selectable"),
}
_CELL = 80
"""Longer texts are cut in tables, which are for a look; --json tells everything."""


def show(verb: Verb, answer: Answer, secrets: Secrets, *, as_json: bool) -> None:
    """Write what a verb has answered."""
    if isinstance(answer, Page) and not as_json:
        _show_page(verb, secrets.mask_all(plain(answer)))
    else:
        show_document(plain(answer), secrets, as_json=as_json)


def show_document(document: Any, secrets: Secrets, *, as_json: bool) -> None:
    """Write anything else: its fields as a table, or all of it as JSON."""
    masked = secrets.mask_all(document)
    if as_json or not isinstance(masked, dict):
        show_json(masked)
    else:
        _show_facts(masked)


def plain(answer: Any) -> Any:
    """An answer as JSON has it."""
    if isinstance(answer, Page):
        return {
            "items": [msgspec.to_builtins(one) for one in answer.items],
            "nextCursor": answer.next_token,
            "truncated": answer.truncated,
        }
    if isinstance(answer, Identity):
        scopes = answer.granted_scopes
        account = answer.account.model_dump(mode="json", exclude_none=True)
        return {**account, "grantedScopes": None if scopes is None else list(scopes)}
    if isinstance(answer, tuple | list):
        return [plain(one) for one in answer]
    return answer.model_dump(mode="json") if hasattr(answer, "model_dump") else _built(answer)


def _built(answer: Any) -> Any:
    return msgspec.to_builtins(answer, enc_hook=str)


def _show_page(verb: Verb, document: Mapping[str, Any]) -> None:
    rows = document["items"]
    columns = [name for name in _COLUMNS[verb] if any(row.get(name) is not None for row in rows)]
    if rows:
        _show_rows(columns, rows)
    count = len(rows)
    say(f"{count} {'entry' if count == 1 else 'entries'} on this page.")
    if document["truncated"]:
        say("The provider, or a missing scope, keeps back part of the list.", "yellow")
    if document["nextCursor"] is not None:
        say(f"Next page: --cursor '{document['nextCursor']}'")


def _show_rows(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """A table of some fields of each row."""
    table = Table()
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(escape(_cell(row.get(name))) for name in columns))
    show_table(table)


def _show_facts(document: Mapping[str, Any]) -> None:
    """A table of the fields of one thing."""
    table = Table(show_header=False)
    for name, value in document.items():
        if value not in (None, [], {}, ""):
            table.add_row(escape(name), escape(_cell(value, 20 * _CELL)))
    show_table(table)


def show_tools(tools: Sequence[Tool], *, as_json: bool) -> None:
    """The tools that a connector has."""
    rows = [
        {
            "name": tool.name,
            "description": tool.description,
            "arguments": list(tool.input_schema().get("properties", {})),
            "changes": not tool.read_only,
            "scopes": list(tool.scopes),
        }
        for tool in tools
    ]
    if as_json:
        show_json(rows)
        return
    _show_rows(("name", "description", "arguments", "changes", "scopes"), rows)
    say("""Run one: --tool NAME --arguments '{"name": "value"}'""")


def _cell(value: Any, longest: int = _CELL) -> str:
    match value:
        case None:
            text = ""
        case bool():
            text = "yes" if value else "no"
        case {"name": str(name)}:
            text = name
        case list():
            text = ", ".join(_cell(one) for one in value)
        case dict():
            text = msgspec.json.encode(value).decode()
        case _:
            text = str(value)
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1]}…"
