"""Webhooks of a connection, signed; they expire."""

from typing import ClassVar

from src.connectors.manifest import Manifest
from src.connectors.webhooks import Signature, WebhookSpec
from tests.api.bells import DELIVERY_ID, EVENTS, RingsByItself, manifest


class ChimeConnector(RingsByItself):
    """One account."""

    manifest: ClassVar[Manifest] = manifest(
        "chime",
        WebhookSpec(
            events=EVENTS,
            proof=Signature(header="X-Bell-Signature", prefix="v1="),
            delivery_id=DELIVERY_ID,
            container="optional",
            auth_methods=("key",),
        ),
    )
