"""Runs statements on the rows of a project."""

from typing import Any

from src.sandbox.supabase.errors import DatabaseError
from src.sandbox.supabase.records import Column, Project, Row, Table
from src.sandbox.supabase.sql import catalogue
from src.sandbox.supabase.sql.statements import Change, Condition, Parser, Select
from src.sandbox.supabase.storage import Storage
from src.sandbox.supabase.values import coerced, holds, ordered


class Database:
    """One project's database."""

    def __init__(self, storage: Storage, project: Project) -> None:
        """Work on the rows in the storage."""
        self._storage = storage
        self._project = project

    async def run(self, text: str, parameters: list[Any], *, read_only: bool) -> list[Row]:
        """Run a statement.

        Raises:
            DatabaseError: PostgreSQL would refuse it.
        """
        told = catalogue.answer(self._project, text, parameters)
        if told is not None:
            return told
        statement = Parser(text, parameters).statement()
        if isinstance(statement, Select):
            return await self._select(statement)
        if read_only:
            verb = statement.verb.upper()
            raise DatabaseError("25006", f"cannot execute {verb} in a read-only transaction")
        return await self._change(statement)

    async def insert(self, table: Table, rows: list[Row]) -> list[Row]:
        """Add rows, all or none of them, and return them as they have become."""
        present = await self._storage.rows(self._project, table)
        taken = {tuple(row[name] for name in table.key) for row in present}
        added: list[Row] = []
        for row in rows:
            whole = self._filled(table, row, [*present, *added])
            key = tuple(whole[name] for name in table.key)
            if table.key and key in taken:
                raise DatabaseError(
                    "23505",
                    f'duplicate key value violates unique constraint "{table.name}_pkey"',
                    details=f"Key ({', '.join(table.key)}) already exists.",
                )
            taken.add(key)
            added.append(whole)
        await self._storage.replace(self._project, table, [*present, *added])
        return added

    def _filled(self, table: Table, row: Row, present: list[Row]) -> Row:
        for name in row:
            _column(table, name)
        whole = {one.name: row.get(one.name) for one in table.columns}
        for column in table.columns:
            if whole[column.name] is not None:
                coerced(whole[column.name], column)
            elif column.default is not None and column.name not in row:
                whole[column.name] = _default(column, present)
            if whole[column.name] is None and not column.nullable:
                raise DatabaseError(
                    "23502",
                    f'null value in column "{column.name}" of relation "{table.name}" violates'
                    " not-null constraint",
                )
        return whole

    async def _select(self, statement: Select) -> list[Row]:
        if statement.table is None:
            return [{one.name: one.value for one in statement.outputs}]
        table = self._table(statement.schema, statement.table)
        found = [
            row
            for row in await self._storage.rows(self._project, table)
            if _meets(table, row, statement.conditions)
        ]
        for order in reversed(statement.order):
            column = _column(table, order.column)
            found = ordered(found, column, descending=order.descending)
        stop = None if statement.limit is None else statement.offset + statement.limit
        if any(one.counts for one in statement.outputs):
            return [{one.name: len(found) for one in statement.outputs}]
        for one in statement.outputs:
            if one.column is not None:
                _column(table, one.column)
        return [
            {
                one.name: row[one.column] if one.column is not None else one.value
                for one in statement.outputs
            }
            or row
            for row in found[statement.offset : stop]
        ]

    async def _change(self, statement: Change) -> list[Row]:
        table = self._table(statement.schema, statement.table)
        if statement.verb == "insert":
            changed = await self.insert(table, list(statement.rows))
            return changed if statement.returning else []
        rows = await self._storage.rows(self._project, table)
        chosen = [row for row in rows if _meets(table, row, statement.conditions)]
        if statement.verb == "delete":
            rows = [row for row in rows if row not in chosen]
        for name, value in statement.values.items():
            coerced(value, _column(table, name))
            for row in chosen:
                row[name] = value
        await self._storage.replace(self._project, table, rows)
        return chosen if statement.returning else []

    def _table(self, schema: str | None, name: str) -> Table:
        # The read-only role has no search path: a bare name is found nowhere.
        table = self._project.table(schema, name) if schema else None
        if table is None:
            written = f"{schema}.{name}" if schema else name
            raise DatabaseError("42P01", f'relation "{written}" does not exist')
        return table


def _meets(table: Table, row: Row, conditions: tuple[Condition, ...]) -> bool:
    return all(
        holds(row, _column(table, one.column), one.operator, one.value) is not one.negated
        for one in conditions
    )


def _column(table: Table, name: str) -> Column:
    found = table.column(name)
    if found is None:
        raise DatabaseError("42703", f"column {table.name}.{name} does not exist")
    return found


def _default(column: Column, present: list[Row]) -> Any:
    if column.type == "boolean":
        return column.default == "true"
    return max((row[column.name] for row in present), default=0) + 1
