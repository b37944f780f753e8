"""From Salesforce's nouns to ours. Pure."""

from __future__ import annotations

from typing import Any

from src.connectors.rest.values import timestamp
from src.models.connection import Account
from src.models.unified import Comment, Container, Item, Person, Resource, State

from .ids import RecordId
from .schemas import Row, SObject, UserInfo
from .shapes import Shape

OBJECTS_TYPE = "salesforce_object"
RECORDS_TYPE = "salesforce_record"


def to_account(told: UserInfo) -> Account:
    """A user of an org: the same person is another one in each org."""
    return Account(id=f"{told.organization_id}:{told.user_id}", name=told.name, url=told.profile)


def to_container(found: SObject) -> Container:
    """An object, which holds records."""
    return Container(
        id=found.name,
        type="custom" if found.custom else "standard",
        name=found.label_plural,
        description=found.label,
    )


def to_object(found: SObject) -> Resource:
    """An object, for a picker."""
    return Resource(id=found.name, type=OBJECTS_TYPE, name=found.label_plural, has_children=True)


def to_record(row: Row, shape: Shape, home: str | None) -> Resource:
    """A record, for a picker."""
    record = RecordId(shape.object, row["Id"])
    return Resource(
        id=str(record),
        type=RECORDS_TYPE,
        name=_title(row, shape),
        parent_id=shape.object,
        url=_url(home, record),
    )


def to_item(row: Row, shape: Shape, home: str | None, *, whole: bool) -> Item:
    """A record; ``whole`` with its body and all the fields that were read.

    ``fields`` holds them by API name, as Salesforce writes them.
    """
    record = RecordId(shape.object, row["Id"])
    owner = _person(row, "Owner")
    return Item(
        id=str(record),
        type=shape.object,
        container_id=shape.object,
        title=_title(row, shape),
        body=_body(row, shape) if whole else None,
        body_format="text" if whole else None,
        state=_state(row, shape),
        status=row.get(shape.status) if shape.status else None,
        author=_person(row, "CreatedBy"),
        assignees=() if owner is None else (owner,),
        url=_url(home, record),
        created_at=timestamp(row.get("CreatedDate")),
        updated_at=timestamp(row.get(shape.moment)) if shape.moment else None,
        fields=_values(row, shape) if whole else {},
    )


def to_comment(row: Row, case: RecordId) -> Comment:
    """A comment of a case."""
    return Comment(
        id=f"CaseComment:{row['Id']}",
        item_id=str(case),
        body=row.get("CommentBody") or "",
        body_format="text",
        author=_person(row, "CreatedBy"),
        created_at=timestamp(row["CreatedDate"]),
        updated_at=timestamp(row.get("SystemModstamp")),
        fields={"IsPublished": row.get("IsPublished")},
    )


def _title(row: Row, shape: Shape) -> str:
    return str(row.get(shape.title or "Id") or row["Id"])


def _values(row: Row, shape: Shape) -> dict[str, Any]:
    found = ((name, row.get(name)) for name in shape.whole if name != "Id")
    return {name: value for name, value in found if _is_told(value)}


def _body(row: Row, shape: Shape) -> str:
    """Every field that has a value, by its label."""
    lines = (f"{shape.labels[name]}: {_said(value)}" for name, value in _values(row, shape).items())
    return "\n".join(lines)


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_told(value: Any) -> bool:
    return value is not None and not isinstance(value, dict | list)


def _state(row: Row, shape: Shape) -> State | None:
    closed = row.get(shape.closed) if shape.closed else None
    if closed is None:
        return None
    return "closed" if closed is True else "open"


def _person(row: Row, parent: str) -> Person | None:
    told = row.get(parent)
    if not isinstance(told, dict) or not told.get("Name"):
        return None
    return Person(id=row.get(f"{parent}Id"), name=told["Name"])


def _url(home: str | None, record: RecordId) -> str | None:
    return None if home is None else f"{home}/{record.id}"
