"""Where a sandbox keeps everything that changes, so that several server processes agree."""

from copy import deepcopy
from typing import Any, Protocol, TypeAlias

Document: TypeAlias = dict[str, Any]


class SandboxStore(Protocol):
    """A small document store; keys hold `/`, and field names never hold `.` or start with `$`."""

    async def get(self, key: str) -> Document | None:
        """Return the document under the key, the caller's own to change."""

    async def put(self, key: str, value: Document) -> None:
        """Replace the document under the key."""

    async def delete(self, key: str) -> None:
        """Forget the key; a key nobody wrote is no error."""

    async def increment(self, key: str, field: str, by: int = 1) -> int:
        """Add to a field in one step, creating key and field, and return the new value."""
        ...


class MemoryStore:
    """The store of one process, for tests and a single worker."""

    def __init__(self) -> None:
        """Start empty."""
        self._documents: dict[str, Document] = {}

    async def get(self, key: str) -> Document | None:
        """Return a copy, as a database would."""
        return deepcopy(self._documents.get(key))

    async def put(self, key: str, value: Document) -> None:
        """Keep a copy, as a database would."""
        self._documents[key] = deepcopy(value)

    async def delete(self, key: str) -> None:
        """Forget the key."""
        self._documents.pop(key, None)

    async def increment(self, key: str, field: str, by: int = 1) -> int:
        """Count without awaiting in between, which makes it atomic in one event loop."""
        if "." in field or field.startswith("$"):
            raise ValueError(f"a field name may not hold '.' or start with '$': {field}")
        document = self._documents.setdefault(key, {})
        document[field] = value = int(document.get(field, 0)) + by
        return value
