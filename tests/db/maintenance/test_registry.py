"""The registry of sealed fields names each one that a model has."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import src.models
from src.db.maintenance.sealed import SEALED_FIELDS
from src.models.base import Model


def sealed_fields() -> Iterator[str]:
    """Fields of stored models that hold what was sealed, as they are stored."""
    for module in pkgutil.iter_modules(src.models.__path__):
        for kind in vars(importlib.import_module(f"src.models.{module.name}")).values():
            if isinstance(kind, type) and issubclass(kind, Model):
                for name, field in kind.model_fields.items():
                    if name.startswith("sealed") and field.annotation in {bytes, bytes | None}:
                        yield f"{kind.__name__}.{field.alias or name}"


HOME = {
    "Connection": "connections",
    "ConnectorSettings": "connector_settings",
    "Endpoint": "webhook_endpoints",
    "HookDelivery": "hook_deliveries",
    "OAuthState": "oauth_states",
    "Receiver": "hook_receivers",
    "StoredToken": "tokens",
}
"""Where models with sealed fields are stored."""


@pytest.mark.parametrize("name", sorted(set(sealed_fields())))
def test_every_sealed_field_of_a_model_is_rotated(name: str) -> None:
    kind, _, path = name.partition(".")
    assert f"{HOME[kind]}.{path}" in {str(field) for field in SEALED_FIELDS}


def test_there_are_sealed_fields() -> None:
    assert {"StoredToken.sealed", "Connection.sealedClientSecret"} <= set(sealed_fields())
