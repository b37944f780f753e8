"""The parts of Google's account that we read."""

from __future__ import annotations

from src.connectors.rest.decoding import Fragment


class UserInfo(Fragment):
    """Whose account it is (OpenID Connect Core §5.3)."""

    sub: str
    name: str | None = None
    email: str | None = None
    picture: str | None = None
