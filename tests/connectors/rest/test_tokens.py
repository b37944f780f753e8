"""Tokens as providers write them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.connectors.rest.tokens import read_oauth_token, split_scopes
from src.core.errors import ValidationFailed


def test_the_example_of_rfc_6749() -> None:
    before = datetime.now(UTC)
    credential = read_oauth_token(
        {
            "access_token": "2YotnFZFEjr1zCsicMWpAA",
            "token_type": "example",
            "expires_in": 3600,
            "refresh_token": "tGzv3JOkF0XG5Qx2TlKWIA",
            "example_parameter": "example_value",
        }
    )
    after = datetime.now(UTC)
    assert credential.access_token.get_secret_value() == "2YotnFZFEjr1zCsicMWpAA"
    assert credential.refresh_token is not None
    assert credential.refresh_token.get_secret_value() == "tGzv3JOkF0XG5Qx2TlKWIA"
    assert credential.expires_at is not None
    hour = timedelta(hours=1)
    assert before + hour <= credential.expires_at <= after + hour
    assert credential.scopes is None


@pytest.mark.parametrize(
    ("more", "field", "value"),
    [
        ({}, "expires_at", None),
        ({}, "refresh_token", None),
        ({"expires_at": 0}, "expires_at", datetime(1970, 1, 1, tzinfo=UTC)),
        ({"expires_at": 1767225600}, "expires_at", datetime(2026, 1, 1, tzinfo=UTC)),
        (
            {"expires_at": 1767225600, "expires_in": 5},
            "expires_at",
            datetime(2026, 1, 1, tzinfo=UTC),
        ),
        ({"scope": "repo gist"}, "scopes", ("repo", "gist")),
        ({"scope": "repo,gist"}, "scopes", ("repo", "gist")),
        ({"scope": ""}, "scopes", ()),
        ({"scope": None}, "scopes", None),
        ({"refresh_token": None}, "refresh_token", None),
    ],
)
def test_fields_that_may_be_absent(more: dict[str, Any], field: str, value: object) -> None:
    assert getattr(read_oauth_token({"access_token": "t", **more}), field) == value


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"error": "invalid_grant"},
        {"access_token": None},
        {"access_token": ""},
        {"access_token": 4711},
        {"access_token": ["hidden"]},
        {"access_token": "hidden value"},
        {"access_token": "hidden\n"},
        {"access_token": "hidden\r\nX-Evil: 1"},
        {"access_token": "hiddén"},
        {"access_token": "h" * 20_000},
        {"access_token": "hidden", "refresh_token": "hidden "},
        {"access_token": "hidden", "expires_in": "hidden"},
        {"access_token": "hidden", "expires_in": -1},
        {"access_token": "hidden", "expires_in": 10**30},
        {"access_token": "hidden", "expires_at": 1.5},
        {"access_token": "hidden", "expires_at": 10**12},
        {"access_token": "hidden", "expires_at": True},
        {"access_token": "hidden", "scope": ["hidden"]},
    ],
)
def test_what_is_no_token_is_refused_without_showing_it(raw: dict[str, Any]) -> None:
    with pytest.raises(ValidationFailed) as caught:
        read_oauth_token(raw)
    assert caught.value.details["errors"][0]["field"] == "token.raw"
    assert "hidden" not in f"{caught.value!r} {caught.value.details}"
    assert caught.value.__cause__ is None


@given(
    st.dictionaries(
        st.sampled_from(["access_token", "refresh_token", "expires_in", "expires_at", "scope"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    )
)
def test_any_mapping_is_a_token_or_refused(raw: dict[str, Any]) -> None:
    try:
        credential = read_oauth_token(raw)
    except ValidationFailed:
        return
    assert credential.access_token.get_secret_value() == raw["access_token"]


@pytest.mark.parametrize(
    ("text", "scopes"),
    [
        ("a", ("a",)),
        ("a b", ("a", "b")),
        ("a,b", ("a", "b")),
        ("a, b", ("a", "b")),
        (" a  b ", ("a", "b")),
        ("repo:status,admin:org", ("repo:status", "admin:org")),
        ("", ()),
        (" , ", ()),
    ],
)
def test_scopes_are_split_by_spaces_or_commas(text: str, scopes: tuple[str, ...]) -> None:
    assert split_scopes(text) == scopes
