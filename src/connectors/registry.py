"""Finds connectors, validates each whole, and refuses the start with the name of a broken one.

A connector is a folder with ``connector.py`` and ``icon.svg``: in ``src/connectors``, in a folder
of ``CONNECTOR_PATHS``, or in an installed package that names its ``connector`` module as an entry
point of the group ``connectors``. Nothing is registered by hand.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any

from src.connectors.base import BaseConnector, ReceivesWebhooks, SubscribesWebhooks
from src.connectors.manifest import Manifest
from src.connectors.reasons import reason
from src.connectors.versions import refusal, written
from src.connectors.webhooks import MadeBy
from src.core.errors import NotFound, StartError

_HOME = Path(__file__).parent
_ICON = "icon.svg"
_NO_FOLDER = "CONNECTOR_PATHS names {}, which is not a folder"
_ITSELF = "CONNECTOR_PATHS names {}, which is a connector itself; name the folder above: {}"
_FILE = "connector.py"
_DROPPED_IN = "connectors_in_"
ENTRY_POINTS = "connectors"


class ConnectorLoadError(StartError):
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

    def sandbox_factory(self) -> Any:
        """What makes the imitation of its provider out of a store; None when it brings none.

        Raises:
            ConnectorLoadError: ``manifest.sandbox`` leads nowhere.
        """
        if self.manifest.sandbox is None:
            return None
        module_name, _, name = self.manifest.sandbox.partition(":")
        package = self.connector_class.__module__.rpartition(".")[0]
        try:
            return getattr(importlib.import_module(module_name, package), name)
        except (ImportError, AttributeError) as error:
            raise ConnectorLoadError(
                f"connector {self.manifest.id!r}: its sandbox cannot be loaded: {error}"
            ) from error


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


def discover(paths: Sequence[Path] = ()) -> ConnectorRegistry:
    """Find and validate every connector: ours, those in ``paths``, and installed ones.

    Raises:
        ConnectorLoadError: Some are broken, or two have the same id; all of them are named.
    """
    found: dict[str, LoadedConnector] = {}
    unfit = {path: why for path in paths if (why := unfit_home(path))}
    refused = [*unfit.values()]
    for connector_id, module_name in candidates([path for path in paths if path not in unfit]):
        if connector_id in found:
            first, second = (
                origin(connector_id, name)
                for name in (found[connector_id].connector_class.__module__, module_name)
            )
            refused.append(f"connector {connector_id!r} is there twice: {first} and {second}")
            continue
        try:
            found[connector_id] = load(connector_id, module_name)
        except ConnectorLoadError as error:
            refused.append(str(error))
    if refused:
        raise ConnectorLoadError("\n".join(refused))
    return ConnectorRegistry(found)


def unfit_home(path: Path) -> str | None:
    """Why no connectors can be looked for in a folder of ``CONNECTOR_PATHS``; None = they can."""
    if not path.is_dir():
        return _NO_FOLDER.format(path)
    if (path / _FILE).is_file():
        return _ITSELF.format(path, path.resolve().parent)
    return None


def candidates(paths: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """The id of each connector that is there, and its module."""
    for name in _folders(_HOME):
        yield name, f"{__package__}.{name}.connector"
    for path in paths:
        package = _package_of(path)
        for name in _folders(path):
            yield name, f"{package}.{name}.connector"
    for entry_point in sorted(entry_points(group=ENTRY_POINTS), key=lambda entry: entry.name):
        yield entry_point.name, entry_point.module


def _folders(home: Path) -> list[str]:
    return sorted(child.parent.name for child in home.glob(f"*/{_FILE}"))


def _package_of(path: Path) -> str:
    """A package over a folder of connectors, so that they import their neighbours as usual.

    Each folder gets a name of its own: neither the order of the folders nor a connector called like
    a module of the standard library changes what an import finds.

    Raises:
        ConnectorLoadError: There is no such folder.
    """
    if not path.is_dir():
        raise ConnectorLoadError(_NO_FOLDER.format(path))
    home = str(path.resolve())
    name = f"{_DROPPED_IN}{hashlib.sha256(home.encode()).hexdigest()[:12]}"
    package = ModuleType(name, f"Connectors in {home}.")
    package.__path__ = [home]
    sys.modules.setdefault(name, package)
    return name


def module_of(folder: Path) -> str:
    """The dotted path, for ``load``, of the connector in a folder that lies anywhere.

    Raises:
        ConnectorLoadError: The folder has no parent that is there.
    """
    home = folder.resolve()
    return f"{_package_of(home.parent)}.{home.name}.connector"


def load(connector_id: str, module_name: str) -> LoadedConnector:
    """Import one connector and validate it whole.

    Raises:
        ConnectorLoadError: It is broken.
    """
    folder: Path | None = None
    try:
        folder = _folder(module_name)
        if folder is not None and (why := refusal(written(folder))):
            raise ValueError(why)  # noqa: TRY301
        module = importlib.import_module(module_name)
        connector_class = _only_connector(module)
        manifest = getattr(connector_class, "manifest", None)
        if not isinstance(manifest, Manifest):
            raise TypeError(f"{connector_class.__name__} has no manifest")  # noqa: TRY301
        if manifest.id != connector_id:
            why = (
                f"its manifest says {manifest.id!r}: name the folder (or the entry point) so, or"
                " correct the manifest's id"
            )
            raise ValueError(why)  # noqa: TRY301
        _check_webhooks(connector_class)
        icon = (Path(str(module.__file__)).parent / _ICON).read_bytes()
    except (Exception, SystemExit) as error:
        why = reason(error, module_name, folder)
        raise ConnectorLoadError(
            f"connector {connector_id!r} ({origin(connector_id, module_name)}) cannot be loaded:"
            f" {why}"
        ) from error
    return LoadedConnector(connector_class, icon)


def origin(connector_id: str, module_name: str) -> str:
    """Where a connector comes from, in words: its folder, or its module and installed package."""
    if module_name.startswith(_DROPPED_IN):
        return str(_folder(module_name))
    for entry_point in entry_points(group=ENTRY_POINTS, name=connector_id):
        if entry_point.module == module_name and entry_point.dist is not None:
            package = f"{entry_point.dist.name} {entry_point.dist.version}"
            return f"{module_name}, of the package {package}"
    return module_name


def _folder(module_name: str) -> Path | None:
    """Where the files of a connector from outside are; nothing of it is run to find them."""
    top, *inner = module_name.split(".")
    if module_name.startswith(f"{__package__}.") or not inner:
        return None
    homes = getattr(sys.modules.get(top), "__path__", None)
    if homes is None:
        spec = importlib.util.find_spec(top)
        homes = spec.submodule_search_locations if spec is not None else None
    folders = (Path(home).joinpath(*inner[:-1]) for home in homes or ())
    return next((folder for folder in folders if folder.is_dir()), None)


def _check_webhooks(connector_class: type[BaseConnector]) -> None:
    """Refuse webhooks that are declared and not implemented, or the other way round."""
    spec = connector_class.manifest.webhooks
    if (spec is not None) != issubclass(connector_class, ReceivesWebhooks):
        raise TypeError("manifest.webhooks and the base ReceivesWebhooks go together")
    by_us = spec is not None and spec.made_by is not MadeBy.HAND
    if by_us != issubclass(connector_class, SubscribesWebhooks):
        raise TypeError("the base SubscribesWebhooks is for webhooks that are not made by hand")


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
