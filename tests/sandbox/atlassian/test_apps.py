"""The imitations' own OAuth apps are those that the connectors bring along."""

import pytest

from src.connectors.registry import load
from src.sandbox.atlassian.oauth import app_of


@pytest.mark.parametrize("product", ["jira", "confluence"])
def test_the_manifest_names_the_app_that_the_imitation_knows(product: str) -> None:
    manifest = load(product, f"src.connectors.{product}.connector").manifest
    app, known = manifest.sandbox_app, app_of(product)
    assert app is not None
    assert app.client_secret is not None
    assert (app.client_id, app.client_secret.get_secret_value()) == (
        known.client_id,
        known.client_secret,
    )
