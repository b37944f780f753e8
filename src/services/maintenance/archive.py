"""The form of a backup: one encrypted file, written and read as a stream.

The first line is JSON in the clear (form, version, how the key is made, salt). Then come frames:
four bytes of length, whose highest bit marks the last frame, and the sealed content. Joined and
unpacked (zlib) the contents are records: a letter for the kind, four bytes of length, the bytes.
"""

from __future__ import annotations

import base64
import json
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import IO

from pydantic import SecretStr

from src.core.errors import StartError
from src.services.encryption import FrameBox

FORM = "connectors-backup"
VERSION = 1
_FRAME_BYTES = 256 * 1024
_MOST_HEADER_BYTES = 4096
_LAST = 1 << 31
_SALT_BYTES = 16
_RECORD = struct.Struct(">cI")


class ArchiveError(StartError):
    """The archive cannot be read; the message says why."""


class Kind(Enum):
    """What a record is."""

    MANIFEST = b"M"
    COLLECTION = b"C"
    DOCUMENT = b"D"
    END = b"E"


@dataclass(frozen=True, slots=True)
class Lock:
    """What an archive is encrypted with: words or a Fernet key."""

    secret: SecretStr
    is_key: bool = False

    @property
    def method(self) -> str:
        """How the header names it."""
        return "key" if self.is_key else "passphrase"

    def box(self, salt: bytes, header: bytes) -> FrameBox:
        """The box for one archive."""
        make = FrameBox.of_key if self.is_key else FrameBox.of_passphrase
        return make(self.secret.get_secret_value(), salt, header)


class ArchiveWriter:
    """Writes records; without ``close`` the archive has no end and is refused."""

    def __init__(self, file: IO[bytes], lock: Lock) -> None:
        salt = os.urandom(_SALT_BYTES)
        fields = {
            "form": FORM,
            "version": VERSION,
            "lock": lock.method,
            "salt": base64.b64encode(salt).decode(),
        }
        header = json.dumps(fields).encode() + b"\n"
        file.write(header)
        self._file = file
        self._box = lock.box(salt, header)
        self._packer = zlib.compressobj()
        self._waiting = bytearray()
        self._number = 0

    def add(self, kind: Kind, content: bytes) -> None:
        """Add a record."""
        head = _RECORD.pack(kind.value, len(content))
        self._waiting += self._packer.compress(head) + self._packer.compress(content)
        while len(self._waiting) > _FRAME_BYTES:
            self._write(bytes(self._waiting[:_FRAME_BYTES]), is_last=False)
            del self._waiting[:_FRAME_BYTES]

    def close(self) -> None:
        """Write the last frame."""
        self._waiting += self._packer.flush()
        self._write(bytes(self._waiting), is_last=True)

    def _write(self, content: bytes, *, is_last: bool) -> None:
        sealed = self._box.seal(self._number, content, is_last=is_last)
        self._file.write(struct.pack(">I", len(sealed) | (_LAST if is_last else 0)))
        self._file.write(sealed)
        self._number += 1


class ArchiveReader:
    """Reads records, and each only after its frame has proved to be whole."""

    def __init__(self, file: IO[bytes], lock: Lock) -> None:
        """Read the header.

        Raises:
            ArchiveError: It is no archive, or one that this version cannot read.
        """
        header = file.readline(_MOST_HEADER_BYTES)
        try:
            fields = json.loads(header)
            form, version, method = fields["form"], fields["version"], fields["lock"]
            salt = base64.b64decode(fields["salt"])
        except (ValueError, KeyError, TypeError) as error:
            raise ArchiveError("This file is not a backup.") from error
        if form != FORM:
            raise ArchiveError("This file is not a backup.")
        if version != VERSION:
            raise ArchiveError(
                f"The backup has format version {version}, this version of the service reads "
                f"{VERSION}: restore it with the version that wrote it."
            )
        if method != lock.method:
            raise ArchiveError(f"The backup was encrypted with a {method}: give that.")
        self._file = file
        self._box = lock.box(salt, header)

    def records(self) -> Iterator[tuple[Kind, bytes]]:
        """The records up to the end.

        Raises:
            ArchiveError: The key is another one, or the file was changed or cut.
        """
        waiting = bytearray()
        for content in self._unpacked():
            waiting += content
            position = 0
            while len(waiting) - position >= _RECORD.size:
                kind, length = _RECORD.unpack_from(waiting, position)
                start = position + _RECORD.size
                end = start + length
                if len(waiting) < end:
                    break
                yield Kind(kind), bytes(waiting[start:end])
                position = end
            del waiting[:position]

    def _unpacked(self) -> Iterator[bytes]:
        unpacker = zlib.decompressobj()
        number, is_last = 0, False
        while not is_last:
            (mark,) = struct.unpack(">I", self._exactly(4))
            is_last = bool(mark & _LAST)
            sealed = self._exactly(mark & ~_LAST)
            content = self._box.open(number, sealed, is_last=is_last)
            if content is None:
                raise ArchiveError(
                    "The backup does not open: the passphrase or key is another one."
                    if number == 0
                    else "The backup was changed after it was written."
                )
            yield unpacker.decompress(content)
            number += 1
        if self._file.read(1):
            raise ArchiveError("The backup was changed after it was written: it has no end.")

    def _exactly(self, count: int) -> bytes:
        content = self._file.read(count) if count <= 2 * _FRAME_BYTES else b""
        if len(content) != count:
            raise ArchiveError("The backup is cut off.")
        return content
