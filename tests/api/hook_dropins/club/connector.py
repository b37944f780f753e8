"""One subscription for all of an app's connections, proved by the address alone."""

from typing import ClassVar

from src.connectors.manifest import Manifest
from src.connectors.webhooks import AddressOf, AddressOnly, Challenge, MadeBy, WebhookSpec
from tests.api.bells import EVENTS, RingsForTheApp, manifest


class ClubConnector(RingsForTheApp):
    """One account."""

    manifest: ClassVar[Manifest] = manifest(
        "club",
        WebhookSpec(
            events=EVENTS,
            proof=AddressOnly(),
            address=AddressOf.APP,
            made_by=MadeBy.APP,
            challenge=Challenge(value="hub.challenge", proof="hub.verify_token"),
        ),
    )
