"""What a user of a connection may switch, and where a synchronization has got to."""

from __future__ import annotations

from pydantic import AwareDatetime, Field

from src.connectors.manifest import Checkpoint
from src.models.base import Model


class Settings(Model):
    """Switches of a connection; anybody who may change it may change them at any time."""

    sync_gear: bool = Field(
        default=False, description="Whether bikes and shoes are synchronized with the activities."
    )


class LastStart(Checkpoint):
    """A checkpoint of activities: the latest start that was seen.

    Strava lists by start and never by change, so a next run looks back some weeks from here.
    """

    last_start: AwareDatetime
