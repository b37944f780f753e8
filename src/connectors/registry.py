"""Finds connectors, validates each whole, and refuses the start with the name of a broken one.

A connector is a folder with ``connector.py``: in ``src/connectors``, in a folder of
``CONNECTOR_PATHS``, or an installed package named by an entry point of the group ``connectors``.
Nothing is registered by hand.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, ModuleType

from src.connectors.base import BaseConnector
from src.connectors.manifest import Manifest
from src.core.errors import NotFound

_HOME = Path(__file__).parent
_ICON = "icon.svg"


class ConnectorLoadError(RuntimeError):
    """A connector cannot be used; the message names it and the reason."""


@dataclass(frozen=True, slots=True)
class LoadedConnector:
    """A validated connector."""

    connector_class: type[BaseConnector]
    icon: bytes

    @property
    def manifest(self) -> Manifest:
        """Its data."""
        return self.connector_class.manifest


class ConnectorRegistry(Mapping[str, LoadedConnector]):
    """Every connector by id; read-only after the start."""

    def __init__(self, connectors: Mapping[str, LoadedConnector]) -> None:
        self._connectors = MappingProxyType(dict(sorted(connectors.items())))

    def __getitem__(self, connector_id: str) -> LoadedConnector:
        return self._connectors[connector_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._connectors)

    def __len__(self) -> int:
        return len(self._connectors)

    def find(self, connector_id: str) -> LoadedConnector:
        """The connector with this id.

        Raises:
            NotFound: There is none.
        """
        if connector_id not in self._connectors:
            raise NotFound(f"There is no connector {connector_id!r}.")
        return self._connectors[connector_id]


def discover() -> ConnectorRegistry:
    """Find and validate every connector.

    Raises:
        ConnectorLoadError: One of them is broken.
    """
    return ConnectorRegistry(
        {
            folder.name: load(folder.name, f"{__package__}.{folder.name}.connector")
            for folder in sorted(_HOME.iterdir())
            if (folder / "connector.py").is_file()
        }
    )


def load(connector_id: str, module_name: str) -> LoadedConnector:
    """Import one connector and validate it whole.

    Raises:
        ConnectorLoadError: It is broken.
    """
    try:
        module = importlib.import_module(module_name)
        connector_class = _only_connector(module)
        manifest = getattr(connector_class, "manifest", None)
        if not isinstance(manifest, Manifest):
            raise TypeError(f"{connector_class.__name__} has no manifest")  # noqa: TRY301
        if manifest.id != connector_id:
            raise ValueError(f"its manifest says {manifest.id!r}")  # noqa: TRY301
        icon = (Path(str(module.__file__)).parent / _ICON).read_bytes()
    except Exception as error:
        raise ConnectorLoadError(
            f"connector {connector_id!r} ({module_name}) cannot be loaded: {error}"
        ) from error
    return LoadedConnector(connector_class, icon)


def _only_connector(module: ModuleType) -> type[BaseConnector]:
    classes = [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, BaseConnector)
        and value.__module__ == module.__name__
    ]
    if len(classes) != 1:
        raise TypeError(f"it must define exactly one connector class, not {len(classes)}")
    if inspect.isabstract(classes[0]):
        missing = ", ".join(sorted(classes[0].__abstractmethods__))
        raise TypeError(f"{classes[0].__name__} lacks {missing}")
    return classes[0]
