"""What forms can let their users pick: labels."""

from __future__ import annotations

from typing import Literal

from src.connectors.google import scopes
from src.connectors.manifest import ResourceType
from src.models.base import Model


class LabelFilters(Model):
    """Which labels: Gmail's own, or those of the user."""

    type: Literal["system", "user"] | None = None


RESOURCE_TYPES = (
    ResourceType(
        name="gmail_label", label="Label", filters=LabelFilters, scopes=(scopes.GMAIL_READ,)
    ),
)
