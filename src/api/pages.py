"""HTML of ours: plain, without a framework, under a policy that allows what stands in it alone."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from html import escape

from fastapi import Response

_STYLE = """
body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:2rem auto;padding:0 1rem;
color:#1b1b1b;background:#fff;overflow-wrap:anywhere}
section{border-top:1px solid #767676;padding:.5rem 0 1rem}
fieldset{min-width:0}
label,fieldset label{display:block;margin:.5rem 0}
input:not([type=radio]){display:block;font:inherit;padding:.4rem;width:100%;box-sizing:border-box}
button{font:inherit;padding:.5rem 1rem;margin:.5rem .5rem 0 0}
.alert{border-left:.3rem solid #b00020;padding:.2rem .8rem}
.done{border-left:.3rem solid #1a6b1a;padding:.2rem .8rem}
"""
_TELL = """
const told = document.getElementById("told").dataset;
if (window.opener) {
  const {connectionId = null, status = null, error = null} = told;
  window.opener.postMessage({type: "connect", connectionId, status, error}, told.origin);
  window.close();
}
"""


_SELF, _NOWHERE = "'self'", "'none'"


def page(
    title: str,
    content: str,
    *,
    status: int = 200,
    script: str | None = None,
    onward: str | None = None,
    has_forms: bool = False,
) -> Response:
    """A whole page.

    Args:
        title: Plain text.
        content: HTML, everything in it that is not ours escaped.
        status: Of the answer.
        script: The only one that may run.
        onward: Where the browser goes at once, by itself.
        has_forms: Whether it may send forms, which go to us alone.
    """
    shown = escape(title)
    refresh = f'<meta http-equiv="refresh" content="0;url={escape(onward)}">' if onward else ""
    html = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{refresh}<title>{shown}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{shown}</h1>{content}</main>"
        f"{f'<script>{script}</script>' if script else ''}</body></html>"
    )
    policy = [
        "default-src 'none'",
        f"style-src {_hash(_STYLE)}",
        "base-uri 'none'",
        f"form-action {_SELF if has_forms else _NOWHERE}",
        "frame-ancestors 'none'",
        *([f"script-src {_hash(script)}"] if script else []),
    ]
    headers = {
        "Content-Security-Policy": "; ".join(policy),
        # Not no-referrer, with which a browser hides the origin of a form, too.
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
    return Response(html, status, headers, "text/html; charset=utf-8")


def leave(url: str) -> Response:
    """Send a browser away from a form of ours.

    A redirect would not do: a policy's ``form-action`` holds for every address that a form's answer
    leads on to, and where a provider or a host redirects next is not ours to know.
    """
    link = f'<p>If nothing happens, <a href="{escape(url)}">go on</a>.</p>'
    return page("One moment", link, onward=url)


def telling(origin: str, told: dict[str, str | None]) -> tuple[str, str]:
    """What a page holds for its script, and the script, which tells the opener and nobody else."""
    names = {"connectionId": "connection-id", "status": "status", "error": "error"}
    data = "".join(
        f' data-{names[name]}="{escape(text)}"' for name, text in told.items() if text is not None
    )
    return f'<div id="told" hidden data-origin="{escape(origin)}"{data}></div>', _TELL


def _hash(text: str) -> str:
    """How a policy names a text that may be used (CSP 3)."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
