"""A start that fails says why in one sentence, where Starlette would print a traceback."""

from __future__ import annotations

from src.core.errors import StartError
from src.core.middleware import ASGIApp, Message, Receive, Scope, Send


class PlainStartFailure:
    """Replaces the server's message about a failed start by the reason alone."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Touch nothing but the start."""
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return

        async def plain(message: Message) -> None:
            reason = getattr(scope["app"].state, "start_failure", None)
            if message["type"] == "lifespan.startup.failed" and isinstance(reason, StartError):
                message = {**message, "message": str(reason)}
            await send(message)

        await self.app(scope, receive, plain)
