"""Bodies of the routes about a connection's token."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from src.api.schemas.base import Body, Flag, Query, Reply
from src.models.base import Timestamp
from src.models.credential import StoredToken
from src.services.tokens import Refreshed, Revealed


class TokenQuery(Query):
    """What reading a token takes."""

    reveal: Flag = Field(default=False, description="Show the access token, too.")


class RefreshBody(Body):
    """How to refresh."""

    force: bool = Field(default=False, description="Also when it is not due.")


IF_DUE = RefreshBody()


class RefreshedOut(Reply):
    """What came of it; `refreshed` is false when it was not due."""

    refreshed: bool
    expires_at: Timestamp | None
    version: int

    @classmethod
    def of(cls, refreshed: Refreshed) -> Self:
        """From the service's answer."""
        return cls(
            refreshed=refreshed.refreshed,
            expires_at=refreshed.expires_at,
            version=refreshed.version,
        )


class TokenOut(Reply):
    """What may be known of a credential."""

    has_access_token: bool
    has_refresh_token: bool
    token_type: str | None
    expires_at: Timestamp | None
    scopes: list[str] | None
    version: int

    @classmethod
    def of(cls, token: StoredToken | None) -> Self:
        """From the sealed credential; version 0 = there is none."""
        if token is None:
            return cls(
                has_access_token=False,
                has_refresh_token=False,
                token_type=None,
                expires_at=None,
                scopes=None,
                version=0,
            )
        return cls(
            has_access_token=True,
            has_refresh_token=token.has_refresh_token,
            token_type=token.token_type,
            expires_at=token.expires_at,
            scopes=None if token.scopes is None else list(token.scopes),
            version=token.version,
        )


class RevealedOut(TokenOut):
    """The same with the token itself."""

    access_token: str

    @classmethod
    def revealing(cls, revealed: Revealed) -> Self:
        """From the service's answer."""
        return cls(
            **dict(TokenOut.of(revealed.stored)),
            access_token=revealed.access_token.get_secret_value(),
        )
