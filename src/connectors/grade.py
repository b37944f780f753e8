"""The grades of connectors: what one has been shown to stand."""

from __future__ import annotations

from enum import StrEnum


class Grade(StrEnum):
    """From the lowest to the highest; who has one has those below it, too."""

    BRONZE = "bronze"
    SILVER = "silver"
    GOLD = "gold"

    @property
    def rank(self) -> int:
        """How high it is, from 1."""
        return list(Grade).index(self) + 1
