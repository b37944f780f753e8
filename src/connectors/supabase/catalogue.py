"""What we ask PostgreSQL's catalogue; names of schemas and tables are parameters.

The read-only endpoint resolves no bare names, so everything is qualified. Source: postgresql.org/
docs, "System catalogs"; ``reltuples`` is an estimate, and -1 before the first analysis.
"""

from __future__ import annotations

SCHEMAS = r"""
select n.nspname as name, pg_catalog.obj_description(n.oid, 'pg_namespace') as description
from pg_catalog.pg_namespace n
where n.nspname not like 'pg\_%' and n.nspname <> 'information_schema'
and ($1::text is null or n.nspname = $1::text)
and ($2::text is null or
  pg_catalog.strpos(pg_catalog.lower(n.nspname), pg_catalog.lower($2::text)) > 0)
order by n.nspname limit $3::int offset $4::int
""".strip()
"""Parameters: name, part of a name, limit, offset."""

TABLES = r"""
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
""".strip()
"""Parameters: kinds, schema, name, part of a name, limit, offset."""

KINDS = {
    "table": "r,p",
    "view": "v",
    "materialized_view": "m",
    "foreign_table": "f",
}
"""Our words for what ``relkind`` says."""

ALL_KINDS = ",".join(KINDS.values())
WORDS = {letter: word for word, letters in KINDS.items() for letter in letters.split(",")}
