"""The OpenAPI document: FastAPI's, plus the unified structs, which are not pydantic models."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.warnings import UnsupportedFieldAttributeWarning

from src.api.envelope import ErrorEnvelope, Problem
from src.api.routing import Route
from src.api.schema_names import with_clear_names
from src.models.record import Record
from src.models.unified import Comment, Container, Item, Person, Resource

_REF = "#/components/schemas/{name}"
_UNIFIED = (Container, Item, Comment, Person, Resource, Record)


def answers(
    arguments: dict[str, Any],
    kind: type[msgspec.Struct],
    *,
    listed: bool = False,
    beside: Sequence[str] = (),
) -> dict[str, Any]:
    """Route arguments with the documented success: an envelope of a struct, or of a page of it.

    Args:
        arguments: The route's others.
        kind: What is answered.
        listed: A page of it.
        beside: Further lists of the same, which a page may have.
    """
    one = {"$ref": _REF.format(name=kind.__name__)}
    schema = _enveloped(_page_of(one, beside) if listed else one)
    success = {
        "description": "Success",
        "content": {"application/json": {"schema": schema}},
        "headers": _LIMIT_HEADERS,
    }
    return {
        **arguments,
        "response_model": None,
        "responses": {200: success, **arguments["responses"]},
    }


_LIMIT_HEADERS = {
    f"X-Provider-RateLimit-{name}": {
        "description": text,
        "required": False,
        "schema": {"type": "integer"},
    }
    for name, text in {
        "Limit": "Calls per window, as the provider told.",
        "Remaining": "Calls left in the window.",
        "Reset": "When the window ends, Unix seconds.",
    }.items()
}


_KEY_CONFLICT = {
    "description": "Conflict: `conflict`",
    "content": {
        "application/json": {"schema": {"$ref": _REF.format(name="ErrorEnvelope")}},
        "application/problem+json": {"schema": {"$ref": _REF.format(name="Problem")}},
    },
}
"""An ``Idempotency-Key`` was used for another request, or the first one is on its way."""


def _enveloped(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"ok": {"const": True}, "data": data, "error": {"type": "null"}},
        "required": ["ok", "data", "error"],
        "additionalProperties": False,
    }


def _page_of(one: dict[str, Any], beside: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            **{name: {"type": "array", "items": one} for name in beside},
            "items": {"type": "array", "items": one},
            "nextCursor": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "hasMore": {"type": "boolean"},
            "truncated": {"type": "boolean"},
        },
        "required": ["items", "nextCursor", "hasMore", "truncated"],
        "additionalProperties": False,
    }


def install_openapi(app: FastAPI) -> None:
    """Build the document at its first use."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    with warnings.catch_warnings():
        # FastAPI ignores it, too, where it builds its fields; ours are built only now.
        warnings.simplefilter("ignore", UnsupportedFieldAttributeWarning)
        document = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=[one.documented() if isinstance(one, Route) else one for one in app.routes],
            tags=app.openapi_tags,
            servers=app.servers,
        )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    _, unified = msgspec.json.schema_components(_UNIFIED, ref_template=_REF)
    schemas.update(unified)
    schemas["Problem"] = Problem.model_json_schema(ref_template=_REF.replace("{name}", "{model}"))
    schemas.setdefault("ErrorEnvelope", ErrorEnvelope.model_json_schema())
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    _mark_security(document)
    _mark_repeatable(document)
    return with_clear_names(document)


def _mark_security(document: dict[str, Any]) -> None:
    """Routes with a permission take a key and name the tenant; the others need neither."""
    header = {
        "name": "X-Tenant-Id",
        "in": "header",
        "required": False,
        "description": "The tenant. In open mode `workspaceId` may name it instead.",
        "schema": {"type": "string"},
    }
    for path in document["paths"].values():
        for operation in path.values():
            if "x-permission" in operation or "x-authenticated" in operation:
                operation["security"] = [{"bearer": []}, {}]
                operation.setdefault("parameters", []).append(header)


def _mark_repeatable(document: dict[str, Any]) -> None:
    """Routes that create may be named by the caller, and are then done once."""
    header = {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Any 1 to 255 printable characters. For 24 hours a request with the same "
        "key is not done again; the first answer is told once more, without what is shown only "
        "once, and then with `secretShown: false`.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    }
    for path in document["paths"].values():
        operation = path.get("post", {})
        responses = operation.get("responses", {})
        if {"201", "202"} & responses.keys() or operation.get("x-repeatable"):
            operation.setdefault("parameters", []).append(header)
            conflict = responses.setdefault("409", dict(_KEY_CONFLICT))
            if "`conflict`" not in conflict["description"]:
                conflict["description"] += ", `conflict`"
            operation["responses"] = dict(sorted(responses.items()))
