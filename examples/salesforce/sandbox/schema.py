"""The objects of an org, as its describes tell them."""

from typing import Any

import msgspec


class Field(msgspec.Struct, frozen=True, rename="camel"):
    """A field."""

    name: str
    label: str
    type: str = "string"
    name_field: bool = False
    filterable: bool = True
    sortable: bool = True
    createable: bool = True
    updateable: bool = True
    nillable: bool = True
    deprecated_and_hidden: bool = False
    relationship_name: str | None = None


def _system(name: str, label: str, kind: str, parent: str | None = None) -> Field:
    return Field(
        name,
        label,
        kind,
        createable=False,
        updateable=False,
        nillable=False,
        relationship_name=parent,
    )


_FIRST = (_system("Id", "Record ID", "id"),)
_LAST = (
    Field("OwnerId", "Owner ID", "reference", relationship_name="Owner"),
    _system("IsDeleted", "Deleted", "boolean"),
    _system("CreatedDate", "Created Date", "datetime"),
    _system("CreatedById", "Created By ID", "reference", "CreatedBy"),
    _system("LastModifiedDate", "Last Modified Date", "datetime"),
    _system("SystemModstamp", "System Modstamp", "datetime"),
)


class SObject(msgspec.Struct, frozen=True):
    """An object; its records' ids begin with the prefix."""

    name: str
    label: str
    plural: str
    prefix: str
    own: tuple[Field, ...] = ()
    queryable: bool = True
    retrieveable: bool = True
    replicateable: bool = True
    layoutable: bool = True

    @property
    def fields(self) -> tuple[Field, ...]:
        """Return every field."""
        return (*_FIRST, *self.own, *_LAST)

    @property
    def required(self) -> list[str]:
        """Return what a new record cannot lack."""
        return [one.name for one in self.own if one.createable and not one.nillable]

    def field(self, name: str) -> Field | None:
        """Find a field, in whatever case it is written."""
        wanted = name.casefold()
        return next((one for one in self.fields if one.name.casefold() == wanted), None)

    def parent(self, name: str) -> Field | None:
        """Find the field that leads to a parent."""
        wanted = name.casefold()
        named = (one for one in self.fields if one.relationship_name)
        return next((one for one in named if str(one.relationship_name).casefold() == wanted), None)

    def brief(self) -> dict[str, Any]:
        """Return the entry in Describe Global."""
        return {
            "name": self.name,
            "label": self.label,
            "labelPlural": self.plural,
            "keyPrefix": self.prefix,
            "custom": self.name.endswith("__c"),
            "queryable": self.queryable,
            "retrieveable": self.retrieveable,
            "replicateable": self.replicateable,
            "layoutable": self.layoutable,
            "deprecatedAndHidden": False,
            "urls": {"sobject": f"/services/data/v64.0/sobjects/{self.name}"},
        }


def _name(label: str, *, is_number: bool = False) -> Field:
    return Field(
        "Name",
        label,
        name_field=True,
        nillable=False,
        createable=not is_number,
        updateable=not is_number,
    )


_CLOSED = _system("IsClosed", "Closed", "boolean")
_TEXT = Field("Description", "Description", "textarea", filterable=False, sortable=False)

OBJECTS = {
    one.name: one
    for one in (
        SObject(
            "Account",
            "Account",
            "Accounts",
            "001",
            (
                _name("Account Name"),
                Field("Industry", "Industry", "picklist"),
                Field("Website", "Website", "url"),
                Field("BillingCity", "Billing City"),
                Field(
                    "BillingAddress",
                    "Billing Address",
                    "address",
                    createable=False,
                    updateable=False,
                    sortable=False,
                ),
                Field("AnnualRevenue", "Annual Revenue", "currency"),
                _TEXT,
            ),
        ),
        SObject(
            "Contact",
            "Contact",
            "Contacts",
            "003",
            (_name("Full Name"), Field("Email", "Email", "email"), _TEXT),
        ),
        SObject(
            "Lead",
            "Lead",
            "Leads",
            "00Q",
            (
                _name("Full Name"),
                Field("Company", "Company"),
                Field("Status", "Status", "picklist"),
            ),
        ),
        SObject(
            "Opportunity",
            "Opportunity",
            "Opportunities",
            "006",
            (
                _name("Name"),
                Field("StageName", "Stage", "picklist"),
                _CLOSED,
                Field("Amount", "Amount", "currency"),
            ),
        ),
        SObject(
            "Case",
            "Case",
            "Cases",
            "500",
            (
                Field(
                    "CaseNumber", "Case Number", name_field=True, createable=False, updateable=False
                ),
                Field("Subject", "Subject"),
                Field("Status", "Status", "picklist"),
                _CLOSED,
                _TEXT,
            ),
        ),
        SObject(
            "CaseComment",
            "Case Comment",
            "Case Comments",
            "00a",
            (
                Field("ParentId", "Parent Case ID", "reference", nillable=False),
                Field("CommentBody", "Body", "textarea"),
                Field("IsPublished", "Published", "boolean"),
            ),
            layoutable=False,
        ),
        SObject(
            "Task",
            "Task",
            "Tasks",
            "00T",
            (
                Field("Subject", "Subject", "combobox", name_field=True),
                Field("Status", "Status", "picklist"),
                _CLOSED,
            ),
        ),
        SObject(
            "Acme_Asset__c",
            "Asset",
            "Assets",
            "a00",
            (_name("Asset No.", is_number=True), Field("Place__c", "Place")),
        ),
        SObject("User", "User", "Users", "005", (_name("Full Name"),), layoutable=False),
        SObject(
            "AccountHistory",
            "Account History",
            "Account History",
            "017",
            retrieveable=False,
            replicateable=False,
        ),
        SObject(
            "AccountChangeEvent",
            "Account Change Event",
            "Account Change Events",
            "0t1",
            queryable=False,
        ),
    )
}
