"""API keys at the door: from the text that a caller sends to the record of its key.

A key is ``uck_<keyId>_<secret>``. Its record holds a keyed hash of the whole text, under a key
derived for nothing else; a key that was looked up is held for a second at the most, so that a
revoked one is dead everywhere within that second.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from datetime import datetime

from src.core.errors import CredentialsUnreadable, ServiceUnavailable, Unauthorized
from src.db.cache import BriefCache
from src.db.platform import KeyDirectory
from src.models.api_key import KEY_MARK, ApiKey
from src.models.base import now
from src.services.encryption import Encryption

_PURPOSE = "api-key"
_SECRET_BYTES = 32
_FORM = re.compile(rf"{KEY_MARK}(key_[0-9a-f]{{24}})_[0-9a-f]{{{2 * _SECRET_BYTES}}}")
_RETRY_SECONDS = 2.0


class KeyRing:
    """Makes the texts of keys, and knows them again."""

    def __init__(
        self,
        directory: KeyDirectory,
        encryption: Encryption,
        clock: Callable[[], datetime] = now,
        cache: BriefCache | None = None,
    ) -> None:
        """Look keys up in ``directory``.

        The cache is the ring's own: a flood of invented keys must not push out anything else.
        """
        self._directory = directory
        self._encryption = encryption
        self._clock = clock
        self._cache = cache or BriefCache()

    def cut(self, key_id: str) -> tuple[str, bytes]:
        """The text of a new key, and what may be kept of it."""
        text = f"{KEY_MARK}{key_id}_{secrets.token_hex(_SECRET_BYTES)}"
        return text, self._digest(text)

    async def find(self, text: str) -> ApiKey:
        """The record of a key that is good now.

        Raises:
            Unauthorized: There is no such key, or it has expired or was revoked: one answer.
            ServiceUnavailable: Keys cannot be checked at present.
        """
        form = _FORM.fullmatch(text)
        if form is None:
            raise _refused()
        key_id = form[1]
        key: ApiKey = await self._cache.get(key_id, lambda: self._read(key_id))
        if not hmac.compare_digest(self._digest(text), key.digest):
            raise _refused()
        if not key.is_good(self._clock()):
            raise _refused()
        return key

    def forget(self, key_id: str) -> None:
        """Drop what this process holds of a key that it has just changed."""
        self._cache.drop(key_id)

    async def _read(self, key_id: str) -> ApiKey:
        # What raises is not held, so that invented ids fill no memory.
        found = await self._directory.find(key_id)
        if found is None:
            raise _refused()
        return found

    def _digest(self, text: str) -> bytes:
        try:
            return self._encryption.mac(_PURPOSE, text.encode())
        except CredentialsUnreadable as error:
            raise ServiceUnavailable(
                "API keys cannot be checked with the present ENCRYPTION_KEY.",
                retry_after=_RETRY_SECONDS,
            ) from error


def _refused() -> Unauthorized:
    return Unauthorized("The API key is not valid.")
