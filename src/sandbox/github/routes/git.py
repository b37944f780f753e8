"""Branches, trees and blobs."""

from typing import TYPE_CHECKING

from starlette.responses import Response

from src.sandbox.github import errors
from src.sandbox.github.call import Call
from src.sandbox.github.git import SUBMODULE, Blob, Tree
from src.sandbox.github.views import git as views
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.github.git import Branch, Entry
    from src.sandbox.github.records import Repository

RAW = "application/vnd.github.raw"


def asks_for_raw(request: "Request") -> bool:
    """Tell whether the bytes themselves are wanted."""
    accept = request.headers.get("accept", "")
    return accept.startswith((RAW, "application/vnd.github.v3.raw"))


def raw_answer(content: bytes) -> Response:
    """Answer with bytes."""
    return Response(content, media_type=f"{RAW}+json; charset=utf-8")


async def list_branches(request: "Request") -> "Response":
    """List the branches by name; an empty repository has none."""
    call = Call(request)
    repo = call.repository()
    found = sorted(repo.branches, key=lambda one: one.name)
    return call.answer_page(
        found, lambda one: views.branch(call.api, repo, one), call.canonical(repo)
    )


async def show_branch(request: "Request") -> "Response":
    """Show one branch."""
    call = Call(request)
    repo = call.repository()
    name = request.path_params["branch"]
    found = next((one for one in repo.branches if one.name == name), None)
    if found is None:
        raise errors.no_branch()
    return json_answer(views.branch(call.api, repo, found))


async def show_tree(request: "Request") -> "Response":
    """Show a tree by its id, a branch or HEAD; any `recursive` at all means everything below."""
    call = Call(request)
    repo = call.repository()
    if not repo.branches:
        raise errors.empty_repository(409)
    tree = _tree(repo, request.path_params["tree"])
    is_cut = False
    if "recursive" in call.params:
        entries = list(tree.walk())
        is_cut = len(entries) > repo.tree_limit
        entries = entries[: repo.tree_limit]
    else:
        entries = list(tree.entries.items())
    return json_answer(
        {
            "sha": tree.sha,
            "url": f"{call.api}/repos/{repo.full_name}/git/trees/{tree.sha}",
            "tree": [views.tree_entry(call.api, repo, *pair) for pair in entries],
            "truncated": is_cut,
        }
    )


def _tree(repo: "Repository", name: str) -> Tree:
    branch = repo.branch(name)
    found = branch.files.root if branch else find_object(repo.branches, name)
    if not isinstance(found, Tree):
        raise errors.not_found()
    return found


def find_object(branches: "tuple[Branch, ...]", sha: str) -> "Entry | None":
    """Find a blob or a tree by its id, in whichever branch it is."""
    found = (one.files.objects.get(sha) for one in branches)
    return next((one for one in found if one is not None), None)


async def show_blob(request: "Request") -> "Response":
    """Show a blob by its id."""
    call = Call(request)
    repo = call.repository()
    found = find_object(repo.branches, request.path_params["sha"])
    if not isinstance(found, Blob) or found.mode == SUBMODULE:
        raise errors.not_found()
    if asks_for_raw(request):
        return raw_answer(found.content)
    return json_answer(views.blob(call.api, repo, found))


GIT_PATHS = (
    ("/branches", list_branches),
    ("/branches/{branch:path}", show_branch),
    ("/git/trees/{tree:path}", show_tree),
    ("/git/blobs/{sha}", show_blob),
)
