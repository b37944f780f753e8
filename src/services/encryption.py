"""Fernet, sealing, and the keys that are derived from the platform's root secret.

``ENCRYPTION_KEY`` holds one or several Fernet keys, newest first: the newest seals, each of them
opens. The root secret is random, made once and stored sealed; cursor, audit and hash keys come
from it, so that a rotation of ``ENCRYPTION_KEY`` only has to seal the root again.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from src.core.errors import CredentialsUnreadable, ServiceUnavailable, StartError
from src.models.credential import Place

Clock = Callable[[], float]
"""Unix seconds."""

KEY_FILE = "encryption.key"
_ROOT_PLACE = Place(tenant_id="", owner_id="platform", purpose="root", origin="")
_KEY_BYTES = 32
_RETRY_SECONDS = 2.0
_NONCE_BYTES = 12
_TIME_BYTES = 8
_SCRYPT_COST = 2**16
_UNREADABLE = (
    "A stored secret does not open with the present ENCRYPTION_KEY. Put the former key back "
    "(several keys may stand in a row, newest first)."
)


class EncryptionKeyError(StartError):
    """ENCRYPTION_KEY or the key file cannot be used."""


class TextBox:
    """Seals short texts that leave the process and come back: cursors.

    AES-GCM with a random nonce, because a page has one of these and Fernet costs ten times as much.
    """

    def __init__(self, key: bytes, clock: Clock = time.time) -> None:
        self._cipher = AESGCM(key)
        self._clock = clock

    def seal(self, content: bytes) -> str:
        """An opaque text that nobody else can read or make."""
        nonce = os.urandom(_NONCE_BYTES)
        made_at = int(self._clock()).to_bytes(_TIME_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, made_at + content, None)
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, text: str, max_age_seconds: int) -> bytes | None:
        """What was sealed; None when it was edited, made elsewhere or is too old."""
        try:
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            # Base64 readers skip foreign characters; a text that was added to is not ours.
            if base64.urlsafe_b64encode(sealed).decode().rstrip("=") != text:
                return None
            opened = self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)
        except (InvalidTag, ValueError):
            return None
        age = self._clock() - int.from_bytes(opened[:_TIME_BYTES])
        return opened[_TIME_BYTES:] if age <= max_age_seconds else None


class FrameBox:
    """Seals the frames of one file, each to its number and to whether it is the last.

    The key is used for this one file only, so numbers can be nonces; a frame that is missing, moved
    or added does not open.
    """

    def __init__(self, key: bytes, header: bytes) -> None:
        self._cipher = AESGCM(key)
        self._header = header

    @classmethod
    def of_passphrase(cls, passphrase: str, salt: bytes, header: bytes) -> FrameBox:
        """With a key from words of a person; slow on purpose."""
        kdf = Scrypt(salt=salt, length=_KEY_BYTES, n=_SCRYPT_COST, r=8, p=1)
        return cls(kdf.derive(passphrase.encode()), header)

    @classmethod
    def of_key(cls, key: str, salt: bytes, header: bytes) -> FrameBox:
        """With a Fernet key.

        Raises:
            EncryptionKeyError: It is none.
        """
        try:
            Fernet(key)
        except ValueError as error:
            raise EncryptionKeyError("The archive's key must be a Fernet key.") from error
        kdf = HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=salt, info=b"archive")
        return cls(kdf.derive(base64.urlsafe_b64decode(key)), header)

    def seal(self, number: int, content: bytes, *, is_last: bool) -> bytes:
        """One frame."""
        return self._cipher.encrypt(_frame_nonce(number, is_last=is_last), content, self._header)

    def open(self, number: int, sealed: bytes, *, is_last: bool) -> bytes | None:
        """What was sealed; None when it was changed, moved, or sealed with another key."""
        try:
            return self._cipher.decrypt(_frame_nonce(number, is_last=is_last), sealed, self._header)
        except InvalidTag:
            return None


class Encryption:
    """Seals secrets to their place and opens them there, and nowhere else."""

    def __init__(self, keys: str, clock: Clock = time.time) -> None:
        """Take one or several Fernet keys, comma separated, newest first.

        Args:
            keys: The keys.
            clock: Stands in for the real clock in tests; texts from a box grow old by it.

        Raises:
            EncryptionKeyError: One of them is no Fernet key.
        """
        names = [key.strip() for key in keys.split(",") if key.strip()]
        try:
            self._fernets = [Fernet(name) for name in names]
            self._fernet = MultiFernet(self._fernets)
        except ValueError as error:
            raise EncryptionKeyError(
                "ENCRYPTION_KEY must be one or several Fernet keys (32 bytes, URL-safe base64), "
                "comma separated, newest first."
            ) from error
        self.fingerprints = tuple(_fingerprint(name) for name in names)
        self._root: bytes | None = None
        self._is_locked_out = False
        self._boxes: dict[str, TextBox] = {}
        self._mac_keys: dict[str, bytes] = {}
        self._clock = clock

    @property
    def fingerprint(self) -> str:
        """Which key seals, without telling the key."""
        return self.fingerprints[0]

    @property
    def has_root(self) -> bool:
        """Whether the root secret is known, so that keys can be derived."""
        return self._root is not None

    def seal(self, secret: Mapping[str, Any], place: Place) -> bytes:
        """Encrypt a secret together with the place that it belongs to."""
        return self._fernet.encrypt(msgspec.json.encode([_spot(place), secret]))

    def open(self, sealed: bytes, place: Place) -> dict[str, Any]:
        """Decrypt a secret that was sealed to exactly this place.

        Raises:
            CredentialsUnreadable: No key of ours opens it, or it was sealed to another place.
        """
        try:
            spot, secret = msgspec.json.decode(self._fernet.decrypt(sealed))
        except InvalidToken as error:
            raise CredentialsUnreadable(_UNREADABLE) from error
        if spot != _spot(place):
            raise CredentialsUnreadable("A stored secret was sealed for another place.")
        opened: dict[str, Any] = secret
        return opened

    def key_of(self, sealed: bytes) -> str | None:
        """The fingerprint of the key that seals this; None when it is none of ours."""
        for fernet, fingerprint in zip(self._fernets, self.fingerprints, strict=True):
            try:
                fernet.decrypt(sealed)
            except InvalidToken:
                continue
            return fingerprint
        return None

    def seal_anew(self, sealed: bytes) -> bytes:
        """The same secret for the same place, sealed with the newest key.

        Raises:
            CredentialsUnreadable: No key of ours opens it.
        """
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken as error:
            raise CredentialsUnreadable(_UNREADABLE) from error

    def take_over(self, sealed: bytes, former: Encryption) -> bytes:
        """The same secret for the same place, from another platform's keys to our newest.

        Raises:
            CredentialsUnreadable: None of the former keys opens it.
        """
        try:
            return MultiFernet([*self._fernets, *former._fernets]).rotate(sealed)
        except InvalidToken as error:
            raise CredentialsUnreadable(_UNREADABLE) from error

    def new_root(self) -> bytes:
        """A fresh root secret, sealed."""
        return self.seal({"root": secrets.token_hex(_KEY_BYTES)}, _ROOT_PLACE)

    def adopt_root(self, sealed: bytes) -> None:
        """Use the stored root secret from now on.

        Raises:
            CredentialsUnreadable: It was sealed with a key that we do not have.
        """
        self._is_locked_out = True
        self._root = bytes.fromhex(self.open(sealed, _ROOT_PLACE)["root"])
        self._is_locked_out = False

    def box(self, purpose: str) -> TextBox:
        """A box whose key is derived from the root for one purpose.

        Raises:
            CredentialsUnreadable: Our key does not open the root secret.
            ServiceUnavailable: The root secret has not been read yet.
        """
        if purpose not in self._boxes:
            self._boxes[purpose] = TextBox(self._derive(purpose), self._clock)
        return self._boxes[purpose]

    def mac(self, purpose: str, content: bytes) -> bytes:
        """A proof over ``content`` that only a holder of the root secret can make.

        Raises:
            CredentialsUnreadable: Our key does not open the root secret.
            ServiceUnavailable: The root secret has not been read yet.
        """
        if purpose not in self._mac_keys:
            self._mac_keys[purpose] = self._derive(purpose)
        return hmac.digest(self._mac_keys[purpose], content, "sha256")

    def require_root(self) -> bytes:
        """The root secret.

        Raises:
            CredentialsUnreadable: Our key does not open it.
            ServiceUnavailable: It has not been read yet.
        """
        if self._root is not None:
            return self._root
        if self._is_locked_out:
            raise CredentialsUnreadable(_UNREADABLE, details={"reauthorizeUrl": None})
        raise ServiceUnavailable(
            "The database has not answered since the start. Try again in a moment.",
            retry_after=_RETRY_SECONDS,
        )

    def _derive(self, purpose: str) -> bytes:
        kdf = HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=None, info=purpose.encode())
        return kdf.derive(self.require_root())


def _frame_nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(_NONCE_BYTES - 1) + bytes([is_last])


def _spot(place: Place) -> list[str]:
    return [place.tenant_id, place.owner_id, place.purpose, place.origin]


def _fingerprint(key: str) -> str:
    tag = HMAC(base64.urlsafe_b64decode(key), hashes.SHA256())
    tag.update(b"fingerprint")
    return tag.finalize().hex()[:16]


def development_key(data_dir: Path) -> str:
    """The key of this folder, made at the first call; two processes that race get the same one.

    Raises:
        EncryptionKeyError: The folder cannot be written, or the file holds no key.
    """
    path = data_dir / KEY_FILE
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _publish(path, Fernet.generate_key())
        key = path.read_bytes().strip()
    except OSError as error:
        raise EncryptionKeyError(
            f"The development key file {path} cannot be made or read ({error.strerror}). "
            "Set ENCRYPTION_KEY, or DATA_DIR to a folder that can be written."
        ) from error
    try:
        Fernet(key)
    except ValueError as error:
        raise EncryptionKeyError(
            f"The development key file {path} holds no Fernet key. Put the former content back; "
            "without it, what was stored cannot be opened, so delete it together with the data."
        ) from error
    return key.decode()


def _publish(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; if another process was first, leave its file alone."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()
