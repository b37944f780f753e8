"""Brings a connector to life for one connection: address, authenticator, REST client."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from src.connectors.base import BaseConnector, ConnectorContext
from src.connectors.manifest import AuthMethod, Manifest, Site
from src.connectors.registry import ConnectorRegistry, LoadedConnector
from src.connectors.rest.authenticators import (
    Authenticator,
    BasicAuthenticator,
    BearerAuthenticator,
    HeaderAuthenticator,
    TokenProvider,
)
from src.connectors.rest.client import Address, RestClient
from src.connectors.rest.conditional import NOTHING_KEPT, AnswerCache, KeptAnswers
from src.connectors.rest.retry import Retrier
from src.core.errors import ConnectionNotReady, ValidationFailed
from src.core.outbound import Outbound


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a connector is opened for."""

    method: AuthMethod
    tokens: TokenProvider
    config: Mapping[str, Any]
    granted_scopes: tuple[str, ...] | None = None
    owner: str | None = None
    """Whose answers these are, a connection's id; None = of nobody yet, so that none are kept."""


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
        door_of: Callable[[str], Outbound] | None = None,
    ) -> None:
        """Use ``addresses``, set by the operator, in place of the manifests' own.

        ``door_of`` gives each connector a door of its own, where somebody counts.
        """
        self.registry = registry
        self._door_of = door_of or (lambda _: outbound)
        self._addresses = addresses
        self._disabled = frozenset(disabled)
        self._retrier = retrier
        self._deadline = deadline
        self._answers = AnswerCache(kept_bytes)

    def is_enabled(self, connector_id: str) -> bool:
        """Whether the operator lets tenants use this connector."""
        return connector_id not in self._disabled

    def address(self, connector_id: str, config: Mapping[str, Any] | None = None) -> Address:
        """Where the provider is: at the site of a configuration, else for this platform."""
        site = self.site(connector_id, config)
        if site is not None:
            return Address(site.api_url)
        override = self._addresses.get(connector_id)
        if override is not None:
            return Address(override, by_operator=True)
        return Address(self.registry.find(connector_id).manifest.api_url)

    def site(self, connector_id: str, config: Mapping[str, Any] | None) -> Site | None:
        """The site that a configuration names, if the connector knows such and it names one.

        Raises:
            ValidationFailed: One of its addresses is not plain https.
        """
        manifest = self.registry.find(connector_id).manifest
        if manifest.site is None or not config:
            return None
        site = manifest.site(_config(manifest, config))
        if site is not None:
            for address in (site.api_url, site.authorize_url, site.token_url, site.revoke_url):
                if address is not None and not _is_plain_https(address):
                    raise ValidationFailed(
                        [("config", "does not lead to an https address of a provider")]
                    )
        return site

    def open(self, connector_id: str, use: Use) -> BaseConnector:
        """A connector that signs with the credential of ``use``."""
        loaded = self.registry.find(connector_id)
        manifest = loaded.manifest
        rest = RestClient(
            self._door_of(connector_id),
            self.address(connector_id, use.config),
            manifest.dialect,
            _authenticator(use.method, use.tokens),
            self._retrier,
            self._deadline,
            kept=KeptAnswers(self._answers, use.owner) if use.owner else NOTHING_KEPT,
        )
        return loaded.connector_class(
            ConnectorContext(rest, _config(manifest, use.config), use.granted_scopes)
        )

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


def _is_plain_https(address: str) -> bool:
    try:
        parts = urlsplit(address)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return parts.scheme == "https" and has_host and parts.username is None


def _authenticator(method: AuthMethod, tokens: TokenProvider) -> Authenticator:
    match method.signs:
        case "bearer":
            return BearerAuthenticator(tokens)
        case "basic":
            return BasicAuthenticator(tokens)
        case "header":
            return HeaderAuthenticator(tokens, method.header)
