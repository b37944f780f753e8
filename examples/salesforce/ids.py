"""Ids: an object's API name, and a record as ``Case:500…``, which says in which object it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from src.core.errors import ValidationFailed

from .config import OBJECT_PATTERN

OBJECT = re.compile(OBJECT_PATTERN.strip("^$"))
RECORD = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
LOCATOR = re.compile(r"[A-Za-z0-9]{15,64}-[0-9]{1,12}")
"""Of a query: the name of its cursor, and the row that it stands at."""


@dataclass(frozen=True, slots=True)
class RecordId:
    """A record."""

    object: str
    id: str

    def __str__(self) -> str:
        return f"{self.object}:{self.id}"

    @classmethod
    def parse(cls, text: str, field: str) -> RecordId:
        """Read one of our ids.

        Raises:
            ValidationFailed: It is none; ``field`` is what a caller has called it.
        """
        found, _, number = text.partition(":")
        if OBJECT.fullmatch(found) is None or RECORD.fullmatch(number) is None:
            raise ValidationFailed([(field, "not a record of Salesforce")])
        return cls(found, number)
