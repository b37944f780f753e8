"""The addresses that providers call, opened: looked up, and their proof at hand.

What is looked up is held for a second at the most: a webhook that was ended is deaf within it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from src.connectors.base import ReceivesWebhooks
from src.connectors.manager import ConnectorManager
from src.connectors.webhooks import AddressOf, AddressOnly, SignedToken, WebhookSpec
from src.core.errors import AppError, NotFound, ServiceUnavailable
from src.core.logging import get_logger
from src.core.oauth import OAuth2App
from src.core.security import same_secret
from src.db.cache import BriefCache
from src.db.receivers import Receivers
from src.models.ids import IdPrefix
from src.models.webhook import Receiver, Webhook
from src.services.apps import OAuthApps
from src.services.audit import ScopeOf
from src.services.encryption import Encryption
from src.services.webhooks.proofs import ProofKeys
from src.services.webhooks.secrets import HookSecrets, is_address, open_secrets

MOST_ASKED = 10
"""How many members are looked at for the app that they share."""

_NO_DOOR = "There is no such address."

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Door:
    """An address whose last part was right."""

    receiver: Receiver
    secrets: HookSecrets
    connector: type[ReceivesWebhooks]
    spec: WebhookSpec


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a provider wants to hear when it asks whether the address is ours."""

    name: str
    value: str
    is_json: bool


class Doors:
    """Finds addresses and what they are proved by."""

    def __init__(
        self,
        scope_of: ScopeOf,
        receivers: Receivers,
        manager: ConnectorManager,
        apps: OAuthApps,
        encryption: Encryption,
        cache: BriefCache,
    ) -> None:
        self._scope_of = scope_of
        self._receivers = receivers
        self._manager = manager
        self._apps = apps
        self._encryption = encryption
        self._cache = cache

    async def open(self, receiver_id: str, address: str) -> Door:
        """The address with this id and this last part.

        Raises:
            NotFound: There is none: one answer for every reason.
        """
        if not IdPrefix.WEBHOOK.owns(receiver_id):
            raise NotFound(_NO_DOOR)
        found: tuple[Receiver, HookSecrets] | None = await self._cache.get(
            ("hook_receivers", receiver_id), lambda: self._load(receiver_id)
        )
        if found is None or not is_address(self._encryption, found[0], address):
            raise NotFound(_NO_DOOR)
        receiver, secrets = found
        loaded = self._manager.registry.get(receiver.connector_id)
        if loaded is None or not issubclass(loaded.connector_class, ReceivesWebhooks):
            raise NotFound(_NO_DOOR)
        spec = loaded.manifest.webhooks
        if spec is None or (spec.address is AddressOf.APP) != receiver.is_shared:
            raise NotFound(_NO_DOOR)
        return Door(receiver, secrets, loaded.connector_class, spec)

    async def _load(self, receiver_id: str) -> tuple[Receiver, HookSecrets] | None:
        receiver = await self._receivers.find(receiver_id)
        return None if receiver is None else (receiver, open_secrets(self._encryption, receiver))

    def greeting(self, door: Door, query: Mapping[str, str]) -> Greeting:
        """The answer to a challenge.

        Raises:
            NotFound: The provider sends none, or this is not its own.
        """
        challenge = door.spec.challenge
        value = query.get(challenge.value) if challenge else None
        if challenge is None or value is None:
            raise NotFound(_NO_DOOR)
        if challenge.proof is not None:
            given = query.get(challenge.proof)
            if given is None or not same_secret(given, door.secrets.proof.get_secret_value()):
                raise NotFound(_NO_DOOR)
        return Greeting(challenge.value, value, challenge.answer == "json")

    async def keys(self, door: Door) -> ProofKeys:
        """What a delivery to this address is proved with."""
        needs_app = isinstance(door.spec.proof, SignedToken) or (
            isinstance(door.spec.proof, AddressOnly) and door.spec.proof.client_id_header
        )
        if not needs_app:
            return ProofKeys(door.secrets.proof)
        app: OAuth2App | None = await self._cache.get(
            ("hook_apps", door.receiver.id), lambda: self._app(door.receiver)
        )
        return ProofKeys(door.secrets.proof, app)

    async def _app(self, receiver: Receiver) -> OAuth2App | None:
        """The app of a shared address, as the platform or a member's connection has it today."""
        if receiver.app is None:
            return None
        if not receiver.app.owner:
            app = self._apps.of_platform(receiver.connector_id)
            return app if app is not None and app.client_id == receiver.app.client_id else None
        for member in await self._receivers.some_members(receiver.id, MOST_ASKED):
            connection = await self._scope_of(member.tenant_id).connections.get(
                member.connection_id
            )
            if connection is None:
                continue
            try:
                unit = await self._apps.unit_of(connection)
            except ServiceUnavailable:
                raise
            except AppError as error:
                log.info("hook.app_missed", receiver=receiver.id, reason=error.message)
                continue
            if unit.app.client_id == receiver.app.client_id:
                return unit.app
        return None

    async def members(self, door: Door, keys: Collection[str]) -> list[Webhook]:
        """The webhooks that a delivery is for, by the keys that it names; an own address has one.

        Nothing at a shared address is for all of its members.
        """
        receiver = door.receiver
        if receiver.is_shared:
            return await self._receivers.members(receiver.id, keys) if keys else []
        members: list[Webhook] = await self._cache.get(
            ("hook_members", receiver.id), lambda: self._receivers.some_members(receiver.id, 1)
        )
        return members

    def forget(self, receiver_id: str) -> None:
        """Drop what this process has just changed."""
        for place in ("hook_receivers", "hook_apps", "hook_members"):
            self._cache.drop((place, receiver_id))
