"""What services know of the work that goes on elsewhere: a hint can be sent, no more.

A hint says that something is to be done, and where. It may be lost, doubled or late: the truth is
the document that it names, and a sweep (``due_work``) sends the hints of due work again. Send it
after the commit of what it tells of (``db.transaction.afterwards``), or it comes too early.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

IN_PROCESS = "in_process"
"""The state of a queue that is no broker's."""


class Work(StrEnum):
    """Kinds of work."""

    SLICE = "slice"
    """Go on with a job."""
    DELIVERY = "delivery"
    """Carry out what a provider has delivered to a webhook."""
    EVENT = "event"
    """Deliver what waits for an endpoint of a tenant."""


@dataclass(frozen=True, slots=True)
class Hint:
    """Something that may be due now."""

    work: Work
    tenant_id: str
    id: str
    """The id of the document that says what is to be done."""
    is_called: bool = False
    """The sweep has chosen it, in the order of waiting."""


class JobQueue(Protocol):
    """Takes hints to whoever works."""

    async def send(self, hint: Hint) -> None:
        """Let somebody have a look, soon; a queue that is away takes nothing and raises nothing."""

    async def state(self) -> str:
        """``ok`` or ``in_process``, or a sentence that says what is wrong, without the address."""


class NoQueue:
    """Where nobody works: due work waits for the sweep of a process that does."""

    async def send(self, hint: Hint) -> None:
        """Nothing."""

    async def state(self) -> str:
        """That there is nothing to be away."""
        return IN_PROCESS
