"""The first access token of a key, or of an imported token that is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import SecretStr

from src.connectors.manifest import AuthKind
from src.connectors.registry import LoadedConnector
from src.core.errors import CredentialRefused
from src.core.oauth import GrantDead, OAuthError
from src.models.base import now
from src.models.credential import Credential
from src.services.apps import OAuthApps
from src.services.oauth.refusals import translated
from src.services.offers import Offer


@dataclass(frozen=True, slots=True)
class Redemptions:
    """Redeems what is offered, where its method says how."""

    apps: OAuthApps
    clock: Callable[[], datetime] = now

    async def redeemed(self, loaded: LoadedConnector, offer: Offer) -> Offer:
        """The offer with an access token that can be used; what is kept is its refresh token.

        Raises:
            CredentialRefused: The provider does not accept the key or token.
            ConnectorNotConfigured: The operator has not set what it takes.
            TryLater: The provider cannot be asked now.
        """
        kept = self._kept(offer)
        if kept is None:
            return offer
        client = self.apps.redeeming(loaded, offer.method, offer.config)
        try:
            grant = await client.refresh(kept)
        except GrantDead as error:
            details = {"at": "provider", "status": error.status, "message": error.explanation}
            message = error.explanation or "The provider does not accept the credential."
            raise CredentialRefused(message, details=details) from error
        except OAuthError as error:
            raise translated(error) from error
        credential = Credential(
            access_token=grant.access_token,
            refresh_token=grant.refresh_token or kept,
            expires_at=grant.expires_at,
            refresh_expires_at=grant.refresh_expires_at,
            refresh_end_told=grant.refresh_end_told,
            scopes=grant.scopes or offer.credential.scopes,
        )
        return replace(offer, credential=credential)

    def _kept(self, offer: Offer) -> SecretStr | None:
        """What is to be redeemed now; None where the access token will do, or is all there is."""
        if offer.method.renewal is None:
            return None
        credential = offer.credential
        if offer.method.kind is AuthKind.API_KEY:
            return credential.access_token
        end = credential.expires_at
        return credential.refresh_token if end is not None and end <= self.clock() else None
