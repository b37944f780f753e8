"""What breaks callers between two OpenAPI documents, by operation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from src.api.releases.schemas import Comparison, Gap, Schema, Side

_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_NAMED_BY = {
    "operationId": "operationId changed",
    "x-permission": "permission changed",
}
"""What else callers hold on to: generated clients are named by the first, keys are made for the
second."""

Operation = Mapping[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One breaking difference."""

    id: str
    """The same as long as the difference is the same."""
    operations: tuple[str, ...]
    """Operation ids of the last release, sorted."""


def breaking(old: Schema, new: Schema) -> list[Finding]:
    """Every difference that callers of the old document can notice as a fault."""
    found: dict[str, set[str]] = {}
    after = _operations(new)
    for key, operation in _operations(old).items():
        name = str(operation["operationId"])
        if key not in after:
            found.setdefault("operation: removed", set()).add(name)
            continue
        for where, what in _changes(old, operation, new, after[key]):
            found.setdefault(f"{where}: {what}", set()).add(name)
    return sorted(Finding(id_, tuple(sorted(names))) for id_, names in found.items())


def _operations(document: Schema) -> dict[tuple[str, str], Operation]:
    """The operations by what is asked for; names of parameters in paths are none of it."""
    return {
        (method, re.sub(r"\{[^}]*\}", "{}", path)): {**operation, "path": path}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in _METHODS
    }


def _changes(old: Schema, before: Operation, new: Schema, after: Operation) -> Iterator[Gap]:
    for key, what in _NAMED_BY.items():
        if before.get(key) != after.get(key):
            yield "operation", what
    if before.get("tags", [])[:1] != after.get("tags", [])[:1]:
        yield "operation", "tag changed"
    if before["path"] != after["path"]:
        yield "operation", "path parameter renamed"
    if _ways(before) - _ways(after):
        yield "operation", "security changed"
    yield from _of_parameters(old, before, new, after)
    yield from _of_body(old, before.get("requestBody"), new, after.get("requestBody"))
    yield from _of_answers(old, before["responses"], new, after["responses"])


def _ways(operation: Operation) -> set[frozenset[str]]:
    """The ways to say who calls; none at all is one of them."""
    return {frozenset(way) for way in operation.get("security") or [{}]}


def _of_parameters(old: Schema, before: Operation, new: Schema, after: Operation) -> Iterator[Gap]:
    ours, theirs = _parameters(before), _parameters(after)
    for key, parameter in theirs.items():
        was_required = key in ours and ours[key].get("required", False)
        if parameter.get("required", False) and not was_required:
            yield f"request {key}", "required"
    for key, parameter in ours.items():
        if key not in theirs:
            yield f"request {key}", "removed"
            continue
        schemas = parameter.get("schema", {}), theirs[key].get("schema", {})
        yield from _of_requests(old, schemas[0], new, schemas[1], f"request {key}")
        defaults = [schema.get("default") for schema in schemas]
        if defaults[0] is not None and defaults[0] != defaults[1]:
            yield f"request {key}", "default changed"


def _parameters(operation: Operation) -> dict[str, Schema]:
    """Parameters by place and name, those of the path by their order."""
    parameters = operation.get("parameters", ())
    order = re.findall(r"\{([^}]*)\}", operation["path"])
    return {
        f"path {order.index(one['name']) + 1}"
        if one["in"] == "path"
        else f"{one['in']} {one['name']}": one
        for one in parameters
    }


def _of_body(
    old: Schema, before: Schema | None, new: Schema, after: Schema | None
) -> Iterator[Gap]:
    if _is_required(after) and not _is_required(before):
        yield "request body", "required"
    if before is None:
        return
    for kind, content in before["content"].items():
        if after is None or kind not in after["content"]:
            yield f"request body {kind}", "removed"
            continue
        schemas = content.get("schema", {}), after["content"][kind].get("schema", {})
        yield from _of_requests(old, schemas[0], new, schemas[1], "request body")


def _is_required(body: Schema | None) -> bool:
    return body is not None and bool(body.get("required", False))


def _of_answers(old: Schema, before: Schema, new: Schema, after: Schema) -> Iterator[Gap]:
    for status, answer in before.items():
        where = f"answer {status}"
        if status not in after:
            yield where, "removed"
            continue
        for name in sorted(answer.get("headers", {}).keys() - after[status].get("headers", {})):
            yield f"{where} header {name}", "removed"
        for kind, content in answer.get("content", {}).items():
            following = after[status].get("content", {})
            if kind not in following:
                yield f"{where} {kind}", "removed"
                continue
            sides = _sides(new, following[kind].get("schema", {}), old, content.get("schema", {}))
            for place, what in Comparison(answers=True).gaps(*sides, where):
                yield _told(place, "answer"), what


def _of_requests(
    old: Schema, ours: Schema, new: Schema, theirs: Schema, where: str
) -> Iterator[Gap]:
    for place, what in Comparison(answers=False).gaps(*_sides(old, ours, new, theirs), where):
        yield _told(place, "request"), what


def _sides(document: Schema, schema: Schema, other: Schema, theirs: Schema) -> tuple[Side, Side]:
    return Side(document, {}).at(schema), Side(other, {}).at(theirs)


def _told(place: str, direction: str) -> str:
    """A place that begins with the name of a schema, with the direction before it."""
    return place if place.startswith(direction) else f"{direction} {place}"
