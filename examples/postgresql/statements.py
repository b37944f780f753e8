"""Every statement that is sent. Names are the catalogue's, and quoted; values are parameters.

All values are read as texts that the server makes, so that no type of anybody's surprises us, and
are cut by the server, so that none is too large. Types and operators are PostgreSQL's own:
``search_path`` holds nothing that anybody else could have put there.
Source: postgresql.org/docs, "System Catalogs", "Data Type Formatting", "Row-wise Comparison".
"""

from __future__ import annotations

from .quoting import containing, identifier
from .schemas import Column, Relation, Selection

# Each transaction begins with these: pgbouncer takes no settings with the connection.
MANNERS = """
SET LOCAL search_path = pg_catalog;
SET LOCAL statement_timeout = {milliseconds};
SET LOCAL lock_timeout = 2000;
SET LOCAL timezone = 'UTC';
SET LOCAL datestyle = 'ISO, YMD';
SET LOCAL intervalstyle = 'iso_8601';
SET LOCAL bytea_output = 'hex';
SET LOCAL extra_float_digits = 1;
SET LOCAL xmlbinary = 'base64';
"""

ACCOUNT = """
SELECT current_user::text AS "user", current_database()::text AS database,
       (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS is_superuser
"""

_NAMED = """
  AND ($1::text IS NULL OR {name}::text COLLATE "C" > $1::text)
  AND ($2::text IS NULL OR {name}::text ILIKE $2::text ESCAPE '\\')
ORDER BY {name}::text COLLATE "C" LIMIT $3::int8
"""

DATABASES = """
SELECT d.datname::text AS name, shobj_description(d.oid, 'pg_database') AS description
FROM pg_database d
WHERE d.datallowconn AND NOT d.datistemplate AND has_database_privilege(d.oid, 'CONNECT')
""" + _NAMED.format(name="d.datname")

SCHEMAS = """
SELECT n.nspname::text AS name, obj_description(n.oid, 'pg_namespace') AS description
FROM pg_namespace n
WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
  AND has_schema_privilege(n.oid, 'USAGE')
""" + _NAMED.format(name="n.nspname")

# A partition's rows are those of its parent.
RELATIONS = """
SELECT c.relname::text AS name, c.relkind::text AS kind,
       obj_description(c.oid, 'pg_class') AS description,
       CASE WHEN c.reltuples >= 0 THEN c.reltuples::int8 END AS estimate
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $4::text
  AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
""" + _NAMED.format(name="c.relname")

IS_SCHEMA = """
SELECT n.nspname::text AS name FROM pg_namespace n
WHERE n.nspname = $1::text
  AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
  AND has_schema_privilege(n.oid, 'USAGE')
"""

# The key: the primary one, or the shortest unique index over columns that are never NULL.
RELATION = """
SELECT c.relkind::text AS kind, a.attname::text AS name,
       has_column_privilege(c.oid, a.attnum, 'SELECT') AS is_readable,
       format_type(a.atttypid, a.atttypmod) AS type, format_type(a.atttypid, -1) AS "cast",
       t.typname::text AS base, t.typcategory::text AS category,
       t.typnamespace = 'pg_catalog'::regnamespace OR t.typtype = 'e' AS is_plain,
       array_position(k.columns, a.attnum) AS key,
       col_description(c.oid, a.attnum) AS description
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type own ON own.oid = a.atttypid
JOIN pg_type t ON t.oid = CASE own.typtype WHEN 'd' THEN own.typbasetype ELSE own.oid END
LEFT JOIN LATERAL (
  SELECT (i.indkey::int2[])[0:i.indnkeyatts - 1] AS columns
  FROM pg_index i
  WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid AND i.indimmediate
    AND i.indpred IS NULL AND i.indexprs IS NULL
    AND NOT EXISTS (
      SELECT 1 FROM pg_attribute ka
      WHERE ka.attrelid = c.oid AND NOT ka.attnotnull
        AND ka.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
  ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1
) k ON true
WHERE n.nspname = $1::text AND c.relname = $2::text
  AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND has_schema_privilege(n.oid, 'USAGE')
ORDER BY a.attnum
"""

WHOLE = frozenset({"A", "C"})
"""Categories that are read as JSON: arrays and composite types."""
CUT = "\N{HORIZONTAL ELLIPSIS}"
"""Behind bytes in base64 that are cut: no base64 holds it."""


def rows(relation: Relation, selection: Selection) -> tuple[str, list[str]]:
    """The statement for a selection, and its parameters, which are all texts."""
    parameters: list[str] = []

    def given(value: str) -> str:
        parameters.append(value)
        return f"${len(parameters)}::text"

    key = [f"t.{identifier(column.name)}" for column in relation.key]
    wanted = [
        *(f"{one}::text" for one in key),
        *(_read(column, selection.cell) for column in relation.columns),
    ]
    conditions = ["true"]
    for operator, values in ((">", selection.behind), ("=", selection.at)):
        if values is not None:
            sides = (
                f"{given(value)}::{column.cast}"
                for column, value in zip(relation.key, values, strict=True)
            )
            conditions.append(f"ROW({', '.join(key)}) {operator} ROW({', '.join(sides)})")
    if selection.q is not None:
        pattern = given(containing(selection.q))
        found = (
            f"t.{identifier(name)}::text ILIKE {pattern} ESCAPE '\\'" for name in selection.searched
        )
        conditions.append(f"({' OR '.join(found)})")
    if selection.since is not None and selection.updated is not None:
        updated = f"t.{identifier(selection.updated)}"
        since = f"{given(selection.since)}::timestamptz"
        conditions.append(f"({updated} >= {since} OR {updated} IS NULL)")
    place = f"{identifier(relation.schema)}.{identifier(relation.name)}"
    statement = (
        f"SELECT {', '.join(wanted)} FROM {place} AS t WHERE {' AND '.join(conditions)}"  # noqa: S608  names are quoted, values are parameters
        f" ORDER BY {', '.join(key)} LIMIT {int(selection.limit) + 1}"
    )
    return statement, parameters


def _read(column: Column, cell: int) -> str:
    """A value as a text, with one character more than is kept, so that it is seen to be cut."""
    value = f"t.{identifier(column.name)}"
    if column.base == "bytea":
        most = cell // 4 * 3
        return (
            f"encode(substr({value}, 1, {most}), 'base64')"
            f" || CASE WHEN octet_length({value}) > {most} THEN '{CUT}' ELSE '' END"
        )
    text = f"to_jsonb({value})::text" if column.category in WHOLE else f"{value}::text"
    return f"left({text}, {cell + 1})"
