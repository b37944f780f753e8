"""The picker of files: trees of every size and shape."""

from typing import Any

import httpx
import msgspec
import pytest

from src.connectors.github.connector import GitHubConnector
from src.connectors.github.files import MOST_CALLS, MOST_ENTRIES
from src.connectors.manifest import NoFields
from src.connectors.rest.paginators import walk
from src.core.errors import InvalidCursor, ProviderNotFound
from src.models.query import ResourceQuery
from src.models.unified import Page, Resource
from src.sandbox.github.seed.files import MANY
from tests.conftest import GitHub
from tests.connectors.github.conftest import HELLO
from tests.connectors.github.test_payloads import over

LARGE = "repo:1296278"
TREE = "GET /repositories/{id}/git/trees/{tree:path}"
SHA = "a" * 40


def asked(parent: str = HELLO, **query: Any) -> ResourceQuery:
    return ResourceQuery(type="github_file", parent_id=parent, filters=NoFields(), **query)


async def pages(connector: GitHubConnector, parent: str = HELLO, **query: Any) -> list[Page]:
    return await walk(asked(parent, **query), connector.resources)


async def listed(connector: GitHubConnector, parent: str = HELLO, **query: Any) -> list[Resource]:
    return [one for page in await pages(connector, parent, **query) for one in page.items]


async def test_a_directory_is_one_call_and_shows_its_directories_first(
    connector: GitHubConnector, github: GitHub
) -> None:
    found = await listed(connector)
    assert await github.requests() == {TREE: 1}
    kinds = [one.has_children for one in found]
    assert kinds == sorted(kinds, reverse=True)
    names = {one.name: one for one in found}
    assert {"README.md", "docs", "100% #1? [x].txt", ".gitmodules"} <= set(names)
    assert {one.parent_id for one in found} == {HELLO}
    docs = names["docs"]
    assert (docs.selectable, docs.mime_type) == (False, "inode/directory")
    below = await listed(connector, docs.id)
    assert [one.name for one in below] == ["日本語", "überblick.md"]
    assert {one.parent_id for one in below} == {docs.id}


@pytest.mark.parametrize(
    ("name", "mime_type", "selectable"),
    [
        ("README.md", "text/markdown", True),
        ("logo.png", "image/png", True),
        ("run.sh", "application/x-sh", True),
        (".gitmodules", None, True),
        ("latest", "inode/symlink", False),
        ("broken", "inode/symlink", False),
    ],
)
async def test_what_entries_are(
    connector: GitHubConnector, name: str, mime_type: str | None, selectable: bool
) -> None:
    entry = next(one for one in await listed(connector) if one.name == name)
    assert (entry.mime_type, entry.selectable, entry.has_children) == (mime_type, selectable, False)


async def test_a_submodule_is_shown_and_neither_opened_nor_picked(
    connector: GitHubConnector,
) -> None:
    vendor = next(one for one in await listed(connector) if one.name == "vendor")
    (module,) = await listed(connector, vendor.id)
    assert module.mime_type == "application/x-git-submodule"
    assert (module.selectable, module.has_children) == (False, False)


async def test_a_directory_of_more_than_a_thousand_files_is_paged(
    connector: GitHubConnector, github: GitHub
) -> None:
    samples = next(one for one in await listed(connector, LARGE) if one.name == "samples")
    await github.forget()
    found = await pages(connector, samples.id, limit=100)
    names = [one.name for page in found for one in page.items]
    assert names == [f"{number:04}.rb" for number in range(MANY)]
    assert len({one.id for page in found for one in page.items}) == MANY
    assert await github.requests() == {TREE: MANY // 100}
    assert not any(page.truncated for page in found)


async def test_later_pages_are_of_the_tree_that_was_begun(
    connector: GitHubConnector, github: GitHub
) -> None:
    first = await connector.resources(asked(limit=2))
    body = {"message": "Add", "content": "", "branch": "main"}
    answer = await github.client.put(
        "/repositories/1296269/contents/aaa/first.txt",
        json=body,
        headers={"authorization": "Bearer ghp_sandbox_octocat"},
    )
    assert answer.status_code == 201
    second = await connector.resources(asked(limit=100, token=first.next_token))
    names = [one.name for page in (first, second) for one in page.items]
    assert len(names) == len(set(names))
    assert "aaa" not in names
    assert "aaa" in {one.name for one in await listed(connector)}


async def test_long_paths_are_walked_to_the_bottom(connector: GitHubConnector) -> None:
    place, depth = next(one for one in await listed(connector) if one.name.startswith("a-dir")), 0
    while place.has_children:
        assert len(place.id) <= 512
        above = place
        (place,) = await listed(connector, place.id)
        depth += 1
    assert (place.name, depth) == ("bottom.txt", 12)
    assert ":blob:" in place.id
    way = await connector.resource_parents("github_file", above.id)
    assert [one.name for one in way] == ["octocat/Hello-World", "…"]
    assert way[-1].id == above.id


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ("README", {"README.md"}),
        ("ÜBERBLICK", {"docs/überblick.md"}),
        ("日本", {"docs/日本語"}),
        ("docs/ü", {"docs/überblick.md"}),
        ("docs", {"docs"}),
        ("zzz", set()),
    ],
)
async def test_q_finds_names_in_all_of_a_tree_in_one_call(
    connector: GitHubConnector, github: GitHub, q: str, expected: set[str]
) -> None:
    assert {one.name for one in await listed(connector, q=q)} == expected
    assert await github.requests() == {TREE: 1}


async def test_what_is_found_can_be_opened_and_read_below_where_it_was_looked_for(
    connector: GitHubConnector,
) -> None:
    docs = next(one for one in await listed(connector) if one.name == "docs")
    (found,) = await listed(connector, docs.id, q="日本")
    assert found.name == "日本語"
    (inside,) = await listed(connector, found.id)
    by_walking = await listed(connector, (await listed(connector, docs.id))[0].id)
    assert [inside.id] == [one.id for one in by_walking]


async def test_a_tree_that_github_cuts_is_walked_by_its_directories(
    connector: GitHubConnector, github: GitHub
) -> None:
    found = await pages(connector, LARGE, q=".json", limit=50)
    names = [one.name for page in found for one in page.items]
    assert len(names) == len(set(names)) == 140
    assert all(name.startswith("grammars/") for name in names)
    assert not any(page.truncated for page in found)
    many = await listed(connector, LARGE, q=".rb", limit=100)
    assert len({one.id for one in many}) == len(many) == MANY + 1


async def test_a_search_goes_on_in_the_trees_that_it_began() -> None:
    asked_for: list[str] = []

    def github(request: httpx.Request) -> httpx.Response:
        name = request.url.path.rpartition("/")[2]
        asked_for.append(name)
        entry = {"mode": "100644", "type": "blob", "sha": SHA, "size": 1}
        entries = [{"path": f"{number}.txt", **entry} for number in range(4)]
        return httpx.Response(200, json={"sha": SHA, "tree": entries})

    found = await pages(over(github), "repo:1", q="txt", limit=2)
    assert [one.name for page in found for one in page.items] == [f"{n}.txt" for n in range(4)]
    assert asked_for == ["HEAD", SHA], "the branch may move between two pages"


async def test_a_search_asks_a_bounded_number_of_times_for_a_page() -> None:
    """A repository of nothing but directories in which every recursive tree is cut."""
    calls = 0

    def github(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        sha = request.url.path.rpartition("/")[2]
        below = f"{int(sha, 16) + 1:040x}" if sha != "HEAD" else "0" * 40
        entries = [{"path": "d", "mode": "040000", "type": "tree", "sha": below}]
        whole = "recursive" not in request.url.params
        tree = {"sha": sha if sha != "HEAD" else "f" * 40, "tree": entries, "truncated": not whole}
        return httpx.Response(200, json=tree)

    page = await over(github).resources(asked("repo:1", q="x"))
    assert page.items == ()
    assert page.next_token
    assert calls <= MOST_CALLS + 1


async def test_a_search_holds_a_bounded_number_of_entries_for_a_page() -> None:
    """A server of anybody's own, whose every directory is as large as an answer may be."""
    calls = 0
    blob = {"path": "a", "mode": "100644", "type": "blob", "sha": SHA, "size": 1}
    blobs = msgspec.json.encode([blob] * (MOST_ENTRIES // 4))[1:]

    def github(request: httpx.Request) -> httpx.Response:
        nonlocal calls
        calls += 1
        below = f'{{"path":"d","mode":"040000","type":"tree","sha":"{calls:040x}"}},'.encode()
        whole = b"false" if "recursive" not in request.url.params else b"true"
        head = b'{"sha":"%040x","truncated":%s,"tree":[' % (calls, whole)
        return httpx.Response(200, content=head + below + blobs + b"}")

    page = await over(github).resources(asked("repo:1", q="x"))
    assert (page.items, page.next_token is not None) == ((), True)
    assert calls == 4


async def test_one_directory_that_even_github_cuts_is_told_as_cut() -> None:
    entry = {"path": "a.txt", "mode": "100644", "type": "blob", "sha": SHA, "size": 1}
    tree = {"sha": SHA, "tree": [entry], "truncated": True}
    connector = over(lambda _: httpx.Response(200, json=tree))
    assert (await connector.resources(asked("repo:1"))).truncated
    page = await connector.resources(asked("repo:1", q="a"))
    assert [one.name for one in page.items] == ["a.txt"]
    assert page.truncated


@pytest.mark.parametrize("token", ["0~x", "0~1.2", f"0~{SHA}.x", '0~[["a"]]', "0~[1]"])
@pytest.mark.parametrize("q", [None, "a"])
async def test_a_token_of_another_form_is_refused(
    connector: GitHubConnector, token: str, q: str | None
) -> None:
    with pytest.raises(InvalidCursor):
        await connector.resources(asked(token=token, q=q))


@pytest.mark.parametrize("parent", ["repo:9999999", f"1296269:dir:{SHA}:AGRvY3M"])
async def test_a_place_that_is_gone(connector: GitHubConnector, parent: str) -> None:
    with pytest.raises(ProviderNotFound):
        await connector.resources(asked(parent))
