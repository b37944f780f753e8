"""Streams as data: what can be synchronized, where a run begins, how deletions are found."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel

from src.models.base import Model, rfc3339
from src.models.record import RecordKind

_PLAIN_ID = r"^[a-z][a-z0-9_]{1,31}$"


class Checkpoint(BaseModel):
    """Where a run begins; callers see and set it in camelCase, and it is stored so."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )


class UpdatedSince(Checkpoint):
    """Everything up to this time has been read."""

    updated_since: Annotated[
        AwareDatetime, PlainSerializer(rfc3339, return_type=str, when_used="json")
    ]


class Deletions(StrEnum):
    """How it is found out that records of a stream are gone."""

    NEVER = "never"
    SWEEP = "sweep"
    """What a full run does not meet is gone."""
    FEED = "feed"
    """The provider tells, in incremental runs too; a full run sweeps."""


class Stream(Model):
    """Something that can be synchronized, and the model of its checkpoint."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: str = Field(pattern=_PLAIN_ID)
    kind: RecordKind = RecordKind.ITEM
    """What its records are."""
    incremental: bool
    deletions: Deletions
    checkpoint: type[BaseModel]
    scopes: tuple[str, ...] = ()
    """Without these a run of it cannot succeed."""
    auth_methods: tuple[str, ...] | None = None
    """Whose connections can be asked for it; None = all methods'. Others' records may come by
    webhook."""
