"""The end of a token at its provider, unless somebody else lives on the same grant."""

from __future__ import annotations

from enum import StrEnum

from src.core.logging import get_logger
from src.core.oauth import OAuth2Client, OAuthError
from src.db.flows import Grants
from src.db.tenant import TenantScope
from src.models.connection import Connection, ConnectionStatus
from src.models.credential import Credential

log = get_logger(__name__)


class RevokedAtProvider(StrEnum):
    """What became of the grant at the provider."""

    YES = "yes"
    UNSUPPORTED = "unsupported"
    FAILED = "failed"
    SKIPPED_SHARED = "skipped_shared"
    NOT_NEEDED = "not_needed"


class GivingBack:
    """Gives tokens back that were granted to an app of ours."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    async def is_shared(self, connection_id: str, grant_hash: str | None) -> bool:
        """Whether another live connection, of any tenant, works with this grant."""
        return grant_hash is not None and await self._grants.is_shared(grant_hash, connection_id)

    async def end(self, client: OAuth2Client, credential: Credential) -> RevokedAtProvider:
        """End a token; a provider that does not help is told in the log."""
        try:
            ended = await client.revoke(
                access_token=credential.access_token, refresh_token=credential.refresh_token
            )
        except OAuthError as error:
            log.warning("grant.kept", reason=str(error))
            return RevokedAtProvider.FAILED
        return RevokedAtProvider.YES if ended else RevokedAtProvider.UNSUPPORTED

    async def end_unused(self, client: OAuth2Client, credential: Credential) -> None:
        """End what was granted before anybody knew whose account it is, and is not to be used.

        Somebody may live on a grant of the same account, so this is done only where the provider
        ends what came and nothing else.
        """
        if not client.revokes_alone:
            log.info("grant.dropped")
            return
        ended = await self.end(client, credential)
        log.info("grant.ended_unused", outcome=ended.value)

    async def end_late(
        self,
        scope: TenantScope,
        connection: Connection,
        client: OAuth2Client,
        credential: Credential,
        grant_hash: str | None,
    ) -> None:
        """End what was granted in the very moment in which its connection was given up.

        The user gave the grant back, and this part of it came too late to be among that. What lost
        to a newer authorization is left alone: that one may live on the same grant.

        Args:
            scope: The tenant.
            connection: As it was when the provider was asked.
            client: Of the app that it was granted to.
            credential: What came.
            grant_hash: Of the grant; without one nobody knows who else lives on it.
        """
        present = await scope.connections.get_fresh(connection.id)
        if present is not None and present.status is not ConnectionStatus.DISCONNECTED:
            return
        if grant_hash is None or await self.is_shared(connection.id, grant_hash):
            return
        ended = await self.end(client, credential)
        log.info("grant.ended_late", connection=connection.id, outcome=ended.value)
