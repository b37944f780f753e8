"""``connector try``: ask the provider as the service would, without the service."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import Annotated

import typer

from src.cli.connector import options
from src.cli.connector.answers import show
from src.cli.connector.locating import Folder
from src.cli.connector.opening import Ready
from src.cli.connector.options import Given, wanted_by
from src.cli.connector.syncing import watch
from src.cli.connector.tooling import run_tool
from src.cli.connector.working import carry_out
from src.cli.operator import AsJson
from src.connectors.asking import Verb, ask, need


class What(StrEnum):
    """What can be tried."""

    IDENTIFY = "identify"
    CONTAINERS = "containers"
    ITEMS = "items"
    ITEM = "item"
    COMMENTS = "comments"
    RESOURCES = "resources"
    TOOLS = "tools"
    SYNC = "sync"


def try_connector(
    connector: options.Connector,
    what: Annotated[What, typer.Argument(help="What to ask for.")],
    *,
    path: Folder = None,
    token: options.Token = None,
    secret: options.Secret = None,
    sandbox: options.Sandbox = False,
    auth_method: options.AuthMethod = None,
    config: options.Config = None,
    setting: options.Setting = None,
    container: options.Container = None,
    item: options.Item = None,
    parent: options.Parent = None,
    kind: options.Type = None,
    q: options.Words = None,
    filters: options.Filter = None,
    stream: options.StreamName = None,
    checkpoint: options.Checkpoint = None,
    limit: options.Limit = None,
    cursor: options.Cursor = None,
    tool: Annotated[str | None, typer.Option("--tool", help="For tools: run this one.")] = None,
    arguments: Annotated[
        str, typer.Option("--arguments", metavar="JSON", help="For tools: its arguments.")
    ] = "{}",
    allow_changes: Annotated[
        bool, typer.Option("--allow-changes", help="For tools: run one that changes something.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Ask the provider, or its imitation, and show the answer: no server, no database."""
    asked = Given(
        container, item, parent, kind, q, filters or [], stream, checkpoint, limit, cursor
    )
    wanted_of = partial(
        wanted_by,
        connector=connector,
        path=path,
        token=token,
        secret=secret,
        sandbox=sandbox,
        auth_method=auth_method,
        config=config,
        setting=setting,
    )

    async def work(ready: Ready) -> None:
        if what is What.TOOLS:
            await run_tool(ready, tool, arguments, allow_changes=allow_changes, as_json=as_json)
            return
        verb = Verb(what.value)
        need(ready.connector(), verb)
        fields = asked.fields(verb, ready.loaded.manifest)
        known = await ready.connector().identify()
        if verb is Verb.SYNC:
            await watch(ready, known, fields, limit=limit, as_json=as_json)
            return
        answer = known if verb is Verb.IDENTIFY else await ask(ready.connector(known), verb, fields)
        show(verb, answer, ready.secrets, as_json=as_json)

    carry_out(wanted_of, work, as_json=as_json)
