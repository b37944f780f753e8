"""What services know of the work that goes on elsewhere: a hint can be sent, no more.

A hint says that something is to be done, and where. It may be lost, doubled or late: the truth is
the document that it names, and a sweep sends the hints of due work again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Work(StrEnum):
    """Kinds of work."""

    SLICE = "slice"
    """Go on with a job."""
    DELIVERY = "delivery"
    """Handle a stored delivery of a provider's webhook."""
    EVENT = "event"
    """Deliver an event to an endpoint of a tenant."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Something that may be due now."""

    work: Work
    tenant_id: str
    id: str
    """The id of the document that says what is to be done."""


class JobQueue(Protocol):
    """Takes hints to whoever works."""

    async def send(self, hint: Hint) -> None:
        """Let somebody have a look, soon; a queue that is away takes nothing and raises nothing."""
