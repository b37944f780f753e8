"""Strava passes the suite of every connector."""

from collections.abc import Mapping
from typing import Any, ClassVar

from src.sandbox.strava.callers import DANA_TOKEN
from src.sandbox.strava.seed.activities import FIRST
from src.testing import ConnectorConformance, StreamSample
from tests.connectors.strava import deeds


class TestStrava(ConnectorConformance):
    connector_id = "strava"
    token = DANA_TOKEN
    auth_method = "import"
    webhook_method = "oauth2"
    container = "activities"
    item = f"activity:{FIRST}"
    lists_bodies = False
    settings: ClassVar[Mapping[str, Any]] = {"syncGear": True}
    streams: ClassVar[Mapping[str, StreamSample]] = {
        "activities": deeds.ACTIVITIES,
        "gear": deeds.GEAR,
    }
