"""Finds one connector, also while another one, or this one itself, is broken."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from src.connectors.registry import (
    ConnectorLoadError,
    LoadedConnector,
    candidates,
    load,
    module_of,
    origin,
    unfit_home,
)
from src.core.config import Settings
from src.core.errors import StartError

_FILE = "connector.py"

ConnectorId = Annotated[
    str | None, typer.Argument(metavar="CONNECTOR", help="The connector's id, such as acme.")
]
Folder = Annotated[
    Path | None,
    typer.Option("--path", help="The folder of one connector, wherever it is.", metavar="DIR"),
]


@dataclass(frozen=True, slots=True)
class Located:
    """A connector that is somewhere; whether it can be loaded is another question."""

    connector_id: str
    module: str
    folder: Path

    def load(self) -> LoadedConnector:
        """Load it as the service does.

        Raises:
            StartError: It is broken; the message says where to look.
        """
        try:
            return load(self.connector_id, self.module)
        except ConnectorLoadError as error:
            command = f"python -m src.cli connector check --path {self.folder}"
            raise StartError(
                f"{error}\nAll that is wrong with it, line by line: {command}"
            ) from error


def locate(connector_id: str | None, path: Path | None, settings: Settings) -> Located:
    """The connector in a folder, or the one with this id that the service would find.

    Raises:
        StartError: There is none, or there are two.
    """
    if path is not None:
        return _in_folder(connector_id, path)
    if connector_id is None:
        raise StartError("Name the connector: by its id, or with --path DIR.")
    if refused := [why for path in settings.connector_paths if (why := unfit_home(path))]:
        raise StartError("\n".join(refused))
    known = list(candidates(settings.connector_paths))
    found = [module for name, module in known if name == connector_id]
    if not found:
        raise StartError(
            f"There is no connector {connector_id!r}, only {', '.join(name for name, _ in known)}."
            " Name its folder with --path DIR, or the folder above it in CONNECTOR_PATHS."
        )
    if len(found) > 1:
        places = " and ".join(origin(connector_id, module) for module in found)
        raise StartError(
            f"connector {connector_id!r} is there twice: {places}. Remove one, or name the folder"
            " of the one you mean with --path DIR."
        )
    return Located(connector_id, found[0], _folder_of(found[0]))


def _in_folder(connector_id: str | None, path: Path) -> Located:
    folder = path.resolve()
    if not (folder / _FILE).is_file():
        raise StartError(f"{path} is no folder of a connector: it has no {_FILE}.")
    return Located(connector_id or folder.name, module_of(folder), folder)


def _folder_of(module: str) -> Path:
    """Where a module's package is; nothing of it is imported, it may be broken.

    Raises:
        StartError: The package is not there.
    """
    package = module.rpartition(".")[0]
    spec = find_spec(package)
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    if not places:
        raise StartError(f"The package {package} of {module} is not there.")
    return Path(places[0])
