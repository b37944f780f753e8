"""Secrets of endpoints, and the signatures that are made with them (Standard Webhooks)."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import SecretStr
from standardwebhooks import Webhook

from src.models.credential import Place
from src.models.event import Endpoint, Event
from src.services.credentials import seal
from src.services.encryption import Encryption

FORMER_SECRET_LIFE = timedelta(hours=24)
"""How long the secret before a rotation still signs, beside the new one."""

_SECRET_BYTES = 32
_PREFIX = "whsec_"


class Signer:
    """Signs with the secret of an endpoint, and with the one before it while that lives."""

    def __init__(self, secrets: Sequence[Webhook], at: datetime) -> None:
        self._secrets = secrets
        self._at = at

    def headers(self, event: Event) -> dict[str, str]:
        """What proves that the event comes from us, and when it was sent."""
        signatures = [secret.sign(event.id, self._at, event.body) for secret in self._secrets]
        return {
            "webhook-id": event.id,
            "webhook-timestamp": str(int(self._at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


class EndpointSecrets:
    """Makes secrets, and seals them to their endpoint."""

    def __init__(self, encryption: Encryption) -> None:
        self._encryption = encryption

    def make(self, tenant_id: str, endpoint_id: str) -> tuple[SecretStr, bytes]:
        """A new secret, in the clear and sealed.

        Raises:
            CredentialsUnreadable: Our key is not the database's.
        """
        text = _PREFIX + base64.b64encode(os.urandom(_SECRET_BYTES)).decode()
        sealed = seal(self._encryption, {"secret": text}, _place(tenant_id, endpoint_id))
        return SecretStr(text), sealed

    def signer(self, endpoint: Endpoint, at: datetime) -> Signer:
        """What signs for an endpoint at this time.

        Raises:
            CredentialsUnreadable: Our key does not open the secret.
        """
        place = _place(endpoint.tenant_id, endpoint.id)
        sealed = [endpoint.sealed_secret]
        former, until = endpoint.sealed_former_secret, endpoint.former_until
        if former is not None and until is not None and at < until:
            sealed.append(former)
        return Signer([Webhook(self._encryption.open(one, place)["secret"]) for one in sealed], at)


def _place(tenant_id: str, endpoint_id: str) -> Place:
    return Place(tenant_id, endpoint_id, "endpoint_secret", "")
