"""``connector record``: keep what a provider answers, redacted, for the tests of a connector."""

from __future__ import annotations

import re
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import httpx
import typer

from src.cli.connector import options
from src.cli.connector.locating import Folder
from src.cli.connector.needs import development_tools
from src.cli.connector.opening import Ready
from src.cli.connector.options import Given, wanted_by
from src.cli.connector.working import carry_out
from src.cli.operator import say
from src.cli.serve import read_settings
from src.connectors.asking import Verb, ask, need, run
from src.connectors.base import BaseConnector, Identity
from src.core.errors import StartError, ValidationFailed

if TYPE_CHECKING:
    from src.testing.recorded import Recording
    from src.testing.recording import Recorder

_PAGE = 5
"""Entries of a recorded page, where nobody says: enough to see the form."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_HTTP = "http"


def record(
    connector: options.Connector,
    verb: Annotated[Verb, typer.Argument(help="Which verb to record.")],
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
    limit: Annotated[
        int | None, typer.Option(min=1, help=f"Entries of a page, {_PAGE} by default.")
    ] = None,
    cursor: options.Cursor = None,
    redact: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WAY",
            help="What else to redact: 'items.*.id', '**.title'; * is one step, ** any number,"
            " {} the names of an object's fields.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Of the file; the verb, or the stream, by default.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Write over a recording of the same name.")
    ] = False,
) -> None:
    """Call a verb and write the provider's answers, redacted, into the folder ``recorded``.

    E-mail addresses, names of people and credentials are replaced; texts are kept, and so are ids
    unless --redact names them. Look at the file before you share it.
    """
    with development_tools():
        from src.testing import recorded, recording  # noqa: PLC0415  tools of development
        from src.testing.pseudonyms import Pseudonyms  # noqa: PLC0415  the same
        from src.testing.redacting import REDACTED, Redaction  # noqa: PLC0415  the same
    asked = Given(
        container, item, parent, kind, q, filters or [], stream, checkpoint, limit or _PAGE, cursor
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
    recorders: list[Recorder] = []

    def door(transport: httpx.AsyncBaseTransport | None, is_guarded: bool) -> Recorder:
        recorders.append(recording.Recorder(transport, guarded=is_guarded))
        return recorders[-1]

    async def work(ready: Ready) -> None:
        manifest = ready.loaded.manifest
        _require_http(ready)
        need(ready.connector(), verb)
        fields = asked.fields(verb, manifest)
        target = recorded.path_of(ready.wanted.located.folder, _file_name(name, verb, fields))
        if target.exists() and not replace:
            raise StartError(
                f"{target} is there already: say --replace, or give it another --name."
            )
        known = await ready.connector().identify()
        if verb is not Verb.IDENTIFY:
            recorders[-1].forget()
            await _call(ready.connector(known), verb, fields)
        taken = _taken(ready, verb, fields, known, recorders[-1])
        key = recording.key_in(read_settings().data_dir)
        hide = partial(ready.secrets.mask, by=REDACTED)
        redaction = Redaction(Pseudonyms(key), hide, redact or [])
        done = redaction.apply(taken, account=known.account.name)
        token_then = ready.credential.access_token.get_secret_value()
        await recorded.replay(ready.loaded, done, token=token_then)
        recording.write(done, target, ready.secrets.are_in, redaction.made)
        count = len(done.exchanges)
        say(f"{target}: {count} answer{'' if count == 1 else 's'} of {manifest.name}, redacted.")
        say("Look at it before you share it: texts are kept as they were.")

    carry_out(wanted_of, work, door=door)


async def _call(connector: BaseConnector, verb: Verb, fields: dict[str, Any]) -> None:
    if verb is not Verb.SYNC:
        await ask(connector, verb, fields)
        return
    async with aclosing(run(connector, fields)) as pages:
        async for _ in pages:
            pass


def _taken(
    ready: Ready, verb: Verb, fields: dict[str, Any], known: Identity, recorder: Recorder
) -> Recording:
    from src.testing.recorded import FORMAT, Recording  # noqa: PLC0415  a tool of development

    taken = Recording(
        format=FORMAT,
        verb=verb,
        exchanges=recorder.exchanges(ready.address),
        query=fields,
        auth_method=ready.method.id,
        config=dict(ready.wanted.config),
        settings=dict(ready.wanted.settings),
    )
    if verb is not Verb.IDENTIFY:
        taken.account = known.account.model_dump(mode="json", exclude_none=True)
        taken.granted_scopes = known.granted_scopes
    return taken


def _file_name(name: str | None, verb: Verb, fields: dict[str, Any]) -> str:
    file = name or (str(fields["stream"]) if verb is Verb.SYNC else verb.value)
    if _NAME.fullmatch(file) is None:
        raise ValidationFailed([("--name", "takes lower case, digits, - and _")])
    return file


def _require_http(ready: Ready) -> None:
    manifest = ready.loaded.manifest
    if manifest.transport != _HTTP:
        raise StartError(f"{manifest.name} speaks no HTTP: there are no answers to record.")
