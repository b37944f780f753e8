"""Bodies of liveness and readiness."""

from __future__ import annotations

from typing import Literal

from src.api.schemas.base import Reply


class AliveOut(Reply):
    """The process answers."""

    name: str
    version: str
    status: Literal["ok"]
    uptime_seconds: float


class ReadyOut(Reply):
    """What requests depend on, each `ok` or a sentence."""

    server: str
    mongodb: str
    replica_set: str
    broker: str
    encryption_key: str
    key_fingerprint: str
