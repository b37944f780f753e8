"""The start of a flow: everything is checked before the user is sent anywhere."""

from __future__ import annotations

from datetime import timedelta

from src.connectors.manager import ConnectorManager
from src.connectors.manifest import AuthKind
from src.connectors.registry import LoadedConnector
from src.core.errors import Forbidden, ValidationFailed
from src.core.oauth import Former, OAuth2App, Pkce, PkcePair, new_state
from src.models.connection import Connection, ConnectionStatus
from src.models.oauth_state import OAuthState
from src.models.principal import Caller, Via
from src.services.apps import AppUnit, OAuthApps
from src.services.audit import ScopeOf
from src.services.calls import Calls
from src.services.connect import same_user
from src.services.connections import require_owner, resolve_user
from src.services.oauth.starters import starter_of
from src.services.oauth.states import FlowStates
from src.services.oauth.values import OAuthStart, Started
from src.services.returns import ReturnAddresses
from src.services.scopes import required_scopes
from src.services.settled_config import settled_config

STATE_LIFE = timedelta(minutes=10)


class OAuthBeginnings:
    """Begins flows."""

    def __init__(
        self,
        scope_of: ScopeOf,
        manager: ConnectorManager,
        calls: Calls,
        *,
        apps: OAuthApps,
        states: FlowStates,
        returns: ReturnAddresses,
    ) -> None:
        self._scope_of = scope_of
        self._manager = manager
        self._calls = calls
        self._apps = apps
        self._states = states
        self._returns = returns

    async def start(
        self,
        caller: Caller,
        connector_id: str,
        start: OAuthStart,
        *,
        in_browser: bool = False,
        session_hash: str | None = None,
    ) -> Started:
        """Keep a state and say where the user approves.

        Args:
            caller: Who connects.
            connector_id: What.
            start: With what.
            in_browser: The browser that begins is the one that must come back.
            session_hash: The connect session whose page begins it.

        Raises:
            ConnectorNotConfigured: The connector is switched off, or has no app.
            ValidationFailed: An address is not allowed, an app has only one half, …
            NotFound: There is no such connection.
        """
        loaded = await self._calls.enabled(caller, connector_id)
        method = self._manager.auth_method(loaded, start.method)
        if method.kind is not AuthKind.OAUTH2:
            raise ValidationFailed([("method", f"{method.id} is not OAuth")])
        redirect_uri = self._redirect_uri(connector_id, start)
        present = await self._present(caller, connector_id, start)
        settings = await self._scope_of(caller.tenant_id).connector_settings.get(connector_id)
        inherited = present.config if present else settings.config if settings else {}
        config = settled_config(loaded, method, inherited, start.config)
        own = _pair(caller, start)
        stored = self._apps.own_app(present) if present and own is None else None
        unit = await self._apps.choose(loaded, caller.tenant_id, own or stored, config)
        scopes = _scopes(loaded, start, present, self._apps.scopes(loaded, settings))
        state, browser = new_state(), new_state() if in_browser else None
        pkce = None if unit.spec.pkce is Pkce.NO else PkcePair.new()
        state_hash = self._states.hash("state", state)
        csrf_token = start.csrf_token.get_secret_value() if start.csrf_token else None
        kept = OAuthState(
            state_hash=state_hash,
            tenant_id=caller.tenant_id,
            starter=starter_of(caller),
            connector_id=connector_id,
            method=method.id,
            granted_to=unit.granted_to,
            redirect_uri=redirect_uri,
            requested_scopes=scopes,
            config=config,
            sealed=self._states.seal(caller.tenant_id, state_hash, pkce, own),
            connection_id=present.id if present else None,
            user_id=present.user_id if present else resolve_user(caller, start.user_id),
            alias=start.alias,
            own_client_id=own.client_id if own else None,
            return_url=start.return_url,
            opener_origin=start.opener_origin,
            csrf_hash=self._states.hash("csrf", csrf_token) if csrf_token else None,
            browser_hash=self._states.hash("browser", browser) if browser else None,
            session_hash=session_hash,
            expires_at=self._states.clock() + STATE_LIFE,
        )
        auth_url = self._apps.client(unit).authorize_url(
            redirect_uri=redirect_uri,
            state=state,
            scopes=scopes,
            pkce=pkce,
            former=await self._former(present, unit),
        )
        await self._states.put(kept)
        return Started(
            auth_url=auth_url,
            state=state,
            pkce=pkce,
            browser=browser,
            expires_at=kept.expires_at,
        )

    async def _former(self, present: Connection | None, unit: AppUnit) -> Former | None:
        """The authorization that this one follows; it lives while its refresh token is in use."""
        if present is None:
            return None
        lives = False
        if present.status is ConnectionStatus.CONNECTED and present.granted_to == unit.granted_to:
            token = await self._scope_of(present.tenant_id).tokens.get_fresh(present.id)
            lives = token is not None and token.has_refresh_token
        return Former(present.account.id if present.account else None, lives=lives)

    def _redirect_uri(self, connector_id: str, start: OAuthStart) -> str:
        """Where the provider sends the browser, once every address is one that is allowed."""
        self._returns.return_url(start.return_url)
        self._returns.opener(start.opener_origin)
        if start.redirect_uri is None:
            return self._returns.callback(connector_id)
        return self._returns.redirect_uri(connector_id, start.redirect_uri)

    async def _present(
        self, caller: Caller, connector_id: str, start: OAuthStart
    ) -> Connection | None:
        if start.connection_id is None:
            return None
        present = await self._calls.find(caller, connector_id, start.connection_id, fresh=True)
        require_owner(caller, present)
        same_user(caller, present, start.user_id)
        return present


def _pair(caller: Caller, start: OAuthStart) -> OAuth2App | None:
    """The flow's own app.

    Raises:
        Forbidden: A browser brings one.
        ValidationFailed: Only one half is there.
    """
    if (start.client_id is None) != (start.client_secret is None):
        field = "clientId" if start.client_id is None else "clientSecret"
        raise ValidationFailed([(field, "client id and secret must be given together")])
    if start.client_id is None:
        return None
    if caller.principal.via is Via.SESSION:
        raise Forbidden("A connect session brings no app of its own.")
    return OAuth2App(start.client_id, start.client_secret)


def _scopes(
    loaded: LoadedConnector,
    start: OAuthStart,
    present: Connection | None,
    usual: tuple[str, ...],
) -> tuple[str, ...]:
    """What is asked for: the scopes and tools that the caller names, else what is usual.

    A new grant takes the old one's place: with tools alone, what is held is asked for again.

    Raises:
        ValidationFailed: The connector has no such tool.
    """
    of_tools = required_scopes(loaded, start.tools) if start.tools else ()
    if start.scopes is not None:
        wanted = tuple(start.scopes)
    elif start.tools:
        wanted = (present.requested_scopes or present.granted_scopes or ()) if present else ()
    else:
        wanted = usual
    return tuple(dict.fromkeys((*loaded.manifest.scopes.always, *wanted, *of_tools)))
