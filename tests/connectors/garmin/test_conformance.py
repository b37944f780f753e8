"""Garmin passes the suite of every connector: by a personal key, and by tokens of its own apps."""

from typing import ClassVar

from src.sandbox.garmin.people import LI, MIA
from src.sandbox.garmin.seed import NEWEST
from src.sandbox.garmin.tokens import Claims, file_token, written
from src.testing import ConnectorConformance

LATER = 4_000_000_000


class TestPersonalKey(ConnectorConformance):
    """With the bearer token that a key has been exchanged for."""

    connector_id = "garmin"
    auth_method = "personalKey"
    token = written(Claims(MIA.profile, "personal", LATER, 0))
    config: ClassVar = {"domain": "garmin.com"}
    container = "activities"
    item = f"activity:{NEWEST}"
    beyond = ("garmin_gear",)


class TestTokens(ConnectorConformance):
    """With the access token of a token file."""

    connector_id = "garmin"
    auth_method = "tokens"
    token = file_token(MIA, end=LATER)
    config: ClassVar = {"domain": "garmin.com"}
    container = "activities"
    item = f"activity:{NEWEST}"


class TestTokensOfChina(ConnectorConformance):
    """The same at garmin.cn."""

    connector_id = "garmin"
    auth_method = "tokens"
    token = file_token(LI, end=LATER)
    config: ClassVar = {"domain": "garmin.cn"}
    container = "daily"
    item = "activity:31000000001"
    limit = 10
    requests: ClassVar = {"items": 2}
