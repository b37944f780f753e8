"""The HTML of the connect page: what a session may connect, and one form for each way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from src.connectors.manifest import AuthKind, AuthMethod
from src.connectors.registry import LoadedConnector
from src.models.connection import Connection, ConnectionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the page shows."""

    csrf: str
    connectors: Sequence[tuple[LoadedConnector, bool]]
    """Each with whether OAuth is ready for it."""
    connection: Connection | None = None
    """What the latest flow made."""
    problem: str | None = None
    failed_at: str | None = None
    """The connector that the problem is about."""


def body_of(shown: Shown) -> str:
    """The page's content."""
    waiting = shown.connection
    if waiting is not None and waiting.status is ConnectionStatus.PENDING and waiting.selection:
        return _problem(shown) + _choice(shown, waiting)
    sections = "".join(_section(shown, loaded, ready) for loaded, ready in shown.connectors)
    return (
        _problem(shown) + _done(waiting) + sections + _form(shown.csrf, _button("cancel", "Cancel"))
    )


def _problem(shown: Shown) -> str:
    if shown.problem is None:
        return ""
    return f'<p class="alert" role="alert">{escape(shown.problem)}</p>'


def _done(connection: Connection | None) -> str:
    if connection is None or connection.account is None:
        return ""
    name = escape(connection.account.name)
    return f'<p class="done" role="status">{name} is connected.</p>'


def _section(shown: Shown, loaded: LoadedConnector, ready: bool) -> str:
    manifest = loaded.manifest
    name = escape(manifest.name)
    ways = "".join(
        _way(shown.csrf, manifest.id, method)
        for method in manifest.auth_methods
        if method.kind is AuthKind.API_KEY or (method.kind is AuthKind.OAUTH2 and ready)
    )
    about = escape(manifest.description)
    heading = f"{escape(manifest.id)}-name"
    return (
        f'<section aria-labelledby="{heading}"><h2 id="{heading}">{name}</h2>'
        f"<p>{about}</p>{ways}</section>"
    )


def _way(csrf: str, connector_id: str, method: AuthMethod) -> str:
    label = escape(method.label)
    if method.kind is AuthKind.OAUTH2:
        return _form(csrf, _button("oauth", method.label), connector_id, method.id)
    fields = "".join(
        _field(
            f"{connector_id}-{method.id}-{at}", field.name, field.label, field.help, field.secret
        )
        for at, field in enumerate(method.fields)
    )
    inner = f"<fieldset><legend>{label}</legend>{fields}{_button('key', 'Connect')}</fieldset>"
    return _form(csrf, inner, connector_id, method.id)


def _field(element: str, name: str, label: str, told: str, secret: bool) -> str:
    kind = 'type="password" autocomplete="off"' if secret else 'type="text"'
    described = f' aria-describedby="{element}-help"' if told else ""
    hint = f'<p id="{element}-help">{escape(told)}</p>' if told else ""
    return (
        f'<label for="{element}">{escape(label)}</label>'
        f'<input id="{element}" name="{escape(name)}" {kind}{described}>{hint}'
    )


def _choice(shown: Shown, connection: Connection) -> str:
    selection = connection.selection
    options = "".join(
        f'<label><input type="radio" name="value" value="{escape(option.value)}" required> '
        f"{escape(option.label)}</label>"
        for option in (selection.options if selection else ())
    )
    inner = (
        f"<fieldset><legend>Choose one</legend>{options}</fieldset>"
        f'<input type="hidden" name="connection" value="{escape(connection.id)}">'
        f"{_button('choose', 'Continue')}{_button('cancel', 'Cancel')}"
    )
    return _form(shown.csrf, inner)


def _button(do: str, label: str) -> str:
    novalidate = " formnovalidate" if do == "cancel" else ""
    return f'<button name="do" value="{do}"{novalidate}>{escape(label)}</button>'


def _form(csrf: str, inner: str, connector_id: str = "", method: str = "") -> str:
    named = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in (("csrf", csrf), ("connector", connector_id), ("method", method))
        if value
    )
    return f'<form method="post" action="/connect">{named}{inner}</form>'
