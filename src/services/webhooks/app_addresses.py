"""Addresses of OAuth apps, made at the first need; and what the operator tells a provider of one.

Where the webhooks of the platform's own app are set up by hand, that is the operator's to do.
"""

from __future__ import annotations

from src.connectors.registry import ConnectorRegistry
from src.connectors.webhooks import AddressOf, MadeBy
from src.core.config import Settings
from src.core.errors import ConnectorNotConfigured, UnsupportedCapability
from src.core.security import origin_of
from src.db.receivers import Receivers
from src.models.webhook import Receiver, ReceiverApp
from src.services.apps import oauth_method
from src.services.encryption import Encryption
from src.services.provider_addresses import platform_oauth
from src.services.webhooks.addresses import HookAddresses, has_own_secret, header_of
from src.services.webhooks.secrets import new_receiver, open_secrets
from src.services.webhooks.values import Setup


async def receiver_of_app(
    receivers: Receivers, encryption: Encryption, connector_id: str, app: ReceiverApp
) -> Receiver:
    """The address of an app; of two who make it at once, one has made it."""
    while True:
        found = await receivers.of_app(connector_id, app)
        if found is not None:
            return found
        fresh = new_receiver(encryption, connector_id, app.owner, app)
        if await receivers.add(fresh):
            return fresh


async def setup_of_platform(
    settings: Settings,
    registry: ConnectorRegistry,
    receivers: Receivers,
    encryption: Encryption,
    connector_id: str,
) -> Setup:
    """What the operator has to set up at the provider for the platform's app.

    Raises:
        NotFound: There is no such connector.
        UnsupportedCapability: Its webhooks are not set up by hand for an app.
        ConnectorNotConfigured: The platform has no app there.
    """
    loaded = registry.find(connector_id)
    spec = loaded.manifest.webhooks
    if spec is None or (spec.address, spec.made_by) != (AddressOf.APP, MadeBy.HAND):
        raise UnsupportedCapability(
            f"{loaded.manifest.name} has no webhooks that an operator sets up."
        )
    platform, method = platform_oauth(settings, registry).get(connector_id), oauth_method(loaded)
    if platform is None or platform.app is None or method is None or method.oauth2 is None:
        raise ConnectorNotConfigured(
            f"Set CONNECTORS__{connector_id.upper()}__CLIENT_ID and __CLIENT_SECRET first.",
            details={"reason": "no_app"},
        )
    moved = platform.addresses.token_url if platform.addresses else None
    app = ReceiverApp(
        owner="",
        client_id=platform.app.client_id,
        token_origin=origin_of(moved or method.oauth2.token_url),
    )
    receiver = await receiver_of_app(receivers, encryption, connector_id, app)
    secrets = open_secrets(encryption, receiver)
    return Setup(
        url=HookAddresses(settings.public_url, settings.api_prefix).url(receiver, secrets),
        header=header_of(spec),
        secret=secrets.proof if has_own_secret(spec) else None,
        instructions=spec.instructions,
    )
