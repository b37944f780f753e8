"""The two secrets of an address: its own last part, and the one that deliveries are proved by."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass

from pydantic import SecretStr

from src.models.base import now
from src.models.credential import Place
from src.models.ids import IdPrefix, new_id
from src.models.webhook import Receiver, ReceiverApp
from src.services.credentials import seal
from src.services.encryption import Encryption

_BYTES = 32
_PURPOSE = "webhook_address"


@dataclass(frozen=True, slots=True)
class HookSecrets:
    """What an address keeps to itself."""

    address: SecretStr
    """Its last part."""
    proof: SecretStr
    """What the provider signs with, or repeats."""


def new_receiver(
    encryption: Encryption, connector_id: str, tenant_id: str, app: ReceiverApp | None = None
) -> Receiver:
    """A fresh address with fresh secrets.

    Raises:
        CredentialsUnreadable: Our key is not the database's.
        ServiceUnavailable: That is not known yet.
    """
    receiver_id = new_id(IdPrefix.WEBHOOK)
    address, proof = secrets.token_urlsafe(_BYTES), secrets.token_urlsafe(_BYTES)
    return Receiver(
        id=receiver_id,
        tenant_id=tenant_id,
        connector_id=connector_id,
        is_shared=app is not None,
        app=app,
        address_hash=_hash(encryption, receiver_id, address),
        sealed=seal(
            encryption, {"address": address, "proof": proof}, _place(tenant_id, receiver_id)
        ),
        created_at=now(),
    )


def open_secrets(encryption: Encryption, receiver: Receiver) -> HookSecrets:
    """The secrets of an address.

    Raises:
        CredentialsUnreadable: They do not open with our keys, or not at this place.
    """
    opened = encryption.open(receiver.sealed, _place(receiver.tenant_id, receiver.id))
    return HookSecrets(SecretStr(opened["address"]), SecretStr(opened["proof"]))


def is_address(encryption: Encryption, receiver: Receiver, given: str) -> bool:
    """Whether this is the last part of the address; in constant time."""
    return hmac.compare_digest(_hash(encryption, receiver.id, given), receiver.address_hash)


def _hash(encryption: Encryption, receiver_id: str, address: str) -> bytes:
    content = f"{receiver_id}/{address}".encode("utf-8", "surrogatepass")
    return encryption.mac(_PURPOSE, content)


def _place(tenant_id: str, receiver_id: str) -> Place:
    return Place(tenant_id, receiver_id, "webhook", "")
