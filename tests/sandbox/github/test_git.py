"""Branches, trees, blobs and contents of the imitation, as GitHub's pages describe them."""

from base64 import b64decode

import httpx
import pytest

from src.sandbox.github.git import EXECUTABLE, Blob, Files, Tree, object_id
from src.sandbox.github.seed.files import LARGE, MANY
from tests.sandbox.github.conftest import Connect, walk

REPO = "/repos/octocat/Hello-World"
LINGUIST = "/repos/octocat/linguist"
EMPTY = "/repos/octocat/empty"
RAW = {"accept": "application/vnd.github.raw+json"}
OBJECT = {"accept": "application/vnd.github.object+json"}


def test_ids_are_gits_own() -> None:
    # The vectors are what `git hash-object` and `git mktree` say.
    assert object_id("blob", b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert Blob(b"Hello World!\n").sha == "980a0d5f19a64b4b30a87d4206aade58726b60e3"
    assert Tree({}).sha == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    paths = {"a.txt": Blob(b""), "a/b.txt": Blob(b""), "a-x": Blob(b"", EXECUTABLE)}
    root = Files(paths).root
    assert root.entries["a"].sha == "ec5e386905ff2d36e291086a1207f2585aaa8920"
    assert root.sha == "d1d89b1355ab97b760b94618d3c3a2db5318e935"
    assert list(root.entries) == ["a-x", "a.txt", "a"], "a directory sorts as if it ended with /"


async def test_branches_are_paged(client: httpx.AsyncClient) -> None:
    found = await walk(client, f"{REPO}/branches?per_page=20")
    names = [one["name"] for one in found]
    assert len(names) == 43
    assert {"main", "feature/login", "grün/überall"} <= set(names)
    one = (await client.get(f"{REPO}/branches/feature/login")).json()
    assert one["name"] == "feature/login"
    assert (await client.get(f"{REPO}/branches/none")).json()["message"] == "Branch not found"


async def test_a_tree_has_everything_that_git_knows(client: httpx.AsyncClient) -> None:
    tree = (await client.get(f"{REPO}/git/trees/main")).json()
    entries = {one["path"]: one for one in tree["tree"]}
    assert (entries["docs"]["type"], entries["docs"]["mode"]) == ("tree", "040000")
    assert (entries["latest"]["type"], entries["latest"]["mode"]) == ("blob", "120000")
    assert (entries["run.sh"]["mode"], "size" in entries["docs"]) == ("100755", False)
    vendor = (await client.get(f"{REPO}/git/trees/{entries['vendor']['sha']}")).json()
    (module,) = vendor["tree"]
    assert (module["type"], module["mode"], module["sha"]) == ("commit", "160000", "f" * 40)
    assert not {"url", "size"} & set(module)


@pytest.mark.parametrize("ref", ["main", "HEAD", "feature%2Flogin", "gr%C3%BCn/%C3%BCberall"])
async def test_a_tree_is_found_by_branch(client: httpx.AsyncClient, ref: str) -> None:
    tree = (await client.get(f"{REPO}/git/trees/{ref}")).json()
    assert (await client.get(f"{REPO}/git/trees/{tree['sha']}")).json() == tree


@pytest.mark.parametrize("value", ["1", "0", "false"])
async def test_any_value_of_recursive_means_yes(client: httpx.AsyncClient, value: str) -> None:
    tree = (await client.get(f"{REPO}/git/trees/main?recursive={value}")).json()
    assert "docs/日本語/目次.md" in {one["path"] for one in tree["tree"]}
    assert not tree["truncated"]


async def test_a_large_tree_is_cut_and_its_parts_are_not(client: httpx.AsyncClient) -> None:
    whole = (await client.get(f"{LINGUIST}/git/trees/main?recursive=1")).json()
    assert whole["truncated"]
    assert len(whole["tree"]) == 1000
    root = (await client.get(f"{LINGUIST}/git/trees/main")).json()
    samples = next(one for one in root["tree"] if one["path"] == "samples")
    level = (await client.get(f"{LINGUIST}/git/trees/{samples['sha']}")).json()
    assert (len(level["tree"]), level["truncated"]) == (MANY, False)


async def test_an_empty_repository(client: httpx.AsyncClient) -> None:
    tree = await client.get(f"{EMPTY}/git/trees/HEAD")
    assert (tree.status_code, tree.json()["message"]) == (409, "Git Repository is empty.")
    contents = await client.get(f"{EMPTY}/contents/README.md")
    assert (contents.status_code, contents.json()["message"]) == (404, "This repository is empty.")
    assert (await client.get(f"{EMPTY}/branches")).json() == []


async def test_contents_of_a_file(client: httpx.AsyncClient) -> None:
    file = (await client.get(f"{REPO}/contents/README.md")).json()
    assert b64decode(file["content"]) == b"Hello World!\n"
    assert (file["type"], file["encoding"], file["sha"]) == (
        "file",
        "base64",
        "980a0d5f19a64b4b30a87d4206aade58726b60e3",
    )
    raw = await client.get(f"{REPO}/contents/README.md", headers=RAW)
    assert raw.content == b"Hello World!\n"
    assert raw.headers["content-type"].startswith("application/vnd.github.raw")


async def test_a_file_above_one_megabyte_has_no_content_but_raw(client: httpx.AsyncClient) -> None:
    file = (await client.get(f"{REPO}/contents/big.csv")).json()
    assert (file["encoding"], file["content"], file["size"]) == ("none", "", LARGE)
    assert len((await client.get(f"{REPO}/contents/big.csv", headers=RAW)).content) == LARGE
    blob = (await client.get(f"{REPO}/git/blobs/{file['sha']}")).json()
    assert len(b64decode(blob["content"])) == LARGE


async def test_a_directory_is_a_list_of_at_most_a_thousand(client: httpx.AsyncClient) -> None:
    found = (await client.get(f"{LINGUIST}/contents/samples")).json()
    assert len(found) == 1000
    whole = (await client.get(f"{REPO}/contents", headers=OBJECT)).json()
    assert (whole["type"], whole["path"]) == ("dir", "")
    assert {"README.md", "docs"} <= {one["name"] for one in whole["entries"]}


@pytest.mark.parametrize(("version", "kind"), [("2022-11-28", "file"), ("2026-03-10", "submodule")])
async def test_a_submodule_in_a_list_has_its_name_since_2026(
    client: httpx.AsyncClient, version: str, kind: str
) -> None:
    headers = {"x-github-api-version": version}
    (module,) = (await client.get(f"{REPO}/contents/vendor", headers=headers)).json()
    assert (module["type"], module["download_url"]) == (kind, None)
    alone = (await client.get(f"{REPO}/contents/vendor/lib", headers=headers)).json()
    assert (alone["type"], "submodule_git_url" in alone) == ("submodule", True)


async def test_a_symlink_is_followed_within_the_repository_only(client: httpx.AsyncClient) -> None:
    latest = (await client.get(f"{REPO}/contents/latest")).json()
    assert (latest["type"], b64decode(latest["content"])) == ("file", b"Hello World!\n")
    broken = (await client.get(f"{REPO}/contents/broken")).json()
    assert (broken["type"], broken["target"]) == ("symlink", "../outside.txt")


@pytest.mark.parametrize(
    "path",
    [
        f"{REPO}/contents/nothing",
        f"{REPO}/contents/README.md/below",
        f"{REPO}/contents/README.md?ref=none",
        f"{REPO}/git/trees/none",
        f"{REPO}/git/trees/980a0d5f19a64b4b30a87d4206aade58726b60e3",
        f"{REPO}/git/blobs/{'0' * 40}",
        "/repos/hubot/secret-lab/contents/README.md",
    ],
)
async def test_what_is_not_there(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 404


async def test_an_enterprise_server_has_a_prefix_and_no_limits(connect: Connect) -> None:
    client = connect(limit=1)
    for _ in range(2):
        answer = await client.get("/api/v3/repos/octocat/Hello-World/issues?per_page=1")
        assert not [name for name in answer.headers if name.startswith("x-ratelimit")]
    answer = await connect().get("/api/v3/repositories/1296269/issues?per_page=1")
    assert answer.status_code == 200
    assert answer.links["next"]["url"].startswith("https://api.test/api/v3/repositories/1296269/")
    assert answer.json()[0]["url"].startswith("https://api.test/api/v3/repos/")
    assert answer.headers["x-github-enterprise-version"]
    assert (await connect().get("/api/v3/_sandbox/faults")).status_code == 200
