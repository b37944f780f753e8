"""The ledger that the engine is tested on: an imitation provider, and the engine over it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from src.bootstrap import Container
from src.db.repositories.record_values import StoredRecord, StreamPlace
from src.db.tenant import TenantScope
from src.models.connection import Connection
from src.models.job import Job, JobStatus, SyncMode
from src.models.principal import ALL_PERMISSIONS, Caller, Principal, Via
from src.sandbox.kit import MemoryStore, Provider, Refused, build_app, json_answer
from src.services.connect import Authorization, GivenKey
from src.services.job_making import new_job
from src.services.sync.slices import SliceEnd

DROPINS = Path(__file__).parent / "dropins"
URL = "http://ledger.sandbox"
KEY = "ledger-key-4711"
PAGE = 10
ACME = Caller(Principal("acme", Via.PLATFORM, ALL_PERMISSIONS))

Entry = dict[str, Any]
Hook = Callable[[Request], Awaitable[None]]


@dataclass
class Ledger:
    """What the provider holds; tests change it at any time."""

    entries: dict[str, Entry] = field(default_factory=dict)
    revision: int = 0
    gone: dict[str, int] = field(default_factory=dict)
    key: str = KEY
    forgotten: int = 0
    """Changes up to this revision are told no more."""
    partial: set[str] = field(default_factory=set)
    hooks: list[Hook] = field(default_factory=list)
    """Carried out, once each, before a request is answered."""
    asked: list[str] = field(default_factory=list)

    def put(self, id_: str, text: str = "text", book: str = "main") -> None:
        self.revision += 1
        self.gone.pop(id_, None)
        self.entries[id_] = {"id": id_, "book": book, "text": text, "revision": self.revision}

    def fill(self, count: int, book: str = "main") -> list[str]:
        ids = [f"{book}-{number:05}" for number in range(count)]
        for id_ in ids:
            self.put(id_, f"text of {id_}", book)
        return ids

    def lock(self, id_: str, *, is_locked: bool = True) -> None:
        self.entries[id_]["is_locked"] = is_locked

    def drop(self, *ids: str) -> None:
        for id_ in ids:
            self.revision += 1
            del self.entries[id_]
            self.gone[id_] = self.revision

    def texts(self) -> dict[str, str]:
        return {id_: entry["text"] for id_, entry in self.entries.items()}

    def app(self) -> Any:
        routes = (
            Route("/me", self._me),
            Route("/books", self._books),
            Route("/books/{book}", self._book),
            Route("/entries/{entry}", self._entry),
            Route("/changes", self._changes),
        )
        return build_app(Provider("ledger", routes), MemoryStore())

    async def _admit(self, request: Request) -> None:
        if self.hooks:
            await self.hooks.pop(0)(request)
        self.asked.append(request.url.path)
        if request.headers.get("authorization") != f"Bearer {self.key}":
            raise Refused(json_answer({"message": "who are you?"}, 401))

    async def _me(self, request: Request) -> Response:
        await self._admit(request)
        return json_answer({"id": "u1", "name": "Ada", "revision": self.revision})

    async def _books(self, request: Request) -> Response:
        await self._admit(request)
        return json_answer(sorted({entry["book"] for entry in self.entries.values()}))

    async def _book(self, request: Request) -> Response:
        await self._admit(request)
        book = request.path_params["book"]
        after, since = request.query_params.get("after", ""), int(request.query_params["since"])
        found = sorted(
            (
                entry
                for entry in self.entries.values()
                if entry["book"] == book and entry["id"] > after and entry["revision"] > since
            ),
            key=lambda entry: str(entry["id"]),
        )
        last = found[PAGE - 1]["id"] if len(found) > PAGE else None
        partial = book in self.partial
        return json_answer({"entries": found[:PAGE], "next": last, "partial": partial})

    async def _entry(self, request: Request) -> Response:
        await self._admit(request)
        entry = self.entries.get(request.path_params["entry"])
        return json_answer(entry) if entry else json_answer({"message": "gone"}, 404)

    async def _changes(self, request: Request) -> Response:
        await self._admit(request)
        since = int(request.query_params["since"])
        if 0 < int(request.query_params["known"]) < self.forgotten:
            nothing = {"entries": [], "gone": [], "revision": 0, "more": False}
            return json_answer({**nothing, "expired": True})
        changes = [(entry["revision"], entry) for entry in self.entries.values()]
        told = sorted([*changes, *((at, id_) for id_, at in self.gone.items())], key=lambda x: x[0])
        later = [one for one in told if one[0] > since]
        page = later[:PAGE]
        return json_answer(
            {
                "entries": [one for _, one in page if isinstance(one, dict)],
                "gone": [one for _, one in page if isinstance(one, str)],
                "revision": page[-1][0] if page else since,
                "more": len(later) > PAGE,
            }
        )


class Heard:
    """A queue that remembers its hints, and leads nowhere."""

    def __init__(self) -> None:
        self.hints: list[Any] = []

    async def send(self, hint: Any) -> None:
        self.hints.append(hint)


@dataclass
class World:
    """A tenant with a connected ledger, and an engine."""

    container: Container
    ledger: Ledger
    provider: httpx.AsyncClient
    queue: Heard
    connection: Connection

    @property
    def scope(self) -> TenantScope:
        return TenantScope(self.container.mongo.database, "acme")

    async def fault(self, *faults: dict[str, Any]) -> None:
        (await self.provider.put("/_sandbox/faults", json=list(faults))).raise_for_status()

    async def job(
        self, stream: str = "entries", mode: SyncMode = SyncMode.INCREMENTAL, **fields: Any
    ) -> str:
        job = new_job(self.connection, stream, mode).model_copy(update=fields)
        return (await self.scope.jobs.add(job)).id

    async def slice(self, job_id: str, stop: asyncio.Event | None = None) -> SliceEnd:
        return await self.container.sync.run_slice("acme", job_id, stop or asyncio.Event())

    async def look(self, job_id: str) -> Job:
        found = await self.scope.jobs.get(job_id)
        assert found is not None
        return found

    async def run(
        self, stream: str = "entries", mode: SyncMode = SyncMode.INCREMENTAL, **fields: Any
    ) -> Job:
        """A job, worked on until it is over."""
        job_id = await self.job(stream, mode, **fields)
        while await self.slice(job_id) is SliceEnd.HANDED_ON:
            pass
        return await self.look(job_id)

    async def make_due(self, job_id: str) -> None:
        """Let the pause of a job be over, and its lease."""
        await self.container.mongo.database["jobs"].update_one(
            {"_id": job_id}, [{"$set": {"dueAt": "$$NOW", "lease": None}}]
        )

    async def records(self, stream: str = "entries", after: int = 0) -> list[StoredRecord]:
        place = StreamPlace(self.connection.id, stream)
        found: list[StoredRecord] = []
        while page := await self.scope.records.list(
            place, found[-1].seq if found else after, limit=1000, includes_deleted=True
        ):
            found += page
        return found

    async def copy(self, stream: str = "entries") -> dict[str, str]:
        """What a caller who follows the stream has of live records."""
        return {
            one.record_id: httpx.Response(200, text=one.data).json()["body"]
            for one in await self.records(stream)
            if one.data is not None
        }


async def connect(container: Container) -> Connection:
    given = Authorization(method="key", given=GivenKey(api_key=SecretStr(KEY)))
    connected = await container.connect.finish(ACME, "ledger", given)
    return connected.connection


OVER = {JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED}
