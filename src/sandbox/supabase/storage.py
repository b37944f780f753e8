"""Rows: those of the seed until a table is written to, then those in the store."""

from typing import TYPE_CHECKING, Any

import msgspec

from src.sandbox.supabase.records import Project, Row, Table

if TYPE_CHECKING:
    from src.sandbox.kit import SandboxStore


class Storage:
    """The rows of every project."""

    def __init__(self, store: "SandboxStore") -> None:
        """Keep written tables in the store, so that several server processes agree."""
        self._store = store

    async def rows(self, project: Project, table: Table) -> list[Row]:
        """Return the rows, the caller's own to change."""
        found = await self._store.get(_key(project, table))
        if found is not None:
            return list(msgspec.json.decode(found["rows"], type=list[dict[str, Any]]))
        return [dict(row) for row in table.rows]

    async def replace(self, project: Project, table: Table, rows: list[Row]) -> None:
        """Keep other rows in place of all."""
        text = msgspec.json.encode(rows).decode()
        await self._store.put(_key(project, table), {"rows": text})


def _key(project: Project, table: Table) -> str:
    # A name may hold what a key or a pattern would read otherwise.
    return f"supabase/rows/{project.ref}/{f'{table.schema}.{table.name}'.encode().hex()}"
