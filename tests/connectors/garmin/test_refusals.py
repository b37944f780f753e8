"""How Garmin says no, and what it means for us."""

import gzip
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from src.connectors.garmin.refusals import classify
from src.connectors.rest.errors import to_error
from src.core.errors import (
    AppError,
    CredentialRefused,
    CredentialStale,
    LimitOf,
    ProviderConflict,
    ProviderForbidden,
    ProviderNotFound,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
)
from src.core.outbound import Response

NOW = datetime(2026, 1, 1, tzinfo=UTC)
JSON = {"content-type": "application/json"}
HTML = {"content-type": "text/html; charset=UTF-8"}
PAGE = b"<!DOCTYPE html><title>Just a moment...</title>"
GONE = {"message": "HTTP 404 Not Found", "error": "NotFoundException"}


def error_of(status: int, body: Any, headers: dict[str, str] | None = None) -> AppError:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    error = to_error(Response(status, headers or JSON, content), classify, NOW)
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "message"),
    [
        # Garmin Connect: modes C and D
        (204, b"", JSON, ProviderNotFound, None),
        (400, {"message": "HTTP 400 Bad Request"}, JSON, ProviderRejected, "HTTP 400 Bad Request"),
        (401, {"message": "Token is not active"}, JSON, CredentialStale, "Token is not active"),
        (403, {"message": "no"}, JSON, ProviderForbidden, "no"),
        (403, PAGE, HTML, ProviderForbidden, None),
        (404, GONE, JSON, ProviderNotFound, "HTTP 404 Not Found"),
        (404, gzip.compress(b'{"message": "x"}', mtime=0), JSON, ProviderNotFound, None),
        (429, b"", JSON, RateLimited, None),
        (429, PAGE, HTML, RateLimited, None),
        (500, b"", JSON, ProviderUnavailable, None),
        (503, PAGE, HTML, ProviderUnavailable, None),
        (504, b"", JSON, ProviderTimeout, None),
        # The Wellness API: mode A
        (400, {"errorMessage": "bad time"}, JSON, ProviderRejected, "bad time"),
        (401, {"errorMessage": "Unauthorized"}, JSON, CredentialStale, "Unauthorized"),
        (403, {"errorMessage": "unknown UAT"}, JSON, CredentialRefused, "unknown UAT"),
        (409, {"errorMessage": "duplicate"}, JSON, ProviderConflict, "duplicate"),
        (410, {"errorMessage": "downloaded"}, JSON, ProviderNotFound, "downloaded"),
        (412, {"errorMessage": "no permission"}, JSON, ProviderForbidden, "no permission"),
        (429, {"errorMessage": "too many"}, JSON, RateLimited, "too many"),
        (500, {"errorMessage": "oops"}, JSON, ProviderUnavailable, "oops"),
    ],
)
def test_each_refusal(
    status: int, body: Any, headers: dict[str, str], kind: type[AppError], message: str | None
) -> None:
    error = error_of(status, body, headers)
    assert type(error) is kind
    assert error.details["message"] == message


def test_a_page_of_the_protection_says_so() -> None:
    error = error_of(403, PAGE, HTML)
    assert error.details["reason"] == "blocked"
    assert "protection" in error.message


def test_a_withdrawn_permission_says_so() -> None:
    assert error_of(412, {"errorMessage": "x"}).details["reason"] == "not_permitted"


@pytest.mark.parametrize(
    ("headers", "wait"), [({}, 60), ({"retry-after": "14"}, 14), ({"retry-after": "no"}, 60)]
)
def test_a_limit_holds_for_the_whole_connection(headers: dict[str, str], wait: float) -> None:
    error = error_of(429, b"", headers)
    assert isinstance(error, RateLimited)
    assert error.retry_after == wait
    assert error.limit_of is LimitOf.CONNECTION


def test_good_answers_are_not_looked_at() -> None:
    assert classify(Response(200, HTML, b'{"errorMessage": "no"}')) is None
