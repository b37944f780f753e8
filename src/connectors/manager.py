"""Brings a connector to life for one connection: address, authenticator, REST client."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from src.connectors.base import BaseConnector, ConnectorContext
from src.connectors.manifest import AuthKind, AuthMethod, Manifest, Site
from src.connectors.registry import ConnectorRegistry, LoadedConnector
from src.connectors.rest.authenticators import (
    AppAuthenticator,
    Authenticator,
    BasicAuthenticator,
    BearerAuthenticator,
    HeaderAuthenticator,
    TokenProvider,
)
from src.connectors.rest.client import Address, RestClient
from src.connectors.rest.conditional import NOTHING_KEPT, AnswerCache, KeptAnswers
from src.connectors.rest.pacing import Paces, Pacing
from src.connectors.rest.paginators import PAGE_CAP
from src.connectors.rest.restraint import Budget, Holds, Restraint, Turns
from src.connectors.rest.retry import Retrier
from src.connectors.tcp import SCHEME, ImitatedClient, TcpClient
from src.core.dialing import Locator
from src.core.errors import ConnectionNotReady, ConnectorNotConfigured, ValidationFailed
from src.core.lines import Lines
from src.core.logging import get_logger
from src.core.oauth import OAuth2App
from src.core.outbound import Outbound
from src.models.connection import Account

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a connector is opened for."""

    method: AuthMethod
    tokens: TokenProvider
    config: Mapping[str, Any]
    settings: Mapping[str, Any] = field(default_factory=dict)
    granted_scopes: tuple[str, ...] | None = None
    account: Account | None = None
    budget: Budget | None = None
    """What the provider's limit for the OAuth app still allows."""
    owner: str | None = None
    """Whose answers these are, a connection's id; None = of nobody yet, so that none are kept."""
    background: bool = False
    """Nobody waits for the answers."""


class ConnectorManager:
    """Opens connectors; holds what they share."""

    def __init__(
        self,
        registry: ConnectorRegistry,
        outbound: Outbound,
        addresses: Mapping[str, str],
        *,
        disabled: Collection[str] = (),
        retrier: Retrier,
        deadline: float,
        kept_bytes: int = 0,
        imitations: Mapping[str, str] | None = None,
        door_of: Callable[[str], Outbound] | None = None,
        locator: Locator | None = None,
        page_cap: int = PAGE_CAP,
    ) -> None:
        """Use ``addresses``, set by the operator, in place of the manifests' own.

        ``imitations`` are the addresses below which every site of a connector is imitated.
        ``door_of`` gives each connector a door of its own, where somebody counts. ``locator`` finds
        the hosts of those that speak no HTTP.
        """
        self.registry = registry
        self._locator = locator or Locator()
        self._page_cap = page_cap
        self._door_of = door_of or (lambda _: outbound)
        self._addresses = addresses
        self._imitations = imitations or {}
        self._disabled = frozenset(disabled)
        self._retrier = retrier
        self._deadline = deadline
        self._answers = AnswerCache(kept_bytes)
        self._holds = Holds()
        self._turns = Turns()
        self._paces = Paces(retrier.clock)
        self._lines = Lines()

    def is_enabled(self, connector_id: str) -> bool:
        """Whether the operator lets tenants use this connector."""
        return connector_id not in self._disabled

    def address(
        self,
        connector_id: str,
        config: Mapping[str, Any] | None = None,
        method: AuthMethod | None = None,
    ) -> Address:
        """Where a method finds the API: at the account's home, at a site, else for this platform.

        Raises:
            ValidationFailed: The configuration leads to no address of a provider.
        """
        manifest = self.registry.find(connector_id).manifest
        home = self._home(connector_id, config, method)
        if home is not None:
            return _elsewhere(manifest, home, by_operator=self.imitates_sites(connector_id))
        site = self.site(connector_id, config, method)
        if site is not None:
            return _elsewhere(manifest, site.api_url, by_operator=self.imitates_sites(connector_id))
        override = self._addresses.get(connector_id)
        if override is not None:
            return _elsewhere(manifest, override, by_operator=True)
        return Address(manifest.api_url, hosts=manifest.hosts)

    def site(
        self, connector_id: str, config: Mapping[str, Any] | None, method: AuthMethod | None = None
    ) -> Site | None:
        """The site that a configuration names for a method, if the connector knows such.

        In sandbox mode it is the imitation's: a site of the world is never asked then.

        Raises:
            ValidationFailed: One of its addresses is not plain https.
        """
        manifest = self.registry.find(connector_id).manifest
        has_sites = manifest.site is not None or (method is not None and method.site is not None)
        if not has_sites or not config:
            return None
        site = manifest.site_of(method, _config(manifest, config))
        if site is None:
            return None
        for address in (site.api_url, site.authorize_url, site.token_url, site.revoke_url):
            if address is not None and not _is_plain(address, manifest):
                kind = "a tcp" if manifest.transport == "tcp" else "an https"
                raise ValidationFailed(
                    [("config", f"does not lead to {kind} address of a provider")]
                )
        base = self._imitations.get(connector_id)
        return site if base is None else _imitated(site, base)

    def _home(
        self, connector_id: str, config: Mapping[str, Any] | None, method: AuthMethod | None
    ) -> str | None:
        """Where the account is, unless the operator has moved the whole provider."""
        home = method.home if method else None
        named = (config or {}).get(home.field) if home else None
        if home is None or not named:
            return None
        try:
            address = home.address(str(named))
        except ValueError as error:
            raise ValidationFailed([(f"config.{home.field}", str(error))]) from error
        base = self._imitations.get(connector_id)
        if base is not None:
            return _imitated(Site(api_url=address), base).api_url
        return None if connector_id in self._addresses else address

    def imitates_sites(self, connector_id: str) -> bool:
        """Whether the sites of configurations are the operator's own imitation."""
        return connector_id in self._imitations

    def open(self, connector_id: str, use: Use) -> BaseConnector:
        """A connector that signs with the credential of ``use``."""
        loaded = self.registry.find(connector_id)
        manifest = loaded.manifest
        address = self.address(connector_id, use.config, use.method)
        restraint = Restraint(
            self._holds, use.owner, use.budget, self._turn(use), self._pacing(use, manifest)
        )
        rest: RestClient | None = None
        tcp: TcpClient | None = None
        if address.url.startswith(f"{SCHEME}:"):
            tcp = TcpClient(
                address,
                self._locator,
                use.tokens,
                self._retrier,
                self._deadline,
                restraint=restraint,
                lines=self._lines,
                count=self._door_of(connector_id).count,
            )
        else:
            rest = RestClient(
                self._door_of(connector_id),
                address,
                manifest.dialect,
                _authenticator(use),
                self._retrier,
                self._deadline,
                kept=KeptAnswers(self._answers, use.owner) if use.owner else NOTHING_KEPT,
                restraint=restraint,
                page_cap=self._page_cap,
            )
            if manifest.transport == "tcp":
                tcp = ImitatedClient(rest)
                rest = None
        return loaded.connector_class(
            ConnectorContext(
                rest,
                _config(manifest, use.config),
                use.granted_scopes,
                use.method.id,
                use.account,
                _settings(manifest, use.settings),
                tcp,
            )
        )

    def open_as_app(
        self, connector_id: str, app: OAuth2App, config: Mapping[str, Any]
    ) -> BaseConnector:
        """A connector that signs as the OAuth app, for what is the app's own: no account's.

        Raises:
            ConnectorNotConfigured: The app has no secret.
        """
        if app.client_secret is None:
            raise ConnectorNotConfigured(
                "The OAuth app has no client secret.", details={"reason": "no_app"}
            )
        loaded = self.registry.find(connector_id)
        manifest = loaded.manifest
        method = next(one for one in manifest.auth_methods if one.kind is AuthKind.OAUTH2)
        rest = RestClient(
            self._door_of(connector_id),
            self.address(connector_id, config, method),
            manifest.dialect,
            AppAuthenticator(app.client_id, app.client_secret),
            self._retrier,
            self._deadline,
        )
        settings = _settings(manifest, {})
        return loaded.connector_class(
            ConnectorContext(rest, _config(manifest, config), None, method.id, None, settings)
        )

    def _turn(self, use: Use) -> asyncio.Semaphore | None:
        """What bounds the requests under way; those of an unstored credential are single ones."""
        most = use.method.at_once
        return None if most is None or use.owner is None else self._turns.of(use.owner, most)

    def _pacing(self, use: Use, manifest: Manifest) -> Pacing | None:
        """What slows background work down; those who wait for an answer are never slowed."""
        if manifest.background is None or use.owner is None or not use.background:
            return None
        return Pacing(self._paces, use.owner, manifest.background, self._retrier.sleep)

    def auth_method(self, loaded: LoadedConnector, name: str, field: str = "method") -> AuthMethod:
        """The connector's way to authorize with this id or kind.

        Raises:
            ValidationFailed: It has none.
        """
        method = loaded.manifest.auth_method(name)
        if method is None:
            known = ", ".join(method.id for method in loaded.manifest.auth_methods)
            raise ValidationFailed([(field, f"must be one of: {known}")])
        return method


def _elsewhere(manifest: Manifest, url: str, *, by_operator: bool) -> Address:
    """The provider at another address, with all of its hosts: none of the usual ones is left."""
    return Address(url, by_operator, dict.fromkeys(manifest.hosts, url))


def _config(manifest: Manifest, stored: Mapping[str, Any]) -> BaseModel:
    """The stored configuration, as the connector reads it today.

    Raises:
        ConnectionNotReady: It was stored for a version that took other fields.
    """
    try:
        return manifest.config_model.model_validate(dict(stored))
    except ValidationError as error:
        raise ConnectionNotReady(
            f"{manifest.name} no longer takes this connection's configuration. Connect again.",
            details={"reauthorizeUrl": None},
        ) from error


def _settings(manifest: Manifest, stored: Mapping[str, Any]) -> BaseModel:
    """The stored settings; the connector's own where it no longer takes them."""
    try:
        return manifest.settings_model.model_validate(dict(stored))
    except ValidationError:
        log.warning("settings.refused", connector=manifest.id)
        return manifest.settings_model()


def _is_plain(address: str, manifest: Manifest) -> bool:
    try:
        parts = urlsplit(address)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    is_tcp = manifest.transport == "tcp"
    is_whole = not is_tcp or (parts.port is not None and not parts.path)
    is_plain = has_host and is_whole and parts.username is None
    return parts.scheme == (SCHEME if is_tcp else "https") and is_plain


def _imitated(site: Site, base: str) -> Site:
    """A site as the imitation has it: by its host and path."""

    def moved(address: str | None) -> str | None:
        if address is None:
            return None
        parts = urlsplit(address)
        return f"{base}/{parts.netloc.lower()}{parts.path}"

    return Site(
        api_url=moved(site.api_url) or base,
        authorize_url=moved(site.authorize_url),
        token_url=moved(site.token_url),
        revoke_url=moved(site.revoke_url),
    )


def _authenticator(use: Use) -> Authenticator:
    method, tokens = use.method, use.tokens
    match method.signs:
        case "bearer":
            return BearerAuthenticator(tokens)
        case "basic" if method.username is not None:
            return BasicAuthenticator(tokens, str(use.config.get(method.username, "")))
        case "basic":
            return BasicAuthenticator(tokens)
        case "header":
            return HeaderAuthenticator(tokens, method.header, method.also_bearer)
