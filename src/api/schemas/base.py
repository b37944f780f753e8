"""The bases of request and response bodies, and the field types that they share."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    model_validator,
)
from pydantic.alias_generators import to_camel

from src.models.base import Model
from src.models.ids import PROVIDER_ID_PATTERN, TENANT_ID_PATTERN, USER_ID_PATTERN, IdPrefix

MOST_JSON_BYTES = 16 * 1024
_DEEPEST_JSON = 8
_LARGEST_INTEGER = 2**63
_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def _digits(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value, re.ASCII) is None:
        raise ValueError("must be a whole number")
    return value


def _true_or_false(value: Any) -> Any:
    if isinstance(value, str) and value not in {"true", "false"}:
        raise ValueError("must be true or false")
    return value


def _rfc3339(value: Any) -> Any:
    if not isinstance(value, str) or _RFC3339.fullmatch(value) is None:
        raise ValueError("must be an RFC 3339 time, e.g. 2026-01-31T12:00:00Z")
    return value


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must be within the years 1 to 9999") from error


def _plain_json(value: Any, depth: int = 0) -> None:
    """Refuse what JSON or the database could not give back as it came."""
    if depth > _DEEPEST_JSON:
        raise ValueError(f"must not be nested deeper than {_DEEPEST_JSON}")
    match value:
        case float() if not math.isfinite(value):
            raise ValueError("numbers must be finite")
        case int() if not -_LARGEST_INTEGER <= value < _LARGEST_INTEGER:
            raise ValueError("whole numbers must fit into 64 bits; send larger ones as text")
        case dict():
            for key, inner in value.items():
                _plain_key(key)
                _plain_json(inner, depth + 1)
        case list():
            for inner in value:
                _plain_json(inner, depth + 1)
        case _:
            pass


def _plain_key(key: str) -> None:
    if not key or key.startswith("$") or "." in key or "\x00" in key:
        raise ValueError("keys must not be empty, begin with $ or hold a dot or NUL")


def _json_object(value: dict[str, Any]) -> dict[str, Any]:
    _plain_json(value)
    if len(msgspec.json.encode(value)) > MOST_JSON_BYTES:
        raise ValueError(f"must be at most {MOST_JSON_BYTES} bytes of JSON")
    return value


def _sendable(secret: SecretStr) -> SecretStr:
    """Refuse what would break out of a header, and the blanks of a careless paste."""
    if re.fullmatch(r"[\x21-\x7e]+", secret.get_secret_value()) is None:
        raise ValueError("must be printable ASCII without blanks")
    return secret


TenantId = Annotated[str, StringConstraints(pattern=TENANT_ID_PATTERN)]
UserId = Annotated[str, StringConstraints(pattern=USER_ID_PATTERN)]
ProviderId = Annotated[str, StringConstraints(pattern=PROVIDER_ID_PATTERN)]
ConnectionId = Annotated[str, StringConstraints(pattern=IdPrefix.CONNECTION.pattern)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
Alias = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,256}$")]
Secret = Annotated[SecretStr, Field(min_length=1, max_length=8192), AfterValidator(_sendable)]
Moment = Annotated[
    AwareDatetime, BeforeValidator(_rfc3339), AfterValidator(_in_utc), Field(strict=False)
]
Flag = Annotated[bool, BeforeValidator(_true_or_false)]
JsonObject = Annotated[dict[str, Any], AfterValidator(_json_object)]
Limit = Annotated[int, Field(ge=1, le=100), BeforeValidator(_digits)]
Cursor = Annotated[str, StringConstraints(min_length=1, max_length=8192)]


class Query(BaseModel):
    """The query string of a route; unknown keys are refused."""

    model_config = ConfigDict(
        defer_build=True, extra="forbid", alias_generator=to_camel, frozen=True
    )

    workspace_id: TenantId | None = Field(
        default=None, description="The tenant; if given it must be the caller's."
    )


class PageQuery(Query):
    """A query string of a list."""

    limit: Limit = Field(default=50, description="Items per page at the most.")
    cursor: Cursor | None = Field(
        default=None,
        description="`nextCursor` of the page before; all other parameters must be the same.",
    )


class Strict(BaseModel):
    """Part of a request body: nothing is coerced, unknown keys are refused."""

    model_config = ConfigDict(
        defer_build=True,
        extra="forbid",
        alias_generator=to_camel,
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
    )

    @model_validator(mode="before")
    @classmethod
    def _is_unicode(cls, value: Any) -> Any:
        """Refuse halves of surrogate pairs, which JSON can spell and nothing can store."""
        try:
            msgspec.json.encode(value)
        except (UnicodeEncodeError, TypeError, OverflowError, RecursionError) as error:
            raise ValueError("holds a text or a number that is none") from error
        return value


class Body(Strict):
    """A request body."""

    workspace_id: TenantId | None = Field(
        default=None, description="The tenant; if given it must be the caller's."
    )

    def given(self) -> dict[str, Any]:
        """The fields that the caller sent, null included."""
        return {
            name: getattr(self, name) for name in self.model_fields_set if name != "workspace_id"
        }


class Reply(Model):
    """A response body."""


def included(value: str | None) -> frozenset[str]:
    """The words of ``include=body,raw``."""
    return frozenset(value.split(",")) if value else frozenset()
