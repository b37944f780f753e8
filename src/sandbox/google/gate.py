"""What every call passes before a product: token, scope."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.requests import Request

from src.sandbox.google import errors
from src.sandbox.kit import provider_path

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from src.sandbox.google.callers import Callers

Needed = tuple[str, str, tuple[str, ...]]
"""A method, a pattern that a path matches whole, and scopes of which a caller needs one."""

_OPEN = frozenset({"/o/oauth2/v2/auth", "/token", "/revoke"})


class Gate:
    """Middleware, so that routes are only about their resource.

    Routes find the `Caller` in `scope["google.caller"]`.
    """

    def __init__(self, app: "ASGIApp", *, callers: "Callers", needed: Sequence[Needed]) -> None:
        """Know which scopes the products' addresses need; of several rules the first holds."""
        self._app = app
        self._callers = callers
        self._needed = [(method, re.compile(path), scopes) for method, path, scopes in needed]

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Refuse the call, or pass it on."""
        path = provider_path(scope)
        if scope["type"] != "http" or path in _OPEN:
            await self._app(scope, receive, send)
            return
        authorization = Request(scope).headers.get("authorization", "")
        caller = await self._callers.find(authorization)
        if caller is None:
            await errors.unauthenticated()(scope, receive, send)
            return
        any_of = self._any_of(scope["method"], path)
        if any_of and not caller.scopes & set(any_of):
            await errors.scope_missing(any_of)(scope, receive, send)
            return
        await self._app({**scope, "google.caller": caller}, receive, send)

    def _any_of(self, method: str, path: str) -> tuple[str, ...]:
        rules = (
            scopes
            for wanted, pattern, scopes in self._needed
            if wanted == method and pattern.fullmatch(path)
        )
        return next(rules, ())
