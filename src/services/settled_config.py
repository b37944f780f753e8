"""The configuration of a new authorization, whole and checked before anything is asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from src.connectors.manifest import AuthMethod
from src.connectors.registry import LoadedConnector
from src.core.errors import ValidationFailed
from src.services.connections import checked


def settled_config(
    loaded: LoadedConnector,
    method: AuthMethod,
    inherited: Mapping[str, Any],
    given: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """What is inherited and what is given, with all that the method needs.

    Raises:
        ValidationFailed: The connector refuses a field, or the method lacks one.
    """
    config = checked("config", loaded.manifest.config_model, {**inherited, **(given or {})})
    problems = [
        (f"config.{name}", "is required")
        for name in method.required_config
        if config.get(name) in (None, "")
    ]
    if method.username is not None and ":" in str(config.get(method.username)):
        # RFC 7617 §2: the first colon ends the user name.
        problems.append((f"config.{method.username}", "must not hold a colon"))
    if problems:
        raise ValidationFailed(problems)
    return config
