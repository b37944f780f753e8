"""What can be changed: records are made and changed, by fields that the describe allows.

Source: developer.salesforce.com, REST API guide, "sObject Basic Information" (POST) and "sObject
Rows" (PATCH).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from src.connectors.tools import Tool, ToolArguments, picked
from src.core.errors import ValidationFailed

from .ids import RecordId
from .mapping import OBJECTS_TYPE, RECORDS_TYPE
from .schemas import Saved
from .scopes import API

if TYPE_CHECKING:
    from .connector import SalesforceConnector

Value = str | bool | int | float | None


class CreateRecord(ToolArguments):
    """Arguments of ``salesforce_create_record``."""

    object: str = picked(OBJECTS_TYPE, description="The object, by its API name: Case.")
    fields: dict[str, Value] = Field(
        min_length=1, max_length=100, description="Values by the API names of the fields."
    )


class UpdateRecord(ToolArguments):
    """Arguments of ``salesforce_update_record``."""

    object: str = picked(OBJECTS_TYPE, description="The object of the record.")
    record: str = picked(RECORDS_TYPE, description="The record.", depends_on="object")
    fields: dict[str, Value] = Field(
        min_length=1,
        max_length=100,
        description="New values by the API names of the fields; null empties one.",
    )


async def create_record(
    salesforce: SalesforceConnector, arguments: CreateRecord
) -> dict[str, str | None]:
    """Make a record."""
    shape = await salesforce.records.shape(arguments.object, "object")
    _check(arguments.fields, shape.createable, shape.object)
    saved = await salesforce.data.write(
        "POST", "/sobjects/{object}/", Saved, json=arguments.fields, object=shape.object
    )
    return salesforce.link(RecordId(shape.object, saved.id))


async def update_record(
    salesforce: SalesforceConnector, arguments: UpdateRecord
) -> dict[str, str | None]:
    """Change a record."""
    record = RecordId.parse(arguments.record, "record")
    if record.object != arguments.object:
        raise ValidationFailed([("record", f"is not a record of {arguments.object}")])
    shape = await salesforce.records.shape(record.object, "object")
    _check(arguments.fields, shape.updateable, shape.object)
    await salesforce.data.change(
        "PATCH",
        "/sobjects/{object}/{record}",
        json=arguments.fields,
        object=shape.object,
        record=record.id,
    )
    return salesforce.link(record)


def _check(fields: dict[str, Value], allowed: frozenset[str], name: str) -> None:
    """Names out of the describe only: another one could be a relationship, or an attribute.

    Raises:
        ValidationFailed: Each field that cannot be set.
    """
    strangers = sorted(set(fields) - allowed)
    if strangers:
        raise ValidationFailed(
            [(f"fields.{one}", f"is no field of {name} that can be set") for one in strangers]
        )


TOOLS = (
    Tool(
        name="salesforce_create_record",
        description="Make a record of any object: a case, a lead, a task.",
        arguments=CreateRecord,
        run=create_record,
        scopes=(API,),
    ),
    Tool(
        name="salesforce_update_record",
        description="Change fields of a record.",
        arguments=UpdateRecord,
        run=update_record,
        scopes=(API,),
    ),
)
