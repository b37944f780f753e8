"""Sealing everything anew with the newest key, while the service goes on.

A secret is replaced only if it is still the one that was read: whoever writes at the same time
wins, and the next walk looks at what they wrote. What is done is known by its key, so that a
rotation that was ended is simply started again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from src.core.errors import CredentialsUnreadable
from src.db.client import Database
from src.db.maintenance.sealed import SEALED_FIELDS, SealedField, SealedSecret, SealedStore
from src.services.encryption import Encryption

MOST_WALKS = 5
MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the walk through one field is."""

    field: str
    seen: int
    total: int


Tell = Callable[[Progress], None]


@dataclass(slots=True)
class Rotation:
    """What a rotation did."""

    fingerprint: str
    resealed: Counter[str] = field(default_factory=Counter)
    left: int = 0
    """Secrets that the last walk still found under a former key: somebody seals with it now."""
    unreadable: list[str] = field(default_factory=list)
    """Documents that no key of ours opens."""

    @property
    def complete(self) -> bool:
        """Whether the former keys are needed no more."""
        return not self.left and not self.unreadable


@dataclass(slots=True)
class KeyUse:
    """The secrets of one field under one key; without a fingerprint it is none of ours."""

    place: str
    fingerprint: str | None
    is_newest: bool
    count: int = 0
    documents: list[str] = field(default_factory=list)


class Keys:
    """Says which key seals what, and replaces the former ones."""

    def __init__(self, database: Database, encryption: Encryption) -> None:
        self._store = SealedStore(database)
        self._encryption = encryption

    async def rotate(self, tell: Tell = lambda _: None) -> Rotation:
        """Seal everything with the newest key; walk until a walk has found nothing to do.

        Raises:
            CredentialsUnreadable: The root secret does not open: this is not the database's key.
        """
        rotation = Rotation(self._encryption.fingerprint)
        for _ in range(MOST_WALKS):
            rotation.left, rotation.unreadable = 0, []
            for place in SEALED_FIELDS:
                await self._walk(place, rotation, tell)
            if not rotation.left:
                break
        return rotation

    async def _walk(self, place: SealedField, rotation: Rotation, tell: Tell) -> None:
        total, seen = await self._store.count(place), 0
        async for secret in self._store.walk(place):
            await self._renew(secret, rotation)
            seen += 1
            tell(Progress(str(place), seen, max(seen, total)))

    async def _renew(self, secret: SealedSecret, rotation: Rotation) -> None:
        key = self._encryption.key_of(secret.sealed)
        if key == self._encryption.fingerprint:
            return
        if key is None:
            if secret.field.fingerprint_path is not None:
                raise CredentialsUnreadable(
                    "The root secret does not open with ENCRYPTION_KEY: this is not the key of "
                    "this database. Nothing was changed."
                )
            rotation.unreadable.append(f"{secret.field} {secret.name}")
            return
        sealed = self._encryption.seal_anew(secret.sealed)
        rotation.left += 1
        if await self._store.replace(secret, sealed, self._encryption.fingerprint):
            rotation.resealed[str(secret.field)] += 1

    async def report(self, *, most_named: int = MOST_NAMED) -> list[KeyUse]:
        """Which secrets each key seals; documents that are not under the newest are named."""
        uses: dict[tuple[str, str | None], KeyUse] = {}
        for place in SEALED_FIELDS:
            async for secret in self._store.walk(place):
                key = self._encryption.key_of(secret.sealed)
                is_newest = key == self._encryption.fingerprint
                use = uses.setdefault(
                    (str(place), key), KeyUse(str(place), key, is_newest=is_newest)
                )
                use.count += 1
                if not is_newest and len(use.documents) < most_named:
                    use.documents.append(secret.name)
        return list(uses.values())


def rotation_facts(rotation: Rotation) -> dict[str, Any]:
    """A rotation as a program reads it."""
    return {
        "fingerprint": rotation.fingerprint,
        "resealed": dict(rotation.resealed),
        "left": rotation.left,
        "unreadable": rotation.unreadable,
        "complete": rotation.complete,
    }
