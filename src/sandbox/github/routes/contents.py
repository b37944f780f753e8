"""Files by their path: "Repository contents"."""

import posixpath
from base64 import b64decode
from binascii import Error as NotBase64
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

from src.sandbox.github import errors
from src.sandbox.github.call import Call
from src.sandbox.github.git import SUBMODULE, SYMLINK, Blob, Branch, Tree
from src.sandbox.github.routes.git import asks_for_raw, raw_answer
from src.sandbox.github.views import git as views
from src.sandbox.github.writings import Committed
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.github.records import Repository

_OBJECT = "application/vnd.github.object"
_NAMED_SINCE = "2026-03-10"
_WORKFLOWS = ".github/workflows/"


async def show_contents(request: "Request") -> "Response":
    """Show a file, or what a directory holds: at most a thousand entries."""
    call = Call(request)
    repo = call.repository()
    ref = call.params.get("ref", "")
    branch = _branch(repo, ref)
    path = request.path_params.get("path", "").strip("/")
    entry = branch.files.find(path)
    if isinstance(entry, Blob) and entry.mode == SYMLINK:
        entry = _target(branch, path, entry)
    if entry is None:
        raise errors.not_found()
    named = request.scope["github.version"] >= _NAMED_SINCE
    shown = views.content(call.api, repo, ref or branch.name, path, entry, named=named)
    if isinstance(entry, Tree):
        return _directory(call, repo, branch, (path, entry, shown))
    return _file(request, entry, shown)


def _branch(repo: "Repository", ref: str) -> Branch:
    if not repo.branches:
        raise errors.empty_repository(404)
    found = repo.branch(ref.removeprefix("refs/heads/"))
    if found is None:
        raise errors.no_commit(ref)
    return found


def _target(branch: Branch, path: str, link: Blob) -> Blob:
    """Follow a symlink to a file of the repository; one that leads elsewhere shows itself."""
    found = branch.files.find(posixpath.join(posixpath.dirname(path), link.content.decode()))
    return found if isinstance(found, Blob) else link


def _directory(
    call: Call, repo: "Repository", branch: Branch, place: tuple[str, Tree, dict[str, Any]]
) -> Response:
    path, tree, shown = place
    named = call.request.scope["github.version"] >= _NAMED_SINCE
    entries = [
        views.content(call.api, repo, branch.name, f"{path}/{name}".strip("/"), one, named=named)
        for name, one in list(tree.entries.items())[: views.MOST_ENTRIES]
    ]
    if call.request.headers.get("accept", "").startswith(_OBJECT):
        return json_answer({**shown, "entries": entries})
    return json_answer(entries)


def _file(request: "Request", entry: Blob, shown: dict[str, Any]) -> Response:
    if entry.mode == SUBMODULE:
        module = "git://github.com/octo-org/lib.git"
        return json_answer({**shown, "type": "submodule", "submodule_git_url": module})
    if entry.mode == SYMLINK:
        return json_answer({**shown, "type": "symlink", "target": entry.content.decode()})
    if asks_for_raw(request):
        return raw_answer(entry.content)
    return json_answer(views.file_content(shown, entry))


class _File(msgspec.Struct):
    message: str = ""
    content: str | None = None
    sha: str | None = None
    branch: str | None = None


async def put_contents(request: "Request") -> "Response":
    """Create a file, or replace the version that the caller names."""
    call = Call(request)
    repo = call.writable("contents=write", needs_push=True)
    body = await call.body(_File)
    path: str = request.path_params["path"]
    if path.startswith(_WORKFLOWS) and not call.viewer.has_any("workflow"):
        # GitHub hides what a token without the scope may not do.
        raise errors.not_found()
    content = _decoded(body)
    branch = next((one for one in repo.branches if one.name == body.branch), None)
    if body.branch is None:
        branch = next(iter(repo.branches), None)
    if branch is None:
        raise errors.no_target(body.branch)
    before = branch.files.find(path)
    _check_sha(path, before.sha if before else None, body.sha)
    await call.writings.write(Committed(repo.id, branch.name, path, content))
    after = Branch(branch.name, branch.files.with_file(path, Blob(content)))
    shown = views.content(call.api, repo, branch.name, path, Blob(content), named=True)
    commit = {"sha": after.commit, "message": body.message}
    return json_answer({"content": shown, "commit": commit}, 200 if before else 201)


def _check_sha(path: str, present: str | None, told: str | None) -> None:
    """Compare with the version that is there."""
    if present is not None and told is None:
        raise errors.sha_missing()
    if told is not None and told != present:
        raise errors.sha_conflict(path, told)


def _decoded(body: _File) -> bytes:
    if not body.message:
        raise errors.unprocessable('Invalid request.\n\n"message" wasn\'t supplied.')
    if body.content is None:
        raise errors.unprocessable('Invalid request.\n\n"content" wasn\'t supplied.')
    try:
        return b64decode(body.content, validate=True)
    except (NotBase64, ValueError) as error:
        raise errors.unprocessable("content is not valid Base64") from error


CONTENT_PATHS = (
    ("/contents", show_contents),
    ("/contents/{path:path}", show_contents),
)
CONTENT_WRITES = (("/contents/{path:path}", put_contents, "PUT"),)
