"""The tree of errors: complete in its codes, and described as it is."""

import re
from collections.abc import Iterator

import pytest

from src.core import errors
from src.core.errors import (
    AppError,
    ErrorCode,
    InsufficientScope,
    UnsupportedFilter,
    ValidationFailed,
    all_errors,
)


def descendants(root: type[AppError] = AppError) -> Iterator[type[AppError]]:
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from descendants(child)


BRANCHES = [child for child in AppError.__subclasses__() if child.__module__ == errors.__name__]
LEAVES = [kind for kind in descendants() if not list(descendants(kind))]


@pytest.mark.parametrize("kind", LEAVES)
def test_every_concrete_error_has_a_code(kind: type[AppError]) -> None:
    assert isinstance(kind.code, ErrorCode)
    assert kind in all_errors()


@pytest.mark.parametrize("branch", BRANCHES)
def test_a_branch_has_no_code_of_its_own(branch: type[AppError]) -> None:
    assert not hasattr(branch, "code")
    assert branch not in all_errors()
    assert all_errors(branch)


@pytest.mark.parametrize("code", list(ErrorCode))
def test_every_code_has_an_error(code: ErrorCode) -> None:
    assert code in {kind.code for kind in all_errors()}


def test_the_tree_in_the_description_is_the_tree() -> None:
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__ or "")
    assert drawn == [branch.__name__ for branch in BRANCHES]


def test_an_error_carries_a_sentence_details_and_a_wait() -> None:
    error = errors.RateLimited("Too fast.", details={"by": "provider"}, retry_after=3.5)
    assert str(error) == error.message == "Too fast."
    assert error.details == {"by": "provider"}
    assert error.retry_after == 3.5


def test_the_details_of_an_error_are_its_own() -> None:
    given = {"at": "provider"}
    error = errors.NotFound("Gone.", details=given)
    given["at"] = "elsewhere"
    assert error.details == {"at": "provider"}


def test_a_failed_validation_names_every_field() -> None:
    error = ValidationFailed([("limit", "must be at most 100"), ("q", "is too long")])
    assert error.message == "limit: must be at most 100"
    assert error.details["errors"] == [
        {"field": "limit", "message": "must be at most 100"},
        {"field": "q", "message": "is too long"},
    ]


def test_an_unsupported_filter_names_its_field() -> None:
    error = UnsupportedFilter("status", "GitHub cannot filter by status.")
    assert error.details["errors"] == [
        {"field": "status", "message": "GitHub cannot filter by status."}
    ]


def test_missing_scopes_are_listed_in_order() -> None:
    error = InsufficientScope("Scopes are missing.", {"repo", "read:org"})
    assert error.details == {"missingScopes": ["read:org", "repo"], "reauthorizeUrl": None}
