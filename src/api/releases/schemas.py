"""What one schema allows and another does not.

One question serves both directions. A request breaks when it was allowed and is no longer; an
answer breaks a reader when it is possible now and was not before. Fields that are added to answers
break nobody: readers are told to pass over what they do not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Schema = Mapping[str, Any]
Gap = tuple[str, str]
"""Where, and what."""

_FLOORS = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
_CEILINGS = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
_COMPARED = {
    *_FLOORS,
    *_CEILINGS,
    *("$ref", "type", "enum", "const", "anyOf", "oneOf", "allOf", "items", "properties"),
    *("required", "additionalProperties", "default", "pattern", "format", "multipleOf"),
}
_SAID = {
    *("title", "description", "examples", "deprecated", "readOnly", "writeOnly", "discriminator"),
    *("ge", "le", "contentMediaType"),
}
"""Keywords that allow and refuse nothing."""
_NAMES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
_ANY = "any type"


class Incomparable(ValueError):
    """A schema says something that is not compared; passing over it would hide a difference."""


@dataclass(frozen=True, slots=True)
class Side:
    """A schema in its document."""

    document: Schema
    schema: Schema
    name: str | None = None
    """The name under which the document keeps it."""

    def at(self, schema: Schema) -> Side:
        """A schema of the same document, behind its references."""
        name = None
        while "$ref" in schema or "allOf" in schema:
            if "allOf" in schema:
                schema = _merged(schema)
                continue
            name = str(schema["$ref"]).rpartition("/")[2]
            schema = self.document["components"]["schemas"][name]
        strange = {key for key in schema if not key.startswith("x-")} - _COMPARED - _SAID
        if strange:
            raise Incomparable(f"{min(strange)} in a schema: nobody has said how it is compared")
        return Side(self.document, schema, name)

    @property
    def type(self) -> str:
        """Its one type."""
        return str(self.schema.get("type") or _implied_type(self.schema))

    @property
    def values(self) -> list[Any] | None:
        """All values that there are; None = any."""
        if "const" in self.schema:
            return [self.schema["const"]]
        found = self.schema.get("enum")
        return list(found) if found is not None else None

    def alternatives(self) -> list[Side]:
        """What it may be, each with one type; values of one type stand together."""
        resolved = self.at(self.schema)
        name = self.name or resolved.name
        several = resolved.schema.get("anyOf") or resolved.schema.get("oneOf")
        if several:
            return _gathered([one for part in several for one in self.at(part).alternatives()])
        types = resolved.schema.get("type")
        if isinstance(types, list):
            return [Side(self.document, {**resolved.schema, "type": one}, name) for one in types]
        return [Side(self.document, resolved.schema, name)]


@dataclass(slots=True)
class Comparison:
    """Looks for what ``narrow`` allows and ``wide`` does not."""

    answers: bool
    """Of answers, where new fields are no news; else of requests."""
    _open: set[tuple[int, int]] = field(default_factory=set)

    def gaps(self, narrow: Side, wide: Side, where: str) -> Iterator[Gap]:
        """Each difference, with the place in the schema."""
        wides = wide.alternatives()
        if any(one.type == _ANY for one in wides):
            return
        for one in narrow.alternatives():
            place = one.name or where
            fitting = [other for other in wides if _fits(one, other)]
            found = [list(self._inside(one, other, place)) for other in fitting]
            yield from min(found, key=len) if found else [(where, self._news(one.type))]

    def _news(self, what: str) -> str:
        return f"{what} {'new' if self.answers else 'refused'}"

    def _inside(self, narrow: Side, wide: Side, where: str) -> Iterator[Gap]:
        pair = (id(narrow.schema), id(wide.schema))
        if pair in self._open:
            return
        self._open.add(pair)
        try:
            yield from self._of_values(narrow, wide, where)
            yield from _of_bounds(narrow.schema, wide.schema, where)
            if narrow.type == "object":
                yield from self._of_fields(narrow, wide, where)
                yield from self._of_others(narrow, wide, where)
            if narrow.type == "array":
                items = [side.at(side.schema.get("items", {})) for side in (narrow, wide)]
                yield from self.gaps(items[0], items[1], f"{where}[]")
        finally:
            self._open.discard(pair)

    def _of_values(self, narrow: Side, wide: Side, where: str) -> Iterator[Gap]:
        if wide.values is None:
            return
        if narrow.values is None:
            yield where, self._news("other values")
            return
        for value in narrow.values:
            if value not in wide.values:
                yield where, self._news(f"value {value}")

    def _of_fields(self, narrow: Side, wide: Side, where: str) -> Iterator[Gap]:
        ours, theirs = (side.schema.get("properties", {}) for side in (narrow, wide))
        always = set(narrow.schema.get("required", ()))
        for name in wide.schema.get("required", ()):
            if name in ours and name not in always:
                yield f"{where}.{name}", "optional" if self.answers else "required"
            elif name not in ours and not self.answers:
                yield f"{where}.{name}", "required"
        lost = (theirs.keys() - ours.keys()) if self.answers else set(ours)
        for name in sorted(lost if self.answers else _unknown(lost, wide.schema)):
            yield f"{where}.{name}", "removed"
        for name in sorted(ours.keys() & theirs.keys()):
            parts = narrow.at(ours[name]), wide.at(theirs[name])
            yield from self.gaps(parts[0], parts[1], f"{where}.{name}")
            if not self.answers and _default_changes(ours[name], theirs[name]):
                yield f"{where}.{name}", "default changed"

    def _of_others(self, narrow: Side, wide: Side, where: str) -> Iterator[Gap]:
        """Compare fields of any name."""
        ours, theirs = (side.schema.get("additionalProperties", True) for side in (narrow, wide))
        if ours is False or theirs is True:
            return
        if theirs is False:
            if not self.answers:
                yield where, self._news("other fields")
            return
        parts = narrow.at({} if ours is True else ours), wide.at(theirs)
        yield from self.gaps(parts[0], parts[1], f"{where}.*")


def _unknown(names: set[str], schema: Schema) -> set[str]:
    """Names that a schema refuses."""
    is_closed = schema.get("additionalProperties", True) is False
    return names - set(schema.get("properties", {})) if is_closed else set()


def _default_changes(old: Schema, new: Schema) -> bool:
    return "default" in old and "default" in new and old["default"] != new["default"]


def _fits(narrow: Side, wide: Side) -> bool:
    return narrow.type == wide.type or (narrow.type, wide.type) == ("integer", "number")


def _of_bounds(narrow: Schema, wide: Schema, where: str) -> Iterator[Gap]:
    for name in (*_FLOORS, *_CEILINGS):
        if name not in wide or "enum" in narrow or "const" in narrow:
            continue
        sign = 1 if name in _FLOORS else -1
        if name not in narrow or narrow[name] * sign < wide[name] * sign:
            yield where, f"{name} changed"
    for name in ("pattern", "format", "multipleOf"):
        if name in wide and narrow.get(name) != wide[name] and "enum" not in narrow:
            yield where, f"{name} changed"


def _implied_type(schema: Schema) -> str:
    """The type of a schema that names none."""
    if "properties" in schema:
        return "object"
    if "items" in schema:
        return "array"
    values = [schema["const"]] if "const" in schema else schema.get("enum", [])
    names = {_NAMES.get(type(value), "object") for value in values}
    return names.pop() if len(names) == 1 else _ANY


def _merged(schema: Schema) -> Schema:
    """A schema with its one part, as Pydantic writes a reference that has words of its own."""
    if len(schema["allOf"]) != 1:
        raise Incomparable("allOf of several parts: nobody has said how they are compared")
    return {**schema["allOf"][0], **{key: schema[key] for key in schema if key != "allOf"}}


def _gathered(alternatives: list[Side]) -> list[Side]:
    """Values of one type that are listed one by one, as one list."""
    listed: dict[str, list[Any]] = {}
    rest = []
    for one in alternatives:
        if one.values is not None:
            listed.setdefault(one.type, []).extend(one.values)
        else:
            rest.append(one)
    document = alternatives[0].document
    return rest + [Side(document, {"type": kind, "enum": all_}) for kind, all_ in listed.items()]
