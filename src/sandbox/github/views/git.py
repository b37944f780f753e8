"""Branches, trees, blobs and contents as GitHub shows them."""

from base64 import encodebytes
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from src.sandbox.github.git import SUBMODULE, SYMLINK, Blob, Entry, Tree
from src.sandbox.github.views.accounts import WEB

if TYPE_CHECKING:
    from src.sandbox.github.git import Branch
    from src.sandbox.github.records import Repository

MOST_ENTRIES = 1_000
"""Of a directory at the contents address."""
LARGEST_IN_JSON = 1_000_000


def branch(api: str, repo: "Repository", one: "Branch") -> dict[str, Any]:
    """Show a branch the way lists do."""
    url = f"{api}/repos/{repo.full_name}"
    return {
        "name": one.name,
        "commit": {"sha": one.commit, "url": f"{url}/commits/{one.commit}"},
        "protected": one.protected,
    }


def tree_entry(api: str, repo: "Repository", path: str, one: "Entry") -> dict[str, Any]:
    """Show an entry of a tree; only a file has a size, and a submodule has no address."""
    shown: dict[str, Any] = {"path": path, "mode": one.mode, "sha": one.sha}
    root = f"{api}/repos/{repo.full_name}/git"
    if isinstance(one, Tree):
        return {**shown, "type": "tree", "url": f"{root}/trees/{one.sha}"}
    if one.mode == SUBMODULE:
        return {**shown, "type": "commit"}
    url = f"{root}/blobs/{one.sha}"
    return {**shown, "type": "blob", "size": len(one.content), "url": url}


def blob(api: str, repo: "Repository", one: Blob) -> dict[str, Any]:
    """Show a blob."""
    return {
        "sha": one.sha,
        "node_id": one.sha[:20],
        "size": len(one.content),
        "url": f"{api}/repos/{repo.full_name}/git/blobs/{one.sha}",
        "content": encodebytes(one.content).decode(),
        "encoding": "base64",
    }


def content(
    api: str, repo: "Repository", ref: str, path: str, one: "Entry", *, named: bool
) -> dict[str, Any]:
    """Show an entry of a directory; `named` is the version that calls submodules by their name."""
    name = path.rpartition("/")[2]
    spelled = quote(path)
    url = f"{api}/repos/{repo.full_name}/contents/{spelled}?ref={quote(ref, safe='')}"
    web = f"{WEB}/{repo.full_name}/blob/{ref}/{spelled}"
    kind = _kind(one, named=named)
    raw = f"https://raw.githubusercontent.com/{repo.full_name}/{ref}/{spelled}"
    is_file = isinstance(one, Blob) and one.mode != SUBMODULE
    return {
        "name": name,
        "path": path,
        "sha": one.sha,
        "size": len(one.content) if isinstance(one, Blob) and is_file else 0,
        "url": url,
        "html_url": web,
        "git_url": f"{api}/repos/{repo.full_name}/git/{'blobs' if is_file else 'trees'}/{one.sha}",
        "download_url": raw if is_file else None,
        "type": kind,
        "_links": {"self": url, "git": None, "html": web},
    }


def _kind(one: "Entry", *, named: bool) -> str:
    if isinstance(one, Tree):
        return "dir"
    if one.mode == SUBMODULE:
        return "submodule" if named else "file"
    return "symlink" if one.mode == SYMLINK else "file"


def file_content(shown: dict[str, Any], one: Blob) -> dict[str, Any]:
    """Show one file, with its content unless it is too large for that."""
    if len(one.content) > LARGEST_IN_JSON:
        return {**shown, "content": "", "encoding": "none"}
    return {**shown, "content": encodebytes(one.content).decode(), "encoding": "base64"}
