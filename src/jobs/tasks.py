"""The one task: having a look at what a hint names."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from taskiq import AsyncBroker, AsyncTaskiqDecoratedTask, InMemoryBroker

from src.core.logging import get_logger
from src.models.ids import TENANT_ID_PATTERN, IdPrefix
from src.services.queue import Hint, Work

Do = Callable[[Hint], Awaitable[None]]
HintTask = AsyncTaskiqDecoratedTask[[str, str, str, bool], Any]

NAME = "have_a_look"
NO_HINT = "it is none of ours: who else writes to the broker?"
_NAMED = {
    Work.SLICE: IdPrefix.JOB,
    Work.DELIVERY: IdPrefix.WEBHOOK,
    Work.EVENT: IdPrefix.ENDPOINT,
}
"""What the id of a hint names."""

log = get_logger(__name__)


def register(broker: AsyncBroker, do: Do) -> HintTask:
    """Tell a broker what its messages mean."""

    async def have_a_look(work: str, tenant_id: str, document_id: str, is_called: bool) -> None:
        hint = hint_of(work, tenant_id, document_id, is_called=is_called)
        if hint is None:
            log.warning("hint.dropped", reason=NO_HINT)
            return
        await do(hint)

    return broker.register_task(have_a_look, task_name=NAME)


def hint_of(
    work: object, tenant_id: object, document_id: object, *, is_called: object
) -> Hint | None:
    """The hint that a message stands for; None if it is none.

    Taskiq leaves an argument as it is when it does not fit, and a document where a tenant is meant
    would be a filter over all of them.
    """
    if not (isinstance(work, str) and isinstance(tenant_id, str) and isinstance(document_id, str)):
        return None
    if work not in _NAMED or re.fullmatch(TENANT_ID_PATTERN, tenant_id) is None:
        return None
    kind = Work(work)
    if not _NAMED[kind].owns(document_id):
        return None
    return Hint(kind, tenant_id, document_id, is_called is True)


def task_in_memory(do: Do) -> HintTask:
    """The task, done in this process."""
    return register(InMemoryBroker(max_stored_results=1), do)
