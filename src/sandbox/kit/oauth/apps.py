"""The registered apps, which tests may change while the imitation runs."""

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from src.sandbox.kit.oauth.spec import OAuthApp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from src.sandbox.kit.store import SandboxStore

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_FIXED = frozenset({"client_id"})


class Apps:
    """The apps of the spec, with the changes that the store holds."""

    def __init__(self, store: "SandboxStore", prefix: str, apps: "Iterable[OAuthApp]") -> None:
        """Keep to the keys below the prefix."""
        self._store = store
        self._prefix = prefix
        self._apps = {app.client_id: app for app in apps}

    async def find(self, client_id: str) -> OAuthApp | None:
        """Return the app as it is at present."""
        app = self._apps.get(client_id)
        if app is None:
            return None
        return _changed(app, await self._store.get(self._key(app)) or {})

    async def change(self, app: OAuthApp, changes: dict[str, Any]) -> OAuthApp:
        """Replace all earlier changes; msgspec.ValidationError says what is wrong with them."""
        fixed = self._apps[app.client_id]
        if _FIXED & changes.keys():
            raise msgspec.ValidationError("client_id cannot be changed")
        changed = _changed(fixed, changes)
        await self._store.put(self._key(app), changes)
        return changed

    def _key(self, app: OAuthApp) -> str:
        # A client id may hold what a key or a pattern would read otherwise.
        return f"{self._prefix}/apps/{app.client_id.encode().hex()}"


def _changed(app: OAuthApp, changes: dict[str, Any]) -> OAuthApp:
    return msgspec.convert({**msgspec.to_builtins(app), **changes}, OAuthApp)


def is_registered(app: OAuthApp, redirect_uri: str) -> bool:
    """Tell whether the browser may be sent there."""
    if redirect_uri in app.redirect_uris:
        return True
    portless = _without_port(redirect_uri)
    return portless is not None and portless in map(_without_port, app.redirect_uris)


def _without_port(uri: str) -> str | None:
    """Return a loopback address without its port, None for every other address."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK or parts.username is not None:
        return None
    return re.sub(rf":{port}(?=[/?#]|$)", "", uri, count=1) if port is not None else uri
