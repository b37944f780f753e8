"""The HTML of the connect page: what a session may connect, and one form for each way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from src.connectors.manifest import AuthKind, AuthMethod, KeyField
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
    entered: Mapping[str, str] = field(default_factory=dict)
    """The form that was refused: nobody types twice what is no secret."""


def body_of(shown: Shown) -> str:
    """The page's content."""
    waiting = shown.connection
    if waiting is not None and waiting.status is ConnectionStatus.PENDING and waiting.selection:
        return _problem(shown) + _choice(shown, waiting)
    sections = "".join(_section(shown, loaded, ready) for loaded, ready in shown.connectors)
    return (
        _problem(shown) + _done(waiting) + sections + _form(shown.csrf, _button("cancel", "Cancel"))
    )


def labels_of(loaded: LoadedConnector, method_id: str | None) -> dict[str, str]:
    """What a method's fields are called on the page."""
    return {
        one.name: one.label
        for method in loaded.manifest.auth_methods
        if method.id == method_id
        for one in method.fields
    }


def _problem(shown: Shown) -> str:
    if shown.problem is None:
        return ""
    # A page that comes with an alert is not announced by every reader; what has the focus is.
    focused = 'tabindex="-1" autofocus'
    return f'<p class="alert" role="alert" {focused}>{escape(shown.problem)}</p>'


def _done(connection: Connection | None) -> str:
    if connection is None or connection.account is None:
        return ""
    name = escape(connection.account.name)
    return f'<p class="done" role="status">{name} is connected.</p>'


def _section(shown: Shown, loaded: LoadedConnector, ready: bool) -> str:
    manifest = loaded.manifest
    name = escape(manifest.name)
    ways = "".join(
        _way(shown, manifest.id, method)
        for method in manifest.auth_methods
        if method.kind is AuthKind.API_KEY or (method.kind is AuthKind.OAUTH2 and ready)
    )
    about = escape(manifest.description)
    heading = f"{escape(manifest.id)}-name"
    return (
        f'<section aria-labelledby="{heading}"><h2 id="{heading}">{name}</h2>'
        f"<p>{about}</p>{ways}</section>"
    )


def _way(shown: Shown, connector_id: str, method: AuthMethod) -> str:
    label = escape(method.label)
    if method.kind is AuthKind.OAUTH2:
        return _form(shown.csrf, _button("oauth", method.label), connector_id, method.id)
    entered = shown.entered
    is_this = (entered.get("connector"), entered.get("method")) == (connector_id, method.id)
    fields = "".join(
        _field(f"{connector_id}-{method.id}-{at}", one, entered.get(one.name) if is_this else None)
        for at, one in enumerate(method.fields)
    )
    inner = f"<fieldset><legend>{label}</legend>{fields}{_button('key', 'Connect')}</fieldset>"
    return _form(shown.csrf, inner, connector_id, method.id)


def _field(element: str, wanted: KeyField, entered: str | None) -> str:
    kind = 'type="password" autocomplete="off"' if wanted.secret else 'type="text"'
    value = f' value="{escape(entered)}"' if entered and not wanted.secret else ""
    required = " required" if wanted.required else ""
    described = f' aria-describedby="{element}-help"' if wanted.help else ""
    state = f"{kind}{value}{required}{described}"
    hint = f'<p id="{element}-help">{escape(wanted.help)}</p>' if wanted.help else ""
    return (
        f'<label for="{element}">{escape(wanted.label)}</label>'
        f'<input id="{element}" name="{escape(wanted.name)}" {state}>{hint}'
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
