"""What forms can let their users pick: calendars."""

from __future__ import annotations

from src.connectors.google import scopes
from src.connectors.manifest import ResourceType
from src.models.base import Model


class CalendarFilters(Model):
    """Which calendars."""

    writable: bool | None = None
    """Only those whose events the account may change."""


RESOURCE_TYPES = (
    ResourceType(
        name="google_calendar",
        label="Calendar",
        filters=CalendarFilters,
        scopes=(scopes.CALENDAR_READ,),
    ),
)
