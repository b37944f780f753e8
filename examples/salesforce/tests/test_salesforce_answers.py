"""What becomes of Salesforce's answers, the recorded ones and its refusals."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from src.connectors.registry import load, module_of
from src.connectors.rest.errors import to_error
from src.core.errors import (
    AppError,
    CredentialRefused,
    CredentialStale,
    InvalidCursor,
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
from src.models.unified import Comment, Container, Item, Resource
from src.testing.recorded import recordings_of, replay

FOLDER = Path(__file__).parents[1]
LOADED = load("salesforce", module_of(FOLDER))
HOME = "https://acme-dev-ed.develop.my.salesforce.com"


async def read(name: str) -> Any:
    """What becomes of a recorded answer."""
    return await replay(LOADED, recordings_of(FOLDER)[name])


async def test_a_user_of_an_org() -> None:
    identity = await read("identify")
    assert identity.account.id == "00D000000000001EAA:005000000000001AAA"
    assert identity.account.url == f"{HOME}/005000000000001AAA"
    assert identity.granted_scopes is None


async def test_an_object() -> None:
    first, *_ = (await read("containers")).items
    assert first == Container(id="Account", type="standard", name="Accounts", description="Account")


async def test_a_record_in_a_list() -> None:
    first, _ = (await read("items")).items
    assert isinstance(first, Item)
    assert (first.id, first.title) == ("Account:001000000000045AAA", "Whale Freight 45")
    assert (first.type, first.container_id) == ("Account", "Account")
    assert (first.body, first.state, first.fields) == (None, None, {})
    assert first.url == f"{HOME}/001000000000045AAA"
    assert first.updated_at == "2026-03-04T05:00:00.000Z"
    assert [one.id for one in first.assignees] == ["005000000000001AAA"]


async def test_a_record_with_all_its_fields() -> None:
    one = await read("item")
    assert isinstance(one, Item)
    assert (one.state, one.status) == ("open", "Working")
    assert one.author is not None
    assert one.author.id == "005000000000002AAA"
    assert one.created_at == one.updated_at == "2026-03-02T09:00:00.000Z"
    assert one.fields["CaseNumber"] == "00001001"
    assert one.fields["SystemModstamp"] == "2026-03-02T09:00:00.000+0000"
    assert one.body_format == "text"
    assert "Case Number: 00001001\nDescription: It can't move.\nDay 1.\n" in (one.body or "")
    assert "Deleted: false" in (one.body or "")


async def test_a_comment_of_a_case() -> None:
    first, second = (await read("comments")).items
    assert isinstance(first, Comment)
    assert (first.id, first.item_id) == (
        "CaseComment:00a000000000001AAA",
        "Case:500000000000001AAA",
    )
    assert (first.body, first.fields) == ("Look 1.", {"IsPublished": False})
    assert second.created_at == "2026-03-02T10:00:00.000Z"


async def test_a_record_in_a_picker() -> None:
    first, _ = (await read("resources")).items
    assert isinstance(first, Resource)
    assert (first.id, first.parent_id) == ("Account:001000000000045AAA", "Account")


def refusal(status: int, *complaints: tuple[str, str], text: str | None = None) -> AppError | None:
    """The error of an answer, as the client makes it."""
    body = [{"errorCode": code, "message": message} for code, message in complaints]
    content = text.encode() if text is not None else msgspec.json.encode(body)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return to_error(Response(status, {}, content), LOADED.manifest.dialect.classify, at)


@pytest.mark.parametrize(
    ("status", "code", "message", "kind"),
    [
        (401, "INVALID_SESSION_ID", "Session expired or invalid", CredentialStale),
        (401, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE", CredentialRefused),
        (401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API",
         ProviderForbidden),
        (403, "API_DISABLED_FOR_ORG", "The REST API is not enabled", ProviderForbidden),
        (400, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access", ProviderForbidden),
        (404, "NOT_FOUND", "The requested resource does not exist", ProviderNotFound),
        (404, "ENTITY_IS_DELETED", "entity is deleted", ProviderNotFound),
        (400, "INVALID_TYPE", "sObject type 'X' is not supported.", ProviderNotFound),
        (400, "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: 1", ProviderNotFound),
        (400, "INVALID_QUERY_FILTER_OPERATOR", "operator", ProviderRejected),
        (400, "INVALID_QUERY_LOCATOR", "invalid query locator", InvalidCursor),
        (400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access", ProviderConflict),
        (400, "QUERY_TIMEOUT", "Your query request was running for too long.", ProviderTimeout),
        (400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ProviderRejected),
        (503, "SERVER_UNAVAILABLE", "busy", ProviderUnavailable),
        (500, "UNKNOWN_EXCEPTION", "An unexpected error occurred.", ProviderUnavailable),
    ],
)  # fmt: skip
def test_a_word_of_salesforces(status: int, code: str, message: str, kind: type[AppError]) -> None:
    error = refusal(status, (code, message))
    assert type(error) is kind
    assert error.details["message"] == message


def test_a_day_that_is_used_up_rests_the_connection_and_a_crowd_this_request() -> None:
    day = refusal(403, ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
    crowd = refusal(403, ("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."))
    assert isinstance(day, RateLimited)
    assert isinstance(crowd, RateLimited)
    assert (day.retry_after, day.limit_of) == (900, LimitOf.CONNECTION)
    assert (crowd.retry_after, crowd.limit_of) == (5, LimitOf.REQUEST)


@pytest.mark.parametrize("text", ["Bad_OAuth_Token", "Missing_OAuth_Token"])
def test_userinfo_refuses_a_token_in_plain_text(text: str) -> None:
    assert isinstance(refusal(403, text=text), CredentialStale)


@pytest.mark.parametrize("text", ["<html>Bad_OAuth_Token</html>", "", "[]", "{}", '[{"x":1}]', "["])
def test_what_is_not_salesforces_decides_nothing(text: str) -> None:
    assert type(refusal(403, text=text)) is ProviderForbidden


def test_all_that_is_wrong_is_told() -> None:
    error = refusal(400, ("REQUIRED_FIELD_MISSING", "a"), ("INVALID_EMAIL_ADDRESS", "b"))
    assert error is not None
    assert error.details["message"] == "a b"
