"""Recorded answers of a provider: how they are kept, and a provider that gives nothing but these.

A connector's folder ``recorded/`` holds one JSON file for each call of a verb: the question, and
every request that it took with the answer, redacted (``connector record`` writes them):

    {
      "format": 1,
      "verb": "items",
      "query": {"container_id": "project:1", "limit": 2},
      "auth_method": "key",
      "config": {},
      "account": {"id": "7", "name": "Robin Vale"},
      "exchanges": [
        {
          "request": {"method": "GET", "path": "/projects/1/tasks?limit=2"},
          "response": {
            "status": 200,
            "headers": {"content-type": "application/json"},
            "json": [{"id": 1, "title": "Paint the fence"}]
          }
        }
      ]
    }

Paths stand below the provider's address, which is written ``{provider}`` inside answers, as in
links to a next page. A body is ``json``, ``text`` or ``base64``. Headers are those that the
connector read.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import msgspec
from msgspec import UNSET, UnsetType
from pydantic import SecretStr

from src.connectors.asking import Answer, Verb, ask, run
from src.connectors.base import BaseConnector
from src.connectors.manager import ConnectorManager, Use
from src.connectors.registry import ConnectorRegistry, LoadedConnector
from src.connectors.rest.client import Address
from src.connectors.rest.retry import Retrier
from src.connectors.syncing import SyncPage
from src.core.errors import StartError
from src.core.outbound import Outbound
from src.models.connection import Account
from src.models.credential import Credential
from src.testing.bench import Given

FORMAT = 1
FOLDER = "recorded"
PROVIDER = "{provider}"
"""What stands in recorded answers for the address that was configured."""
_HOST = "http://provider.recorded"
_DEADLINE = 30.0


class RecordingError(StartError):
    """A recording cannot be read, or does not fit the connector any more."""


class RecordedRequest(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What was asked."""

    method: str
    path: str
    json: Any = UNSET
    text: str | UnsetType = UNSET


class RecordedResponse(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What was answered."""

    status: int
    headers: dict[str, str] = {}
    json: Any = UNSET
    text: str | UnsetType = UNSET
    base64: str | UnsetType = UNSET

    def content(self, provider: str) -> bytes:
        """The body, as it comes over the wire from the provider at this address."""
        if isinstance(self.base64, str):
            return base64.b64decode(self.base64)
        if self.json is not UNSET:
            text = msgspec.json.encode(self.json).decode()
        else:
            text = self.text if isinstance(self.text, str) else ""
        return text.replace(PROVIDER, provider).encode()


class Exchange(msgspec.Struct, kw_only=True):
    """A request and its answer."""

    request: RecordedRequest
    response: RecordedResponse


class Recording(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One call of a verb."""

    format: int
    verb: Verb
    query: dict[str, Any] = {}
    auth_method: str = ""
    config: dict[str, Any] = {}
    settings: dict[str, Any] = {}
    account: dict[str, Any] | None = None
    granted_scopes: tuple[str, ...] | None = None
    exchanges: list[Exchange]


def path_of(folder: Path, name: str) -> Path:
    """Where a recording of this name stands in a connector's folder."""
    return folder / FOLDER / f"{name}.json"


def recordings_of(folder: Path) -> dict[str, Recording]:
    """Every recording of a connector's folder, by the name of its file."""
    return read_recordings(folder / FOLDER)


def read_recordings(folder: Path) -> dict[str, Recording]:
    """Every recording in a folder, by the name of its file; none where there is no such folder.

    Raises:
        RecordingError: One of them has another form.
    """
    return {path.stem: read_recording(path) for path in sorted(folder.glob("*.json"))}


def read_recording(path: Path) -> Recording:
    """One recording.

    Raises:
        RecordingError: It has another form.
    """
    try:
        recording = msgspec.json.decode(path.read_bytes(), type=Recording)
    except msgspec.MsgspecError as error:
        raise RecordingError(f"{FOLDER}/{path.name} is no recording: {error}") from error
    if recording.format != FORMAT:
        raise RecordingError(
            f"{FOLDER}/{path.name} has the format {recording.format}, this reads {FORMAT}: record"
            " it anew"
        )
    return recording


def bases_of(address: Address) -> list[str]:
    """The addresses that a provider's paths begin with, the longest first."""
    return sorted(
        {each.rstrip("/") for each in (address.url, *address.hosts.values())},
        key=len,
        reverse=True,
    )


def below(address: Address, url: str) -> str:
    """What of an address is the provider's own path: the part below the one that was configured."""
    for base in bases_of(address):
        if url == base or url.startswith((f"{base}/", f"{base}?")):
            return url[len(base) :] or "/"
    parts = urlsplit(url)
    return f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"


class Tape(httpx.AsyncBaseTransport):
    """A provider that answers what was recorded, and nothing else."""

    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self.address = Address(_HOST)
        self._exchanges = exchanges
        self._played: set[int] = set()

    @property
    def unplayed(self) -> list[RecordedRequest]:
        """What was recorded and not asked for."""
        whole = enumerate(self._exchanges)
        return [one.request for number, one in whole if number not in self._played]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer as it was answered then.

        Raises:
            RecordingError: It was not asked then.
        """
        path = below(self.address, str(request.url))
        body = await request.aread()
        fitting = [
            number
            for number, one in enumerate(self._exchanges)
            if _is_same(one.request, request.method, path, body)
        ]
        if not fitting:
            raise RecordingError(f"it asks {request.method} {path}, which is not recorded")
        number = next((each for each in fitting if each not in self._played), fitting[-1])
        self._played.add(number)
        answer = self._exchanges[number].response
        provider = self.address.url.rstrip("/")
        headers = {
            name: value.replace(PROVIDER, provider) for name, value in answer.headers.items()
        }
        return httpx.Response(answer.status, headers=headers, content=answer.content(provider))


def _is_same(recorded: RecordedRequest, method: str, path: str, body: bytes) -> bool:
    then, now = urlsplit(recorded.path), urlsplit(path)
    queries = [sorted(parse_qsl(each.query, keep_blank_values=True)) for each in (then, now)]
    if (recorded.method, then.path, queries[0]) != (method, now.path, queries[1]):
        return False
    if recorded.json is not UNSET:
        try:
            return bool(msgspec.json.decode(body) == recorded.json)
        except msgspec.DecodeError:
            return False
    return body == (recorded.text.encode() if isinstance(recorded.text, str) else b"")


async def _at_once(_: float) -> None:
    """A sleep that takes no time."""


def over(
    loaded: LoadedConnector,
    recording: Recording,
    *,
    token: str = "recorded",  # noqa: S107  opens nothing
) -> tuple[BaseConnector, Tape]:
    """A connector over a recording, opened as the service opens it.

    Raises:
        RecordingError: The connector has no such way to authorize any more.
    """
    manifest = loaded.manifest
    method = manifest.auth_method(recording.auth_method or manifest.auth_methods[0].id)
    if method is None:
        raise RecordingError(f"the manifest has no auth method {recording.auth_method!r} any more")
    tape = Tape(recording.exchanges)
    manager = ConnectorManager(
        ConnectorRegistry({manifest.id: loaded}),
        Outbound(tape),
        {manifest.id: _HOST},
        retrier=Retrier(sleep=_at_once),
        deadline=_DEADLINE,
        imitations={manifest.id: f"{_HOST}/_sites"},
    )
    tape.address = manager.address(manifest.id, recording.config, method)
    use = Use(
        method=method,
        tokens=Given(Credential(SecretStr(token), SecretStr(token))),
        config=recording.config,
        settings=recording.settings,
        granted_scopes=recording.granted_scopes,
        account=None if recording.account is None else Account.model_validate(recording.account),
    )
    return manager.open(manifest.id, use), tape


async def replay(
    loaded: LoadedConnector,
    recording: Recording,
    *,
    token: str = "recorded",  # noqa: S107  opens nothing
) -> Any:
    """What a verb makes of the recorded answers: a page, an item, a list of pages of a run.

    Raises:
        RecordingError: It asks for something else than what was recorded.
        AppError: It cannot read a recorded answer.
    """
    connector, tape = over(loaded, recording, token=token)
    value = await play(connector, recording)
    # Runs may read ahead, which they do not do the same way each time.
    if tape.unplayed and recording.verb is not Verb.SYNC:
        one = tape.unplayed[0]
        raise RecordingError(f"it no longer asks {one.method} {one.path}, which is recorded")
    return value


async def play(connector: BaseConnector, recording: Recording) -> Answer | list[SyncPage]:
    """Call the verb of a recording."""
    if recording.verb is not Verb.SYNC:
        return await ask(connector, recording.verb, recording.query)
    async with aclosing(run(connector, recording.query)) as pages:
        return [page async for page in pages]
