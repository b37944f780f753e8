"""Times, from the provider's writing to ours and back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.connectors.rest.values import timestamp, whole_seconds
from src.core.errors import UnreadableAnswer


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("2024-03-01T12:00:00Z", "2024-03-01T12:00:00.000Z"),
        ("2024-03-01T12:00:00.5Z", "2024-03-01T12:00:00.500Z"),
        ("2024-03-01T12:00:00.123456Z", "2024-03-01T12:00:00.123Z"),
        ("2024-03-01T12:00:00.999999Z", "2024-03-01T12:00:00.999Z"),
        ("2024-03-01T12:00:00+02:00", "2024-03-01T10:00:00.000Z"),
        ("2024-03-01T00:30:00-05:30", "2024-03-01T06:00:00.000Z"),
        ("2024-03-01T12:00:00+0200", "2024-03-01T10:00:00.000Z"),
        ("2024-03-01T12:00:00.123+0000", "2024-03-01T12:00:00.123Z"),
        ("2024-03-01T00:30:00.999-0530", "2024-03-01T06:00:00.999Z"),
        ("2024-03-01T00:30:00.001+1345", "2024-02-29T10:45:00.001Z"),
        ("2024-03-01T12:00:00,123+0100", "2024-03-01T11:00:00.123Z"),
        ("2024-03-01T12:00:00", "2024-03-01T12:00:00.000Z"),
        ("2024-03-01 12:00:00Z", "2024-03-01T12:00:00.000Z"),
        ("2024-03-01", "2024-03-01T00:00:00.000Z"),
        ("20240301T120000Z", "2024-03-01T12:00:00.000Z"),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59.000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59.000Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
        (None, None),
        ("", None),
    ],
)
def test_a_providers_time_becomes_ours(text: str | None, ours: str | None) -> None:
    assert timestamp(text) == ours


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "abcd-ef-ghTij:kl:mnZ",
        "2024-13-01T12:00:00Z",
        "2023-02-29T00:00:00Z",
        "2024-03-01T25:00:00Z",
        "2024-03-01T12:00:60Z",
        "0000-00-00T00:00:00Z",
        "1709294400",
        "2024-03-01T12:00:00+99:00",
        "0001-01-01T00:00:00+05:00",
        "9999-12-31T23:59:59-05:00",
        "2024-03-01T12:00:00Zjunk",
        "2024-03-01T12:00:00.000+9900",
        "2024-03-01T12:00:00.0x0+0100",
        "2024-03-01T12:00:00x000+0100",
        "2024-03-01T12:00+05.000+0100",
        "20240301T120000.123.000+0100",
        "2024-13-01T12:00:00.000+0100",
        "0001-01-01T00:00:00.000+0500",
        "9999-12-31T23:59:59.000-0500",
    ],
)
def test_what_is_no_time_is_unreadable(text: str) -> None:
    with pytest.raises(UnreadableAnswer):
        timestamp(text)


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_unreadable(text: str) -> None:
    try:
        ours = timestamp(text)
    except UnreadableAnswer:
        return
    assert ours is None or len(ours) == len("2024-03-01T12:00:00.000Z")


@given(st.datetimes(timezones=st.just(UTC)))
def test_a_time_keeps_its_moment(moment: datetime) -> None:
    ours = timestamp(moment.isoformat())
    assert ours is not None
    assert timedelta(0) <= moment - datetime.fromisoformat(ours) < timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2024, 3, 1, 12, tzinfo=UTC), "2024-03-01T12:00:00Z"),
        (datetime(2024, 3, 1, 12, 0, 0, 999_999, tzinfo=UTC), "2024-03-01T12:00:00Z"),
        (datetime(2024, 3, 1, 12, tzinfo=timezone(timedelta(hours=2))), "2024-03-01T10:00:00Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
    ],
)
def test_a_time_for_a_provider_is_rounded_down_to_seconds(moment: datetime, text: str) -> None:
    assert whole_seconds(moment) == text


@given(
    st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1)),  # noqa: DTZ001
    st.integers(-23 * 60, 23 * 60),
)
def test_a_time_with_milliseconds_and_an_offset(moment: datetime, minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    there = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=zone)
    text = there.isoformat(timespec="milliseconds")
    without_colon = text[:-3] + text[-2:]
    assert timestamp(without_colon) == timestamp(text)
