"""Where providers are for this platform, and its apps there: set by the operator, or imitated."""

from __future__ import annotations

from urllib.parse import urlsplit

from src.connectors.manifest import Site
from src.connectors.registry import ConnectorRegistry, LoadedConnector
from src.core.config import ConnectorOverrides, Settings
from src.core.oauth import OAuth2App
from src.services.apps import PlatformOAuth, oauth_method

SANDBOX_PATH = "/sandbox"
SANDBOX_SITES_PATH = "/_sites"
"""Below an imitation: the sites that configurations name, by host."""


def addresses(settings: Settings, registry: ConnectorRegistry) -> dict[str, str]:
    """Addresses that the operator set; in sandbox mode those of the imitation providers."""
    own = {
        name: own.api_url for name, own in settings.connectors.items() if own.api_url is not None
    }
    return {**own, **_sandbox_addresses(settings, registry)}


def _sandbox_addresses(settings: Settings, registry: ConnectorRegistry) -> dict[str, str]:
    if not settings.sandbox:
        return {}
    base = settings.public_url.rstrip("/") + SANDBOX_PATH
    return {name: f"{base}/{name}" for name in sandboxed(registry)}


def imitations(settings: Settings, registry: ConnectorRegistry) -> dict[str, str]:
    """Where every site that a configuration names leads in sandbox mode: never to the world."""
    found = _sandbox_addresses(settings, registry)
    return {name: address + SANDBOX_SITES_PATH for name, address in found.items()}


def platform_oauth(settings: Settings, registry: ConnectorRegistry) -> dict[str, PlatformOAuth]:
    """The platform's apps and where they are known; in sandbox mode the imitations' own."""
    found = {}
    moved = addresses(settings, registry)
    for name, loaded in registry.items():
        method = oauth_method(loaded)
        spec = method.oauth2 if method else None
        if spec is None:
            continue
        own = settings.connectors.get(name, ConnectorOverrides())
        app = OAuth2App(own.client_id, own.client_secret) if own.client_id else None
        site = None
        if settings.sandbox and loaded.manifest.sandbox is not None:
            app = app or loaded.manifest.sandbox_app
            revocation = spec.revocation
            site = Site(
                api_url=moved[name],
                authorize_url=moved[name] + urlsplit(spec.authorize_url).path,
                token_url=moved[name] + urlsplit(spec.token_url).path,
                revoke_url=moved[name] + urlsplit(revocation.url).path if revocation else None,
            )
        elif name in moved or own.authorize_url is not None:
            site = Site(
                api_url=moved.get(name, loaded.manifest.api_url),
                authorize_url=own.authorize_url,
                token_url=own.token_url,
                revoke_url=own.revoke_url,
            )
        scopes = None if own.scopes is None else tuple(own.scopes)
        found[name] = PlatformOAuth(
            app=app, scopes=scopes, addresses=site, consumer=_consumer(settings, loaded, own)
        )
    return found


def _consumer(
    settings: Settings, loaded: LoadedConnector, own: ConnectorOverrides
) -> OAuth2App | None:
    """The operator's pair; in sandbox mode, without one, that of the imitation."""
    if own.consumer_key is not None:
        return OAuth2App(own.consumer_key, own.consumer_secret)
    return loaded.manifest.sandbox_consumer if settings.sandbox else None


def sandboxed(registry: ConnectorRegistry) -> list[str]:
    """The connectors that bring an imitation of their provider."""
    return [name for name, loaded in registry.items() if loaded.manifest.sandbox is not None]
