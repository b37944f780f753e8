"""A job as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from src.api.schemas.jobs import JobOut
from src.models.job import Job

RETRY_MILLISECONDS = 2000
_HEADERS = {
    # Events are UTF-8 whatever a header says (WHATWG HTML §9.2.6).
    "Content-Type": "text/event-stream",
    # A proxy that collects what comes would keep the events back.
    "X-Accel-Buffering": "no",
}


class JobEvents(StreamingResponse):
    """Writes what a watch gives; whatever ends the answer ends the watch."""

    def __init__(self, watch: AsyncGenerator[Job | None, None]) -> None:
        self._events = _written(watch)
        super().__init__(self._events, headers=_HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events until there are no more, or nobody reads them."""
        async with aclosing(self._events):
            await super().__call__(scope, receive, send)


async def _written(watch: AsyncGenerator[Job | None, None]) -> AsyncGenerator[bytes, None]:
    yield format_sse_event(retry=RETRY_MILLISECONDS)
    async with aclosing(watch):
        async for job in watch:
            if job is None:
                yield KEEPALIVE_COMMENT
            else:
                shown = JobOut.of(job).model_dump_json(by_alias=True)
                yield format_sse_event(event="job", data_str=shown)
