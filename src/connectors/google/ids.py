"""Ids of the connector: the product first, then whatever its room needs to find the thing.

``drive:folder:1AbC``, ``gmail:label:INBOX``, ``calendar:…``. They are opaque to callers.
"""

from __future__ import annotations

from src.core.errors import ValidationFailed


def product_of(value: str) -> str:
    """The product that an id belongs to."""
    return value.partition(":")[0]


def not_an_id(field: str) -> ValidationFailed:
    """The refusal of an id that none of the rooms has given out."""
    return ValidationFailed([(field, "is not an id of this connector")])
