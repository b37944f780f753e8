"""Bodies of the routes by which the host's backend tells of its users."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints

from src.api.schemas.api_keys import KEEP_IT
from src.api.schemas.base import Alias, Body, Reply, UserId
from src.services.users import HostAccount, Synced

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


Email = Annotated[str, AfterValidator(_address)]
Requests = Annotated[int, Field(ge=1, le=_MOST_REQUESTS)]


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
    message: str
    is_new: bool


class SyncedOut(_SyncedBase):
    """A user as they are now."""

    api_key: str | None = Field(description="Null when no other key is needed.")

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

    secret_shown: Literal[False]
