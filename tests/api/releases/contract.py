"""A small contract, and changes of it."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def json_of(schema: Document) -> Document:
    return {"content": {"application/json": {"schema": schema}}}


def named(name: str) -> Document:
    return {"$ref": f"#/components/schemas/{name}"}


def contract() -> Document:
    """Shelves are listed and made."""
    shelf = {
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "state", "label", "count", "place"],
        "properties": {
            "id": {"type": "string"},
            "state": named("State"),
            "label": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "note": {"type": "string"},
            "count": {"type": "integer"},
            "place": {"anyOf": [named("Room"), named("Box")]},
            "marks": {"type": "object", "additionalProperties": {"type": "string"}},
            "inner": {"type": "array", "items": named("Shelf")},
        },
    }
    draft = {
        "type": "object",
        "additionalProperties": False,
        "required": ["label"],
        "properties": {
            "label": {"type": "string", "maxLength": 80},
            "state": {"allOf": [named("State")], "title": "State"},
            "owner": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "count": {"type": "integer", "minimum": 0, "default": 10},
        },
    }
    kinds = {
        kind.title(): {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"type": "string", "const": kind}, "size": {"type": "integer"}},
        }
        for kind in ("room", "box")
    }
    limit = {"name": "limit", "in": "query", "schema": {"type": "integer", "default": 50}}
    shelf_id = {"name": "shelf_id", "in": "path", "required": True, "schema": {"type": "string"}}
    listing = {
        "operationId": "listShelves",
        "tags": ["Shelves"],
        "x-permission": "shelves:read",
        "security": [{"bearer": []}, {}],
        "parameters": [limit],
        "responses": {
            "200": {
                **json_of({"type": "array", "items": named("Shelf")}),
                "headers": {"X-Total": {}},
            },
            "404": json_of(named("Problem")),
        },
    }
    making = {
        "operationId": "makeShelf",
        "tags": ["Shelves"],
        "requestBody": json_of(named("Draft")),
        "responses": {"201": json_of(named("Shelf"))},
    }
    reading = {
        "operationId": "getShelf",
        "parameters": [shelf_id],
        "responses": {"200": json_of(named("Shelf"))},
    }
    return {
        "info": {"version": "1.0.0"},
        "paths": {
            "/shelves": {"get": listing, "post": making},
            "/shelves/{shelf_id}": {"get": reading},
        },
        "components": {
            "schemas": {
                "Shelf": shelf,
                "Draft": draft,
                "State": {"type": "string", "enum": ["open", "closed"]},
                "Problem": {"type": "object", "properties": {"code": {"type": "string"}}},
                **kinds,
            }
        },
    }


def put(document: Document, path: str, value: Any) -> None:
    """Set what a path of keys leads to; None takes it away."""
    *way, last = path.split(" ")
    place: Any = document
    for key in way:
        place = place[int(key) if isinstance(place, list) else key]
    if value is None:
        del place[last]
    else:
        place[int(last) if isinstance(place, list) else last] = value
