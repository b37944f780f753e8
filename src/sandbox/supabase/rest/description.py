"""What PostgREST says of a schema: Swagger 2.0, "OpenAPI"."""

from typing import Any

from src.sandbox.supabase.records import Column, Project, Table

_PRIMARY_KEY = "Note:\nThis is a Primary Key.<pk/>"
_JSON_TYPES = {"bigint": "integer", "integer": "integer", "numeric": "number", "boolean": "boolean"}


def describe(project: Project, schema: str) -> dict[str, Any]:
    """Return the description of a schema's tables and views."""
    tables = [one for one in project.tables if one.schema == schema]
    return {
        "swagger": "2.0",
        "info": {"title": "standard public schema", "version": "14.1", "description": ""},
        "host": f"{project.ref}.supabase.co:443",
        "basePath": "/",
        "schemes": ["https"],
        "paths": {
            "/": {"get": {"tags": ["Introspection"], "responses": {}}},
            **{f"/{one.name}": _verbs(one) for one in tables},
            "/rpc/greet": {"post": {"tags": ["(rpc) greet"], "responses": {}}},
        },
        "definitions": {one.name: _definition(one) for one in tables},
    }


def _verbs(table: Table) -> dict[str, Any]:
    verbs = ["get"] if table.kind in {"v", "m"} else ["get", "post", "delete", "patch"]
    return {verb: {"tags": [table.name], "responses": {}} for verb in verbs}


def _definition(table: Table) -> dict[str, Any]:
    told: dict[str, Any] = {
        "required": [one.name for one in table.columns if not one.nullable],
        "properties": {one.name: _property(one) for one in table.columns},
        "type": "object",
    }
    return told if table.description is None else {"description": table.description, **told}


def _property(column: Column) -> dict[str, Any]:
    told: dict[str, Any] = {"format": column.type, "type": _JSON_TYPES.get(column.type, "string")}
    said = [column.description, _PRIMARY_KEY if column.key else None]
    if any(said):
        told["description"] = "\n\n".join(filter(None, said))
    if column.default is not None:
        told["default"] = column.default
    return told
