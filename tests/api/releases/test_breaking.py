"""Each kind of change that breaks callers is found, and no other is."""

from __future__ import annotations

from typing import Any

import pytest

from src.api.releases.operations import breaking
from tests.api.releases.contract import contract, json_of, named, put

LIST = "paths /shelves get"
MAKE = "paths /shelves post"
SHELF = "components schemas Shelf"
DRAFT = "components schemas Draft"
ANY_SHELF = ("getShelf", "listShelves", "makeShelf")
BREAKING = {
    "a path is gone": ("paths /shelves/{shelf_id}", None, "operation: removed", ("getShelf",)),
    "a method is gone": (LIST, None, "operation: removed", ("listShelves",)),
    "another operation id": (
        f"{LIST} operationId",
        "shelves",
        "operation: operationId changed",
        ("listShelves",),
    ),
    "another tag": (f"{LIST} tags", ["Books"], "operation: tag changed", ("listShelves",)),
    "another permission": (
        f"{LIST} x-permission",
        "shelves:write",
        "operation: permission changed",
        ("listShelves",),
    ),
    "a key is needed": (
        f"{LIST} security",
        [{"bearer": []}],
        "operation: security changed",
        ("listShelves",),
    ),
    "a status is gone": (f"{LIST} responses 404", None, "answer 404: removed", ("listShelves",)),
    "a header is gone": (
        f"{LIST} responses 200 headers",
        {},
        "answer 200 header X-Total: removed",
        ("listShelves",),
    ),
    "another content type": (
        f"{LIST} responses 200 content",
        {"text/plain": {}},
        "answer 200 application/json: removed",
        ("listShelves",),
    ),
    "a parameter is gone": (
        f"{LIST} parameters",
        [],
        "request query limit: removed",
        ("listShelves",),
    ),
    "a parameter is needed": (
        f"{LIST} parameters 0 required",
        True,
        "request query limit: required",
        ("listShelves",),
    ),
    "a parameter has another default": (
        f"{LIST} parameters 0 schema default",
        20,
        "request query limit: default changed",
        ("listShelves",),
    ),
    "a bound of a parameter": (
        f"{LIST} parameters 0 schema maximum",
        9,
        "request query limit: maximum changed",
        ("listShelves",),
    ),
    "a pattern in the path": (
        "paths /shelves/{shelf_id} get parameters 0 schema pattern",
        "^s",
        "request path 1: pattern changed",
        ("getShelf",),
    ),
    "a body is needed": (
        f"{MAKE} requestBody required",
        True,
        "request body: required",
        ("makeShelf",),
    ),
    "no body any more": (
        f"{MAKE} requestBody",
        None,
        "request body application/json: removed",
        ("makeShelf",),
    ),
    "a new field is needed": (
        f"{DRAFT} required",
        ["label", "color"],
        "request Draft.color: required",
        ("makeShelf",),
    ),
    "a field is needed now": (
        f"{DRAFT} required",
        ["label", "owner"],
        "request Draft.owner: required",
        ("makeShelf",),
    ),
    "a field is refused": (
        f"{DRAFT} properties owner",
        None,
        "request Draft.owner: removed",
        ("makeShelf",),
    ),
    "null is refused": (
        f"{DRAFT} properties owner",
        {"type": "string"},
        "request Draft.owner: null refused",
        ("makeShelf",),
    ),
    "a request is shorter": (
        f"{DRAFT} properties label maxLength",
        40,
        "request Draft.label: maxLength changed",
        ("makeShelf",),
    ),
    "a request is larger": (
        f"{DRAFT} properties count minimum",
        1,
        "request Draft.count: minimum changed",
        ("makeShelf",),
    ),
    "another type in requests": (
        f"{DRAFT} properties label type",
        "integer",
        "request Draft.label: string refused",
        ("makeShelf",),
    ),
    "another default": (
        f"{DRAFT} properties count default",
        5,
        "request Draft.count: default changed",
        ("makeShelf",),
    ),
    "fewer values in requests": (
        f"{DRAFT} properties state",
        {"enum": ["open"]},
        "request State: value closed refused",
        ("makeShelf",),
    ),
    "fewer values of a schema that both directions have": (
        "components schemas State enum",
        ["open"],
        "request State: value closed refused",
        ("makeShelf",),
    ),
    "a field of answers is gone": (
        f"{SHELF} properties note",
        None,
        "answer Shelf.note: removed",
        ANY_SHELF,
    ),
    "a field of answers may be missing": (
        f"{SHELF} required",
        ["id", "state", "label", "place"],
        "answer Shelf.count: optional",
        ANY_SHELF,
    ),
    "a field of answers may be null": (
        f"{SHELF} properties note",
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "answer Shelf.note: null new",
        ANY_SHELF,
    ),
    "the same, written as a list": (
        f"{SHELF} properties note type",
        ["string", "null"],
        "answer Shelf.note: null new",
        ANY_SHELF,
    ),
    "another type in answers": (
        f"{SHELF} properties count type",
        "number",
        "answer Shelf.count: number new",
        ANY_SHELF,
    ),
    "more values in answers": (
        f"{SHELF} properties state",
        {"enum": ["open", "closed", "lost"]},
        "answer Shelf.state: value lost new",
        ANY_SHELF,
    ),
    "any value in answers": (
        f"{SHELF} properties state",
        {"type": "string"},
        "answer Shelf.state: other values new",
        ANY_SHELF,
    ),
    "one of several things has changed": (
        "components schemas Box properties size",
        None,
        "answer Box.size: removed",
        ANY_SHELF,
    ),
    "the values of a map": (
        f"{SHELF} properties marks additionalProperties",
        {"type": "integer"},
        "answer Shelf.marks.*: integer new",
        ANY_SHELF,
    ),
    "the entries of a list": (
        f"{SHELF} properties inner items",
        {"type": "string"},
        "answer Shelf.inner[]: string new",
        ANY_SHELF,
    ),
}
HARMLESS = {
    "nothing": ("info version", "1.0.1"),
    "a new path": ("paths /books", {"get": {"operationId": "listBooks", "responses": {}}}),
    "a new field of answers": (f"{SHELF} properties color", {"type": "string"}),
    "a field that is always there now": (
        f"{SHELF} required",
        ["id", "state", "label", "count", "place", "note"],
    ),
    "a field that is never null any more": (f"{SHELF} properties label", {"type": "string"}),
    "fewer values in answers": (f"{SHELF} properties state", {"const": "open"}),
    "a new field that need not be sent": (f"{DRAFT} properties color", {"type": "string"}),
    "a field that need not be sent": (f"{DRAFT} required", []),
    "more values in requests": (f"{DRAFT} properties state", {"enum": ["open", "closed", "x"]}),
    "more types in requests": (f"{DRAFT} properties count type", "number"),
    "a wider bound": (f"{DRAFT} properties label maxLength", 100),
    "a new status": (f"{LIST} responses 429", json_of(named("Problem"))),
    "another name of a schema": (
        "paths /shelves/{shelf_id} get responses 404",
        json_of(named("Problem")),
    ),
    "one of several things in answers": (f"{SHELF} properties place", named("Room")),
    "words": (f"{LIST} description", "All shelves."),
}


@pytest.mark.parametrize(("path", "value", "id_", "operations"), BREAKING.values(), ids=BREAKING)
def test_what_breaks_callers_is_found(
    path: str, value: Any, id_: str, operations: tuple[str, ...]
) -> None:
    changed = contract()
    put(changed, path, value)
    found = {one.id: one.operations for one in breaking(contract(), changed)}
    assert found == {id_: operations}


@pytest.mark.parametrize(("path", "value"), HARMLESS.values(), ids=HARMLESS)
def test_what_breaks_nobody_is_passed_over(path: str, value: Any) -> None:
    changed = contract()
    put(changed, path, value)
    assert breaking(contract(), changed) == []


def test_a_renamed_parameter_of_a_path_changes_the_arguments_of_clients() -> None:
    changed = contract()
    changed["paths"]["/shelves/{id}"] = changed["paths"].pop("/shelves/{shelf_id}")
    changed["paths"]["/shelves/{id}"]["get"]["parameters"][0]["name"] = "id"
    [found] = breaking(contract(), changed)
    assert (found.id, found.operations) == ("operation: path parameter renamed", ("getShelf",))


def test_a_schema_that_is_renamed_and_unchanged_breaks_nobody() -> None:
    changed = contract()
    schemas = changed["components"]["schemas"]
    schemas["Bookshelf"] = schemas.pop("Shelf")
    schemas["Bookshelf"]["properties"]["inner"]["items"] = named("Bookshelf")
    for answers in (
        changed["paths"]["/shelves/{shelf_id}"]["get"]["responses"],
        changed["paths"]["/shelves"]["post"]["responses"],
    ):
        answers[min(answers)] = json_of(named("Bookshelf"))
    changed["paths"]["/shelves"]["get"]["responses"]["200"] |= json_of(
        {"type": "array", "items": named("Bookshelf")}
    )
    assert breaking(contract(), changed) == []
