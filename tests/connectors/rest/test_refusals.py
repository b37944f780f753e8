"""What a refusal of a provider's own may add, and messages that stand in lists."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from src.connectors.rest.errors import (
    DEFAULT_WAIT_SECONDS,
    Refusal,
    Verdict,
    provider_message,
    to_error,
)
from src.core.errors import AppError
from src.core.outbound import Response

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def error_of(refusal: Refusal, **headers: str) -> AppError:
    answer = Response(429, {name.replace("_", "-"): text for name, text in headers.items()}, b"{}")
    error = to_error(answer, lambda _: refusal, NOW)
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("refusal", "headers", "wait"),
    [
        (Refusal(Verdict.LIMITED), {}, DEFAULT_WAIT_SECONDS),
        (Refusal(Verdict.LIMITED, wait=2), {}, 2),
        (Refusal(Verdict.LIMITED, wait=2), {"retry_after": "9"}, 9),
        (Refusal(Verdict.LIMITED, wait=2, wait_until=NOW.timestamp() + 30), {}, 30),
    ],
    ids=str,
)
def test_how_long_a_limit_lasts(refusal: Refusal, headers: dict[str, str], wait: float) -> None:
    assert error_of(refusal, **headers).retry_after == wait


def test_a_reason_is_told() -> None:
    error = error_of(Refusal(Verdict.LIMITED, reason="quota"))
    assert error.details["reason"] == "quota"
    assert "reason" not in error_of(Refusal(Verdict.LIMITED)).details


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"errorMessages": ["a"], "errors": {}}, "a"),
        ({"errorMessages": ["a", "b"]}, "a b"),
        ([{"message": "a", "errorCode": "X"}, {"message": "b"}], "a b"),
        (["a", {"message": "b"}], "b"),
        ([], None),
        ({"errorMessages": [], "errors": {"summary": "is required"}}, "summary: is required"),
        ({"errorMessages": ["a"], "errors": {"x": "b", "y": "c"}}, "a x: b y: c"),
        ({"errors": [{"title": "Not Found", "detail": None}]}, "Not Found"),
        ({"errors": ["a", {"message": "b"}, 7]}, "a b"),
        ({"message": "first", "errors": [{"message": "second"}]}, "first"),
        ({"errorMessages": [], "errors": {}}, None),
        ({"errorMessages": "a", "errors": 7}, None),
        ({"errors": {"x": 7}}, None),
        ({"errors": [[["a"]]]}, None),
    ],
    ids=str,
)
def test_messages_in_lists(body: Any, message: str | None) -> None:
    assert provider_message(Response(400, {}, msgspec.json.encode(body))) == message


def test_a_long_list_is_cut() -> None:
    body = {"errors": [f"n{number}" for number in range(1000)]}
    told = provider_message(Response(400, {}, msgspec.json.encode(body)))
    assert told == " ".join(f"n{number}" for number in range(10))
