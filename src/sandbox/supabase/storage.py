"""Rows: those of the seed until a table is written to, then those in the store."""

from typing import TYPE_CHECKING, Any

import msgspec

from src.sandbox.supabase.records import Project, Row, Table

if TYPE_CHECKING:
    from src.sandbox.kit import SandboxStore
    from src.sandbox.kit.posting import Post


class Trigger(msgspec.Struct):
    """What `supabase_functions.http_request` is told: where to call, and with which headers."""

    url: str
    headers: dict[str, str] = {}


class Storage:
    """The rows of every project."""

    def __init__(self, store: "SandboxStore", post: "Post | None" = None) -> None:
        """Keep written tables in the store, so that several server processes agree.

        Without anybody to send them, calls of database webhooks are lost.
        """
        self._store = store
        self._post = post

    async def rows(self, project: Project, table: Table) -> list[Row]:
        """Return the rows, the caller's own to change."""
        found = await self._store.get(_key(project, table))
        if found is not None:
            return list(msgspec.json.decode(found["rows"], type=list[dict[str, Any]]))
        return [dict(row) for row in table.rows]

    async def replace(self, project: Project, table: Table, rows: list[Row]) -> None:
        """Keep other rows in place of all."""
        before = await self.rows(project, table)
        text = msgspec.json.encode(rows).decode()
        await self._store.put(_key(project, table), {"rows": text})
        await self._call(project, table, before, rows)

    async def set_trigger(self, project: Project, table: Table, trigger: Trigger) -> None:
        """Call an address with each changed row of a table from now on."""
        await self._store.put(f"{_key(project, table)}/trigger", msgspec.to_builtins(trigger))

    async def _call(
        self, project: Project, table: Table, before: list[Row], after: list[Row]
    ) -> None:
        """Call once for each changed row, and once only, whatever is answered."""
        found = await self._store.get(f"{_key(project, table)}/trigger")
        if found is None or self._post is None:
            return
        trigger = msgspec.convert(found, Trigger)
        for kind, record, old in _changes(table, before, after):
            payload = {
                "type": kind,
                "table": table.name,
                "schema": table.schema,
                "record": record,
                "old_record": old,
            }
            headers = {"content-type": "application/json", **trigger.headers}
            await self._post(trigger.url, headers, msgspec.json.encode(payload))


def _changes(
    table: Table, before: list[Row], after: list[Row]
) -> list[tuple[str, Row | None, Row | None]]:
    was = {tuple(row[name] for name in table.key): row for row in before}
    now = {tuple(row[name] for name in table.key): row for row in after}
    return [
        *(("INSERT", row, None) for key, row in now.items() if key not in was),
        *(("UPDATE", row, was[key]) for key, row in now.items() if was.get(key, row) != row),
        *(("DELETE", None, row) for key, row in was.items() if key not in now),
    ]


def _key(project: Project, table: Table) -> str:
    # A name may hold what a key or a pattern would read otherwise.
    return f"supabase/rows/{project.ref}/{f'{table.schema}.{table.name}'.encode().hex()}"
