"""GitHub Enterprise Server: the same API below `/api/v3` of its own host, and without limits."""

from typing import TYPE_CHECKING

from src.sandbox.kit import provider_path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from starlette.types import ASGIApp, Receive, Scope, Send

ENTERPRISE_VERSION = "3.20.1"
_PREFIX = "/api/v3"
_MARK = "github.enterprise"


def with_enterprise(app: "ASGIApp") -> "ASGIApp":
    """Serve the API below `/api/v3` too, where an enterprise server has it."""

    async def served(scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] == "http" and provider_path(scope).startswith(f"{_PREFIX}/"):
            root = f"{scope.get('root_path', '')}{_PREFIX}"
            scope = {**scope, "root_path": root, _MARK: True}
        await app(scope, receive, send)

    return served


def is_enterprise(scope: "Mapping[str, Any]") -> bool:
    """Tell whether a call came to an enterprise server; its rate limits are off by default."""
    return bool(scope.get(_MARK))
