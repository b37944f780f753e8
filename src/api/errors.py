"""Failures as answers: the one table of statuses and the one handler of everything."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from src.api.envelope import ErrorEnvelope, rate_limit_headers
from src.api.own_limits import STANDING, own_limit_headers
from src.core.errors import (
    AppError,
    BadRequest,
    ErrorCode,
    MethodNotAllowed,
    NotFound,
)
from src.core.middleware import Scope, header

PROBLEM_TYPE = "application/problem+json"
STATUS_BY_CODE: dict[ErrorCode, int] = {
    ErrorCode.BAD_REQUEST: 400,
    ErrorCode.INVALID_CURSOR: 400,
    ErrorCode.INVALID_STATE: 400,
    ErrorCode.OAUTH_DENIED: 400,
    ErrorCode.OAUTH_EXCHANGE_FAILED: 400,
    ErrorCode.TENANT_REQUIRED: 400,
    ErrorCode.UNAUTHORIZED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.TENANT_MISMATCH: 403,
    ErrorCode.INSUFFICIENT_SCOPE: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.CONFLICT: 409,
    ErrorCode.CONNECTION_EXISTS: 409,
    ErrorCode.ACCOUNT_MISMATCH: 409,
    ErrorCode.STALE_VERSION: 409,
    ErrorCode.CONNECTOR_NOT_CONFIGURED: 409,
    ErrorCode.CONNECTION_NOT_READY: 409,
    ErrorCode.REAUTHORIZATION_REQUIRED: 409,
    ErrorCode.CREDENTIALS_UNREADABLE: 409,
    ErrorCode.PAYLOAD_TOO_LARGE: 413,
    ErrorCode.VALIDATION_ERROR: 422,
    ErrorCode.UNSUPPORTED_CAPABILITY: 422,
    ErrorCode.UNSUPPORTED_FILTER: 422,
    ErrorCode.PROVIDER_REJECTED: 422,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.INTERNAL_ERROR: 500,
    ErrorCode.PROVIDER_ERROR: 502,
    ErrorCode.SERVICE_UNAVAILABLE: 503,
    ErrorCode.PROVIDER_TIMEOUT: 504,
}

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

COMMON_CODES = (
    ErrorCode.BAD_REQUEST,
    ErrorCode.TENANT_REQUIRED,
    ErrorCode.UNAUTHORIZED,
    ErrorCode.FORBIDDEN,
    ErrorCode.TENANT_MISMATCH,
    ErrorCode.VALIDATION_ERROR,
    ErrorCode.RATE_LIMITED,
    ErrorCode.INTERNAL_ERROR,
    ErrorCode.SERVICE_UNAVAILABLE,
)
PROVIDER_CODES = (
    ErrorCode.NOT_FOUND,
    ErrorCode.CONNECTION_NOT_READY,
    ErrorCode.CONNECTOR_NOT_CONFIGURED,
    ErrorCode.REAUTHORIZATION_REQUIRED,
    ErrorCode.CREDENTIALS_UNREADABLE,
    ErrorCode.CONFLICT,
    ErrorCode.INSUFFICIENT_SCOPE,
    ErrorCode.PROVIDER_REJECTED,
    ErrorCode.RATE_LIMITED,
    ErrorCode.PROVIDER_ERROR,
    ErrorCode.PROVIDER_TIMEOUT,
)

Documented = dict[int | str, dict[str, Any]]


def documented(*codes: ErrorCode) -> Documented:
    """The ``responses`` of a route that can fail in these ways, and in the common ones."""
    by_status: dict[int, list[str]] = {}
    for code in dict.fromkeys((*COMMON_CODES, *codes)):
        by_status.setdefault(STATUS_BY_CODE[code], []).append(f"`{code.value}`")
    problem = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {
        status: {
            "model": ErrorEnvelope,
            "description": f"{HTTPStatus(status).phrase}: {', '.join(names)}",
            "content": {PROBLEM_TYPE: problem},
        }
        for status, names in sorted(by_status.items())
    }


def error_response(error: AppError, scope: Scope) -> Response:
    """The answer to an error, enveloped or as problem details."""
    status = STATUS_BY_CODE[error.code]
    state = scope.get("state", {})
    request_id = state.get("request_id", "")
    headers = rate_limit_headers(error.rate_limit)
    if STANDING in state:
        headers |= own_limit_headers(state[STANDING])
    if error.retry_after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if PROBLEM_TYPE in (header(scope, b"accept") or ""):
        body = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": error.message,
            "instance": request_id,
            "code": error.code.value,
            # One member of its own: names of details could be those of the others.
            "details": error.details,
        }
        return Response(msgspec.json.encode(body), status, headers, PROBLEM_TYPE)
    envelope = {
        "ok": False,
        "data": None,
        "error": {
            "code": error.code.value,
            "message": error.message,
            "details": error.details,
            "requestId": request_id,
        },
    }
    return Response(msgspec.json.encode(envelope), status, headers, "application/json")


def install_error_handlers(app: FastAPI) -> None:
    """Answer every failure of every kind through ``error_response``."""

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, AppError)  # noqa: S101  registered for nothing else
        request.app.state.container.way_back.tell(error)
        return error_response(error, request.scope)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101  registered for nothing else
        response = error_response(_from_http(error), request.scope)
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            response.headers["Allow"] = ", ".join(sorted(_allowed(app, request.scope)))
        return response

    app.add_exception_handler(AppError, ours)
    app.add_exception_handler(HTTPException, http)


def _from_http(error: HTTPException) -> AppError:
    match error.status_code:
        case HTTPStatus.NOT_FOUND:
            return NotFound("There is no such route.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return MethodNotAllowed("This route does not know the method; see the header Allow.")
        case _:
            return BadRequest("The request cannot be read.")


def _allowed(app: FastAPI, scope: Scope) -> set[str]:
    """Every method of every route on this path, not only of the first one that matches."""
    return {
        method
        for method in _METHODS
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in app.routes)
    }
