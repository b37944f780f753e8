"""The page on which a user approves, and the one that says why there is none."""

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from starlette.responses import Response

    from src.sandbox.kit.oauth.spec import OAuthApp, OAuthServerSpec

_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
    ),
    # Not no-referrer, with which a browser hides the origin of the form, too.
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
}
_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem}"
    "fieldset{margin:1rem 0}label{display:block}button{font:inherit;padding:.4rem 1rem}"
)


def consent_page(
    spec: "OAuthServerSpec", app: "OAuthApp", scopes: "Sequence[str]", redirect_uri: str
) -> "Response":
    """Ask the user; the form goes back to the same address, whose query holds the request."""
    name, provider = escape(app.name), escape(spec.provider)
    host = escape(urlsplit(redirect_uri).netloc)
    return _page(
        f"Authorize {name}",
        f"<p>{name} wants to use your {provider} account. This is an imitation of {provider}: "
        "nothing here is real.</p>"
        '<form method="post">'
        f"<fieldset><legend>Account</legend>{_accounts(spec)}</fieldset>"
        f"<fieldset><legend>Permissions</legend>{_permissions(spec, app, scopes)}</fieldset>"
        f"<p>Afterwards you are sent to {host}.</p>"
        '<button name="decision" value="approve">Approve</button> '
        '<button name="decision" value="cancel">Cancel</button>'
        "</form>",
    )


def error_page(message: str, status: int = 400) -> "Response":
    """Say what is wrong; a browser is sent nowhere that is not registered (RFC 6749 §4.1.2.1)."""
    return _page("This cannot be authorized", f"<p>{escape(message)}</p>", status)


def _accounts(spec: "OAuthServerSpec") -> str:
    return "".join(
        f'<label><input type="radio" name="account" value="{escape(account.id)}"'
        f"{' checked' if number == 0 else ''}> "
        f"{escape(account.name)} ({escape(account.id)})</label>"
        for number, account in enumerate(spec.accounts)
    )


def _permissions(spec: "OAuthServerSpec", app: "OAuthApp", scopes: "Iterable[str]") -> str:
    if not app.has_scopes:
        return "<p>All permissions of the app.</p>"
    shown = [(scope, f"{scope}: {spec.scopes[scope]}") for scope in scopes]
    if not shown:
        return "<p>Public information only.</p>"
    if not spec.may_untick:
        return f"<ul>{''.join(f'<li>{escape(text)}</li>' for _, text in shown)}</ul>"
    return "".join(
        f'<label><input type="checkbox" name="scope" value="{escape(scope)}" checked> '
        f"{escape(text)}</label>"
        for scope, text in shown
    )


def _page(title: str, content: str, status: int = 200) -> "Response":
    html = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{content}</main></body></html>"
    )
    return HTMLResponse(html, status, headers=_HEADERS)
