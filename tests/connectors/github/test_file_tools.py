"""Reading and writing files."""

import base64
from typing import Any

import httpx
import pytest

from src.connectors.github.connector import GitHubConnector
from src.connectors.github.contents import LARGEST_FILE
from src.connectors.github.places import Directory
from src.core.errors import (
    InsufficientScope,
    ProviderConflict,
    ProviderNotFound,
    UnreadableAnswer,
    ValidationFailed,
)
from src.sandbox.github.seed.files import LARGE
from tests.conftest import GitHub
from tests.connectors.github.conftest import Open
from tests.connectors.github.test_payloads import over
from tests.connectors.github.test_tools import run

CONTENTS = "GET /repositories/{id}/contents/{path:path}"
BLOB = "GET /repositories/{id}/git/blobs/{sha}"
SHA = "a" * 40


async def test_a_text_is_read_in_one_call(connector: GitHubConnector, github: GitHub) -> None:
    file = await run(connector, "read_file", path="README.md")
    assert await github.requests() == {CONTENTS: 1}
    assert (file.content, file.encoding) == ("Hello World!\n", "utf-8")
    assert (file.path, file.name, file.mime_type) == ("README.md", "README.md", "text/markdown")
    assert file.size == len("Hello World!\n")
    assert file.sha == "980a0d5f19a64b4b30a87d4206aade58726b60e3"
    assert file.ref is None
    assert file.url


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("docs/überblick.md", "# Überblick\n"),
        ("docs/日本語/目次.md", "# 目次\n"),
        ("100% #1? [x].txt", "percent\n"),
        ("lib/a b.rb", "puts 1\n"),
        ("empty.txt", ""),
        (".github/workflows/ci.yml", "on: push\n"),
        ("latest", "Hello World!\n"),
    ],
)
async def test_paths_of_every_kind(connector: GitHubConnector, path: str, content: str) -> None:
    assert (await run(connector, "read_file", path=path)).content == content


async def test_what_is_no_text_comes_in_base64(connector: GitHubConnector) -> None:
    file = await run(connector, "read_file", path="logo.png")
    assert (file.encoding, file.mime_type) == ("base64", "image/png")
    assert base64.b64decode(file.content).startswith(b"\x89PNG")


async def test_a_zero_byte_makes_a_file_no_text(connector: GitHubConnector) -> None:
    zeros = base64.b64encode(b"a\0b").decode()
    given = {"path": "zeros.txt", "message": "x", "content": zeros, "encoding": "base64"}
    await run(connector, "write_file", **given)
    file = await run(connector, "read_file", path="zeros.txt")
    assert (file.encoding, file.content) == ("base64", zeros)


async def test_a_file_above_one_megabyte_is_read_as_it_is(
    connector: GitHubConnector, github: GitHub
) -> None:
    file = await run(connector, "read_file", path="big.csv")
    assert await github.requests() == {CONTENTS: 1, BLOB: 1}
    assert (file.size, len(file.content)) == (LARGE, LARGE)
    assert (file.path, file.mime_type, file.encoding) == ("big.csv", "text/csv", "utf-8")


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("docs", "is a directory"),
        ("vendor/lib", "is a submodule"),
        ("broken", "is a symbolic link to ../outside.txt"),
        ("../secrets", "path: must be a path"),
        ("/README.md", "path: must be a path"),
        ("docs//x", "path: must be a path"),
        ("a\nb", "path: must be a path"),
    ],
)
async def test_what_cannot_be_read_says_why(
    connector: GitHubConnector, path: str, why: str
) -> None:
    with pytest.raises(ValidationFailed, match=why):
        await run(connector, "read_file", path=path)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"path": "nothing.txt"}, ProviderNotFound),
        ({"path": "README.md", "ref": "no-such-branch"}, ProviderNotFound),
        ({"path": "README.md", "repository": "repo:1296271"}, ProviderNotFound),
        ({"path": f"1296274:blob:{SHA}:{'0' * 12}:YQ"}, ValidationFailed),
        ({"path": "1296274:file:AFJFQURNRS5tZA"}, ValidationFailed),
    ],
)
async def test_files_that_are_not_there(
    connector: GitHubConnector, given: dict[str, str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await run(connector, "read_file", **given)


async def test_a_ref_or_the_branch_in_an_id_decides_where(connector: GitHubConnector) -> None:
    with pytest.raises(ProviderNotFound):
        await run(connector, "read_file", path="src/login.py")
    by_ref = await run(connector, "read_file", path="src/login.py", ref="feature/login")
    assert (by_ref.content, by_ref.ref) == ("# todo\n", "feature/login")
    picked = Directory("1296269", "feature/login").file("src/login.py", by_ref.sha)
    assert (await run(connector, "read_file", path=picked)).content == "# todo\n"


async def test_a_file_without_a_path_is_read_by_its_blob(
    connector: GitHubConnector, github: GitHub
) -> None:
    readme = await run(connector, "read_file", path="README.md")
    await github.forget()
    picked = Directory("1296269", "", None, SHA, "0" * 12).file("README.md", readme.sha)
    file = await run(connector, "read_file", path=picked)
    assert (file.content, file.name, file.path) == (readme.content, "README.md", None)
    assert await github.requests() == {BLOB: 1}


def file_of(**more: Any) -> dict[str, Any]:
    return {"type": "file", "path": "a/x.bin", "sha": SHA, "size": 1, **more}


@pytest.mark.parametrize(
    ("found", "error"),
    [
        (file_of(size=LARGEST_FILE + 1, encoding="none", content=""), ValidationFailed),
        (file_of(encoding="base64", content="a"), UnreadableAnswer),
        (file_of(type="something"), ValidationFailed),
        ([file_of()], UnreadableAnswer),
    ],
)
async def test_answers_that_are_no_readable_file(found: Any, error: type[Exception]) -> None:
    calls: list[str] = []

    def github(request: httpx.Request) -> httpx.Response:
        calls.append(request.url.path)
        return httpx.Response(200, json=found)

    with pytest.raises(error):
        await run(over(github), "read_file", repository="repo:1", path="a/x.bin")
    assert len(calls) == 1


async def test_a_file_is_created_and_replaced_by_its_sha(
    connector: GitHubConnector, github: GitHub
) -> None:
    given = {"path": "docs/neu/ü.md", "message": "Add ü"}
    made = await run(connector, "write_file", content="eins\n", **given)
    assert await github.requests() == {"PUT /repositories/{id}/contents/{path:path}": 1}
    assert (made.created, made.path) == (True, "docs/neu/ü.md")
    assert len(made.commit_sha) == 40
    changed = await run(connector, "write_file", content="zwei\n", sha=made.sha, **given)
    assert not changed.created
    read = await run(connector, "read_file", path="docs/neu/ü.md")
    assert (read.content, read.sha) == ("zwei\n", changed.sha)


async def test_a_stale_sha_is_a_conflict_that_says_what_to_do(connector: GitHubConnector) -> None:
    seen = await run(connector, "read_file", path="src/app.py")
    given = {"path": "src/app.py", "message": "Change", "sha": seen.sha}
    await run(connector, "write_file", content="first\n", **given)
    with pytest.raises(ProviderConflict) as caught:
        await run(connector, "write_file", content="second\n", **given)
    assert "Read it again" in caught.value.message
    assert caught.value.details["status"] == 409
    assert (await run(connector, "read_file", path="src/app.py")).content == "first\n"


async def test_a_file_that_is_there_is_not_overwritten_unseen(connector: GitHubConnector) -> None:
    with pytest.raises(ProviderConflict) as caught:
        await run(connector, "write_file", path="README.md", content="x", message="x")
    assert "exists already" in caught.value.message


async def test_bytes_are_written_and_a_branch_is_chosen(connector: GitHubConnector) -> None:
    content = bytes(range(256))
    made = await run(
        connector,
        "write_file",
        path="x.bin",
        content=base64.b64encode(content).decode(),
        encoding="base64",
        message="x",
        branch="feature/login",
    )
    assert made.branch == "feature/login"
    read = await run(connector, "read_file", path="x.bin", ref="feature/login")
    assert base64.b64decode(read.content) == content
    with pytest.raises(ProviderNotFound):
        await run(connector, "read_file", path="x.bin")


async def test_what_is_no_base64_is_refused_before_any_call(
    connector: GitHubConnector, github: GitHub
) -> None:
    given = {"path": "x", "message": "x", "content": "no base64!", "encoding": "base64"}
    with pytest.raises(ValidationFailed, match="content"):
        await run(connector, "write_file", **given)
    assert await github.requests() == {}


async def test_a_workflow_needs_its_scope_before_any_call(
    connector: GitHubConnector, open_with: Open, github: GitHub
) -> None:
    given = {"path": ".github/workflows/new.yml", "content": "on: push\n", "message": "x"}
    with pytest.raises(InsufficientScope) as caught:
        await run(connector, "write_file", **given)
    assert caught.value.details["missingScopes"] == ["workflow"]
    assert await github.requests() == {}
    allowed = open_with("ghp_sandbox_workflow", ("repo", "workflow"))
    assert (await run(allowed, "write_file", **given)).created


@pytest.mark.parametrize(
    "given",
    [
        {"branch": "no-such-branch"},
        {"repository": "repo:1296271"},
        {"repository": "repo:9999999"},
    ],
)
async def test_where_nothing_can_be_written(
    connector: GitHubConnector, given: dict[str, str]
) -> None:
    with pytest.raises(ProviderNotFound):
        await run(connector, "write_file", path="x", content="x", message="x", **given)
