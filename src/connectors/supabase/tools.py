"""What can be done with a database: rows read and added, statements run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, StringConstraints

from src.connectors.supabase.conditions import Column, Condition, Order
from src.connectors.supabase.database import Rows, Selecting
from src.connectors.supabase.ids import Project, Table, wrong
from src.connectors.supabase.scopes import DATABASE, DATABASE_WRITE
from src.connectors.tools import PagedArguments, Tool, ToolArguments, picked
from src.core.errors import ValidationFailed
from src.models.unified import Page

if TYPE_CHECKING:
    from src.connectors.supabase.connector import SupabaseConnector

MOST_ROWS = 100
_MOST_COLUMNS = 200
_LONGEST_QUERY = 50_000
_DATABASE = "The project whose database it is."
_TABLE = "The table or view, by an id that a picker or items gave."

Query = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_QUERY)]


class Select(PagedArguments):
    """Arguments of ``supabase_select``."""

    database: str | None = picked(
        "supabase_database",
        description=f"{_DATABASE} The table's id names it already.",
        default=None,
    )
    table: str = picked("supabase_table", description=_TABLE, depends_on="database")
    columns: list[Column] | None = Field(
        default=None, min_length=1, max_length=_MOST_COLUMNS, description="Absent = all."
    )
    where: list[Condition] = Field(
        default_factory=list, max_length=50, description="Conditions, of which all must hold."
    )
    order: list[Order] = Field(
        default_factory=list,
        max_length=10,
        description="What to sort by. Give columns that tell rows apart when paging.",
    )


class Insert(ToolArguments):
    """Arguments of ``supabase_insert``."""

    database: str | None = picked(
        "supabase_database",
        description=f"{_DATABASE} The table's id names it already.",
        default=None,
    )
    table: str = picked(
        "supabase_table",
        description="The table, by an id that a picker or items gave.",
        depends_on="database",
        filters={"kind": "table"},
    )
    rows: list[dict[Column, Any]] = Field(
        min_length=1,
        max_length=MOST_ROWS,
        description="Values by column; every row names the same columns. All are added, or none.",
    )


class RunQuery(ToolArguments):
    """Arguments of ``supabase_run_query``."""

    database: str = picked("supabase_database", description=_DATABASE, filters={"active": True})
    query: Query = Field(
        description="One SQL statement that only reads, with tables as schema.table; $1, $2 stand"
        " for the parameters. Write a limit."
    )
    parameters: list[Any] = Field(
        default_factory=list, max_length=100, description="Values for $1, $2 and so on."
    )


class ExecuteSql(RunQuery):
    """Arguments of ``supabase_execute_sql``."""

    query: Query = Field(
        description="Any SQL statement; $1, $2 stand for the parameters. Never put values of"
        " others into its text."
    )


async def select(connector: SupabaseConnector, arguments: Select) -> Page[Any]:
    """Read rows."""
    at = await connector.database()
    return await at.select(
        Selecting(
            table=_table(arguments.table, arguments.database),
            columns=tuple(arguments.columns or ()),
            conditions=tuple(arguments.where),
            order=tuple(arguments.order),
            page=arguments.page(),
        )
    )


async def insert(connector: SupabaseConnector, arguments: Insert) -> dict[str, Rows]:
    """Add rows."""
    columns = tuple(arguments.rows[0])
    if not columns:
        raise ValidationFailed([("arguments.rows.0", "must name a column")])
    for number, row in enumerate(arguments.rows):
        if set(row) != set(columns):
            raise ValidationFailed(
                [(f"arguments.rows.{number}", "must name the same columns as the first row")]
            )
    at = await connector.database()
    table = _table(arguments.table, arguments.database)
    return {"rows": await at.insert(table, columns, arguments.rows)}


async def run_query(connector: SupabaseConnector, arguments: RunQuery) -> dict[str, Rows]:
    """Read by SQL."""
    ref = _project(arguments.database).ref
    return {
        "rows": await connector.account_database().run_query(
            ref, arguments.query, arguments.parameters
        )
    }


async def execute_sql(connector: SupabaseConnector, arguments: ExecuteSql) -> dict[str, Rows]:
    """Run any SQL."""
    ref = _project(arguments.database).ref
    return {
        "rows": await connector.account_database().execute(
            ref, arguments.query, arguments.parameters
        )
    }


def _project(text: str) -> Project:
    project = Project.parse(text)
    if project is None:
        raise wrong("arguments.database", "a project")
    return project


def _table(text: str, database: str | None) -> Table:
    table = Table.parse(text)
    if table is None:
        raise wrong("arguments.table", "a table")
    if database is not None and _project(database) != table.place.project:
        raise ValidationFailed([("arguments.table", "is not in this database")])
    return table


TOOLS = (
    Tool(
        "supabase_select",
        "Read rows of a table or view.",
        Select,
        select,
        (DATABASE,),
        read_only=True,
    ),
    Tool("supabase_insert", "Add rows to a table.", Insert, insert, (DATABASE_WRITE,)),
    Tool(
        "supabase_run_query",
        "Run an SQL query that only reads: the database refuses anything else.",
        RunQuery,
        run_query,
        (DATABASE,),
        read_only=True,
    ),
    Tool(
        "supabase_execute_sql",
        "Run any SQL statement, also one that changes data or tables.",
        ExecuteSql,
        execute_sql,
        (DATABASE_WRITE,),
    ),
)
