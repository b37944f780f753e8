"""Kinds of tokens, by their prefixes (docs.github.com, "About authentication to GitHub")."""

from __future__ import annotations

APP_USER = "app_user"
"""A GitHub App acting for a user: it reaches where the app is installed, and has no scopes."""
_KINDS = {
    "ghu_": APP_USER,
    "gho_": "oauth_app",
    "ghp_": "classic",
    "ghs_": "installation",
    "github_pat_": "fine_grained",
}


def kind_of(token: str) -> str | None:
    """The kind of a token; None for one that shows none, as older ones do."""
    return next((kind for prefix, kind in _KINDS.items() if token.startswith(prefix)), None)
