"""What `connector new` writes works, whatever the answers."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import httpx
import pytest

from src.connectors.base import BrowsesItems
from src.connectors.grade import Grade
from src.connectors.manifest import AuthKind, Capability
from src.connectors.registry import discover, load, module_of
from src.connectors.rest.paginators import walk
from src.connectors.versions import API_VERSION
from src.models.query import ItemQuery
from src.testing.bench import open_bench
from src.testing.hostile import examine
from src.testing.suites import find_suite
from tests.api.answers import data_of, items_of, wrong_fields
from tests.cli.generated import SPREAD, write
from tests.conftest import GitHub, StartService
from tests.fakes.browser import approve

ROOT = Path(__file__).parents[2]
PUBLIC = "http://localhost:8000"
SYNCHRONIZED = ("acme", "board_app", "school", "drives", "vault", "ledgers")
BASIC = {name for name, arguments in SPREAD.items() if "--auth=basic" in arguments}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("connectors")
    for connector, arguments in SPREAD.items():
        write(home, connector, *arguments)
    return home


def run(*command: str | Path) -> str:
    """Run a tool as an author would; it must be content."""
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout


def test_each_passes_the_suite_and_its_own_tests(home: Path) -> None:
    folders = sorted(home.iterdir())
    said = run("pytest", *folders, "-q", "-p", "no:cacheprovider", "-p", "no:xdist")
    assert "failed" not in said
    assert "skipped" not in said


def test_each_is_written_as_our_own_code_is(home: Path, tmp_path: Path) -> None:
    run("ruff", "check", "--no-cache", home)
    run("ruff", "format", "--no-cache", "--check", home)
    # A cache of its own: somebody else may be running mypy over the other.
    cache = tmp_path / "cache"
    run("mypy", "--cache-dir", cache, "--follow-imports=silent", *sorted(home.iterdir()))
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]
    theirs = tomllib.loads((home / "acme" / "pyproject.toml").read_text())["tool"]["ruff"]
    assert theirs["lint"]["select"] == ours["lint"]["select"]
    assert theirs["line-length"] == ours["line-length"]


def test_the_template_runs_no_code() -> None:
    text = (ROOT / "src/cli/connector/template/copier.yml").read_text()
    told = set(re.findall(r"^(_\w+):", text, flags=re.MULTILINE))
    assert told == {"_subdirectory", "_templates_suffix", "_envops"}


def test_the_service_finds_them_with_what_was_answered(home: Path) -> None:
    found = discover([home])
    manifests = {connector: found[connector].manifest for connector in SPREAD}
    assert {one.api_version for one in manifests.values()} == {API_VERSION}
    can = {name: set(found[name].connector_class.capabilities()) for name in SPREAD}
    browses = {Capability.CONTAINERS, Capability.ITEMS}
    assert can["acme"] == browses | {Capability.COMMENTS, Capability.SYNC}
    assert can["quiet_three"] == browses | {Capability.COMMENTS}
    assert can["quiet_five"] == browses | {Capability.SYNC}
    signs = {name: one.auth_methods[0].signs for name, one in manifests.items()}
    assert (signs["acme"], signs["school"], signs["board_app"]) == ("bearer", "basic", "header")
    assert manifests["vault"].auth_methods[0].kind is AuthKind.OAUTH2
    assert manifests["quiet_six"].name == "Twenty-four & a dot. Co"
    assert manifests["quiet_six"].api_url == "https://api.quiet-six.example/v1/rest"


async def test_pages_of_any_size_lead_to_the_last_item(home: Path) -> None:
    for connector in SPREAD:
        bench = open_bench(
            connector,
            module_of(home / connector),
            token=f"sandbox-{connector}-{'key' if connector in BASIC else 'token'}",
            secret=f"sandbox-{connector}-secret",
        )
        reader = bench.connector()
        assert isinstance(reader, BrowsesItems)
        for container, limit, count in (("2", 1, 12), ("1", 50, 120), ("1", 100, 120)):
            pages = await walk(ItemQuery(container_id=container, limit=limit), reader.items)
            ids = [item.id for page in pages for item in page.items]
            assert len(ids) == len(set(ids)) == count, (connector, limit)


async def test_every_way_of_paging_earns_gold(home: Path) -> None:
    for connector in SYNCHRONIZED:
        loaded = load(connector, module_of(home / connector))
        report = await examine(find_suite(loaded), failed={})
        assert report.grade is Grade.GOLD, (connector, report.missing)


def test_it_is_found_as_an_installed_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write(tmp_path / "from", "parcel")
    project = tomllib.loads((folder / "pyproject.toml").read_text())
    (package,) = project["tool"]["setuptools"]["packages"]
    (installed := tmp_path / "installed").mkdir()
    (installed / package).symlink_to(folder)
    about = installed / f"{package}-0.1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Name: {project['project']['name']}\nVersion: 0.1.0\n")
    points = project["project"]["entry-points"]["connectors"]
    lines = "".join(f"{name} = {module}\n" for name, module in points.items())
    (about / "entry_points.txt").write_text(f"[connectors]\n{lines}")
    monkeypatch.syspath_prepend(str(installed))
    found = discover()["parcel"]
    assert found.connector_class.__module__ == "parcel_connector.connector"
    assert callable(found.sandbox_factory())


async def test_its_oauth_works_from_consent_to_a_page_of_items(
    tmp_path: Path, start: StartService, github: GitHub
) -> None:
    address = "--api-url=https://api.asana-like.example/v1"
    write(tmp_path, "asana_like", "--auth=oauth2", "--no-sync", address)
    service = await start(
        sandbox=True, public_url=PUBLIC, connectors={}, connector_paths=[str(tmp_path)]
    )
    github.network.add("localhost", service.app)
    at = "/api/connectors/asana_like"
    body = {"method": "oauth2", "redirectUri": f"{PUBLIC}{at}/connect/callback"}
    started = data_of(await service.client.post(f"{at}/connect", json=body), 201)
    assert "code_challenge=" in started["authUrl"]
    transport = httpx.ASGITransport(app=service.app)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as browser:
        came = await approve(browser, started["authUrl"])
    answer = {name: came[name] for name in ("code", "state")}
    held = data_of(await service.client.post(f"{at}/connect/callback", json=answer), 201)
    query = {"connectionId": held["connectionId"], "containerId": "2"}
    listed = items_of(await service.client.get(f"{at}/items", params=query))
    assert [one["title"] for one in listed][:2] == ["Task 2001", "Task 2002"]
    wrong = await service.client.get(f"{at}/items", params={**query, "containerId": "abc"})
    assert wrong_fields(wrong) == ["containerId"]
    held_by = {"connectionId": held["connectionId"]}
    stranger = await service.client.get(f"{at}/items/abc", params=held_by)
    assert wrong_fields(stranger) == ["itemId"]
