"""Finds the suite of a connector: the class that describes the landmarks of its sandbox.

It stands in ``tests/test_*.py`` or ``test_*.py`` of the connector's folder; for ours below
``tests/connectors/``.
"""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from src.connectors.registry import LoadedConnector
from src.core.errors import StartError
from src.testing.conformance import ConnectorConformance
from src.testing.manifests import folder_of

Suite = type[ConnectorConformance]

ROOT = Path(__file__).parents[2]
_OURS = ROOT / "src" / "connectors"
_MAY_HOLD_ONE = re.compile(r"ConnectorConformance|connector_id")


class NoSuite(StartError):
    """A connector comes without a suite, or with one that cannot be read."""


def is_ours(folder: Path) -> bool:
    """Whether a connector's folder is one of the platform's own."""
    return folder.resolve().parent == _OURS


def test_files(folder: Path) -> list[Path]:
    """The tests of the connector in this folder."""
    if is_ours(folder):
        return sorted((ROOT / "tests" / "connectors" / folder.name).rglob("test_*.py"))
    return sorted([*folder.glob("test_*.py"), *(folder / "tests").rglob("test_*.py")])


def find_suite(loaded: LoadedConnector) -> Suite:
    """The suite of a connector: of several the first that is graded.

    Raises:
        NoSuite: There is none.
    """
    found = find_suites(loaded)
    if not found:
        name = loaded.manifest.id
        raise NoSuite(
            f"connector {name!r} has no suite: derive one from src.testing.ConnectorConformance in"
            f" {folder_of(loaded) / 'tests' / f'test_{name}.py'}. An installed package comes"
            " without its tests: name the folder that it was built from with --path DIR."
        )
    return next((one for one in found if not getattr(one, "graded_elsewhere", False)), found[0])


def find_suites(loaded: LoadedConnector) -> list[Suite]:
    """Every suite of a connector, bound to the very class that was loaded.

    Raises:
        NoSuite: A file with tests cannot be imported.
    """
    folder = folder_of(loaded)
    texts = ((path, path.read_text(encoding="utf-8")) for path in test_files(folder))
    modules = [
        _imported(loaded, folder, path) for path, text in texts if _MAY_HOLD_ONE.search(text)
    ]
    return [_bound(loaded, suite) for module in modules for suite in _suites_of(module, loaded)]


def _suites_of(module: ModuleType, loaded: LoadedConnector) -> Iterator[Suite]:
    for value in vars(module).values():
        if (
            inspect.isclass(value)
            and issubclass(value, ConnectorConformance)
            and value.__module__ == module.__name__
            and value.__name__.startswith("Test")
            and getattr(value, "connector_id", None) == loaded.manifest.id
        ):
            yield value


def _bound(loaded: LoadedConnector, suite: Suite) -> Suite:
    module = loaded.connector_class.__module__
    if (suite.module or f"src.connectors.{suite.connector_id}.connector") == module:
        return suite
    # A package that is installed and a folder that is named are two modules of one connector.
    names = {"module": module, "__module__": suite.__module__, "__doc__": suite.__doc__}
    return type(suite.__name__, (suite,), names)


def _imported(loaded: LoadedConnector, folder: Path, path: Path) -> ModuleType:
    home, package = folder, loaded.connector_class.__module__.rpartition(".")[0]
    if is_ours(folder):
        home, package = ROOT / "tests", "tests"
    name = ".".join([package, *path.relative_to(home).with_suffix("").parts])
    try:
        with _importing_from(path.parent, ROOT):
            return importlib.import_module(name)
    except Exception as error:
        raise NoSuite(f"{path} cannot be imported: {error}") from error


@contextmanager
def _importing_from(*homes: Path) -> Iterator[None]:
    """Neighbours of a test can be imported meanwhile, as pytest lets them be."""
    added = [str(home) for home in homes if str(home) not in sys.path]
    sys.path.extend(added)
    try:
        yield
    finally:
        for home in added:
            sys.path.remove(home)
