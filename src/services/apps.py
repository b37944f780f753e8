"""OAuth apps: client id, secret and the provider's addresses as one unit of one level.

The levels are connection, tenant, platform; the first that brings an app, or a site of its own,
decides. Nothing of one level is ever completed with a secret of another: the platform's app goes
only to addresses of the operator or the manifest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import SecretStr

from src.connectors.manager import ConnectorManager
from src.connectors.manifest import AuthKind, AuthMethod, Site
from src.connectors.registry import LoadedConnector
from src.core.errors import ConnectorNotConfigured
from src.core.oauth import Kept, OAuth2App, OAuth2Client, OAuth2Spec, RedeemingClient
from src.core.outbound import Outbound
from src.core.security import origin_of
from src.models.base import now
from src.models.connection import AppLevel, Connection, GrantedTo
from src.models.connector_settings import ConnectorSettings
from src.services.app_seats import AppSeat
from src.services.audit import ScopeOf
from src.services.credentials import reauthorization_required
from src.services.encryption import Encryption


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformOAuth:
    """What the operator set for one connector; the sandbox sets it as the operator would."""

    app: OAuth2App | None = None
    scopes: tuple[str, ...] | None = None
    addresses: Site | None = None
    """Where the provider is for this platform; without authorize address it has no OAuth there."""
    consumer: OAuth2App | None = None
    """The pair that signs renewals of OAuth 1.0 tokens."""


@dataclass(frozen=True, slots=True)
class AppUnit:
    """An app with the addresses that it belongs to."""

    level: AppLevel
    app: OAuth2App
    spec: OAuth2Spec
    by_operator: bool

    @property
    def granted_to(self) -> GrantedTo:
        """What is kept of it with a grant."""
        return GrantedTo(
            level=self.level,
            client_id=self.app.client_id,
            token_origin=origin_of(self.spec.token_url),
        )


class OAuthApps:
    """Finds the app for a new authorization, and the one that a grant was given to."""

    def __init__(
        self,
        scope_of: ScopeOf,
        manager: ConnectorManager,
        encryption: Encryption,
        *,
        outbound: Outbound,
        platform: Mapping[str, PlatformOAuth],
        clock: Callable[[], datetime] = now,
        deadline: float = 20.0,
    ) -> None:
        """Use ``platform`` by connector id, as the operator set it."""
        self._scope_of = scope_of
        self._manager = manager
        self._encryption = encryption
        self._outbound = outbound
        self._platform = platform
        self._clock = clock
        self._deadline = deadline

    async def client_of(self, connection: Connection) -> OAuth2Client:
        """The client for a stored connection's grant: its app and that app's addresses.

        Raises:
            ConnectorNotConfigured: The connector has no OAuth, or there is no app.
            ReauthorizationRequired: The app that the grant was given to is gone, or its addresses
                are others now.
            CredentialsUnreadable: The app's secret does not open.
        """
        loaded = self._manager.registry.find(connection.connector_id)
        method = loaded.manifest.auth_method(connection.auth_method)
        if method is not None and method.renewal is not None:
            return self.redeeming(loaded, method, connection.config)
        return self.client(await self.unit_of(connection))

    async def unit_of(self, connection: Connection) -> AppUnit:
        """The app that a stored connection's grant was given to, with its addresses.

        Raises:
            ConnectorNotConfigured: The connector has no OAuth, or there is no app.
            ReauthorizationRequired: The app that the grant was given to is gone, or its addresses
                are others now.
            CredentialsUnreadable: The app's secret does not open.
        """
        loaded = self._manager.registry.find(connection.connector_id)
        granted = connection.granted_to
        if granted is None:
            # An imported token was given to whatever app its owner has set here.
            own = self.own_app(connection)
            return await self.choose(loaded, connection.tenant_id, own, connection.config)
        app = await self._present(granted.level, connection)
        if app is None or app.client_id != granted.client_id:
            raise reauthorization_required(
                "The OAuth app that this connection was authorized with is gone. Connect again."
            )
        site = self._manager.site(connection.connector_id, connection.config, oauth_method(loaded))
        unit = self._unit(loaded, granted.level, app, site)
        if unit.granted_to.token_origin != granted.token_origin:
            raise reauthorization_required(
                "The provider's address has changed since this connection was authorized."
            )
        return unit

    def client(self, unit: AppUnit) -> OAuth2Client:
        """A client of this app."""
        return OAuth2Client(
            self._outbound,
            unit.spec,
            unit.app,
            operator_address=unit.by_operator,
            deadline=self._deadline,
            clock=self._clock,
        )

    def redeeming(
        self, loaded: LoadedConnector, method: AuthMethod, config: Mapping[str, Any]
    ) -> OAuth2Client:
        """The client of a method whose access tokens are had without an app.

        Raises:
            ConnectorNotConfigured: The method has no such way, or no place.
        """
        connector_id = loaded.manifest.id
        site = self._manager.site(connector_id, config, method)
        if method.renewal is None or site is None:
            raise _no_app(f"Nobody has said how {method.label} is renewed.")
        platform = self._platform.get(connector_id)
        place = Kept(
            SecretStr(""),
            site.api_url,
            site.token_url or site.api_url,
            platform.consumer if platform else None,
        )
        return RedeemingClient(
            self._outbound,
            method.renewal,
            place,
            operator_address=self._manager.imitates_sites(connector_id),
            deadline=self._deadline,
            clock=self._clock,
        )

    async def choose(
        self,
        loaded: LoadedConnector,
        tenant_id: str,
        own: OAuth2App | None,
        config: Mapping[str, Any],
    ) -> AppUnit:
        """The app for a new authorization.

        Args:
            loaded: The connector.
            tenant_id: For which tenant.
            own: The connection's own app.
            config: The connection's configuration, which may name a site.

        Raises:
            ConnectorNotConfigured: There is none that may be used with the addresses.
            CredentialsUnreadable: The app's secret does not open.
        """
        connector_id = loaded.manifest.id
        method = oauth_method(loaded)
        site = self._manager.site(connector_id, config, method)
        if own is not None:
            return self._unit(loaded, AppLevel.CONNECTION, own, site)
        settings = await self._scope_of(tenant_id).connector_settings.get(connector_id)
        of_tenant = self._manager.site(connector_id, settings.config, method) if settings else None
        if site != of_tenant and site is not None:
            raise _no_app("The connection names a site of its own, which needs an own app, too.")
        # The tenant's app is known at the tenant's site, and at no other.
        app = self._tenants(tenant_id, settings) if site == of_tenant else None
        if app is not None:
            return self._unit(loaded, AppLevel.TENANT, app, site)
        if site is not None:
            raise _no_app("The tenant names a site of its own, which needs an own app, too.")
        app = self._platforms(connector_id)
        if app is None:
            raise _no_app(f"There is no OAuth app for {loaded.manifest.name}.")
        return self._unit(loaded, AppLevel.PLATFORM, app, None)

    def scopes(
        self, loaded: LoadedConnector, settings: ConnectorSettings | None
    ) -> tuple[str, ...]:
        """The scopes that are asked for when the caller names none."""
        if settings is not None and settings.scopes is not None:
            return settings.scopes
        platform = self._platform.get(loaded.manifest.id)
        if platform is not None and platform.scopes is not None:
            return platform.scopes
        return loaded.manifest.scopes.default

    def is_configured(self, loaded: LoadedConnector, settings: ConnectorSettings | None) -> bool:
        """Whether a tenant with these settings can connect at all."""
        if any(method.kind is not AuthKind.OAUTH2 for method in loaded.manifest.auth_methods):
            return True
        connector_id = loaded.manifest.id
        method = oauth_method(loaded)
        site = self._manager.site(connector_id, settings.config, method) if settings else None
        has_own = settings is not None and settings.sealed_client_secret is not None
        if site is not None:
            return has_own and site.authorize_url is not None and site.token_url is not None
        has_app = has_own or self._platforms(connector_id) is not None
        return has_app and self._usual(loaded) is not None

    def of_platform(self, connector_id: str) -> OAuth2App | None:
        """The operator's app of a connector."""
        return self._platforms(connector_id)

    def own_app(self, connection: Connection) -> OAuth2App | None:
        """The connection's own app.

        Raises:
            CredentialsUnreadable: Its secret does not open.
        """
        seat = AppSeat(connection.tenant_id, connection.id, connection.client_id)
        return self._opened(seat, connection.sealed_client_secret)

    async def _present(self, level: AppLevel, connection: Connection) -> OAuth2App | None:
        match level:
            case AppLevel.CONNECTION:
                return self.own_app(connection)
            case AppLevel.TENANT:
                repository = self._scope_of(connection.tenant_id).connector_settings
                settings = await repository.get(connection.connector_id)
                return self._tenants(connection.tenant_id, settings)
            case AppLevel.PLATFORM:
                return self._platforms(connection.connector_id)

    def _tenants(self, tenant_id: str, settings: ConnectorSettings | None) -> OAuth2App | None:
        if settings is None:
            return None
        seat = AppSeat(tenant_id, settings.connector_id, settings.client_id)
        return self._opened(seat, settings.sealed_client_secret)

    def _platforms(self, connector_id: str) -> OAuth2App | None:
        platform = self._platform.get(connector_id)
        return platform.app if platform else None

    def _opened(self, seat: AppSeat, sealed: bytes | None) -> OAuth2App | None:
        if seat.client_id is None or sealed is None:
            return None
        secret = self._encryption.open(sealed, seat.place)["clientSecret"]
        return OAuth2App(seat.client_id, SecretStr(secret))

    def _unit(
        self, loaded: LoadedConnector, level: AppLevel, app: OAuth2App, site: Site | None
    ) -> AppUnit:
        if site is not None and level is not AppLevel.PLATFORM:
            spec = _at(_method(loaded).oauth2, site)
        else:
            spec = self._usual(loaded)
        if spec is None:
            raise _no_app(f"Nobody has said where {loaded.manifest.name} authorizes there.")
        platform = self._platform.get(loaded.manifest.id)
        is_set = platform is not None and platform.addresses is not None
        by_operator = is_set if site is None else self._manager.imitates_sites(loaded.manifest.id)
        return AppUnit(level, app, spec, by_operator)

    def _usual(self, loaded: LoadedConnector) -> OAuth2Spec | None:
        """The provider as the operator or the manifest has it."""
        spec = _method(loaded).oauth2
        platform = self._platform.get(loaded.manifest.id)
        if platform is None or platform.addresses is None:
            return spec
        return _at(spec, platform.addresses)


def oauth_method(loaded: LoadedConnector) -> AuthMethod | None:
    """The connector's way to authorize with OAuth."""
    methods = loaded.manifest.auth_methods
    return next((method for method in methods if method.kind is AuthKind.OAUTH2), None)


def _method(loaded: LoadedConnector) -> AuthMethod:
    method = oauth_method(loaded)
    if method is None:
        raise _no_app(f"{loaded.manifest.name} has no OAuth.")
    return method


def _at(spec: OAuth2Spec | None, site: Site) -> OAuth2Spec | None:
    """The provider at other addresses, all of them: none of the usual ones is left."""
    if spec is None or site.authorize_url is None or site.token_url is None:
        return None
    moved = spec.with_addresses(
        authorize_url=site.authorize_url, token_url=site.token_url, revoke_url=site.revoke_url
    )
    return moved if site.revoke_url is not None else replace(moved, revocation=None)


def _no_app(message: str) -> ConnectorNotConfigured:
    return ConnectorNotConfigured(message, details={"reason": "no_app"})
