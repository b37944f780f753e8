"""Webhooks that a person sets up at the provider, with a secret in a header."""

from typing import ClassVar

from src.connectors.manifest import Manifest
from src.connectors.webhooks import MadeBy, SecretHeader, WebhookSpec
from tests.api.bells import EVENTS, Rings, manifest


class MillConnector(Rings):
    """One account."""

    manifest: ClassVar[Manifest] = manifest(
        "mill",
        WebhookSpec(
            events=EVENTS,
            proof=SecretHeader(header="X-Bell-Secret"),
            made_by=MadeBy.HAND,
            container="required",
            instructions="Put the address and the header into the mill.",
        ),
    )
