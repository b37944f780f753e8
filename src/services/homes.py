"""Where an account is, as its provider has said with the token."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from src.connectors.manifest import AuthMethod
from src.connectors.registry import LoadedConnector
from src.connectors.rest.errors import unreadable
from src.core.errors import ValidationFailed
from src.core.logging import get_logger
from src.services.connections import checked

log = get_logger(__name__)


def at_home(
    loaded: LoadedConnector, method: AuthMethod, config: dict[str, Any], told: Mapping[str, Any]
) -> dict[str, Any]:
    """The configuration with the account's home, before the credential is used for anything.

    Args:
        loaded: The connector.
        method: How the account is connected.
        config: What is known so far; what it says of a home does not count.
        told: The token answer.

    Raises:
        UnreadableAnswer: The provider does not say where, or names a host that is not its own.
    """
    home = method.home
    if home is None or home.told_as is None:
        return config
    address = _address(method, told.get(home.told_as))
    if address is not None:
        # All else of it was checked when the flow began: what is refused now is the address.
        with suppress(ValidationFailed):
            return checked("config", loaded.manifest.config_model, {**config, home.field: address})
    log.warning("home.refused", connector=loaded.manifest.id, field=home.told_as)
    # What it says is not repeated: it may be an attacker's.
    raise unreadable(f"{home.told_as} is no address of {loaded.manifest.name}")


def imported_home(
    loaded: LoadedConnector,
    method: AuthMethod,
    config: dict[str, Any],
    raw: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """The same for an imported token: as its provider wrote it, else out of the configuration.

    Raises:
        ValidationFailed: Nobody says where the account is, or it is no address of the provider.
    """
    home = method.home
    if home is None or home.told_as is None:
        return config
    address = _address(method, (raw or {}).get(home.told_as, config.get(home.field)))
    if address is None:
        wanted = f"must be an address such as {home.such_as}"
        raise ValidationFailed([(f"config.{home.field}", wanted)])
    return checked("config", loaded.manifest.config_model, {**config, home.field: address})


def _address(method: AuthMethod, said: object) -> str | None:
    if method.home is None or not isinstance(said, str):
        return None
    try:
        return method.home.address(said)
    except ValueError:
        return None
