"""Bodies of the routes about callers: who they are, their keys, the host's users."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints

from src.api.schemas.base import Alias, Body, Reply, UserId
from src.models.api_key import ApiKey
from src.models.base import Timestamp
from src.models.ids import IdPrefix
from src.models.principal import Permission, Principal, Via
from src.models.user import User
from src.services.api_keys import MadeKey, NewKey
from src.services.usage import Used
from src.services.users import HostAccount, Synced

KEEP_IT = "Keep the key now: it is not shown again."
_LONGEST_LIFE_DAYS = 3650
_MOST_REQUESTS = 10**9
_LONGEST_EMAIL = 254
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]{2,63}"
)


def _address(email: str) -> str:
    """ASCII only: letters that look alike, or become alike in lower case, link strangers."""
    if len(email) > _LONGEST_EMAIL or _EMAIL.fullmatch(email) is None:
        raise ValueError("must be an e-mail address in ASCII, e.g. ada@example.com")
    return email


def _once_each(permissions: list[Permission]) -> list[Permission]:
    if len(set(permissions)) < len(permissions):
        raise ValueError("must not name one twice")
    return permissions


Email = Annotated[str, AfterValidator(_address)]
KeyId = Annotated[str, StringConstraints(pattern=IdPrefix.KEY.pattern)]
Requests = Annotated[int, Field(ge=1, le=_MOST_REQUESTS)]
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
            permissions=_ordered(key.permissions),
            user_id=key.user_id,
            created_at=key.created_at,
            expires_at=key.expires_at,
            last_used_at=key.last_used_at,
            active=key.active,
        )


class NewKeyOut(Reply):
    """A new key; the only answer that ever shows it."""

    api_key: str
    key_info: ApiKeyOut
    message: str

    @classmethod
    def of(cls, made: MadeKey) -> Self:
        """From what was made."""
        return cls(api_key=made.text, key_info=ApiKeyOut.of(made.record), message=KEEP_IT)


class RepeatedKeyOut(Reply):
    """The answer again, for the same `Idempotency-Key`: the key itself is left out."""

    key_info: ApiKeyOut
    message: str
    secret_shown: Literal[False]


class RevokedKeyOut(Reply):
    """A key that opens nothing any more."""

    key_id: str
    message: str


class _SyncBody(Body):
    email: Email
    full_name: Alias | None = None
    email_verified: bool = Field(
        default=False,
        description="Whether the host has verified it. Only then is an e-mail that is known under "
        "another id linked.",
    )
    tier: Alias | None = Field(default=None, description="Any word of the host's; default `none`.")
    requests_per_hour: Requests | None = None
    requests_per_month: Requests | None = None

    def _account(self, user_id: str) -> HostAccount:
        optional = ("full_name", "tier", "requests_per_hour", "requests_per_month")
        told = {name: value for name, value in self.given().items() if name in optional}
        return HostAccount(
            user_id=user_id, email=self.email, email_verified=self.email_verified, told=told
        )


class OAuthUserBody(_SyncBody):
    """A user who signs in to the host with OAuth."""

    user_id: UserId
    provider: Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9 _-]{0,63}$")] = (
        "github"
    )

    def to_account(self) -> HostAccount:
        """What the service takes."""
        return self._account(self.user_id)

    @property
    def first_key(self) -> str:
        """The name of a new user's key."""
        return f"{self.provider[0].upper()}{self.provider[1:]} OAuth"


class StackUserBody(_SyncBody):
    """A user of the host's Stack Auth project."""

    stack_user_id: UserId

    def to_account(self) -> HostAccount:
        """What the service takes."""
        return self._account(self.stack_user_id)


class _SyncedBase(Reply):
    user_id: str
    email: str
    full_name: str | None
    tier: str


class SyncedOut(_SyncedBase):
    """A user as they are now."""

    api_key: str | None = Field(description="Null when no other key is needed.")
    message: str
    is_new: bool

    @classmethod
    def of(cls, synced: Synced) -> Self:
        """From what the service did."""
        user = synced.user
        return cls(
            user_id=user.user_id,
            email=user.email,
            full_name=user.full_name,
            tier=user.tier,
            api_key=synced.key_text,
            message=KEEP_IT if synced.key_text else "The user has a key already.",
            is_new=synced.is_new,
        )


class RepeatedSyncOut(_SyncedBase):
    """The answer again, for the same `Idempotency-Key`: the key itself is left out."""

    message: str
    is_new: bool
    secret_shown: Literal[False]


class UserOut(Reply):
    """A user of the host, as its backend told."""

    id: str
    user_id: str
    email: str
    full_name: str | None
    tier: str
    created_at: Timestamp

    @classmethod
    def of(cls, user: User) -> Self:
        """From the record."""
        return cls(**user.model_dump(include=set(cls.model_fields)))


class PrincipalOut(Reply):
    """Who is calling."""

    tenant_id: str
    user_id: str | None
    permissions: list[Permission]
    via: Via

    @classmethod
    def of(cls, principal: Principal) -> Self:
        """From the principal."""
        return cls(
            tenant_id=principal.tenant_id,
            user_id=principal.user_id,
            permissions=_ordered(principal.permissions),
            via=principal.via,
        )


class LimitsOut(Reply):
    """How many requests the caller may make; null is no limit."""

    requests_per_minute: int | None
    requests_per_hour: int | None
    requests_per_month: int | None


class UsageOut(Reply):
    """How many requests the caller has made, as known a second ago."""

    requests_this_hour: int
    requests_this_month: int
    limits: LimitsOut

    @classmethod
    def of(cls, used: Used) -> Self:
        """From what was counted."""
        limits = LimitsOut(
            requests_per_minute=used.limits.per_minute,
            requests_per_hour=used.limits.per_hour,
            requests_per_month=used.limits.per_month,
        )
        return cls(
            requests_this_hour=used.this_hour, requests_this_month=used.this_month, limits=limits
        )


class MeOut(Reply):
    """The caller as the platform sees it."""

    user: UserOut | None
    principal: PrincipalOut
    usage: UsageOut

    @classmethod
    def of(cls, principal: Principal, user: User | None, used: Used) -> Self:
        """From the caller, its record and its counts."""
        return cls(
            user=None if user is None else UserOut.of(user),
            principal=PrincipalOut.of(principal),
            usage=UsageOut.of(used),
        )


def _ordered(permissions: Iterable[Permission]) -> list[Permission]:
    """As the contract lists them."""
    held = set(permissions)
    return [each for each in Permission if each in held]
