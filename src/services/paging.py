"""Questions that are answered in pages: what a cursor is bound to, for every list."""

from __future__ import annotations

from src.models.principal import Caller
from src.services.cursors import Cursors


class Question:
    """One caller's question; its cursors answer no other."""

    def __init__(self, cursors: Cursors, route: str, caller: Caller, *parts: object) -> None:
        """Bind cursors to route, tenant, user, and all that shapes the answer."""
        self._cursors = cursors
        self._bound = (route, caller.tenant_id, caller.user_id, *parts)

    def position(self, cursor: str) -> str:
        """Where the page before ended.

        Raises:
            InvalidCursor: The cursor belongs to another question.
        """
        return self._cursors.open(cursor, self._bound)

    def cursor(self, position: str | None) -> str | None:
        """What the next page is asked for with; None after the last one."""
        return None if position is None else self._cursors.seal(position, self._bound)
