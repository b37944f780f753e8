"""Reading and writing one file: "Repository contents" of docs.github.com/rest."""

from __future__ import annotations

from base64 import b64decode, b64encode
from functools import partial
from http import HTTPStatus
from typing import Any, Literal

from msgspec import Struct

from src.connectors.github.media import UNKNOWN, media_type
from src.connectors.github.objects import Contents, Written
from src.connectors.github.places import File
from src.connectors.rest.client import RestClient
from src.connectors.rest.decoding import decode, map_one
from src.core.errors import ValidationFailed

LARGEST_FILE = 10 * 1024 * 1024
"""Bytes: what is no text grows by a third in JSON, and one answer holds 16 MiB."""
WORKFLOWS = ".github/workflows/"

# A directory comes as one object, too; else it would be a list.
_OBJECT = {"Accept": "application/vnd.github.object+json"}
# GitHub's JSON holds no content above 1 MB.
_RAW = {"Accept": "application/vnd.github.raw+json"}

_OTHER_THINGS = {
    "dir": "is a directory; name a file in it",
    "submodule": "is a submodule: its files are in another repository",
}


class FileContent(Struct, frozen=True, kw_only=True, rename="camel"):
    """A file with its content: text as it is, everything else in base64."""

    path: str | None
    name: str
    ref: str | None
    sha: str
    """What replacing it needs."""
    size: int
    mime_type: str
    encoding: Literal["utf-8", "base64"]
    content: str
    url: str | None = None


class FileWritten(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a write has made."""

    path: str
    branch: str | None
    sha: str
    """What the next write needs."""
    commit_sha: str
    created: bool
    url: str | None = None


async def read_file(rest: RestClient, repository: str, file: File, ref: str | None) -> FileContent:
    """A file at a branch, tag or commit (None = the default branch).

    Raises:
        ValidationFailed: There is something else at the path, or too much.
        ProviderNotFound: There is nothing.
    """
    if file.blob is not None:
        return await _read_blob(rest, repository, file, file.blob)
    response = await rest.call(
        "GET",
        "/repositories/{repository}/contents/{file...}",
        params={"ref": ref},
        headers=_OBJECT,
        repository=repository,
        file=file.path or "",
    )
    found = decode(response.content, Contents)
    _need_file(found)
    if found.encoding == "base64":
        return map_one(response.content, Contents, partial(_content, ref=ref), raw=False)
    whole = File(found.path.rpartition("/")[2], ref or "", found.path, found.sha)
    return await _read_blob(rest, repository, whole, found.sha, found.html_url)


async def _read_blob(
    rest: RestClient, repository: str, file: File, sha: str, url: str | None = None
) -> FileContent:
    response = await rest.call(
        "GET",
        "/repositories/{repository}/git/blobs/{sha}",
        headers=_RAW,
        repository=repository,
        sha=sha,
    )
    _need_size(len(response.content))
    return _file(file, sha, response.content, url)


def _need_file(found: Contents) -> None:
    if found.type == "symlink":
        why = f"is a symbolic link to {found.target}, which is no file of this repository"
        raise ValidationFailed([("path", why)])
    if found.type != "file":
        raise ValidationFailed([("path", _OTHER_THINGS.get(found.type, "is no file"))])
    _need_size(found.size)


def _need_size(size: int) -> None:
    if size > LARGEST_FILE:
        why = f"has {size} bytes; a file of up to {LARGEST_FILE} can be read"
        raise ValidationFailed([("path", why)])


def _content(found: Contents, ref: str | None) -> FileContent:
    """Raises ValueError for what is no base64."""
    file = File(found.path.rpartition("/")[2], ref or "", found.path)
    return _file(file, found.sha, b64decode(found.content or ""), found.html_url)


def _file(file: File, sha: str, content: bytes, url: str | None) -> FileContent:
    text = _text(content)
    return FileContent(
        path=file.path,
        name=file.name,
        ref=file.ref or None,
        sha=sha,
        size=len(content),
        mime_type=media_type(file.name) or ("text/plain" if text is not None else UNKNOWN),
        encoding="base64" if text is None else "utf-8",
        content=b64encode(content).decode() if text is None else text,
        url=url,
    )


def _text(content: bytes) -> str | None:
    """The content as text; None when it is something else."""
    if b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


async def write_file(
    rest: RestClient, repository: str, path: str, body: dict[str, Any]
) -> FileWritten:
    """Create a file, or replace the version that ``sha`` in ``body`` names.

    Raises:
        ProviderConflict: It is another version, or there is one and none was named.
        ProviderNotFound: There is no such branch, or it may not be written to.
    """
    response = await rest.call(
        "PUT",
        "/repositories/{repository}/contents/{file...}",
        json=body,
        repository=repository,
        file=path,
    )
    written = decode(response.content, Written)
    return FileWritten(
        path=written.content.path,
        branch=body.get("branch"),
        sha=written.content.sha,
        commit_sha=written.commit.sha,
        created=response.status == HTTPStatus.CREATED,
        url=written.content.html_url,
    )
