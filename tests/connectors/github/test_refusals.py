"""How GitHub says no, and what it means for us."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from src.connectors.github.refusals import classify, is_partial, rate_limit
from src.connectors.rest.errors import DEFAULT_WAIT_SECONDS, LONGEST_WAIT_SECONDS, to_error
from src.core.errors import (
    AppError,
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
RESET = str(int(NOW.timestamp()) + 90)
SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes."
PRIMARY = "API rate limit exceeded for user ID 1."
Headers = dict[str, str]


def error_of(status: int, message: Any = "No", headers: Headers | None = None) -> AppError:
    body = {"message": message, "documentation_url": "https://docs.github.com/rest"}
    content = message if isinstance(message, bytes) else msgspec.json.encode(body)
    error = to_error(Response(status, headers or {}, content), classify, NOW)
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, "Problems parsing JSON", ProviderRejected),
        (401, "Bad credentials", CredentialStale),
        (401, "Requires authentication", CredentialStale),
        (403, "Forbidden", ProviderForbidden),
        (403, "Repository was archived so is read-only.", ProviderForbidden),
        (403, b"\r\nRequest forbidden by administrative rules.", ProviderForbidden),
        (404, "Not Found", ProviderNotFound),
        (409, "Git Repository is empty.", ProviderConflict),
        (410, "This issue was deleted", ProviderNotFound),
        (410, "Issues are disabled for this repo", ProviderNotFound),
        (422, "Validation Failed", ProviderRejected),
        (429, "Too many requests", RateLimited),
        (451, "Repository access blocked", ProviderForbidden),
        (500, "Server Error", ProviderUnavailable),
        (502, b"<html>Unicorn!</html>", ProviderUnavailable),
        (503, "Service unavailable", ProviderUnavailable),
        (504, "Server Error", ProviderTimeout),
    ],
)
def test_each_status(status: int, message: Any, kind: type[AppError]) -> None:
    error = error_of(status, message)
    assert type(error) is kind
    expected = None if isinstance(message, bytes) else message
    assert error.details["message"] == expected


def test_the_message_of_a_422_is_kept_without_its_fields() -> None:
    body = msgspec.json.encode(
        {"message": "Validation Failed", "errors": [{"resource": "Search", "field": "q"}]}
    )
    assert error_of(422, body).details["message"] == "Validation Failed"


@pytest.mark.parametrize(
    ("status", "message", "headers", "wait"),
    [
        (403, PRIMARY, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": RESET}, 90),
        (403, "No", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": RESET}, 90),
        (429, PRIMARY, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": RESET}, 90),
        (403, PRIMARY, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}, 1),
        (403, PRIMARY, {"x-ratelimit-remaining": "0"}, DEFAULT_WAIT_SECONDS),
        (
            403,
            PRIMARY,
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon"},
            DEFAULT_WAIT_SECONDS,
        ),
        (
            403,
            PRIMARY,
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 15},
            LONGEST_WAIT_SECONDS,
        ),
        (
            403,
            PRIMARY,
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 5000},
            DEFAULT_WAIT_SECONDS,
        ),
        (
            403,
            SECONDARY,
            {"x-ratelimit-remaining": "4990", "x-ratelimit-reset": RESET},
            DEFAULT_WAIT_SECONDS,
        ),
        (403, SECONDARY, {"retry-after": "7", "x-ratelimit-remaining": "4990"}, 7),
        (403, SECONDARY, {}, DEFAULT_WAIT_SECONDS),
        (403, "No", {"retry-after": "7"}, 7),
        (429, "No", {}, DEFAULT_WAIT_SECONDS),
        (429, "No", {"retry-after": "7", "x-ratelimit-remaining": "0"}, 7),
    ],
)
def test_limits_and_how_long_they_last(
    status: int, message: str, headers: Headers, wait: float
) -> None:
    error = error_of(status, message, headers)
    assert type(error) is RateLimited
    assert error.retry_after == wait
    assert error.details["by"] == "provider"


ABUSE = "You have triggered an abuse detection mechanism. Please wait a few minutes."
CREATION = (
    "You have exceeded a secondary rate limit and have been temporarily blocked from content "
    "creation. Please retry your request again later."
)


@pytest.mark.parametrize(
    ("message", "headers", "reach"),
    [
        (PRIMARY, {"x-ratelimit-remaining": "0", "x-ratelimit-resource": "core"}, "connection"),
        (PRIMARY, {"x-ratelimit-remaining": "0"}, "connection"),
        (PRIMARY, {"x-ratelimit-remaining": "0", "x-ratelimit-resource": "search"}, "endpoint"),
        (SECONDARY, {"x-ratelimit-remaining": "4990"}, "connection"),
        (ABUSE, {"retry-after": "60"}, "connection"),
        (CREATION, {}, "endpoint"),
        ("No", {"retry-after": "7"}, "request"),
    ],
)
def test_how_far_a_limit_reaches(message: str, headers: Headers, reach: str) -> None:
    error = error_of(403, message, headers)
    assert isinstance(error, RateLimited)
    assert error.limit_of is LimitOf(reach)


@pytest.mark.parametrize(
    ("header", "partial"),
    [
        (None, False),
        ("required; url=https://github.com/orgs/octo-org/sso", False),
        ("partial-results; organizations=21955855,20582480", True),
    ],
)
def test_organisations_that_want_a_single_sign_on_make_a_list_partial(
    header: str | None, partial: bool
) -> None:
    assert is_partial({} if header is None else {"x-github-sso": header}) is partial


@pytest.mark.parametrize(
    ("headers", "missing"),
    [
        ({"x-oauth-scopes": "", "x-accepted-oauth-scopes": "repo"}, ["repo"]),
        (
            {
                "x-oauth-scopes": "gist",
                "x-accepted-oauth-scopes": "admin:org, read:org, repo, user, write:org",
            },
            ["read:org"],
        ),
        ({"x-accepted-github-permissions": "issues=read"}, ["issues=read"]),
        (
            {"x-accepted-github-permissions": "issues=read,metadata=read"},
            ["issues=read", "metadata=read"],
        ),
        (
            {"x-accepted-github-permissions": "pull_requests=read; contents=read,issues=read"},
            ["pull_requests=read"],
        ),
    ],
)
def test_what_is_missing_is_named(headers: Headers, missing: list[str]) -> None:
    error = error_of(403, "Resource not accessible by personal access token", headers)
    assert type(error) is InsufficientScope
    assert error.details["missingScopes"] == missing


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-oauth-scopes": "repo", "x-accepted-oauth-scopes": "repo"},
        {"x-oauth-scopes": "repo, user", "x-accepted-oauth-scopes": "admin:org, repo"},
        {"x-oauth-scopes": "repo", "x-accepted-oauth-scopes": ""},
        {"x-oauth-scopes": ""},
        {"x-accepted-oauth-scopes": "repo"},
        {"x-accepted-github-permissions": ""},
        {
            "x-github-sso": "required; url=https://github.com/orgs/octo-org/sso",
            "x-accepted-github-permissions": "issues=read",
        },
        {
            "x-github-sso": "required; url=https://github.com/orgs/octo-org/sso",
            "x-oauth-scopes": "",
            "x-accepted-oauth-scopes": "repo",
        },
    ],
    ids=str,
)
def test_a_refusal_that_no_scope_would_change_is_forbidden(headers: Headers) -> None:
    message = "Resource protected by organization SAML enforcement."
    error = error_of(403, message, {**headers, "x-ratelimit-remaining": "4990"})
    assert type(error) is ProviderForbidden
    assert error.details["message"] == message


@pytest.mark.parametrize("status", [200, 304, 401, 404, 422, 500])
def test_other_statuses_are_left_to_the_common_table(status: int) -> None:
    headers = {"x-oauth-scopes": "", "x-accepted-oauth-scopes": "repo"}
    assert classify(Response(status, headers, b"{}")) is None


@pytest.mark.parametrize(
    ("headers", "limit"),
    [
        ({}, None),
        ({"x-ratelimit-remaining": "5"}, None),
        (
            {
                "x-ratelimit-limit": "5000",
                "x-ratelimit-remaining": "4999",
                "x-ratelimit-reset": RESET,
            },
            RateLimit(5000, 4999, int(RESET)),
        ),
        ({"x-ratelimit-limit": "60"}, RateLimit(60, None, None)),
        (
            {"x-ratelimit-limit": "-1", "x-ratelimit-remaining": "٣", "x-ratelimit-reset": "1e9"},
            RateLimit(None, None, None),
        ),
    ],
)
def test_what_is_left_of_the_limit(headers: Headers, limit: RateLimit | None) -> None:
    assert rate_limit(headers) == limit
