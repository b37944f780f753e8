"""How Jira says no, in each shape of body, and what it means for us."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from src.connectors.jira.manifest import MANIFEST
from src.connectors.jira.refusals import BY_JIRA
from src.connectors.rest.errors import DEFAULT_WAIT_SECONDS, to_error
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

NOW = datetime(2026, 10, 4, 21, 30, tzinfo=UTC)
Headers = dict[str, str]


def jira(*messages: str, **fields: str) -> dict[str, Any]:
    """A body of Jira's own."""
    return {"errorMessages": [*messages], "errors": fields}


def gateway(status: int, message: str) -> dict[str, Any]:
    """A body of the gateway before it."""
    return {"code": status, "message": message}


HTML = b"<!DOCTYPE html><html><body>Forbidden (403)</body></html>"
PLAIN = b"Client must be authenticated to access this resource."
EMPTY = b""


def error_of(status: int, body: Any, headers: Headers | None = None) -> AppError:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    error = to_error(Response(status, headers or {}, content), MANIFEST.dialect.classify, NOW)
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("status", "body", "kind", "message"),
    [
        (
            400,
            jira("Field 'priority' is required"),
            ProviderRejected,
            "Field 'priority' is required",
        ),
        (400, jira(summary="You must specify a summary"), ProviderRejected, "summary: You must"),
        (400, jira("One.", summary="Two"), ProviderRejected, "One. summary: Two"),
        (400, jira("Unbounded JQL queries are not allowed here."), ProviderRejected, "Unbounded"),
        (400, jira("The value 'X' does not exist for the field 'status'."), ProviderRejected, "X"),
        (400, jira("The value 'X' does not exist for the field 'project'."), ProviderNotFound, "X"),
        (
            400,
            jira("An issue with key 'EX-9' does not exist for field 'parent'."),
            ProviderNotFound,
            "EX-9",
        ),
        (400, EMPTY, ProviderRejected, None),
        (401, gateway(401, "Unauthorized"), CredentialStale, "Unauthorized"),
        (401, PLAIN, CredentialStale, None),
        (401, EMPTY, CredentialStale, None),
        (401, HTML, CredentialStale, None),
        (403, jira("You do not have permission."), ProviderForbidden, "You do not"),
        (403, gateway(403, "Forbidden"), ProviderForbidden, "Forbidden"),
        (403, HTML, ProviderForbidden, None),
        (403, EMPTY, ProviderForbidden, None),
        (
            404,
            jira("Issue does not exist or you do not have permission to see it."),
            ProviderNotFound,
            "Issue",
        ),
        (404, gateway(404, "Not Found"), ProviderNotFound, "Not Found"),
        (404, HTML, ProviderNotFound, None),
        (409, jira("Conflict"), ProviderConflict, "Conflict"),
        (410, jira("The requested API has been removed."), ProviderNotFound, "The requested"),
        (413, jira("The issue has too many comments."), ProviderRejected, "The issue"),
        (422, jira("The configuration is wrong."), ProviderRejected, "The configuration"),
        (429, gateway(429, "Rate limit exceeded"), RateLimited, "Rate limit"),
        (429, EMPTY, RateLimited, None),
        (500, jira("Internal server error"), ProviderUnavailable, "Internal"),
        (500, EMPTY, ProviderUnavailable, None),
        (502, HTML, ProviderUnavailable, None),
        (503, gateway(503, "Service unavailable"), ProviderUnavailable, "Service"),
        (504, EMPTY, ProviderTimeout, None),
        (302, EMPTY, AppError, None),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(value)[:30],
)
def test_each_status_in_each_shape(
    status: int, body: Any, kind: type[AppError], message: str | None
) -> None:
    error = error_of(status, body)
    assert isinstance(error, kind)
    told = error.details["message"]
    assert told is None if message is None else message in told


def test_a_scope_that_does_not_match_is_401_and_not_the_credentials_fault() -> None:
    error = error_of(401, gateway(401, "Unauthorized; scope does not match"))
    assert type(error) is InsufficientScope


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("reason", ["AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED"])
def test_a_bad_password_is_not_tried_again(status: int, reason: str) -> None:
    error = error_of(status, EMPTY, {"x-seraph-loginreason": reason})
    assert type(error) is CredentialRefused


def test_a_login_that_went_well_says_nothing() -> None:
    assert type(error_of(403, EMPTY, {"x-seraph-loginreason": "OK"})) is ProviderForbidden


def test_a_policy_that_blocks_apps_is_named() -> None:
    headers = {"atlassian-datasecuritypolicy": "app_access_blocked"}
    error = error_of(403, EMPTY, headers)
    assert (type(error), error.details["reason"]) == (ProviderForbidden, "app_access_blocked")


def test_a_404_of_jiras_own_is_told_from_one_of_the_gateway() -> None:
    assert error_of(404, jira("none"))
    assert error_of(404, jira("none")).details["reason"] == BY_JIRA
    assert "reason" not in error_of(404, gateway(404, "Not Found")).details


@pytest.mark.parametrize(
    ("headers", "wait", "limit_of"),
    [
        ({"ratelimit-reason": "jira-burst-based"}, 2, LimitOf.ENDPOINT),
        ({"ratelimit-reason": "jira-burst-based", "retry-after": "7"}, 7, LimitOf.ENDPOINT),
        ({"ratelimit-reason": "jira-per-issue-on-write"}, 2, LimitOf.ENDPOINT),
        (
            {
                "ratelimit-reason": "jira-quota-global-based",
                "x-ratelimit-reset": "2026-10-04T22:00Z",
            },
            1800,
            LimitOf.CONNECTION,
        ),
        (
            {
                "ratelimit-reason": "jira-quota-tenant-based",
                "x-ratelimit-reset": "2026-10-04T22:00Z",
                "retry-after": "5",
            },
            5,
            LimitOf.CONNECTION,
        ),
        ({"ratelimit-reason": "jira-cost-based"}, DEFAULT_WAIT_SECONDS, LimitOf.CONNECTION),
        ({"x-ratelimit-reset": "2026-10-04T21:31Z"}, 60, LimitOf.CONNECTION),
        ({"x-ratelimit-reset": "soon"}, DEFAULT_WAIT_SECONDS, LimitOf.CONNECTION),
        ({}, DEFAULT_WAIT_SECONDS, LimitOf.CONNECTION),
    ],
    ids=str,
)
def test_limits_by_their_reason(headers: Headers, wait: float, limit_of: LimitOf) -> None:
    error = error_of(429, gateway(429, "Rate limit exceeded"), headers)
    assert isinstance(error, RateLimited)
    assert error.retry_after == wait
    assert error.limit_of is limit_of
    assert error.details["by"] == "provider"
    assert error.details.get("reason") == headers.get("ratelimit-reason")


def test_an_outage_may_say_how_long_it_lasts() -> None:
    assert error_of(503, EMPTY, {"retry-after": "12"}).retry_after == 12
