"""How Strava says no, and what it means for us."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from src.connectors.rest.errors import to_error
from src.connectors.strava.limits import APP_LIMIT, rate_limit, told
from src.connectors.strava.refusals import CAP, classify
from src.core.errors import (
    AppError,
    CredentialRefused,
    CredentialStale,
    InsufficientScope,
    LimitOf,
    ProviderForbidden,
    ProviderNotFound,
    ProviderRejected,
    ProviderUnavailable,
    RateLimited,
)
from src.core.outbound import Response
from src.models.rate_limit import RateLimit

NOW = datetime(2026, 1, 1, 12, 8, 20, tzinfo=UTC)
TO_QUARTER, TO_MIDNIGHT = 400, 42_700
DATE = "Thu, 01 Jan 2026 12:08:20 GMT"


def fault(message: str, *entries: tuple[str, str, str]) -> dict[str, Any]:
    names = ("resource", "field", "code")
    return {"message": message, "errors": [dict(zip(names, one, strict=True)) for one in entries]}


def error_of(status: int, body: Any, headers: dict[str, str] | None = None) -> AppError:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    error = to_error(Response(status, headers or {}, content), classify, NOW)
    assert error is not None
    return error


TOKEN = fault("Authorization Error", ("Athlete", "access_token", "invalid"))
APPLICATION = fault("Authorization Error", ("Application", "", "invalid"))
INTERNAL = fault("Authorization Error", ("Application", "internal", "invalid"))
INACTIVE = fault("Forbidden", ("Application", "Status", "Inactive"))
PATH = fault("Resource Not Found", ("resource", "path", "invalid"))


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (400, fault("Bad Request", ("Activity", "name", "blank")), ProviderRejected, "Bad Request"),
        (401, TOKEN, CredentialStale, "Authorization Error"),
        (401, APPLICATION, CredentialStale, "Authorization Error"),
        (401, INTERNAL, ProviderForbidden, "Authorization Error"),
        (401, b"", CredentialStale, None),
        (401, {"message": "no", "errors": "a text"}, CredentialStale, "no"),
        (402, fault("Payment Required"), ProviderForbidden, "Payment Required"),
        (403, fault("Forbidden"), ProviderForbidden, "Forbidden"),
        (403, INACTIVE, ProviderForbidden, "Forbidden"),
        (404, b"", ProviderNotFound, None),
        (404, PATH, ProviderNotFound, "Resource Not Found"),
        (422, fault("Unprocessable"), ProviderRejected, "Unprocessable"),
        (500, b"<html>", ProviderUnavailable, None),
        (503, fault("down"), ProviderUnavailable, "down"),
    ],
)
def test_each_refusal(status: int, body: Any, kind: type[AppError], said: str | None) -> None:
    error = error_of(status, body)
    assert type(error) is kind
    assert error.details["message"] == said


def test_a_stale_token_is_one_that_a_refresh_may_mend() -> None:
    assert issubclass(CredentialStale, CredentialRefused)


def test_a_missing_scope_is_named() -> None:
    missing = ("AccessToken", "activity:read_permission", "missing")
    error = error_of(401, fault("Authorization Error", missing, missing))
    assert type(error) is InsufficientScope
    assert error.details["missingScopes"] == ["activity:read"]


@pytest.mark.parametrize(
    ("status", "body", "reason", "word"),
    [
        (403, fault("Limit of connected athletes exceeded"), "athlete_limit", "ten athletes"),
        (403, b"403: the app's Athlete capacity is reached", "athlete_limit", "your own"),
        (403, INACTIVE, "app_inactive", "subscription"),
        (402, fault("Payment Required"), None, "subscription"),
        (401, INTERNAL, None, "no longer"),
    ],
)
def test_what_can_be_done_is_said(status: int, body: Any, reason: str | None, word: str) -> None:
    error = error_of(status, body)
    assert word in error.message
    assert error.details.get("reason") == reason
    assert (error.message == CAP) is (reason == "athlete_limit")


RECORDED = {"errors": "Rate Limit Exceeded", "status": 429, "message": "Too Many Requests"}
DOCUMENTED = fault("Rate Limit Exceeded", ("Application", "rate limit", "exceeded"))


def limits(overall: str, read: str | None = None) -> dict[str, str]:
    found = {"x-ratelimit-limit": "200,2000", "x-ratelimit-usage": overall}
    if read is not None:
        found |= {"x-readratelimit-limit": "100,1000", "x-readratelimit-usage": read}
    return found


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, TO_QUARTER),
        (limits("201,900"), TO_QUARTER),
        (limits("12,2001"), TO_MIDNIGHT),
        (limits("101,700", "101,650"), TO_QUARTER),
        (limits("5,1200", "5,1001"), TO_MIDNIGHT),
        ({"retry-after": "9"}, 9),
    ],
)
@pytest.mark.parametrize("body", [RECORDED, DOCUMENTED, b""])
def test_a_limit_is_over_with_the_clock(body: Any, headers: dict[str, str], wait: float) -> None:
    error = error_of(429, body, headers)
    assert isinstance(error, RateLimited)
    assert (error.retry_after, error.limit_of) == (wait, LimitOf.CONNECTION)


@pytest.mark.parametrize(
    ("headers", "limit"),
    [
        ({}, None),
        ({"x-ratelimit-limit": "200"}, None),
        ({"x-ratelimit-limit": "200,x", "x-ratelimit-usage": "1,1"}, None),
        (
            {**limits("26,362", "26,362"), "date": DATE},
            RateLimit(100, 74, int(NOW.timestamp()) + TO_QUARTER),
        ),
        (
            {**limits("26,1990", "26,362"), "date": DATE},
            RateLimit(2000, 10, int(NOW.timestamp()) + TO_MIDNIGHT),
        ),
        (limits("201,300"), RateLimit(200, 0, None)),
    ],
)
def test_the_tightest_limit_is_shown(headers: dict[str, str], limit: RateLimit | None) -> None:
    assert rate_limit(headers) == limit


def test_each_window_is_told_apart() -> None:
    found = {
        (one.window.seconds, one.window.methods is None): one.used
        for one in told(limits("1,2", "3,4"))
    }
    assert found == {(900, True): 1, (86_400, True): 2, (900, False): 3, (86_400, False): 4}
    assert {one.window for one in told(limits("1,2", "3,4"))} == set(APP_LIMIT.all_windows)


def test_good_answers_are_not_looked_at() -> None:
    for status in (200, 201, 204):
        assert classify(Response(status, {}, b'{"errors": "x"}')) is None
