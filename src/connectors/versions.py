"""The versions of the plugin interface, and which of them a connector is written for.

That is read from its files before they are run: what was written for another version may fail in
any way when it is imported, and would then not say the one thing that helps.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

API_VERSION = 2
"""The version of this plugin interface. It rises with each release that adds something."""
OLDEST_API_VERSION = 1
"""The oldest version whose connectors still work. It rises when something that they use ends."""
FIRST_API_VERSION = 1
"""The version that a connector is written for which does not say so."""
HISTORY = {
    1: "0.1.0: browsing with keys and imported tokens.",
    2: "After 0.1.0: OAuth, tools, pickers, streams, webhooks, limits of apps, sites and homes,"
    " `transport`, `grade`. Connectors of version 1 work as they are.",
}
"""What came with each version."""
CHANGES = 'docs/connector-reference.md, "Versions"'

_FILES = ("manifest.py", "connector.py")


@dataclass(frozen=True, slots=True)
class Written:
    """What the files of a connector say of it."""

    version: str | None = None
    api_version: int | None = None


def refusal(written: Written) -> str | None:
    """Why a connector cannot work here, if it is too old or too new."""
    asked = FIRST_API_VERSION if written.api_version is None else written.api_version
    name = f"its version {written.version}" if written.version else "it"
    here = f"this service has version {API_VERSION} of the plugin interface"
    if asked > API_VERSION:
        return (
            f"{name} is written for plugin API {asked}, which is newer: {here}. Install a newer"
            f" service or an older version of the connector; {CHANGES}, tells what differs"
        )
    if asked < OLDEST_API_VERSION:
        return (
            f"{name} is written for plugin API {asked}, which is too old: {here}, and takes"
            f" connectors from {OLDEST_API_VERSION} on. Install a newer version of the connector;"
            f" {CHANGES}, tells what has changed"
        )
    return None


def written(folder: Path) -> Written:
    """What a connector is written for, as far as it can be read without running it."""
    for file in (folder / name for name in _FILES):
        for call in _manifests(file):
            values = {
                keyword.arg: keyword.value.value
                for keyword in call.keywords
                if isinstance(keyword.value, ast.Constant)
            }
            version, api_version = values.get("version"), values.get("api_version")
            return Written(
                version if isinstance(version, str) else None,
                api_version if isinstance(api_version, int) else None,
            )
    return Written()


def _manifests(file: Path) -> Iterator[ast.Call]:
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) == "Manifest":
            yield node


def _name(called: ast.expr) -> str | None:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", None)
