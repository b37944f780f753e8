"""What each of Google's refusals means: a 403 alone says nothing."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from src.connectors.google.refusals import classify
from src.connectors.rest.errors import to_error
from src.core.errors import (
    AppError,
    CredentialStale,
    InsufficientScope,
    InvalidCursor,
    LimitOf,
    ProviderForbidden,
    ProviderNotFound,
    ProviderRejected,
    ProviderUnavailable,
    RateLimited,
)
from src.core.outbound import Response

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
INFO = "type.googleapis.com/google.rpc.ErrorInfo"


def legacy(code: int, reason: str, **more: str) -> dict[str, Any]:
    cause = {"domain": "global", "reason": reason, "message": "so it is", **more}
    return {"error": {"code": code, "message": "so it is", "errors": [cause]}}


def rpc(code: int, status: str, reason: str | None = None, message: str = "so it is") -> Any:
    details = [{"@type": INFO, "reason": reason, "domain": "googleapis.com"}] if reason else []
    help_link = {"@type": "type.googleapis.com/google.rpc.Help", "links": []}
    return {
        "error": {
            "code": code,
            "message": message,
            "status": status,
            "details": [help_link, *details],
        }
    }


def error_of(status: int, body: Any, headers: dict[str, str] | None = None) -> AppError:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    error = to_error(Response(status, headers or {}, content), classify, NOW)
    assert error is not None
    return error


TABLE: dict[str, tuple[int, Any, type[AppError]]] = {
    "too fast": (403, legacy(403, "rateLimitExceeded"), RateLimited),
    "a user too fast": (403, legacy(403, "userRateLimitExceeded"), RateLimited),
    "shares too fast": (403, legacy(403, "sharingRateLimitExceeded"), RateLimited),
    "429 of the older kind": (429, legacy(429, "rateLimitExceeded"), RateLimited),
    "429 of the newer kind": (
        429,
        rpc(429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"),
        RateLimited,
    ),
    "429 without a reason": (429, rpc(429, "RESOURCE_EXHAUSTED"), RateLimited),
    "429 that is no JSON": (429, b"<html>slow down</html>", RateLimited),
    "403 of the newer kind": (403, rpc(403, "RESOURCE_EXHAUSTED"), RateLimited),
    "a quota": (403, legacy(403, "quotaExceeded"), RateLimited),
    "a day's quota": (403, legacy(403, "dailyLimitExceeded"), RateLimited),
    "a scope": (403, legacy(403, "insufficientPermissions"), InsufficientScope),
    "a scope, newer": (
        403,
        rpc(403, "PERMISSION_DENIED", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
        InsufficientScope,
    ),
    "an account without Gmail": (400, legacy(400, "failedPrecondition"), ProviderForbidden),
    "changes of too long ago": (410, legacy(410, "updatedMinTooLongAgo"), ProviderRejected),
    "an event that is gone": (410, legacy(410, "deleted"), ProviderNotFound),
    "410 that is no JSON": (410, b"gone", ProviderNotFound),
    "an API that is off": (403, legacy(403, "accessNotConfigured"), ProviderForbidden),
    "an API that is off, newer": (
        403,
        rpc(403, "PERMISSION_DENIED", "SERVICE_DISABLED"),
        ProviderForbidden,
    ),
    "a rule of the domain": (403, legacy(403, "domainPolicy"), ProviderForbidden),
    "no right to a file": (403, legacy(403, "insufficientFilePermissions"), ProviderForbidden),
    "not the app's file": (403, legacy(403, "appNotAuthorizedToFile"), ProviderForbidden),
    "a full Drive": (403, legacy(403, "storageQuotaExceeded"), ProviderForbidden),
    "plainly": (403, legacy(403, "forbidden"), ProviderForbidden),
    "403 that is no JSON": (403, b"<html>no</html>", ProviderForbidden),
    "403 with an empty list": (403, {"error": {"errors": [], "code": 403}}, ProviderForbidden),
    "an outage that says 403": (403, legacy(403, "backendError"), ProviderUnavailable),
    "a stale page": (400, legacy(400, "invalid", location="pageToken"), InvalidCursor),
    "a wrong value": (400, legacy(400, "invalid", location="q"), ProviderRejected),
    "a wrong range": (400, rpc(400, "INVALID_ARGUMENT"), ProviderRejected),
    "a stale token": (401, legacy(401, "authError"), CredentialStale),
    "a stale token, newer": (401, rpc(401, "UNAUTHENTICATED"), CredentialStale),
    "gone": (404, legacy(404, "notFound"), ProviderNotFound),
    "gone, newer": (404, rpc(404, "NOT_FOUND"), ProviderNotFound),
    "500": (500, legacy(500, "internalError"), ProviderUnavailable),
    "503": (503, rpc(503, "UNAVAILABLE"), ProviderUnavailable),
}


@pytest.mark.parametrize(("status", "body", "kind"), TABLE.values(), ids=TABLE)
def test_each_reason_has_its_consequence(status: int, body: Any, kind: type[AppError]) -> None:
    error = error_of(status, body)
    assert type(error) is kind
    if isinstance(body, dict) and body["error"].get("message"):
        assert error.details.get("message", "so it is") == "so it is"


@pytest.mark.parametrize(
    ("reason", "word"),
    [("accessNotConfigured", "not enabled"), ("domainPolicy", "administrator"),
     ("appNotAuthorizedToFile", "picked"), ("storageQuotaExceeded", "full")],
)  # fmt: skip
def test_what_somebody_can_do_about_it_is_said(reason: str, word: str) -> None:
    error = error_of(403, legacy(403, reason))
    assert word in error.message
    assert error.details["reason"] == reason


def test_a_limit_of_a_minute_is_tried_again_soon() -> None:
    error = error_of(403, legacy(403, "userRateLimitExceeded"))
    assert isinstance(error, RateLimited)
    assert error.retry_after == 2
    assert error.limit_of is LimitOf.REQUEST


def test_the_providers_own_wait_goes_first() -> None:
    error = error_of(429, rpc(429, "RESOURCE_EXHAUSTED"), {"retry-after": "17"})
    assert error.retry_after == 17


def test_a_quota_is_not_tried_again() -> None:
    error = error_of(403, legacy(403, "dailyLimitExceeded"))
    assert isinstance(error, RateLimited)
    assert error.retry_after == 3600
    assert error.limit_of is LimitOf.ENDPOINT
    assert "quota" in error.message


@pytest.mark.parametrize(
    ("message", "wait"),
    [
        ("User-rate limit exceeded.  Retry after 2026-11-21T12:07:30.500Z", 450.5),
        ("User-rate limit exceeded.  Retry after 2026-11-21T11:00:00Z", 1),
        ("User-rate limit exceeded.  Retry after 2026-99-21T11:00:00Z", 2),
        ("User-rate limit exceeded.", 2),
    ],
)
def test_gmail_tells_the_end_of_a_limit_in_its_sentence(message: str, wait: float) -> None:
    error = error_of(429, rpc(429, "RESOURCE_EXHAUSTED", message=message))
    assert error.retry_after == wait


@pytest.mark.parametrize(
    ("told", "missing"),
    [
        ("https://x/auth/drive https://x/auth/drive.readonly", ["https://x/auth/drive.readonly"]),
        ("https://x/auth/drive https://x/auth/drive.file", ["https://x/auth/drive"]),
        ("", []),
    ],
)
def test_of_several_scopes_the_one_that_asks_the_least_is_named(
    told: str, missing: list[str]
) -> None:
    challenge = f'Bearer realm="https://accounts.google.com/", error="x", scope="{told}"'
    headers = {"www-authenticate": challenge} if told else {}
    error = error_of(403, legacy(403, "insufficientPermissions"), headers)
    assert error.details["missingScopes"] == missing
