"""End users of the host application."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from src.db.cache import Held
from src.db.client import Document
from src.db.collection import Collection, to_document, to_model
from src.models.base import now
from src.models.user import User


class UserRepository:
    """One tenant's users.

    ``ids`` holds the first id and the aliases, so that one unique index keeps each id with one
    user; ``emailKey`` is the address as it is compared.
    """

    def __init__(self, collection: Collection, held: Held, tenant_id: str) -> None:
        self._collection = collection
        self._held = held
        self._tenant_id = tenant_id

    async def get(self, any_id: str) -> User | None:
        """The user whom the host calls so; held for a moment."""
        return await self._held.get(any_id, lambda: self.get_fresh(any_id))

    async def get_fresh(self, any_id: str) -> User | None:
        """The same, read now."""
        return await self._find({"ids": any_id})

    async def find_email(self, email: str) -> User | None:
        """The user with this address, whatever its case."""
        return await self._find({"emailKey": email_key(email)})

    async def add(self, user: User) -> None:
        """Keep a new user.

        Raises:
            Duplicate: Somebody has the id or the address already.
        """
        document = to_document(user, exclude={"tenant_id"})
        try:
            await self._collection.insert(
                {**document, "ids": [user.user_id], "emailKey": email_key(user.email)}
            )
        finally:
            self._held.drop(user.user_id)

    async def update(self, user: User, fields: Mapping[str, Any]) -> User | None:
        """Set some fields; None when the user is gone.

        Raises:
            Duplicate: Somebody else has the new address.
        """
        changed: dict[str, Any] = {**fields, "updatedAt": now()}
        if "email" in fields:
            changed["emailKey"] = email_key(fields["email"])
        return await self._change(user, {"$set": changed})

    async def link(self, user: User, alias: str) -> User | None:
        """Give a user one more id; None when the user is gone.

        Raises:
            Duplicate: Somebody else is called so.
        """
        try:
            return await self._change(
                user,
                {"$addToSet": {"ids": alias, "aliases": alias}, "$set": {"updatedAt": now()}},
            )
        finally:
            self._held.drop(alias)

    async def _change(self, user: User, update: Mapping[str, Mapping[str, Any]]) -> User | None:
        try:
            found = await self._collection.update_one({"_id": user.id}, update)
        finally:
            for each in (user.user_id, *user.aliases):
                self._held.drop(each)
        return None if found is None else self._model(found)

    async def _find(self, where: Mapping[str, Any]) -> User | None:
        found = await self._collection.find_one(where)
        return None if found is None else self._model(found)

    def _model(self, document: Document) -> User:
        return to_model(User, {**document, "tenantId": self._tenant_id})


def email_key(email: str) -> str:
    """An address as it is compared."""
    return email.casefold()
