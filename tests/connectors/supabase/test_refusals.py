"""How Supabase says no, and what it means for us."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from src.connectors.rest.errors import to_error
from src.connectors.supabase.refusals import classify, rate_limit
from src.core.errors import (
    AppError,
    CredentialRefused,
    CredentialStale,
    InsufficientScope,
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
from src.models.rate_limit import RateLimit

NOW = datetime(2026, 1, 1, tzinfo=UTC)
DATE = "Thu, 01 Jan 2026 00:00:00 GMT"


def error_of(status: int, body: Any, headers: dict[str, str] | None = None) -> AppError:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    error = to_error(Response(status, headers or {}, content), classify, NOW)
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, "Project not ready for deletion.", ProviderRejected),
        (400, ["query must be a string", "parameters must be an array"], ProviderRejected),
        (401, "Unauthorized", CredentialStale),
        (401, "Invalid API key", CredentialStale),
        (401, "No API key found in request", CredentialStale),
        (403, "Forbidden resource", ProviderForbidden),
        (404, "SSO Identity Provider not found", ProviderNotFound),
        (406, "Failed to retrieve SQL snippet", ProviderRejected),
        (500, "Internal error", ProviderUnavailable),
        (503, "Service unavailable", ProviderUnavailable),
        (521, b"<html>Web server is down</html>", ProviderUnavailable),
        (544, "Connection terminated due to connection timeout", ProviderUnavailable),
    ],
)
def test_each_status_of_the_management_api(status: int, message: Any, kind: type[AppError]) -> None:
    body = message if isinstance(message, bytes) else {"message": message}
    error = error_of(status, body)
    assert type(error) is kind
    told = " ".join(message) if isinstance(message, list) else message
    assert error.details["message"] == (None if isinstance(message, bytes) else told)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (503, "PGRST000", ProviderUnavailable),
        (503, "PGRST002", ProviderUnavailable),
        (504, "PGRST003", ProviderTimeout),
        (400, "PGRST100", ProviderRejected),
        (416, "PGRST103", ProviderRejected),
        (406, "PGRST106", ProviderRejected),
        (406, "PGRST116", ProviderNotFound),
        (404, "PGRST202", ProviderNotFound),
        (400, "PGRST204", ProviderRejected),
        (404, "PGRST205", ProviderNotFound),
        (401, "PGRST301", CredentialRefused),
        (401, "PGRST302", CredentialRefused),
        (401, "PGRST303", CredentialRefused),
        (503, "08006", ProviderUnavailable),
        (503, "53300", ProviderUnavailable),
        (409, "23503", ProviderConflict),
        (409, "23505", ProviderConflict),
        (400, "23502", ProviderRejected),
        (405, "25006", ProviderRejected),
        (403, "28000", ProviderForbidden),
        (403, "0LP01", ProviderForbidden),
        (403, "0P000", ProviderForbidden),
        (500, "40001", ProviderConflict),
        (401, "42501", ProviderForbidden),
        (403, "42501", ProviderForbidden),
        (404, "42883", ProviderNotFound),
        (404, "42P01", ProviderNotFound),
        (400, "42703", ProviderRejected),
        (400, "42601", ProviderRejected),
        (400, "22P02", ProviderRejected),
        (500, "57014", ProviderTimeout),
        (400, "P0001", ProviderRejected),
        (500, "XX000", ProviderUnavailable),
    ],
)
def test_each_code_of_the_data_api(status: int, code: str, kind: type[AppError]) -> None:
    body = {"code": code, "details": None, "hint": None, "message": "what PostgreSQL says"}
    error = error_of(status, body)
    assert type(error) is kind
    assert error.details["message"] == "what PostgreSQL says"
    assert error.details.get("reason") == (None if code == "XX000" else code)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("42P01", ProviderNotFound),
        ("42601", ProviderRejected),
        ("25006", ProviderRejected),
        ("42501", ProviderForbidden),
        ("23505", ProviderConflict),
        ("57014", ProviderTimeout),
    ],
)
def test_a_statement_that_fails_says_so_in_its_message(code: str, kind: type[AppError]) -> None:
    message = f'Failed to run sql query: ERROR:  {code}: relation "x" does not exist\nLINE 1: …'
    error = error_of(400, {"message": message})
    assert type(error) is kind
    assert error.details["reason"] == code


def test_what_can_be_done_is_said() -> None:
    assert "Exposed schemas" in error_of(406, {"code": "PGRST106", "message": "x"}).message
    assert "read-only" in error_of(405, {"code": "25006", "message": "x"}).message
    assert "policy" in error_of(401, {"code": "42501", "message": "x"}).message


def test_a_paused_project_is_no_outage() -> None:
    error = error_of(540, {"message": "Project paused"})
    assert type(error) is ProviderConflict
    assert error.details["reason"] == "INACTIVE"
    assert "paused" in error.message


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"code": 7}', b'{"code": "no"}', b"\xff"])
def test_a_body_of_no_known_form_leaves_the_status(body: bytes) -> None:
    assert type(error_of(404, body)) is ProviderNotFound
    assert type(error_of(403, body)) is ProviderForbidden


def test_a_scope_that_is_named_is_the_missing_one() -> None:
    error = error_of(403, {"message": "The token lacks the scope database:write"})
    assert type(error) is InsufficientScope
    assert error.details["missingScopes"] == ["database:write"]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"x-ratelimit-limit": "120", "x-ratelimit-reset": "60"}, 60),
        ({"x-ratelimit-reset": "7"}, 7),
        ({"x-ratelimit-reset": "0"}, 1),
        ({"x-ratelimit-reset": "soon"}, 60),
        ({}, 60),
        ({"retry-after": "9", "x-ratelimit-reset": "60"}, 9),
    ],
)
def test_a_limit_is_over_in_so_many_seconds(headers: dict[str, str], wait: float) -> None:
    """The reset is a span that counts down, not a moment."""
    error = error_of(429, {"message": "ThrottlerException: Too Many Requests"}, headers)
    assert isinstance(error, RateLimited)
    assert error.retry_after == wait
    assert error.limit_of is LimitOf.CONNECTION


@pytest.mark.parametrize(
    ("headers", "limit"),
    [
        ({}, None),
        (
            {
                "x-ratelimit-limit": "120",
                "x-ratelimit-remaining": "119",
                "x-ratelimit-reset": "60",
                "date": DATE,
            },
            RateLimit(120, 119, int(NOW.timestamp()) + 60),
        ),
        ({"x-ratelimit-limit": "120", "x-ratelimit-reset": "60"}, RateLimit(120, None, None)),
        (
            {"x-ratelimit-limit": "x", "x-ratelimit-reset": "1", "date": "never"},
            RateLimit(None, None, None),
        ),
    ],
)
def test_what_is_left_of_the_limit(headers: dict[str, str], limit: RateLimit | None) -> None:
    assert rate_limit(headers) == limit


def test_good_answers_are_not_looked_at() -> None:
    for status in (200, 201, 204, 206):
        assert classify(Response(status, {}, b'{"code": "42501"}')) is None
