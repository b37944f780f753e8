"""Cookies of ours: for one browser, unreadable by scripts, never sent along from other sites."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import Request, Response

FLOW = "connect-flow-"
SESSION = "connect-session"
FLOW_SECONDS = 600
SESSION_SECONDS = 1800


class Cookies:
    """Sets and reads them; over https under names that no neighbouring host can set."""

    def __init__(self, *, is_secure: bool) -> None:
        self._is_secure = is_secure
        self._mark = "__Host-" if is_secure else ""

    def set(self, response: Response, name: str, value: str, seconds: int) -> None:
        """Give the browser a cookie; Lax, since it comes back from a provider by a link."""
        response.set_cookie(
            self._mark + name,
            value,
            max_age=seconds,
            path="/",
            secure=self._is_secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response, name: str) -> None:
        """Take it back."""
        response.delete_cookie(
            self._mark + name, path="/", secure=self._is_secure, httponly=True, samesite="lax"
        )

    def read(self, request: Request, name: str) -> str | None:
        """Its value."""
        return request.cookies.get(self._mark + name)

    def flows(self, request: Request) -> Iterable[str]:
        """The values of all flows that this browser has begun."""
        prefix = self._mark + FLOW
        return [value for name, value in request.cookies.items() if name.startswith(prefix)]


def flow_name(state: str) -> str:
    """One cookie for each flow, so that several may be under way; the state stays unknown."""
    return FLOW + state[:8]
