"""Our cursors: encrypted, and good only for the question that they were given out for."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable

from src.core.errors import InvalidCursor
from src.services.encryption import Encryption

MAX_AGE_SECONDS = 24 * 3600
_BINDING_BYTES = 16


class Cursors:
    """Wraps a position (a provider's page token, or our own) so that it can leave the house."""

    def __init__(self, encryption: Encryption) -> None:
        self._encryption = encryption

    def seal(self, position: str, question: Iterable[object]) -> str:
        """A cursor for ``position`` that answers only to the same question."""
        return self._encryption.box("cursor").seal(_digest(question) + position.encode())

    def open(self, cursor: str, question: Iterable[object], *, expires: bool = True) -> str:
        """The position inside; one that is kept for long does not expire.

        Raises:
            InvalidCursor: Edited, expired, somebody else's, or for other parameters.
        """
        max_age = MAX_AGE_SECONDS if expires else sys.maxsize
        content = self._encryption.box("cursor").open(cursor, max_age)
        if content is None or content[:_BINDING_BYTES] != _digest(question):
            within = ", within 24 hours" if expires else ""
            raise InvalidCursor(
                "The cursor does not belong to this request: repeat the parameters that "
                f"it was given for{within}, or start without a cursor."
            )
        return content[_BINDING_BYTES:].decode()


def _digest(question: Iterable[object]) -> bytes:
    text = "\x1f".join(repr(part) for part in question)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:_BINDING_BYTES]
