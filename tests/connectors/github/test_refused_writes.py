"""How GitHub says no to a write, and what it tells to do next."""

from typing import Any

import msgspec
import pytest

from src.connectors.rest.errors import DEFAULT_WAIT_SECONDS
from src.core.errors import ProviderConflict, ProviderRejected, RateLimited
from tests.connectors.github.test_refusals import error_of

SHA = "3d21ec53a331a6f037a91c368710b99387d012c1"


@pytest.mark.parametrize(
    ("status", "message", "told"),
    [
        (409, f"README.md does not match {SHA}", "Read it again"),
        (409, f"main is at {SHA} but expected {SHA}", "Read it again"),
        (422, 'Invalid request.\n\n"sha" wasn\'t supplied.', "exists already"),
    ],
)
def test_a_file_that_is_another_now_is_a_conflict_that_says_what_to_do(
    status: int, message: str, told: str
) -> None:
    error = error_of(status, message)
    assert type(error) is ProviderConflict
    assert told in error.message
    assert error.details["message"].startswith(message[:20])


def test_other_conflicts_are_told_as_they_are() -> None:
    error = error_of(409, "Repository rule violations found")
    assert type(error) is ProviderConflict
    assert "Read it" not in error.message


@pytest.mark.parametrize(
    ("errors", "reason"),
    [
        ([{"resource": "Issue", "field": "title", "code": "missing_field"}], "title missing_field"),
        (
            [
                {"code": "custom", "message": "No commits between main and patch-1"},
                {"field": "head", "code": "invalid"},
            ],
            "No commits between main and patch-1; head invalid",
        ),
        (["Body cannot be blank"], "Body cannot be blank"),
        ([{"message": f"ghp_{'x' * 36} is no label"}], "*** is no label"),
        ([], None),
        (None, None),
        ({"title": "is missing"}, None),
        ([7], None),
    ],
)
def test_the_reasons_of_a_422_are_told(errors: Any, reason: str | None) -> None:
    body = {"message": "Validation Failed", "errors": errors}
    error = error_of(422, msgspec.json.encode(body))
    assert type(error) is ProviderRejected
    assert error.details.get("reason") == reason


def test_what_was_submitted_too_quickly_is_a_limit() -> None:
    fault = {"resource": "Issue", "code": "custom", "message": "was submitted too quickly"}
    body = {"message": "Validation Failed", "errors": [fault]}
    error = error_of(422, msgspec.json.encode(body))
    assert type(error) is RateLimited
    assert error.retry_after == DEFAULT_WAIT_SECONDS
