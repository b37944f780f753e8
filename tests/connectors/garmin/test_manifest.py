"""What the manifest says of each way to authorize, and what no manifest may say."""

from typing import Any

import pytest
from pydantic import ValidationError

from src.connectors.garmin.connector import GarminConnector
from src.connectors.garmin.manifest import MANIFEST, OAUTH2, PERSONAL_KEY, TOKENS
from src.connectors.garmin.redeeming import KEY_RENEWAL
from src.connectors.manifest import AuthMethod, Manifest
from src.core.oauth import Pkce


def method(name: str) -> AuthMethod:
    found = MANIFEST.auth_method(name)
    assert found is not None
    return found


def test_each_way_says_how_its_data_comes() -> None:
    told = {one.id: (one.delivery, one.at_once) for one in MANIFEST.auth_methods}
    assert told == {PERSONAL_KEY: ("pull", 2), OAUTH2: ("push", None), TOKENS: ("pull", 4)}
    spec = method(OAUTH2).oauth2
    assert spec is not None
    assert spec.pkce is Pkce.REQUIRED


def test_there_are_no_comments() -> None:
    found = {one.value for one in GarminConnector.capabilities()}
    assert found == {"containers", "items", "resources", "sync", "webhooks"}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        (PERSONAL_KEY, {"site": None}),
        (TOKENS, {"site": None}),
        (OAUTH2, {"renewal": KEY_RENEWAL, "site": lambda _: None}),
    ],
)
def test_a_renewal_needs_a_place_and_no_app(name: str, changes: dict[str, Any]) -> None:
    wrong = method(name).model_copy(update=changes)
    with pytest.raises(ValidationError, match="a renewal needs a site"):
        Manifest.model_validate({**dict(MANIFEST), "auth_methods": (wrong,)})
