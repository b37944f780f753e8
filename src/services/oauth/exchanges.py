"""A code becomes a grant, and its token answer says where the account is; refusals are audited."""

from __future__ import annotations

import re
from typing import Any

from pydantic import SecretStr

from src.connectors.manifest import AuthMethod
from src.connectors.registry import LoadedConnector
from src.core.errors import InvalidState, OAuthExchangeFailed, UnreadableAnswer
from src.core.oauth import OAuth2Client, OAuthError, TokenGrant
from src.core.security import same_secret
from src.models.audit import AuditAction, Outcome
from src.models.credential import Credential
from src.models.oauth_state import OAuthState
from src.models.principal import Caller
from src.services.audit import Audit
from src.services.giving_back import GivingBack
from src.services.homes import at_home
from src.services.oauth.refusals import translated
from src.services.oauth.values import OAuthAnswer

_CODE = re.compile(r"[\x21-\x7e]{1,4096}")


class Exchanges:
    """Exchanges codes."""

    def __init__(self, giving_back: GivingBack, audit: Audit) -> None:
        self._giving_back = giving_back
        self._audit = audit

    async def grant(
        self,
        caller: Caller,
        state: OAuthState,
        client: OAuth2Client,
        answer: OAuthAnswer,
        verifier: SecretStr | None,
    ) -> TokenGrant:
        """What the provider grants for the code.

        Raises:
            InvalidState: The verifier is another flow's.
            OAuthDenied: The user said no.
            OAuthExchangeFailed: The provider does not take the code.
            ConnectorNotConfigured: The provider does not take the app.
        """
        try:
            if answer.error is not None:
                raise client.callback_refusal(answer.error, answer.error_description)
            return await client.exchange(
                code=_code(answer, verifier),
                redirect_uri=state.redirect_uri,
                code_verifier=verifier,
                requested_scopes=state.requested_scopes,
                callback_scope=answer.scope,
            )
        except OAuthError as error:
            await self._refused(caller, state, str(error))
            raise translated(error) from error

    async def home(
        self,
        caller: Caller,
        state: OAuthState,
        loaded: LoadedConnector,
        method: AuthMethod,
        client: OAuth2Client,
        grant: TokenGrant,
    ) -> dict[str, Any]:
        """The configuration with the account's home; a grant that has none is given back.

        Raises:
            UnreadableAnswer: The provider does not say where, or names a host that is not its own.
        """
        try:
            return at_home(loaded, method, state.config, grant.extra)
        except UnreadableAnswer as error:
            await self._refused(caller, state, error.details.get("reason"))
            # At the address that the app is known at: what the answer named has no say in it.
            await self._giving_back.end_unused(client, credential_of(grant))
            raise

    async def _refused(self, caller: Caller, state: OAuthState, message: str | None) -> None:
        await self._audit.record(
            caller,
            AuditAction.CREDENTIAL_REFUSED,
            state.connection_id or state.connector_id,
            outcome=Outcome.FAILURE,
            message=message,
        )


def credential_of(grant: TokenGrant) -> Credential:
    """What came with the answer, and nothing from before."""
    return Credential(
        access_token=grant.access_token,
        refresh_token=grant.refresh_token,
        expires_at=grant.expires_at,
        refresh_expires_at=grant.refresh_expires_at,
        refresh_end_told=grant.refresh_end_told,
        scopes=grant.scopes,
    )


def _code(answer: OAuthAnswer, verifier: SecretStr | None) -> SecretStr:
    """The code, if it can be one, and the verifier is the one that was given out.

    Raises:
        OAuthExchangeFailed: It cannot.
        InvalidState: The verifier is another flow's.
    """
    code = answer.code
    if code is None or _CODE.fullmatch(code.get_secret_value()) is None:
        raise OAuthExchangeFailed("The provider sent no code that could be exchanged.")
    given = answer.code_verifier
    if given is not None and not (
        verifier is not None and same_secret(given.get_secret_value(), verifier.get_secret_value())
    ):
        raise InvalidState("The code verifier is not the one of this authorization.")
    return code
