"""What the documents say is there, and what is there is in the documents."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from src.api.errors import STATUS_BY_CODE
from src.connectors.github.discussion import to_comment, to_review_comment
from src.connectors.github.ids import ItemRef
from src.connectors.github.manifest import MANIFEST
from src.connectors.github.mapping import issue_to_item, pull_to_item
from src.connectors.github.schemas import (
    Issue,
    IssueComment,
    PullLink,
    PullRequest,
    ReviewComment,
)
from src.core.config import ConnectorOverrides, Settings
from tests.conftest import TOKEN

ROOT = Path(__file__).parents[1]
ADRS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
ADR_HEADINGS = ["Context", "Decision", "Consequences", "Held by"]
CONNECTOR_SETTING = re.compile(r"CONNECTORS__GITHUB__([A-Z_]+)")
EMPTY = "empty"


def documents() -> list[Path]:
    """Every Markdown file of ours; what tools keep in hidden folders is not."""
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*.md"))
    return sorted(path for path in found if not any(part.startswith(".") for part in path.parts))


def read(path: str | Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands below a heading of the second level."""
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def prose(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text: str) -> set[str]:
    """The headings as the addresses that a Markdown viewer gives them."""
    headings = re.findall(r"^#+ (.+)$", prose(text), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(text: str) -> list[str]:
    found = re.findall(r"\]\(([^)\s]+)\)", prose(text))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def example() -> dict[str, str]:
    """The settings of ``.env.example``, commented out or not."""
    pairs = re.findall(r"^#?([A-Z][A-Z_]*)=(.*)$", read(".env.example"), flags=re.MULTILINE)
    assert len(pairs) == len(dict(pairs)), "a setting stands there twice"
    return dict(pairs)


def table() -> dict[str, str]:
    """The settings of the README's table with their defaults."""
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| (.+?) \|", section(read("README.md"), "Configuration"), re.MULTILINE
    )
    return {name: "" if default == EMPTY else default.strip("`") for name, default in rows}


def defaults() -> dict[str, str]:
    """The same, with the default of the one that is set: it shows the examples."""
    return {**example(), "CONNECTOR_PATHS": ""}


def known() -> set[str]:
    """Every setting by its name in the environment, connectors' own for the one at hand."""
    own = {f"CONNECTORS__GITHUB__{name.upper()}" for name in ConnectorOverrides.model_fields}
    return own | {name.upper() for name in Settings.model_fields if name != "connectors"}


@pytest.fixture
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in known():
        monkeypatch.delenv(name, raising=False)


def test_the_example_names_every_setting_and_nothing_else() -> None:
    assert set(example()) == known()


@pytest.mark.usefixtures("no_settings")
def test_the_example_starts_the_service_as_it_is() -> None:
    read_back = Settings(_env_file=ROOT / ".env.example")
    assert read_back == Settings(_env_file=None, connector_paths=[Path("examples")])


@pytest.mark.usefixtures("no_settings")
def test_the_example_tells_the_true_defaults(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("\n".join(f"{name}={value}" for name, value in defaults().items()))
    read_back = Settings(_env_file=file)
    assert read_back.connectors == {"github": ConnectorOverrides()}
    assert read_back.model_copy(update={"connectors": {}}) == Settings(_env_file=None)


def test_each_setting_of_the_example_has_a_line_that_explains_it() -> None:
    lines = read(".env.example").splitlines()
    above = [lines[n - 1] for n, line in enumerate(lines) if re.match(r"#?[A-Z_]+=", line)]
    assert len(above) == len(example())
    assert all(re.match(r"# \S.*\.$", line) for line in above), above


def test_the_configuration_table_says_what_the_example_says() -> None:
    assert table() == defaults()


async def test_the_calls_of_the_readme_work(client: httpx.AsyncClient, connection_id: str) -> None:
    calls = section(read("README.md"), "Try it")
    addresses = re.findall(r"curl -s ['\"]http://localhost:8000(/\S+)['\"]", calls)
    assert len(addresses) == 7
    for address in addresses:
        answer = await client.get(address.replace("$CONNECTION", connection_id))
        assert answer.json()["data"]["items"], address


async def test_the_readme_runs_a_tool(client: httpx.AsyncClient, connection_id: str) -> None:
    calls = section(read("README.md"), "Try it")
    found = re.search(
        r'curl -s -X POST "http://localhost:8000(\S+)".*?-d "(.+?)"\n', calls, re.DOTALL
    )
    assert found is not None
    body = found[2].replace('\\"', '"').replace("$CONNECTION", connection_id)
    answer = await client.post(found[1], content=body, headers={"Content-Type": "application/json"})
    assert answer.json()["data"]["items"]


async def test_the_readme_connects_with_a_token(client: httpx.AsyncClient) -> None:
    calls = section(read("README.md"), "Try it")
    found = re.search(
        r"curl -s -X POST 'http://localhost:8000(\S+)'.*?-d \"(.+?)\"\n", calls, re.DOTALL
    )
    assert found is not None
    body = found[2].replace('\\"', '"').replace("$GITHUB_TOKEN", TOKEN)
    answer = await client.post(found[1], content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 201


def paths_of_the_map() -> list[str]:
    block = section(read("README.md"), "Map of the folders").split("```")[1]
    return [line.split()[0] for line in block.splitlines()[1:] if line.strip()]


@pytest.mark.parametrize("path", paths_of_the_map())
def test_a_path_of_the_folder_map_exists(path: str) -> None:
    target = ROOT / path
    assert target.is_dir() if path.endswith("/") else target.is_file()


def test_the_folder_map_names_every_room() -> None:
    rooms = {
        f"src/{entry.name}/" if entry.is_dir() else f"src/{entry.name}"
        for entry in (ROOT / "src").iterdir()
        if not entry.name.startswith("_")
    }
    assert rooms <= set(paths_of_the_map())


def found_in_documents(find: Callable[[str], list[str]]) -> list[tuple[str, str]]:
    """Whatever each document holds of a kind, once per document."""
    return [(str(one), found) for one in documents() for found in sorted(set(find(read(one))))]


@pytest.mark.parametrize(("document", "link"), found_in_documents(links))
def test_a_relative_link_leads_somewhere(document: str, link: str) -> None:
    path, _, anchor = link.partition("#")
    target = (ROOT / document).parent / path if path else ROOT / document
    assert target.exists()
    if anchor:
        assert anchor in anchors(target.read_text(encoding="utf-8"))


def paths(text: str) -> list[str]:
    return re.findall(r"`((?:src|tests|docs|interfaces)/[\w./-]*)`", text)


@pytest.mark.parametrize(("document", "path"), found_in_documents(paths))
def test_a_path_in_a_document_exists(document: str, path: str) -> None:
    assert (ROOT / path).exists(), f"{document} names it"


def named_tests(text: str) -> list[str]:
    return re.findall(r"`(tests/[\w/]+\.py::\w+)`", text)


@pytest.mark.parametrize(("document", "name"), found_in_documents(named_tests))
def test_a_test_in_a_document_exists(document: str, name: str) -> None:
    path, _, function = name.partition("::")
    assert f"def {function}(" in read(path), f"{document} names it"


def test_the_index_lists_every_decision_in_order() -> None:
    listed = [link for link in links(read("docs/adr/README.md")) if re.match(r"\d{4}-", link)]
    assert listed == [path.name for path in ADRS]
    assert [path.name[:4] for path in ADRS] == [f"{n:04}" for n in range(1, len(ADRS) + 1)]


@pytest.mark.parametrize("path", ADRS, ids=lambda path: path.stem)
def test_a_decision_has_its_number_and_its_four_parts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]}. ")
    assert re.findall(r"^## (.+)$", text, flags=re.MULTILINE) == ADR_HEADINGS


def test_the_table_of_errors_is_the_one_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d{3}) \|", read("docs/architecture.md"), re.MULTILINE)
    assert {code: int(status) for code, status in rows} == {
        code.value: status for code, status in STATUS_BY_CODE.items()
    }


def emitted() -> set[str]:
    """Every key that GitHub's mappings put into ``fields``."""
    issue = Issue(number=1, title="", state="open")
    listed_pull = Issue(number=1, title="", state="open", pull_request=PullLink())
    pull = PullRequest(number=1, title="", state="open")
    ref = ItemRef("1", "pull", 1)
    mapped = (
        issue_to_item(issue, "1", include_body=False),
        issue_to_item(listed_pull, "1", include_body=False),
        pull_to_item(pull, "1", include_body=False),
        to_comment(IssueComment(id=1), ref),
        to_review_comment(ReviewComment(id=1), ref),
    )
    return {key for one in mapped for key in one.fields}


def test_the_page_on_github_lists_every_field_that_is_emitted() -> None:
    text = section(read("docs/connectors/github.md"), "Mapping").split("\n`fields`:\n")[1]
    cells = re.findall(r"^\| (`[^|]+) \|", text, flags=re.MULTILINE)
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == emitted()


def test_the_page_on_github_names_the_scopes_of_each_capability() -> None:
    scopes = section(read("docs/connectors/github.md"), "Scopes")
    rows = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", scopes, flags=re.MULTILINE))
    needed = MANIFEST.scopes.by_capability
    assert rows.keys() == needed.keys()
    for capability, row in rows.items():
        assert set(needed[capability]) <= set(re.findall(r"`([\w:]+)`", row))
