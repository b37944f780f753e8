"""Users: the host's backend tells who they are; one e-mail belongs to one of them.

Who may say "this e-mail is mine" takes over what its owner has. So the same e-mail under another id
is linked only when the host says that it has verified it, and only a caller that speaks for the
whole tenant may say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from src.core.errors import Conflict, Forbidden
from src.db.errors import Duplicate
from src.db.tenant import TenantScope
from src.models.api_key import ApiKey
from src.models.audit import AuditAction
from src.models.base import now
from src.models.ids import IdPrefix, new_id
from src.models.principal import USER_PERMISSIONS, Caller
from src.models.user import User
from src.services.api_keys import ApiKeys, NewKey, held_permissions
from src.services.audit import Audit, ScopeOf

KeyName = Callable[[Sequence[ApiKey]], str | None]
"""How a key for a user who has these is called; None when no other is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostAccount:
    """What the host's backend knows of one of its users."""

    user_id: str
    email: str
    email_verified: bool
    told: Mapping[str, Any] = field(default_factory=dict)
    """Any of ``full_name``, ``tier``, ``requests_per_hour``, ``requests_per_month``."""


@dataclass(frozen=True, slots=True)
class Synced:
    """A user as they are now, and the text of a key if one was made."""

    user: User
    key_text: str | None
    is_new: bool


class Users:
    """The users of tenants."""

    def __init__(self, scope_of: ScopeOf, keys: ApiKeys, audit: Audit) -> None:
        self._scope_of = scope_of
        self._keys = keys
        self._audit = audit

    async def find(self, caller: Caller) -> User | None:
        """The caller's own record, if it is a user whom the host's backend told of."""
        if caller.user_id is None:
            return None
        return await self._scope_of(caller.tenant_id).users.get(caller.user_id)

    async def sync(
        self, caller: Caller, account: HostAccount, *, first_key: str, next_key: KeyName
    ) -> Synced:
        """Learn of a user, or what has changed of them, and give them a key if they need one.

        Raises:
            Forbidden: The caller is one user itself.
            Conflict: The e-mail is another user's.
        """
        if caller.user_id is not None:
            raise Forbidden("Users are told of by the host's backend, not by one of them.")
        user, is_new = await self._learn(caller, account)
        if is_new:
            name: str | None = first_key
        else:
            moment = now()
            held = await self._scope_of(caller.tenant_id).api_keys.find_active(user.user_id)
            name = next_key([key for key in held if key.is_good(moment)])
        text = None if name is None else await self._give_key(caller, user, name)
        return Synced(user, text, is_new)

    async def _learn(self, caller: Caller, account: HostAccount) -> tuple[User, bool]:
        """The user's record after this call, and whether it is a new one.

        Raises:
            Conflict: The e-mail is another user's.
        """
        scope = self._scope_of(caller.tenant_id)
        try:
            return await self._learn_once(caller, scope, account)
        except Duplicate:
            pass
        try:
            # Somebody may have told of the same user a moment ago.
            return await self._learn_once(caller, scope, account)
        except Duplicate as error:
            raise _taken() from error

    async def _learn_once(
        self, caller: Caller, scope: TenantScope, account: HostAccount
    ) -> tuple[User, bool]:
        found = await scope.users.get_fresh(account.user_id)
        if found is None:
            owner = await scope.users.find_email(account.email)
            if owner is None:
                return await self._add(caller, scope, account), True
            # Told of by somebody else since the first look, an owner may bear the id already.
            known = {owner.user_id, *owner.aliases}
            found = (
                owner
                if account.user_id in known
                else await self._link(caller, scope, owner, account)
            )
        return await scope.users.update(found, _changes(account)) or found, False

    async def _add(self, caller: Caller, scope: TenantScope, account: HostAccount) -> User:
        moment = now()
        user = User(
            id=new_id(IdPrefix.USER),
            tenant_id=caller.tenant_id,
            user_id=account.user_id,
            email=account.email,
            email_verified=account.email_verified,
            created_at=moment,
            updated_at=moment,
            **_known(account),
        )
        await scope.users.add(user)
        await self._audit.record(caller, AuditAction.USER_CREATED, user.id, userId=user.user_id)
        return user

    async def _link(
        self, caller: Caller, scope: TenantScope, owner: User, account: HostAccount
    ) -> User:
        if not account.email_verified:
            raise _taken()
        linked = await scope.users.link(owner, account.user_id)
        await self._audit.record(
            caller,
            AuditAction.USER_LINKED,
            owner.id,
            userId=owner.user_id,
            alias=account.user_id,
            wasVerified=owner.email_verified,
        )
        return linked or owner

    async def _give_key(self, caller: Caller, user: User, name: str) -> str:
        """A key of the user's; like any key, never worth more than its maker."""
        permissions = USER_PERMISSIONS & held_permissions(caller.principal)
        made = await self._keys.issue(caller, NewKey(name=name), permissions, user.user_id)
        return made.text


def _known(account: HostAccount) -> dict[str, Any]:
    """What the host told, and did not leave empty."""
    return {name: value for name, value in account.told.items() if value is not None}


def _changes(account: HostAccount) -> dict[str, Any]:
    """What a record becomes: what is not told stays, and null clears."""
    named = {
        "full_name": "fullName",
        "tier": "tier",
        "requests_per_hour": "requestsPerHour",
        "requests_per_month": "requestsPerMonth",
    }
    cleared = {"tier": User.model_fields["tier"].default}
    changes: dict[str, Any] = {"email": account.email, "emailVerified": account.email_verified}
    for name, value in account.told.items():
        changes[named[name]] = cleared.get(name) if value is None else value
    return changes


def _taken() -> Conflict:
    return Conflict(
        "Another user has this e-mail. It is linked only when emailVerified is true and this "
        "userId is not known yet."
    )
