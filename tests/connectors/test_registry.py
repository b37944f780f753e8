"""A connector is validated whole, and a broken one is refused by name and reason."""

import itertools
import shutil
from pathlib import Path

import pytest

import src.connectors
from src.connectors.registry import ConnectorLoadError, ConnectorRegistry, discover, load
from src.core.errors import NotFound
from tests.testing import shelf

GOOD = Path(shelf.__file__).parent
_NUMBERS = itertools.count()
CLASS = "class ShelfConnector(BrowsesComments, PicksResources, RunsTools):"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def copy_of_shelf(folder: Path, old: str = "", new: str = "") -> str:
    """A copy of the small connector, changed; its module."""
    package = f"registered_{next(_NUMBERS)}"
    shutil.copytree(GOOD, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / package / "connector.py"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new) if old else text, encoding="utf-8")
    return f"{package}.connector"


def test_every_folder_with_a_connector_is_found() -> None:
    registry = discover()
    ours = Path(src.connectors.__file__).parent
    assert list(registry) == sorted(file.parent.name for file in ours.glob("*/connector.py"))
    assert "github" in registry
    assert len(registry) == len(list(registry))
    for connector_id, loaded in registry.items():
        assert loaded.manifest.id == connector_id
        assert loaded.icon.startswith(b"<svg")


def test_a_connector_is_loaded_with_its_icon(folder: Path) -> None:
    loaded = load("shelf", copy_of_shelf(folder))
    assert loaded.connector_class.__name__ == "ShelfConnector"
    assert loaded.manifest.name == "Shelf"
    assert loaded.icon.startswith(b"<svg")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('id="shelf"', 'id="books"', "its manifest says 'books'"),
        ("    manifest = Manifest(", "    data = Manifest(", "ShelfConnector has no manifest"),
        ("    async def comments(", "    async def remarks(", "ShelfConnector lacks comments"),
        (
            CLASS,
            f"class Second(BrowsesComments):\n    pass\n\n\n{CLASS}",
            "exactly one connector class, not 2",
        ),
        (CLASS, "class ShelfConnector:", "exactly one connector class, not 0"),
        ("import re\n", "import re\nimport no_such_module\n", "No module named 'no_such_module'"),
        ("import re\n", "import re\n)\n", "unmatched ')'"),
        ("import re\n", "import re\n1 / 0\n", "division by zero"),
        ('version="1.0.0"', 'version="1"', "version"),
        ('version="1.0.0"', 'version="1.0.0", api_version=99', "written for plugin API 99"),
        ("https://api.library", "http://api.library", "api_url"),
        ('category="documents"', "kind='documents'", "category"),
    ],
)
def test_a_broken_connector_is_refused_by_name_and_reason(
    folder: Path, old: str, new: str, reason: str
) -> None:
    module = copy_of_shelf(folder, old, new)
    with pytest.raises(ConnectorLoadError) as caught:
        load("shelf", module)
    assert "connector 'shelf'" in str(caught.value)
    assert module in str(caught.value)
    assert reason in str(caught.value)


def test_a_connector_without_an_icon_is_refused(folder: Path) -> None:
    module = copy_of_shelf(folder)
    (folder / module.partition(".")[0] / "icon.svg").unlink()
    with pytest.raises(ConnectorLoadError, match=r"connector 'shelf'.*icon\.svg"):
        load("shelf", module)


def test_a_module_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConnectorLoadError, match=r"connector 'shelf'.*nowhere"):
        load("shelf", "nowhere.connector")


def test_two_auth_methods_with_one_id_are_refused(folder: Path) -> None:
    method = 'AuthMethod(id="key", kind=AuthKind.IMPORT, label="Import"),'
    module = copy_of_shelf(folder, "auth_methods=(", f"auth_methods=({method}")
    with pytest.raises(ConnectorLoadError, match="repeat an id"):
        load("shelf", module)


def test_a_registry_is_read_only_sorted_and_says_what_is_not_there(folder: Path) -> None:
    one = load("shelf", copy_of_shelf(folder))
    registry = ConnectorRegistry({"zebra": one, "alpha": one})
    assert list(registry) == ["alpha", "zebra"]
    assert registry.find("alpha") is one
    with pytest.raises(NotFound, match="'nothing'"):
        registry.find("nothing")
    with pytest.raises(TypeError):
        registry["new"] = one  # type: ignore[index]
