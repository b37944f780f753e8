"""A connector that cannot be used is named with a reason that leads to the place, all at once."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from src.connectors.registry import ConnectorLoadError, discover
from src.connectors.versions import API_VERSION, OLDEST_API_VERSION
from tests.connectors.test_dropins import drop_in

FUTURE = "from src.connectors.manifest import SomethingOfTheFuture\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
METADATA = "Metadata-Version: 2.1\nName: acme-shelf\nVersion: 1.2.3\n"
ENTRY = "[connectors]\nshelf = {}\n"


def refusal_of(home: Path) -> str:
    with pytest.raises(ConnectorLoadError) as refused:
        discover([home])
    return str(refused.value)


@pytest.mark.parametrize(
    ("asked", "word"),
    [(API_VERSION + 1, "which is newer"), (OLDEST_API_VERSION - 1, "which is too old")],
    ids=["newer", "older"],
)
@pytest.mark.parametrize("file", ["connector.py", "__init__.py"])
def test_another_version_is_told_before_what_follows_from_it(
    tmp_path: Path, asked: int, word: str, file: str
) -> None:
    field = f'version="1.4.2", api_version={asked}, field_of_the_future=1'
    folder = drop_in(tmp_path, **{'version="1.0.0"': field})
    code = (folder / file).read_text() if (folder / file).exists() else ""
    (folder / file).write_text(FUTURE + code)
    said = refusal_of(tmp_path)
    assert f"connector 'shelf' ({folder})" in said
    assert f"its version 1.4.2 is written for plugin API {asked}, {word}" in said
    assert f"this service has version {API_VERSION}" in said
    assert 'docs/connector-reference.md, "Versions"' in said
    assert "future" not in said.lower()


def test_another_version_that_is_computed_is_told_before_unknown_fields(tmp_path: Path) -> None:
    field = f'version="1.0.0", api_version=int("{API_VERSION + 1}"), field_of_the_future=1'
    drop_in(tmp_path, **{'version="1.0.0"': field})
    said = refusal_of(tmp_path)
    assert f"written for plugin API {API_VERSION + 1}" in said
    assert "future" not in said


@pytest.mark.parametrize("version", [OLDEST_API_VERSION, API_VERSION])
def test_versions_that_still_work_are_taken(tmp_path: Path, version: int) -> None:
    drop_in(tmp_path, **{'version="1.0.0"': f'version="1.0.0", api_version={version}'})
    assert discover([tmp_path])["shelf"].manifest.api_version == version


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            "import re\n",
            "import re\nimport acme_sdk.client\n",
            r"connector\.py, line \d+: it needs the package 'acme_sdk', which is not installed",
        ),
        ("import re\n", "import re\n)\n", r"connector\.py, line \d+: unmatched '\)'"),
        (
            "import re\n",
            "import re, sys\nsys.exit('no licence')\n",
            r"connector\.py, line \d+: it ends the process when it is imported \(no licence\)",
        ),
        (
            "import re\n",
            "import re\nprint({}['x'])\n",
            r"connector\.py, line \d+: KeyError: 'x'",
        ),
        (
            'category="documents"',
            "kind='documents'",
            r"connector\.py, line \d+: Manifest: category: Field required; kind: Extra inputs",
        ),
    ],
    ids=["package", "syntax", "exit", "error", "fields"],
)
def test_the_reason_leads_to_the_place(tmp_path: Path, old: str, new: str, reason: str) -> None:
    folder = drop_in(tmp_path, **{old: new})
    said = refusal_of(tmp_path)
    assert re.search(rf"{re.escape(str(folder))}/{reason}", said), said


def test_all_that_are_broken_are_named(tmp_path: Path) -> None:
    for name in ("atlas", "globe"):
        drop_in(tmp_path / "one", name, **{'id="shelf"': 'id="other"'})
    drop_in(tmp_path / "two", "shelf")
    drop_in(tmp_path / "three", "shelf", **{"import re\n": ")\n"})
    with pytest.raises(ConnectorLoadError) as refused:
        discover([tmp_path / "one", tmp_path / "two", tmp_path / "absent", tmp_path / "three"])
    lines = str(refused.value).splitlines()
    assert [line.partition(":")[0].partition(" (")[0] for line in lines] == [
        f"CONNECTOR_PATHS names {tmp_path / 'absent'}, which is not a folder",
        "connector 'atlas'",
        "connector 'globe'",
        "connector 'shelf' is there twice",
    ]


def test_the_folder_of_a_connector_is_not_one_that_holds_some(tmp_path: Path) -> None:
    folder = drop_in(tmp_path, "shelf")
    assert refusal_of(folder).endswith(f"name the folder above: {tmp_path}")


def test_another_id_than_the_folders_says_what_to_correct(tmp_path: Path) -> None:
    drop_in(tmp_path, "atlas")
    assert "its manifest says 'shelf': name the folder" in refusal_of(tmp_path)


def install(home: Path, module: str) -> Path:
    """Install the package of a connector where Python looks; its place."""
    folder = drop_in(home / "source", "shelf_package")
    wheel = home / "acme_shelf-1.2.3-py3-none-any.whl"
    info = {"METADATA": METADATA, "WHEEL": WHEEL, "entry_points.txt": ENTRY.format(module)}
    with zipfile.ZipFile(wheel, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"shelf_package/{file.name}")
        for name, text in {**info, "RECORD": ""}.items():
            archive.writestr(f"acme_shelf-1.2.3.dist-info/{name}", text)
    options = ["--disable-pip-version-check", "--quiet", "--no-index", "--no-deps"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target"]
    subprocess.run([*command, home / "site", wheel], check=True, capture_output=True)
    return home / "site"


def test_an_installed_package_is_found_by_its_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(install(tmp_path, "shelf_package.connector")))
    loaded = discover()["shelf"]
    assert loaded.icon.startswith(b"<svg")
    assert callable(loaded.sandbox_factory())


def test_an_entry_point_that_leads_nowhere_is_named_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(install(tmp_path, "shelf_of_acme.conector")))
    with pytest.raises(ConnectorLoadError) as refused:
        discover()
    assert "connector 'shelf'" in str(refused.value)
    assert "there is no module shelf_of_acme" in str(refused.value)
    assert "acme-shelf 1.2.3" in str(refused.value)
