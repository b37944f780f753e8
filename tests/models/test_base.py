"""Times, names and ids in the one form that they have everywhere."""

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated

import pytest
from pydantic import Field, SecretStr, StringConstraints, ValidationError

from src.models.base import Model, Timestamp, complaint, now, rfc3339, to_milliseconds
from src.models.credential import Credential
from src.models.ids import (
    PROVIDER_ID_PATTERN,
    TENANT_ID_PATTERN,
    USER_ID_PATTERN,
    IdPrefix,
    new_id,
)

NEW_YORK = timezone(timedelta(hours=-5))
MOMENT = datetime(2026, 1, 2, 12, 0, 0, 123_456, UTC)


class Event(Model):
    happened_at: Timestamp
    by_whom: str | None = None


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (MOMENT, "2026-01-02T12:00:00.123Z"),
        (MOMENT.astimezone(NEW_YORK), "2026-01-02T12:00:00.123Z"),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00.000Z"),
    ],
)
def test_a_time_is_written_in_utc_with_milliseconds(moment: datetime, text: str) -> None:
    assert rfc3339(moment) == text
    assert Event(happened_at=moment).model_dump_json(exclude_none=True) == (
        f'{{"happenedAt":"{text}"}}'
    )


def test_a_time_is_kept_as_the_database_keeps_it() -> None:
    kept = Event(happened_at=MOMENT.astimezone(NEW_YORK)).happened_at
    assert kept == to_milliseconds(MOMENT) == MOMENT.replace(microsecond=123_000)
    assert kept.tzinfo is UTC
    assert now().microsecond % 1000 == 0
    assert now().tzinfo is UTC


def test_names_are_snake_case_inside_and_camel_case_outside() -> None:
    event = Event.model_validate({"happenedAt": MOMENT, "byWhom": "x"})
    assert event == Event(happened_at=MOMENT, by_whom="x")
    assert set(event.model_dump()) == {"happenedAt", "byWhom"}
    assert set(event.model_dump(by_alias=False)) == {"happened_at", "by_whom"}


def test_a_model_is_frozen_and_refuses_unknown_names() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Event(happened_at=MOMENT).by_whom = "x"
    with pytest.raises(ValidationError, match="extra_forbidden"):
        Event.model_validate({"happenedAt": MOMENT, "when": 1})


@pytest.mark.parametrize("prefix", list(IdPrefix))
def test_a_new_id_is_of_its_kind_and_of_no_other(prefix: IdPrefix) -> None:
    made = {new_id(prefix) for _ in range(1000)}
    assert len(made) == 1000
    for value in made:
        assert prefix.owns(value)
        assert re.match(prefix.pattern, value)
        assert not any(other.owns(value) for other in IdPrefix if other is not prefix)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "con",
        "con_",
        "con_65F0C1A2B3C4D5E6F7A8B9C0",
        "con_65f0c1a2b3c4d5e6f7a8b9c",
        "con_65f0c1a2b3c4d5e6f7a8b9c00",
        "con_65f0c1a2b3c4d5e6f7a8b9c0\n",
        " con_65f0c1a2b3c4d5e6f7a8b9c0",
        "con-65f0c1a2b3c4d5e6f7a8b9c0",
        "con_65f0c1a2b3c4d5e6f7a8b9cg",
        "con_٦٥f0c1a2b3c4d5e6f7a8b9c0",  # noqa: RUF001
        "job_65f0c1a2b3c4d5e6f7a8b9c0",
    ],
)
def test_a_malformed_id_is_of_no_kind(value: str) -> None:
    assert not IdPrefix.CONNECTION.owns(value)


def test_ids_sort_roughly_by_age() -> None:
    seconds = int(new_id(IdPrefix.CONNECTION)[4:12], 16)
    assert abs(seconds - datetime.now(UTC).timestamp()) < 60


@pytest.mark.parametrize(
    ("pattern", "fits", "does_not"),
    [
        (
            PROVIDER_ID_PATTERN,
            ["repo:1296269", "a.b_c~d@e-F", "x" * 512],
            ["", "a/b", "a b", "ü", "x" * 513],
        ),
        (TENANT_ID_PATTERN, ["acme", "org:1.2_3@x-Y", "x" * 128], ["", "a/b", "a~b", "x" * 129]),
        (USER_ID_PATTERN, ["auth0|abc/def", "!~", "x" * 256], ["", "a b", "ü", "\x7f", "x" * 257]),
    ],
)
def test_ids_of_others_have_their_patterns(
    pattern: str, fits: list[str], does_not: list[str]
) -> None:
    assert all(re.match(pattern, value) for value in fits)
    assert not any(re.match(pattern, value) for value in does_not)


def test_a_credential_shows_no_secret() -> None:
    credential = Credential(
        SecretStr("hunter2"), secret=SecretStr("hunter2"), refresh_token=SecretStr("hunter2")
    )
    assert "hunter2" not in f"{credential} {credential!r}"


class Labels(Model):
    word: Annotated[str, StringConstraints(min_length=1)] = "x"
    line: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,256}$")] = "x"
    secret: Annotated[SecretStr, Field(min_length=1)] = SecretStr("x")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("word", "", "must not be empty"),
        ("secret", "", "must not be empty"),
        ("line", "", "must be one line of 1 to 256 characters"),
        ("line", "a\nb", "must be one line of 1 to 256 characters"),
        ("other", "x", "is not known here"),
    ],
)
def test_what_is_wrong_is_told_in_plain_words(field: str, value: str, said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Labels.model_validate({field: value})
    assert [complaint(each) for each in refused.value.errors()] == [said]
