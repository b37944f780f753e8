"""How Confluence says no, in each shape of body, and what it means for us."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from src.connectors.confluence.connector import ConfluenceConnector
from src.connectors.confluence.manifest import MANIFEST
from src.connectors.rest.errors import to_error
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
from src.models.query import ItemQuery
from tests.connectors.confluence.conftest import PROJ

NOW = datetime(2026, 10, 4, 21, 30, tzinfo=UTC)
Headers = dict[str, str]


def v2(status: int, title: str, detail: str | None = None) -> dict[str, Any]:
    """A body of API v2."""
    error = {"status": status, "code": "CODE", "title": title, "detail": detail}
    return {"errors": [error]}


def v1(status: int, message: str) -> dict[str, Any]:
    """A body of API v1."""
    data = {"authorized": True, "valid": True, "errors": [], "successful": True}
    return {"statusCode": status, "data": data, "message": message}


def gateway(status: int, message: str) -> dict[str, Any]:
    """A body of the gateway before both."""
    return {"code": status, "message": message}


def error_of(status: int, body: Any, headers: Headers | None = None) -> AppError:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    dialect = MANIFEST.dialect
    error = to_error(Response(status, headers or {}, content), dialect.classify, NOW)
    assert error is not None
    return error


SCOPE = gateway(401, "Unauthorized; scope does not match")
SERAPH = {"x-seraph-loginreason": "AUTHENTICATED_FAILED"}
CAPTCHA = {"x-seraph-loginreason": "AUTHENTICATION_DENIED"}
POLICY = {"atlassian-datasecuritypolicy": "app_access_blocked"}
HTML = b"<html>We are back soon</html>"
VERSION = "Version must be incremented when updating a page. Current Version: [3]."


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind", "said"),
    [
        (400, v2(400, "Invalid value", "for 'sort'"), {}, ProviderRejected, "for 'sort'"),
        (400, v1(400, "Could not parse cql : x"), {}, ProviderRejected, "Could not parse cql : x"),
        (401, gateway(401, "Unauthorized"), {}, CredentialStale, "Unauthorized"),
        (401, b"Client must be authenticated", SERAPH, CredentialRefused, None),
        (401, b"", CAPTCHA, CredentialRefused, None),
        (401, SCOPE, {}, InsufficientScope, None),
        (403, SCOPE, {}, InsufficientScope, None),
        (403, v2(403, "Forbidden"), {}, ProviderForbidden, "Forbidden"),
        (403, HTML, POLICY, ProviderForbidden, None),
        (404, v2(404, "Not Found"), {}, ProviderNotFound, "Not Found"),
        (404, gateway(404, "No message available"), {}, ProviderNotFound, "No message available"),
        (409, v2(409, VERSION), {}, ProviderConflict, VERSION),
        (409, v2(409, "Something else"), {}, ProviderConflict, "Something else"),
        (410, v1(410, "This API is removed"), {}, ProviderNotFound, "This API is removed"),
        (413, v2(413, "Request body too large"), {}, ProviderRejected, "Request body too large"),
        (422, v2(422, "Unprocessable"), {}, ProviderRejected, "Unprocessable"),
        (429, gateway(429, "Rate limit exceeded"), {}, RateLimited, "Rate limit exceeded"),
        (500, v2(500, "Internal error"), {}, ProviderUnavailable, "Internal error"),
        (502, HTML, {}, ProviderUnavailable, None),
        (503, b"", {}, ProviderUnavailable, None),
        (504, HTML, {}, ProviderTimeout, None),
    ],
)  # fmt: skip
def test_each_refusal_has_its_consequence(
    status: int, body: Any, headers: Headers, kind: type[AppError], said: str | None
) -> None:
    error = error_of(status, body, headers)
    assert type(error) is kind
    if kind is not InsufficientScope:
        assert error.details.get("message") == said


def test_a_version_conflict_says_what_to_do() -> None:
    assert error_of(409, v2(409, VERSION)).message.startswith("The page has been changed meanwhile")
    assert "changed meanwhile" not in error_of(409, v2(409, "Something else")).message


def test_a_policy_is_named() -> None:
    error = error_of(403, HTML, POLICY)
    assert error.details["reason"] == "app_access_blocked"


@pytest.mark.parametrize(
    ("reason", "headers", "wait", "limit_of"),
    [
        ("burst-based", {"retry-after": "7"}, 7, LimitOf.ENDPOINT),
        ("burst-based", {}, 2, LimitOf.ENDPOINT),
        ("quota-global-based", {"x-ratelimit-reset": "2026-10-04T21:40Z"}, 600, LimitOf.CONNECTION),
        ("quota-tenant-based", {"retry-after": "60"}, 60, LimitOf.CONNECTION),
    ],
)
def test_limits(reason: str, headers: Headers, wait: float, limit_of: LimitOf) -> None:
    told = {"ratelimit-reason": f"confluence-{reason}", **headers}
    error = error_of(429, gateway(429, "Rate limit exceeded"), told)
    assert isinstance(error, RateLimited)
    assert (error.retry_after, error.limit_of) == (wait, limit_of)
    assert error.details["reason"] == f"confluence-{reason}"


async def test_a_malformed_query_of_ours_is_told_in_confluence_s_words(
    connector: ConfluenceConnector,
) -> None:
    with pytest.raises(ProviderRejected) as caught:
        await connector.rest.call("GET", "/wiki/rest/api/search", params={"cql": 'type = "'})
    assert caught.value.details["message"].startswith("Could not parse cql")
    with pytest.raises(ProviderRejected) as caught:
        await connector.rest.call("GET", "/wiki/api/v2/spaces", params={"limit": "251"})
    assert caught.value.details["message"] == "The limit must be between 1 and 250"


async def test_what_is_left_of_the_points_is_told(connector: ConfluenceConnector) -> None:
    await connector.items(ItemQuery(container_id=PROJ, limit=1))
    left = connector.rest.rate_limit
    assert left is not None
    assert left.limit == 65_000
    assert left.remaining == 64_998
