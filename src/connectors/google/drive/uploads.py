"""Making files: as metadata alone, or with their content in the same request.

Source: developers.google.com/workspace/drive/api/guides/manage-uploads, "multipart upload".
"""

from __future__ import annotations

from secrets import token_hex

import msgspec
from msgspec import Struct

from src.connectors.google.drive.schemas import FILE_FIELDS, File
from src.connectors.rest.client import RestClient
from src.connectors.rest.decoding import decode

_PARAMS = {"fields": FILE_FIELDS, "supportsAllDrives": "true"}


class Metadata(Struct, rename="camel", omit_defaults=True):
    """What a new file is called, is, and where it goes."""

    name: str
    mime_type: str
    parents: list[str] | None = None


async def create(rest: RestClient, metadata: Metadata) -> File:
    """A file without content."""
    answer = await rest.call("POST", "/drive/v3/files", params=_PARAMS, json=metadata)
    return decode(answer.content, File)


async def upload(rest: RestClient, metadata: Metadata, content: bytes, mime_type: str) -> File:
    """A file with its content, which Drive converts when the two are of different types."""
    # Long enough that no content holds it.
    boundary = f"part-{token_hex(24)}"
    body = b"\r\n".join(
        (
            f"--{boundary}".encode(),
            b"Content-Type: application/json; charset=UTF-8",
            b"",
            msgspec.json.encode(metadata),
            f"--{boundary}".encode(),
            f"Content-Type: {mime_type}".encode(),
            b"",
            content,
            f"--{boundary}--".encode(),
            b"",
        )
    )
    answer = await rest.call(
        "POST",
        "/upload/drive/v3/files",
        params={**_PARAMS, "uploadType": "multipart"},
        content=body,
        headers={"Content-Type": f"multipart/related; boundary={boundary}"},
    )
    return decode(answer.content, File)
