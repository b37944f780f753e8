"""What can be read of an object: the fields of its describe, of which a query names a bounded list.

An object may have hundreds of fields, and a query travels in the address of a GET, which with its
headers may have 16,384 bytes. Sources: developer.salesforce.com, REST API guide, "sObject
Describe" and "Status Codes and Error Responses" (414 and 431).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .schemas import FieldDescribe, ObjectDescribe

MOST_FIELDS = 150
LONGEST_LIST = 6_000
"""Bytes of the names in an address, where a comma and a space take four."""

_WHOLE_OR_BLOB = frozenset({"address", "location", "base64", "anyType", "complexvalue"})
"""Types whose parts are fields of their own, and those that are no text."""
_MOMENTS = ("SystemModstamp", "LastModifiedDate", "CreatedDate")
_STATUSES = ("Status", "StageName")
_TITLE, _CLOSED, _CREATED = "Subject", "IsClosed", "CreatedDate"
_PEOPLE = ("CreatedById", "OwnerId")


@dataclass(frozen=True, slots=True)
class Shape:
    """An object as we read it; every name in it stands in the describe."""

    object: str
    label: str
    labels: Mapping[str, str]
    """Of the fields that can be read."""
    title: str | None
    is_searchable: bool
    moment: str | None
    """The field that says when a record was changed."""
    status: str | None
    closed: str | None
    people: tuple[str, ...]
    """Names of parents, ``Owner.Name``."""
    createable: frozenset[str]
    updateable: frozenset[str]

    @property
    def brief(self) -> tuple[str, ...]:
        """What a list needs."""
        named = ("Id", self.title, _CREATED, self.moment, self.status, self.closed, *_PEOPLE)
        own = [one for one in named if one is not None and one in self.labels]
        return tuple(dict.fromkeys([*own, *self.people]))

    @property
    def whole(self) -> tuple[str, ...]:
        """All that can be read, as far as a query can name it."""
        return tuple(_bounded(dict.fromkeys([*self.brief, *self.labels])))


def shape_of(told: ObjectDescribe) -> Shape:
    """What a describe says, as far as we use it."""
    fields = {one.name: one for one in told.fields if _is_readable(one)}
    title = _TITLE if _TITLE in fields else _named(told.fields)
    found = fields.get(title or "")
    return Shape(
        object=told.name,
        label=told.label,
        labels={one.name: one.label for one in fields.values()},
        title=title,
        is_searchable=found is not None and found.filterable,
        moment=_first(_MOMENTS, (one.name for one in fields.values() if one.sortable)),
        status=_first(_STATUSES, fields),
        closed=_CLOSED if _CLOSED in fields else None,
        people=tuple(
            f"{fields[one].relationship_name}.Name"
            for one in _PEOPLE
            if one in fields and fields[one].relationship_name
        ),
        createable=frozenset(one.name for one in fields.values() if one.createable),
        updateable=frozenset(one.name for one in fields.values() if one.updateable),
    )


def _is_readable(field: FieldDescribe) -> bool:
    return field.type not in _WHOLE_OR_BLOB and not field.deprecated_and_hidden


def _named(fields: Iterable[FieldDescribe]) -> str | None:
    return next((one.name for one in fields if one.name_field), None)


def _first(wanted: Iterable[str], there: Iterable[str]) -> str | None:
    known = set(there)
    return next((one for one in wanted if one in known), None)


def _bounded(names: Iterable[str]) -> list[str]:
    kept: list[str] = []
    length = 0
    for one in names:
        length += len(one) + 4
        if len(kept) == MOST_FIELDS or length > LONGEST_LIST:
            break
        kept.append(one)
    return kept
