"""The REST API: userinfo, describes, queries, records and the log of deletions."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.kit import json_answer

from .callers import Caller
from .cursors import Cursors
from .errors import refused
from .people import USERS
from .schema import OBJECTS, SObject
from .soql import Parser, Query
from .state import State
from .world import Row, written

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.kit import SandboxStore

LOG_BEGINS = "salesforce/log-begins"
LOG_REACHES = timedelta(days=15)
LARGEST_BATCH = 60
"""Rows that are really given at once: fewer than anybody asks for, which Salesforce reserves."""
LONGEST_ADDRESS = 16_384
_SMALLEST_ASKED, _LARGEST_ASKED = 200, 2_000
_PEOPLE = {one.id: {"Id": one.id, "Name": one.name} for one in USERS.values()}


class Api:
    """The routes below `/services`."""

    def __init__(self, store: "SandboxStore", state: State, cursors: Cursors) -> None:
        """Share the records."""
        self._store = store
        self._state = state
        self._cursors = cursors
        data = "/services/data/{version}"
        one = f"{data}/sobjects/{{object}}"
        self.routes = [
            Route("/services/oauth2/userinfo", self.userinfo, methods=["GET"]),
            Route(f"{data}/sobjects", self.objects, methods=["GET"]),
            Route(f"{one}/describe", self.describe, methods=["GET"]),
            Route(f"{one}/deleted/", self.deleted, methods=["GET"]),
            Route(f"{one}/", self.create, methods=["POST"]),
            Route(f"{one}/{{record}}", self.update, methods=["PATCH"]),
            Route(f"{one}/{{record}}", self.delete, methods=["DELETE"]),
            Route(f"{data}/query", self.query, methods=["GET"]),
            Route(f"{data}/query/{{locator}}", self.more, methods=["GET"]),
        ]

    async def userinfo(self, request: "Request") -> Response:
        """Tell whose token it is."""
        user = _caller(request).user
        identity = f"https://login.salesforce.com/id/{user.org.id}/{user.id}"
        return json_answer(
            {
                "sub": identity,
                "user_id": user.id,
                "organization_id": user.org.id,
                "preferred_username": user.username,
                "name": user.name,
                "email": user.username,
                "profile": f"{user.org.instance_url}/{user.id}",
                "active": True,
            }
        )

    async def objects(self, _: "Request") -> Response:
        """List every object."""
        return json_answer(
            {
                "encoding": "UTF-8",
                "maxBatchSize": 200,
                "sobjects": [one.brief() for one in OBJECTS.values()],
            }
        )

    async def describe(self, request: "Request") -> Response:
        """Tell the fields of an object."""
        found = _object(request)
        return json_answer({**found.brief(), "fields": msgspec.to_builtins(found.fields)})

    async def query(self, request: "Request") -> Response:
        """Answer a query with its first batch."""
        if len(str(request.url)) > LONGEST_ADDRESS:
            raise refused(414, "URI_TOO_LONG", "URI Too Long")
        _check_batch(request)
        text = request.query_params.get("q", "")
        query = Parser(text).query()
        caller = _caller(request)
        rows = await self._rows(caller, query)
        found = [row["Id"] for row in query.run(rows)]
        name = None
        if len(found) > LARGEST_BATCH:
            name = await self._cursors.open(caller, text, found)
        return self._batch(query, rows, found, 0, name)

    async def more(self, request: "Request") -> Response:
        """Answer with a further batch."""
        name, _, offset = request.path_params["locator"].rpartition("-")
        caller = _caller(request)
        kept = await self._cursors.find(caller, name) if offset.isdecimal() else None
        if kept is None:
            raise refused(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        text, ids = kept
        query = Parser(text).query()
        return self._batch(query, await self._rows(caller, query), ids, int(offset), name)

    async def create(self, request: "Request") -> Response:
        """Make a record."""
        found, values = _object(request), await _values(request)
        _check(found, values, "createable")
        if missing := [one for one in found.required if values.get(one) in {None, ""}]:
            words = f"Required fields are missing: [{', '.join(missing)}]"
            raise refused(400, "REQUIRED_FIELD_MISSING", words)
        caller = _caller(request)
        made = await self._state.create(caller.user.org, found.name, caller.user, values)
        return json_answer({"id": made, "success": True, "errors": []}, 201)

    async def update(self, request: "Request") -> Response:
        """Change a record."""
        found, values = _object(request), await _values(request)
        row = await self._row(request, found)
        _check(found, values, "updateable")
        await self._state.update(_caller(request).user.org, found.name, row, values)
        return Response(status_code=204)

    async def delete(self, request: "Request") -> Response:
        """Delete a record."""
        found = _object(request)
        row = await self._row(request, found)
        await self._state.delete(_caller(request).user.org, found.name, row)
        return Response(status_code=204)

    async def deleted(self, request: "Request") -> Response:
        """Tell what was deleted between two minutes."""
        found = _object(request)
        start, end = _minute(request, "start"), _minute(request, "end")
        begins = await self._log_begins()
        if end - start < timedelta(minutes=1) or start < self._state.now() - LOG_REACHES:
            raise refused(400, "INVALID_REPLICATION_DATE", "startDate cannot be used")
        rows = await self._state.rows(_caller(request).user.org, found.name)
        gone = [
            {"id": row["Id"], "deletedDate": row["SystemModstamp"]}
            for row in rows.values()
            if row["IsDeleted"] and written(start) <= row["SystemModstamp"] < written(end)
        ]
        return json_answer(
            {
                "deletedRecords": gone,
                "earliestDateAvailable": begins,
                "latestDateCovered": written(end),
            }
        )

    async def _log_begins(self) -> str:
        switched = await self._store.get(LOG_BEGINS)
        return written(self._state.now() - LOG_REACHES) if switched is None else switched["value"]

    async def _rows(self, caller: Caller, query: Query) -> dict[str, Row]:
        return await self._state.rows(caller.user.org, query.source.name)

    async def _row(self, request: "Request", found: SObject) -> Row:
        rows = await self._state.rows(_caller(request).user.org, found.name)
        wanted = request.path_params["record"]
        row = next((one for one in rows.values() if wanted in {one["Id"], one["Id"][:15]}), None)
        if row is None:
            raise refused(404, "NOT_FOUND", "Provided external ID field does not exist")
        if row["IsDeleted"]:
            raise refused(404, "ENTITY_IS_DELETED", "entity is deleted")
        return row

    def _batch(
        self, query: Query, rows: dict[str, Row], ids: list[str], start: int, name: str | None
    ) -> Response:
        end = start + LARGEST_BATCH
        shown = [
            query.shown(rows[one], _PEOPLE) for one in ids[start:end] if not rows[one]["IsDeleted"]
        ]
        body: dict[str, Any] = {"totalSize": len(ids), "done": end >= len(ids), "records": shown}
        if name is not None and end < len(ids):
            body["nextRecordsUrl"] = f"/services/data/v64.0/query/{name}-{end}"
        return json_answer(body)


def _caller(request: "Request") -> Caller:
    caller: Caller = request.scope["salesforce.caller"]
    return caller


def _object(request: "Request") -> SObject:
    wanted = request.path_params["object"].casefold()
    found = next((one for name, one in OBJECTS.items() if name.casefold() == wanted), None)
    if found is None:
        raise refused(404)
    return found


def _check_batch(request: "Request") -> None:
    asked = request.headers.get("sforce-query-options")
    if asked is None:
        return
    name, _, size = asked.partition("=")
    is_size = size.isdecimal() and _SMALLEST_ASKED <= int(size) <= _LARGEST_ASKED
    if name != "batchSize" or not is_size:
        raise refused(400, "INVALID_QUERY_OPTIONS", "batchSize must be between 200 and 2000")


async def _values(request: "Request") -> Row:
    try:
        return msgspec.json.decode(await request.body(), type=Row)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise refused(400, "JSON_PARSER_ERROR", "The body is not JSON.") from error


def _check(found: SObject, values: Row, able: str) -> None:
    for name in values:
        field = found.field(name)
        if field is None:
            words = f"No such column '{name}' on sobject of type {found.name}"
            raise refused(400, "INVALID_FIELD", words)
        if not getattr(field, able):
            words = f"Unable to create/update fields: {name}."
            raise refused(400, "INVALID_FIELD_FOR_INSERT_UPDATE", words)


def _minute(request: "Request", name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(request.query_params.get(name, ""))
    except ValueError as error:
        raise refused(400, "INVALID_REPLICATION_DATE", f"{name} is no date") from error
    # Seconds are ignored.
    return moment.replace(second=0, microsecond=0)
