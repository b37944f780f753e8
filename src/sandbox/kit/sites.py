"""One imitation for every site: below a path they are told apart by their host."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

_SITE = "sandbox_site"


def at_sites(app: "ASGIApp", path: str) -> "ASGIApp":
    """The imitation, and below `path` and a host the same as if it stood at that host."""

    async def sites(scope: "Scope", receive: "Receive", send: "Send") -> None:
        await app(_placed(scope, path) if scope["type"] == "http" else scope, receive, send)

    return sites


def site_of(request: "Request") -> str:
    """The host that a request is for, without its port, in lower case."""
    named: str | None = request.scope.get(_SITE)
    return (named or request.url.hostname or "").partition(":")[0].lower()


def _placed(scope: "Scope", path: str) -> "Scope":
    root = scope.get("root_path", "")
    prefix = f"{root}{path}/"
    if not scope["path"].startswith(prefix):
        return scope
    host = scope["path"][len(prefix) :].partition("/")[0]
    return {**scope, "root_path": f"{prefix}{host}", _SITE: host}
