"""Who refreshes a connection's token now, and the journal of what was tried."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from src.models.base import Model, Timestamp
from src.models.credential import StoredToken


class TroubleKind(StrEnum):
    """Why the last attempt brought no token."""

    OUTAGE = "outage"
    TIMEOUT = "timeout"
    LIMITED = "limited"
    REFUSED = "refused"
    APP = "app"
    DEAD = "dead"


class Trouble(Model):
    """What the last attempt ended with; ``message`` holds no secret."""

    kind: TroubleKind
    message: str
    generation: int
    version: int
    """Of the token that was sent."""

    def is_about(self, token: StoredToken) -> bool:
        """Whether it was this very token that was sent."""
        return (self.generation, self.version) == (token.generation, token.version)


class Sent(Model):
    """A refresh token that has left for the provider, and whose answer is not stored."""

    generation: int
    version: int
    at: Timestamp
    """When it was sent first, by the database's clock."""
    times: int

    def is_of(self, token: StoredToken) -> bool:
        """Whether it is this token's."""
        return (self.generation, self.version) == (token.generation, token.version)


class RefreshLease(Model):
    """One per connection. All its times are the database's, ``now`` too."""

    connection_id: str
    owner: str | None = None
    until: Timestamp | None = None
    sent: Sent | None = None
    failures: int = 0
    """Attempts in a row that brought nothing."""
    not_before: Timestamp | None = None
    trouble: Trouble | None = None
    now: Timestamp

    @property
    def rest(self) -> float:
        """Seconds until the provider may be asked again."""
        return _seconds(self.not_before, self.now)

    @property
    def since_sent(self) -> float:
        """Seconds since the token was sent first."""
        return -_seconds(self.sent.at, self.now) if self.sent else 0.0


def _seconds(moment: datetime | None, after: datetime) -> float:
    return (moment - after).total_seconds() if moment else 0.0
