"""Our cursors: encrypted, and good only for the question that they were given out for."""

from __future__ import annotations

import hashlib
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

    def open(self, cursor: str, question: Iterable[object]) -> str:
        """The position inside.

        Raises:
            InvalidCursor: Edited, expired, somebody else's, or for other parameters.
        """
        content = self._encryption.box("cursor").open(cursor, MAX_AGE_SECONDS)
        if content is None or content[:_BINDING_BYTES] != _digest(question):
            raise InvalidCursor(
                "The cursor does not belong to this request: repeat exactly the parameters that "
                "it was given for, within 24 hours, or start without a cursor."
            )
        return content[_BINDING_BYTES:].decode()


def _digest(question: Iterable[object]) -> bytes:
    text = "\x1f".join(repr(part) for part in question)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:_BINDING_BYTES]
