"""HTML of ours: plain, without a framework, under a policy that allows what stands in it alone."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape

from fastapi import Response

_STYLE = """
body{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:2rem auto;padding:0 1rem;
color:#1b1b1b;background:#fff}
section{border-top:1px solid #767676;padding:.5rem 0 1rem}
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


def page(
    title: str,
    content: str,
    *,
    status: int = 200,
    script: str | None = None,
    form_targets: Iterable[str] = ("'none'",),
) -> Response:
    """A whole page.

    Args:
        title: Plain text.
        content: HTML, everything in it that is not ours escaped.
        status: Of the answer.
        script: The only one that may run.
        form_targets: Where forms may be sent, redirects included.
    """
    shown = escape(title)
    html = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{shown}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{shown}</h1>{content}</main>"
        f"{f'<script>{script}</script>' if script else ''}</body></html>"
    )
    policy = [
        "default-src 'none'",
        f"style-src {_hash(_STYLE)}",
        "base-uri 'none'",
        f"form-action {' '.join(form_targets)}",
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
