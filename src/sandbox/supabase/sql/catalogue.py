"""The two questions about PostgreSQL's catalogue that the imitation can answer, word for word."""

import re
from typing import Any

from src.sandbox.supabase.records import Column, Project, Row, Table

_SCHEMAS = r"""
select n.nspname as name, pg_catalog.obj_description(n.oid, 'pg_namespace') as description
from pg_catalog.pg_namespace n
where n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'
and ($1::text is null or n.nspname = $1::text)
and ($2::text is null or
  pg_catalog.strpos(pg_catalog.lower(n.nspname), pg_catalog.lower($2::text)) > 0)
order by n.nspname limit $3::int offset $4::int
"""
_TABLES = r"""
select n.nspname as schema, c.relname as name, c.relkind::text as kind,
c.reltuples::bigint as estimate, c.relrowsecurity as row_security,
pg_catalog.obj_description(c.oid, 'pg_class') as description,
(select coalesce(json_agg(json_build_object('name', a.attname,
  'type', pg_catalog.format_type(a.atttypid, a.atttypmod), 'nullable', not a.attnotnull,
  'default', pg_catalog.pg_get_expr(d.adbin, d.adrelid),
  'description', pg_catalog.col_description(c.oid, a.attnum),
  'key', coalesce(a.attnum = any (i.indkey), false)) order by a.attnum), '[]'::json)
  from pg_catalog.pg_attribute a
  left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  left join pg_catalog.pg_index i on i.indrelid = a.attrelid and i.indisprimary
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'
and c.relkind::text = any (pg_catalog.string_to_array($1::text, ','))
and ($2::text is null or n.nspname = $2::text)
and ($3::text is null or c.relname = $3::text)
and ($4::text is null or
  pg_catalog.strpos(pg_catalog.lower(c.relname), pg_catalog.lower($4::text)) > 0)
order by n.nspname, c.relname limit $5::int offset $6::int
"""


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def answer(project: Project, text: str, parameters: list[Any]) -> list[Row] | None:
    """Return what the catalogue says; None for another question."""
    match _plain(text), parameters:
        case [question, [name, part, limit, offset]] if question == _plain(_SCHEMAS):
            schemas = sorted(
                one for one in project.schemas if _named(one, name) and _holds(one, part)
            )
            found = [Row(name=one, description=None) for one in schemas]
            return found[offset : offset + limit]
        case [question, [kinds, schema, name, part, limit, offset]] if question == _plain(_TABLES):
            tables = [
                one
                for one in project.tables
                if one.kind in kinds.split(",")
                and _named(one.schema, schema)
                and _named(one.name, name)
                and _holds(one.name, part)
            ]
            tables.sort(key=lambda one: (one.schema, one.name))
            return [_table(one) for one in tables[offset : offset + limit]]
        case _:
            return None


def _named(text: str, name: str | None) -> bool:
    return name is None or text == name


def _holds(text: str, part: str | None) -> bool:
    return part is None or part.lower() in text.lower()


def _table(table: Table) -> Row:
    return Row(
        schema=table.schema,
        name=table.name,
        kind=table.kind,
        estimate=table.estimate,
        row_security=table.row_security,
        description=table.description,
        columns=[_column(one) for one in table.columns],
    )


def _column(column: Column) -> Row:
    return Row(
        name=column.name,
        type=column.type,
        nullable=column.nullable,
        default=column.default,
        description=column.description,
        key=column.key,
    )
