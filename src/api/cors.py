"""CORS with our own answer to a preflight that is refused."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Receive, Scope, Send

from src.api.errors import error_response
from src.core.errors import Forbidden
from src.core.middleware import header

_OK = 200


class EnvelopedCors(CORSMiddleware):
    """Refuses like everything else does: in the envelope, with the request's id."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if not _is_preflight(scope):
            await super().__call__(scope, receive, send)
            return
        answer = self.preflight_response(request_headers=Headers(scope=scope))
        if answer.status_code != _OK:
            refusal = Forbidden("A web page of this origin may not send such a request.")
            answer = error_response(refusal, scope)
            answer.headers["Vary"] = "Origin"
        await answer(scope, receive, send)


def _is_preflight(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] == "OPTIONS"
        and header(scope, b"origin") is not None
        and header(scope, b"access-control-request-method") is not None
    )
