"""The one base of every pydantic model: frozen, camelCase outside, snake_case inside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer
from pydantic.alias_generators import to_camel


def rfc3339(moment: datetime) -> str:
    """The one way a time is written: RFC 3339, UTC, milliseconds, ``Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_milliseconds(moment: datetime) -> datetime:
    """A time as MongoDB keeps it: UTC, cut to milliseconds; a stored model equals its source."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def now() -> datetime:
    """The present moment in the precision that we keep."""
    return to_milliseconds(datetime.now(UTC))


Timestamp = Annotated[
    datetime,
    AfterValidator(to_milliseconds),
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
]


def _title(name: str, _: object) -> str:
    """What a form that is drawn from the schema writes beside a field: ``site_url``, Site url."""
    return name.replace("_", " ").capitalize()


class Model(BaseModel):
    """A frozen value; unknown keys are refused."""

    model_config = ConfigDict(
        # At its first use: hundreds are imported at a start that needs a handful.
        defer_build=True,
        field_title_generator=_title,
        frozen=True,
        extra="forbid",
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


_TOO_SHORT = frozenset({"too_short", "string_too_short"})
_COMPLAINTS = {"missing": "is required", "extra_forbidden": "is not known here"}
"""In place of pydantic's own, for the commonest."""

_TEXT_PATTERN = re.compile(r"\^\[\^\\x00-\\x1f\\x7f\]\{1,(\d+)\}\$")
"""A text of one line, as a pattern of pydantic's says it."""


def complaint(problem: Mapping[str, Any]) -> str:
    """What a model says of a field, in words for its caller; an entry of pydantic's ``errors``."""
    context: Mapping[str, Any] = problem.get("ctx") or {}
    if problem["type"] in _TOO_SHORT and context.get("min_length") == 1:
        return "must not be empty"
    if line := _TEXT_PATTERN.fullmatch(str(context.get("pattern"))):
        return f"must be one line of 1 to {line[1]} characters"
    text: str = problem["msg"]
    return _COMPLAINTS.get(problem["type"]) or text.removeprefix("Value error, ")
