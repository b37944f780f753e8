"""Bodies of the routes about API keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints

from src.api.schemas.base import Alias, Body, Reply, UserId
from src.models.api_key import ApiKey
from src.models.base import Timestamp
from src.models.ids import IdPrefix
from src.models.principal import Permission
from src.services.api_keys import MadeKey, NewKey

KEEP_IT = "Keep the key now: it is not shown again."
_LONGEST_LIFE_DAYS = 3650


def _once_each(permissions: list[Permission]) -> list[Permission]:
    if len(set(permissions)) < len(permissions):
        raise ValueError("must not name one twice")
    return permissions


KeyId = Annotated[str, StringConstraints(pattern=IdPrefix.KEY.pattern)]
Named = Annotated[Permission, Field(strict=False)]


class NewKeyBody(Body):
    """What a key is to be."""

    name: Alias = "API Key"
    expires_days: int | None = Field(
        default=None, ge=1, le=_LONGEST_LIFE_DAYS, description="Absent: it does not expire."
    )
    permissions: Annotated[list[Named], AfterValidator(_once_each)] | None = Field(
        default=None,
        description="None beyond the caller's own. Absent: the caller's own but for `admin` and "
        "`tokens:read`, which must be named.",
    )
    user_id: UserId | None = Field(default=None, description="The one user that the key is.")

    def to_new(self) -> NewKey:
        """What the service takes."""
        return NewKey(
            name=self.name,
            expires_days=self.expires_days,
            permissions=self.permissions,
            user_id=self.user_id,
        )


class ApiKeyOut(Reply):
    """A key, without the key."""

    id: str
    name: str
    key_prefix: str
    permissions: list[Permission]
    user_id: str | None
    created_at: Timestamp
    expires_at: Timestamp | None
    last_used_at: Timestamp | None = Field(description="To the minute.")
    active: bool

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """From the record."""
        return cls(
            id=key.id,
            name=key.name,
            key_prefix=key.prefix,
            permissions=ordered(key.permissions),
            user_id=key.user_id,
            created_at=key.created_at,
            expires_at=key.expires_at,
            last_used_at=key.last_used_at,
            active=key.active,
        )


class _MadeKey(Reply):
    key_info: ApiKeyOut
    message: str


class NewKeyOut(_MadeKey):
    """A new key; the only answer that ever shows it."""

    api_key: str

    @classmethod
    def of(cls, made: MadeKey) -> Self:
        """From what was made."""
        return cls(api_key=made.text, key_info=ApiKeyOut.of(made.record), message=KEEP_IT)


class RepeatedKeyOut(_MadeKey):
    """The answer again, for the same `Idempotency-Key`: the key itself is left out."""

    secret_shown: Literal[False]


class RevokedKeyOut(Reply):
    """A key that opens nothing any more."""

    key_id: str
    message: str


def ordered(permissions: Iterable[Permission]) -> list[Permission]:
    """As the contract lists them."""
    held = set(permissions)
    return [each for each in Permission if each in held]
