"""Strava passes the suite of every connector."""

from src.sandbox.strava.callers import DANA_TOKEN
from src.sandbox.strava.seed.activities import FIRST
from src.testing import ConnectorConformance


class TestStrava(ConnectorConformance):
    connector_id = "strava"
    token = DANA_TOKEN
    auth_method = "import"
    container = "activities"
    item = f"activity:{FIRST}"
    lists_bodies = False
