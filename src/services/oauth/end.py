"""The end of a flow: a state is used up, a code exchanged, an account connected."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from src.connectors.base import AsksForChoice
from src.connectors.manager import ConnectorManager
from src.connectors.registry import LoadedConnector
from src.core.errors import (
    AccountMismatch,
    AppError,
    Conflict,
    InvalidState,
    ValidationFailed,
)
from src.core.oauth import OAuth2Client
from src.models.audit import AuditAction
from src.models.connection import Connection, ConnectionStatus, Selection
from src.models.credential import Credential
from src.models.oauth_state import OAuthState
from src.models.principal import Caller
from src.services.apps import OAuthApps
from src.services.audit import Audit, ScopeOf
from src.services.calls import Calls
from src.services.connections import checked, require_owner
from src.services.credentials import Credentials
from src.services.giving_back import GivingBack
from src.services.oauth.exchanges import Exchanges, credential_of
from src.services.oauth.starters import acting
from src.services.oauth.states import INVALID, FlowStates
from src.services.oauth.values import BrowserEnd, OAuthAnswer
from src.services.offers import Connected, Offer
from src.services.settlement import Settlement

_WITH_GRANT = frozenset({ConnectionStatus.CONNECTED, ConnectionStatus.EXPIRED})


class OAuthEndings:
    """Ends flows."""

    def __init__(
        self,
        scope_of: ScopeOf,
        manager: ConnectorManager,
        calls: Calls,
        *,
        apps: OAuthApps,
        credentials: Credentials,
        settlement: Settlement,
        giving_back: GivingBack,
        states: FlowStates,
        audit: Audit,
    ) -> None:
        self._scope_of = scope_of
        self._manager = manager
        self._calls = calls
        self._apps = apps
        self._credentials = credentials
        self._settlement = settlement
        self._giving_back = giving_back
        self._exchanges = Exchanges(giving_back, audit)
        self._states = states
        self._audit = audit

    async def finish(self, caller: Caller, connector_id: str, answer: OAuthAnswer) -> Connected:
        """End a flow by what its host hands over.

        Raises:
            InvalidState: Not a state that this caller may end, here and now.
            OAuthDenied: The user said no.
            OAuthExchangeFailed: The provider does not take the code.
            ConnectorNotConfigured: The provider does not take the app.
            ConnectionExists: The account is connected already.
            AccountMismatch: It is another account than the connection's.
            UnreadableAnswer: The provider does not say where the account is, or not credibly.
        """
        state = await self._states.find(connector_id, answer.state)
        is_foreign = state.tenant_id != caller.tenant_id or (
            caller.user_id is not None and caller.user_id != state.user_id
        )
        if is_foreign or state.browser_hash is not None:
            raise InvalidState(INVALID)
        if answer.connection_id not in {None, state.connection_id}:
            raise ValidationFailed([("connectionId", "is not the one that this was begun for")])
        if answer.user_id not in {None, state.user_id}:
            raise ValidationFailed([("userId", "is not the one that this was begun for")])
        await self._states.take(state)
        given = answer.csrf_token
        if not self._states.fits(
            "csrf", given.get_secret_value() if given else None, state.csrf_hash
        ):
            raise InvalidState(INVALID)
        return await self._end(caller, state, answer)

    async def finish_in_browser(
        self, connector_id: str, answer: OAuthAnswer, browsers: Collection[str], request: Caller
    ) -> BrowserEnd:
        """End a flow whose browser has come back to our own callback.

        Args:
            connector_id: Whose callback it is.
            answer: What came with the browser.
            browsers: What the browser's cookies hold.
            request: Its id and address; who is calling, says the state.
        """
        try:
            state = await self._states.find(connector_id, answer.state)
        except AppError as error:
            return BrowserEnd(None, error=error)
        try:
            if state.csrf_hash is not None:
                raise InvalidState("This authorization is completed by the application.")
            await self._states.take(state)
            bound = state.browser_hash
            if not (
                bound is None or any(self._states.fits("browser", one, bound) for one in browsers)
            ):
                raise InvalidState(INVALID)
            caller = acting(state.tenant_id, state.starter, request)
            return BrowserEnd(state, connected=await self._end(caller, state, answer))
        except AppError as error:
            return BrowserEnd(state, error=error)

    async def _end(self, caller: Caller, state: OAuthState, answer: OAuthAnswer) -> Connected:
        """Exchange the code and store what it brings; the state is used up already."""
        loaded = await self._calls.enabled(caller, state.connector_id)
        method = self._manager.auth_method(loaded, state.method)
        present = await self._present(caller, state)
        verifier, own = self._states.open(state)
        stored = self._apps.own_app(present) if present and own is None else None
        unit = await self._apps.choose(loaded, caller.tenant_id, own or stored, state.config)
        if unit.granted_to != state.granted_to:
            raise InvalidState("The OAuth app has been changed meanwhile. Begin again.")
        client = self._apps.client(unit)
        grant = await self._exchanges.grant(caller, state, client, answer, verifier)
        config = await self._exchanges.home(caller, state, loaded, method, client, grant)
        credential = credential_of(grant)
        if present is not None and not unit.spec.repeats_refresh_token:
            credential = await self._with_former(credential, state, present)
        offer = Offer(
            method=method,
            credential=credential,
            config=config,
            alias=answer.alias or state.alias,
            user_id=state.user_id,
            present=present,
            granted_to=state.granted_to,
            requested_scopes=state.requested_scopes,
            own_app=own,
        )
        connected = await self._settle(caller, loaded, offer, client)
        account = connected.connection.account
        await self._audit.record(
            caller,
            AuditAction.CONNECTION_CONNECTED,
            connected.connection.id,
            connectorId=state.connector_id,
            method=state.method,
            account=account.id if account else None,
            app=state.granted_to.level.value,
        )
        return connected

    async def _with_former(
        self, credential: Credential, state: OAuthState, present: Connection
    ) -> Credential:
        """The credential with the refresh token that the connection has, if none came with it.

        Whose account it is decides later: another one than the connection's is never stored.
        """
        if credential.refresh_token is not None or present.granted_to != state.granted_to:
            return credential
        stored = await self._scope_of(present.tenant_id).tokens.get_fresh(present.id)
        if stored is None or present.status not in _WITH_GRANT:
            return credential
        former = self._credentials.open(stored, present)
        return replace(
            credential,
            refresh_token=former.refresh_token,
            refresh_expires_at=former.refresh_expires_at,
            refresh_end_told=former.refresh_end_told,
        )

    async def _present(self, caller: Caller, state: OAuthState) -> Connection | None:
        if state.connection_id is None:
            return None
        present = await self._calls.find(
            caller, state.connector_id, state.connection_id, fresh=True
        )
        require_owner(caller, present)
        return present

    async def _settle(
        self, caller: Caller, loaded: LoadedConnector, offer: Offer, client: OAuth2Client
    ) -> Connected:
        scope = self._scope_of(caller.tenant_id)
        connector = self._settlement.open(loaded, offer)
        if isinstance(connector, AsksForChoice):
            selection = await connector.choices()
            chosen = _chosen(selection, offer)
            if chosen is None:
                return await self._settlement.hold(scope, loaded, offer, selection)
            offer = with_choice(loaded, offer, selection, chosen)
        accepted = await self._settlement.check(caller, loaded, offer, "code")
        try:
            return await self._settlement.settle(scope, loaded, accepted)
        except Conflict:
            if offer.present is not None:
                grant_hash = self._settlement.grant_hash(loaded, accepted)
                await self._giving_back.end_late(
                    scope, offer.present, client, offer.credential, grant_hash
                )
            raise


def with_choice(loaded: LoadedConnector, offer: Offer, selection: Selection, value: str) -> Offer:
    """The offer for the one thing that was chosen."""
    config = checked(
        "config", loaded.manifest.config_model, {**offer.config, selection.field: value}
    )
    return replace(offer, config=config)


def _chosen(selection: Selection, offer: Offer) -> str | None:
    """What needs no question: what was chosen before, or the only option.

    Raises:
        AccountMismatch: The grant does not cover what the connection is for.
        Conflict: The connection cannot wait for a choice.
    """
    values = [option.value for option in selection.options]
    former = offer.config.get(selection.field)
    if former is not None and former in values:
        return str(former)
    present = offer.present
    if present is not None and present.account is not None:
        raise AccountMismatch(
            "The grant does not cover what this connection is for. Connect it as a new one.",
            details={"connectionId": present.id},
        )
    if not values:
        raise Conflict("The grant covers nothing that could be connected.")
    return values[0] if len(values) == 1 else None
