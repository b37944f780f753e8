"""From an answer to an error, by consequence."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.connectors.rest.errors import (
    DEFAULT_WAIT_SECONDS,
    LONGEST_MESSAGE,
    LONGEST_WAIT_SECONDS,
    Refusal,
    Verdict,
    provider_message,
    to_error,
    unsent,
)
from src.core.errors import (
    AppError,
    CredentialRefused,
    CredentialStale,
    InsufficientScope,
    InvalidCursor,
    ProviderConflict,
    ProviderForbidden,
    ProviderNotFound,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
    UnreadableAnswer,
)
from src.core.outbound import (
    AddressRefused,
    AnswerTooLarge,
    OutboundError,
    Response,
    TimedOut,
    Unreachable,
)
from src.core.waits import wait_seconds

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def response(status: int, body: Any = b"", **headers: str) -> Response:
    content = body if isinstance(body, bytes) else msgspec.json.encode(body)
    return Response(
        status, {name.replace("_", "-"): text for name, text in headers.items()}, content
    )


def error_of(answer: Response, refusal: Refusal | None = None) -> AppError:
    error = to_error(answer, lambda _: refusal, NOW)
    assert error is not None
    return error


@pytest.mark.parametrize("status", [200, 201, 204, 206])
def test_a_success_is_no_error(status: int) -> None:
    assert to_error(response(status, {"message": "fine"}), None, NOW) is None


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (300, UnreadableAnswer, "provider_error"),
        (301, UnreadableAnswer, "provider_error"),
        (304, UnreadableAnswer, "provider_error"),
        (400, ProviderRejected, "provider_rejected"),
        (401, CredentialStale, "reauthorization_required"),
        (403, ProviderForbidden, "forbidden"),
        (404, ProviderNotFound, "not_found"),
        (405, ProviderRejected, "provider_rejected"),
        (408, ProviderTimeout, "provider_timeout"),
        (409, ProviderConflict, "conflict"),
        (410, ProviderNotFound, "not_found"),
        (418, ProviderRejected, "provider_rejected"),
        (422, ProviderRejected, "provider_rejected"),
        (429, RateLimited, "rate_limited"),
        (451, ProviderForbidden, "forbidden"),
        (500, ProviderUnavailable, "provider_error"),
        (502, ProviderUnavailable, "provider_error"),
        (503, ProviderUnavailable, "provider_error"),
        (504, ProviderTimeout, "provider_timeout"),
        (599, ProviderUnavailable, "provider_error"),
    ],
)
def test_the_status_decides(status: int, kind: type[AppError], code: str) -> None:
    error = error_of(response(status, {"message": "so it is"}))
    assert type(error) is kind
    assert error.code == code
    assert error.details["at"] == "provider"
    assert error.details["status"] == status
    assert error.details["message"] == "so it is"


VERDICTS = {
    Verdict.BAD_KEY: CredentialRefused,
    Verdict.STALE: CredentialStale,
    Verdict.SCOPE: InsufficientScope,
    Verdict.LIMITED: RateLimited,
    Verdict.CURSOR: InvalidCursor,
    Verdict.GONE: ProviderNotFound,
    Verdict.FORBIDDEN: ProviderForbidden,
    Verdict.CONFLICT: ProviderConflict,
    Verdict.REJECTED: ProviderRejected,
    Verdict.TIMEOUT: ProviderTimeout,
    Verdict.OUTAGE: ProviderUnavailable,
    Verdict.NONSENSE: UnreadableAnswer,
}


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("status", [200, 404, 500])
def test_the_providers_own_reading_goes_first(verdict: Verdict, status: int) -> None:
    assert type(error_of(response(status), Refusal(verdict))) is VERDICTS[verdict]


def test_a_missing_scope_is_named() -> None:
    error = error_of(response(403), Refusal(Verdict.SCOPE, missing_scopes=("b", "a")))
    assert error.details["missingScopes"] == ["a", "b"]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("1.5", 1.5),
        (" 7 ", 7),
        ("99999999999999999999", LONGEST_WAIT_SECONDS),
        ("9" * 5000, LONGEST_WAIT_SECONDS),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0),
        ("Thu, 01 Jan 2026 00:01:00 -0000", 60),
        ("Thu, 01 Jan 2099 00:00:00 GMT", LONGEST_WAIT_SECONDS),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("1e3", None),
        ("inf", None),
        ("Thu, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Thu, 01 Jan 2026 99:00:00 GMT", None),
        ("Thu, 01 Jan 2026 00:00:00 +99999999", None),
    ],
)
def test_retry_after(header: str, seconds: float | None) -> None:
    assert wait_seconds({"retry-after": header}, NOW) == seconds


@given(st.text())
def test_any_retry_after_is_a_wait_within_bounds_or_none(header: str) -> None:
    wait = wait_seconds({"retry-after": header}, NOW)
    assert wait is None or 0 <= wait <= LONGEST_WAIT_SECONDS


@pytest.mark.parametrize(
    ("headers", "until", "wait"),
    [
        ({"retry_after": "7"}, None, 7),
        ({"retry_after": "0"}, None, 0),
        ({}, None, DEFAULT_WAIT_SECONDS),
        ({"retry_after": "soon"}, None, DEFAULT_WAIT_SECONDS),
        ({}, 30, 30),
        ({}, -30, 1),
        ({}, 1e12, LONGEST_WAIT_SECONDS),
        ({"retry_after": "7"}, 30, 7),
    ],
)
def test_a_limit_always_says_how_long(
    headers: dict[str, str], until: float | None, wait: float
) -> None:
    moment = None if until is None else NOW.timestamp() + until
    error = error_of(response(429, **headers), Refusal(Verdict.LIMITED, wait_until=moment))
    assert error.retry_after == wait
    assert error.details["by"] == "provider"


@pytest.mark.parametrize("skew", [3_600, -3_600])
def test_the_moment_of_a_reset_is_by_the_clock_that_tells_it(skew: int) -> None:
    there = NOW + timedelta(seconds=skew)
    answer = response(429, date=format_datetime(there, usegmt=True))
    for refusal in (
        Refusal(Verdict.LIMITED, wait_until=there.timestamp() + 30),
        Refusal(Verdict.LIMITED, window=30),
    ):
        assert error_of(answer, refusal).retry_after == 30


@pytest.mark.parametrize(
    ("at", "window", "headers", "wait"),
    [
        ((12, 8, 20), 900, {}, 400),
        ((12, 0, 0), 900, {}, 900),
        ((23, 59, 59), 86_400, {}, 1),
        ((12, 8, 20), 900, {"retry_after": "7"}, 7),
    ],
)
def test_a_limit_of_the_clock_ends_with_it(
    at: tuple[int, int, int], window: int, headers: dict[str, str], wait: float
) -> None:
    refusal = Refusal(Verdict.LIMITED, window=window)
    moment = datetime(2026, 1, 1, *at, tzinfo=UTC)
    error = to_error(response(429, **headers), lambda _: refusal, moment)
    assert error is not None
    assert error.retry_after == wait


@pytest.mark.parametrize(("status", "wait"), [(503, 7), (500, 7), (504, 7), (404, None)])
def test_only_an_outage_keeps_retry_after(status: int, wait: float | None) -> None:
    assert error_of(response(status, retry_after="7")).retry_after == wait


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"message": "a"}, "a"),
        ({"error": "a"}, "a"),
        ({"error": "a", "error_description": "b"}, "b"),
        ({"error": {"message": "a"}}, "a"),
        ({"error": {"error": {"message": "a"}}}, "a"),
        ({"detail": "a"}, "a"),
        ({"errorMessage": "a"}, "a"),
        ({"title": "b", "detail": "a"}, "a"),
        ({"msg": "a"}, "a"),
        ({"message": {"code": 1}, "error": "a"}, "a"),
        ({"message": "", "error": "a"}, "a"),
        ({"message": 7}, None),
        ({"other": "a"}, None),
        (["a"], None),
        ("a", None),
        (b"<html>We are back soon</html>", None),
        (b"", None),
        (b'{"message": "\xff"}', None),
        (b"[" * 100_000, None),
        (b'{"error":' * 300 + b'"a"' + b"}" * 300, None),
    ],
)
def test_the_providers_message(body: Any, message: str | None) -> None:
    assert provider_message(response(400, body)) == message


def test_a_message_is_cut_and_shows_no_secret() -> None:
    long = provider_message(response(400, {"message": "x" * 5000}))
    assert long == "x" * LONGEST_MESSAGE
    known = provider_message(response(401, {"message": "bad token ghp_abcdefgh1234 here"}))
    assert known == "bad token *** here"
    across = provider_message(response(401, {"message": "x" * 290 + " ghp_" + "y" * 40}))
    assert "ghp_" not in str(across)


def test_a_message_does_not_echo_what_signed_the_request() -> None:
    said = {"message": "the header Key tell-nobody and the key tell-nobody are unknown"}
    error = to_error(response(401, said), None, NOW, ("Key tell-nobody", "tell-nobody", ""))
    assert error is not None
    assert error.details["message"] == "the header *** and the key *** are unknown"


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (TimedOut("no answer within 5 seconds"), ProviderTimeout),
        (AnswerTooLarge("the answer is over 3 bytes"), UnreadableAnswer),
        (AddressRefused("the address is not public"), ProviderUnavailable),
        (Unreachable("no connection"), ProviderUnavailable),
        (OutboundError("else"), ProviderUnavailable),
    ],
)
def test_a_call_without_an_answer(cause: OutboundError, kind: type[AppError]) -> None:
    error = unsent(cause)
    assert type(error) is kind
    assert error.details == {"at": "provider", "reason": str(cause)}


def test_the_classifier_sees_the_answer() -> None:
    seen: list[Response] = []
    classify: Callable[[Response], None] = seen.append
    answer = response(200)
    assert to_error(answer, classify, NOW) is None
    assert seen == [answer]
