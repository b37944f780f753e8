"""Connectors from outside: a folder in CONNECTOR_PATHS, found and validated like our own."""

import shutil
from pathlib import Path

import pytest

from src.connectors.registry import ConnectorLoadError, discover

TESTING = Path(__file__).parents[1] / "testing"


def drop_in(home: Path, name: str = "shelf", **replaced: str) -> Path:
    """A copy of the tests' small connector with its own sandbox, as an author would ship it."""
    folder = home / name
    shutil.copytree(
        TESTING / "shelf", folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
    )
    shutil.copy(TESTING / "library.py", folder / "library.py")
    code = (folder / "connector.py").read_text()
    code = code.replace("tests.testing.library:create_app", ".library:create_app")
    for old, new in replaced.items():
        assert old in code
        code = code.replace(old, new)
    (folder / "connector.py").write_text(code)
    return folder


def test_a_folder_is_found_with_its_sandbox(tmp_path: Path) -> None:
    drop_in(tmp_path)
    registry = discover([tmp_path])
    assert set(registry) == {*discover(), "shelf"}
    assert registry["shelf"].icon.startswith(b"<svg")
    assert callable(registry["shelf"].sandbox_factory())


def test_folders_of_one_name_in_two_places_do_not_shadow_each_other(tmp_path: Path) -> None:
    drop_in(tmp_path / "one")
    drop_in(tmp_path / "two")
    with pytest.raises(ConnectorLoadError) as refused:
        discover([tmp_path / "one", tmp_path / "two"])
    places = f"{tmp_path / 'one' / 'shelf'} and {tmp_path / 'two' / 'shelf'}"
    assert str(refused.value) == f"connector 'shelf' is there twice: {places}"


def test_a_connector_may_be_called_like_a_module_of_the_standard_library(tmp_path: Path) -> None:
    drop_in(tmp_path, "calendar", **{'id="shelf"': 'id="calendar"'})
    assert "calendar" in discover([tmp_path])


def test_ours_is_not_replaced(tmp_path: Path) -> None:
    drop_in(tmp_path, "github", **{'id="shelf"': 'id="github"'})
    with pytest.raises(ConnectorLoadError, match="'github' is there twice"):
        discover([tmp_path])


def test_a_path_that_is_no_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConnectorLoadError, match=r"CONNECTOR_PATHS names .*absent"):
        discover([tmp_path / "absent"])


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("import re", "import nowhere_to_be_found", "nowhere_to_be_found"),
        ('id="shelf"', 'id="other"', "its manifest says 'other'"),
        ('version="1.0.0"', 'version="one"', "version"),
        ('version="1.0.0"', 'version="1.0.0", api_version=99', "plugin API 99"),
        ("async def identify", "async def identity", "identify"),
    ],
)
def test_a_broken_one_is_named_with_its_reason(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    drop_in(tmp_path, **{old: new})
    with pytest.raises(ConnectorLoadError, match="'shelf'") as refused:
        discover([tmp_path])
    assert reason in str(refused.value)


def test_a_sandbox_that_leads_nowhere_is_named(tmp_path: Path) -> None:
    drop_in(tmp_path, **{".library:create_app": ".library:absent"})
    with pytest.raises(ConnectorLoadError, match="'shelf': its sandbox"):
        discover([tmp_path])["shelf"].sandbox_factory()
