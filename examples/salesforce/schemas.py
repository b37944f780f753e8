"""Fragments of Salesforce's answers, with its own nouns.

Sources: developer.salesforce.com, REST API guide: "Describe Global", "sObject Describe", "Query",
"sObject Get Deleted"; help.salesforce.com, "Query for User Information".
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from msgspec import Struct

from src.connectors.rest.decoding import Fragment

R = TypeVar("R")
Row = dict[str, Any]
"""A record: fields by API name, parents as objects, and ``attributes``."""


class UserInfo(Fragment):
    """Whose token it is."""

    user_id: str
    organization_id: str
    name: str
    profile: str | None = None


class SObject(Fragment, rename="camel"):
    """An entry of Describe Global."""

    name: str
    label: str
    label_plural: str
    custom: bool
    queryable: bool
    retrieveable: bool
    replicateable: bool
    layoutable: bool
    deprecated_and_hidden: bool

    @property
    def is_listed(self) -> bool:
        """Whether it holds what people call records, which can be read and synchronized."""
        can = self.queryable and self.retrieveable and self.replicateable
        return can and self.layoutable and not self.deprecated_and_hidden


class DescribeGlobal(Struct, Generic[R]):
    """Every object of the org that the user sees."""

    sobjects: list[R]

    @property
    def rows(self) -> list[R]:
        """The objects."""
        return self.sobjects

    @property
    def truncated(self) -> bool:
        """It is always whole."""
        return False


class FieldDescribe(Fragment, rename="camel"):
    """A field that the user may see."""

    name: str
    label: str
    type: str
    name_field: bool = False
    filterable: bool = True
    sortable: bool = True
    createable: bool = False
    updateable: bool = False
    deprecated_and_hidden: bool = False
    relationship_name: str | None = None


class ObjectDescribe(Fragment, rename="camel"):
    """An object with its fields."""

    name: str
    label: str
    label_plural: str
    fields: list[FieldDescribe]
    queryable: bool = True
    custom: bool = False


class QueryResult(Struct, Generic[R], rename="camel"):
    """A batch of rows; what is left is behind the locator in ``nextRecordsUrl``."""

    records: list[R]
    done: bool
    total_size: int
    next_records_url: str | None = None

    @property
    def rows(self) -> list[R]:
        """The rows of this batch."""
        return self.records

    @property
    def truncated(self) -> bool:
        """Nothing is kept back: there is a locator."""
        return False


class DeletedRecord(Fragment):
    """A record that is gone."""

    id: str


class Deleted(Fragment, rename="camel"):
    """The log of deletions, which begins at some time."""

    deleted_records: list[DeletedRecord]
    earliest_date_available: str


class Saved(Fragment):
    """The answer to a new record."""

    id: str
