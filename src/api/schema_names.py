"""The names that generated clients give to what is sent and answered.

A schema is called what it is in the contract (``Connection``, ``ConnectionList``), and the envelope
around it ``…Answer``; our own classes' names, and those that FastAPI makes of generic ones, stay
inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

Schema = dict[str, Any]
_REF = "#/components/schemas/"
_SUFFIX = "Out"
_GENERIC = re.compile(r"(\w+)\[(.*)\]")
_ENDINGS = {"Envelope": "Answer", "ListOf": "List"}
_ENVELOPE = {"ok", "data", "error"}


def with_clear_names(document: Schema) -> Schema:
    """The document with schemas named for its readers, those in its routes included."""
    _lift_answers(document)
    schemas: dict[str, Schema] = document["components"]["schemas"]
    names = {name: _clear(schema.get("title", name), schemas) for name, schema in schemas.items()}
    if len(set(names.values())) < len(names):
        raise ValueError("two schemas have the same name")
    renamed: Schema = _referring(document, names)
    renamed["components"]["schemas"] = {
        names[name]: {**schema, "title": names[name]}
        for name, schema in sorted(
            renamed["components"]["schemas"].items(), key=lambda s: names[s[0]]
        )
    }
    return renamed


def _clear(title: str, taken: Mapping[str, Any]) -> str:
    """``Envelope[ListOf[ConnectionOut]]`` → ``ConnectionListAnswer``."""
    generic = _GENERIC.fullmatch(title)
    if generic is None:
        short = title.removesuffix(_SUFFIX)
        return title if short in taken else short
    outer, inner = generic.groups()
    if outer in _ENDINGS:
        return _clear(inner, taken) + _ENDINGS[outer]
    if outer == "Union":
        return "Or".join(_clear(part, taken) for part in _parts(inner))
    return "Object"


def _parts(inner: str) -> Iterator[str]:
    """What stands between the commas that are in no bracket."""
    depth, begin = 0, 0
    for at, character in enumerate(inner):
        depth += {"[": 1, "]": -1}.get(character, 0)
        if character == "," and depth == 0:
            yield inner[begin:at].strip()
            begin = at + 1
    yield inner[begin:].strip()


def _lift_answers(document: Schema) -> None:
    """Give a name to the answers whose schemas stand in their routes."""
    schemas = document["components"]["schemas"]
    for content in _contents(document):
        schema = content["schema"]
        if schema.get("properties", {}).keys() != _ENVELOPE:
            continue
        data = schema["properties"]["data"]
        if "$ref" in data:
            name = _name_in(data)
        else:
            name = f"ListOf[{_name_in(data['properties']['items']['items'])}]"
            _keep(schemas, name, data)
            schema["properties"]["data"] = {"$ref": _REF + name}
        envelope = f"Envelope[{name}]"
        _keep(schemas, envelope, schema)
        content["schema"] = {"$ref": _REF + envelope}


def _contents(document: Schema) -> Iterator[Schema]:
    for operations in document["paths"].values():
        for operation in operations.values():
            for response in operation["responses"].values():
                for content in response.get("content", {}).values():
                    if "schema" in content:
                        yield content


def _keep(schemas: dict[str, Schema], name: str, schema: Schema) -> None:
    if schemas.setdefault(name, {**schema, "title": name}) != {**schema, "title": name}:
        raise ValueError(f"{name} has two forms")


def _name_in(schema: Schema) -> str:
    reference: str = schema["$ref"]
    return reference.removeprefix(_REF)


def _referring(value: Any, names: Mapping[str, str]) -> Any:
    """A copy whose references lead to the new names."""
    if isinstance(value, list):
        return [_referring(entry, names) for entry in value]
    if not isinstance(value, dict):
        return value
    copied = {key: _referring(entry, names) for key, entry in value.items()}
    if isinstance(copied.get("$ref"), str):
        copied["$ref"] = _REF + names[_name_in(copied)]
    return copied
