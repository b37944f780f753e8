"""Webhooks of connections that come to the one address of their app, with a token of the app's."""

from typing import ClassVar

from src.connectors.manifest import Manifest
from src.connectors.webhooks import AddressOf, SignedToken, WebhookSpec
from tests.api.bells import DELIVERY_ID, EVENTS, RingsByItself, manifest


class LodgeConnector(RingsByItself):
    """One account."""

    manifest: ClassVar[Manifest] = manifest(
        "lodge",
        WebhookSpec(
            events=EVENTS,
            proof=SignedToken(),
            address=AddressOf.APP,
            delivery_id=DELIVERY_ID,
        ),
    )
