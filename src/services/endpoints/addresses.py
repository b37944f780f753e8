"""Which addresses an endpoint may have; where a name leads is checked again at each attempt."""

from __future__ import annotations

from urllib.parse import urlsplit

from src.core.errors import ValidationFailed
from src.core.security import ip_literal, is_public

LONGEST = 2048
_PRIVATE_NAMES = ("localhost", ".localhost", ".local", ".internal")


def check_address(url: str, *, may_be_private: bool) -> None:
    """Refuse what could not, or must not, be called.

    Args:
        url: What a tenant's caller gave.
        may_be_private: ``ALLOW_PRIVATE_WEBHOOK_HOSTS``: http and private addresses, too.

    Raises:
        ValidationFailed: The field is ``url``.
    """
    if problem := _problem(url, may_be_private=may_be_private):
        raise ValidationFailed([("url", problem)])


def _problem(url: str, *, may_be_private: bool) -> str | None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "must be an address such as https://app.example.com/hooks"
    if parts.scheme not in ({"http", "https"} if may_be_private else {"https"}):
        return "must begin with https://"
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        return "must name a host, and no user or fragment"
    if not may_be_private and _is_private(host):
        return "must be a public address"
    return None


def _is_private(host: str) -> bool:
    literal = ip_literal(host)
    if literal is not None:
        return not is_public(literal)
    name = host.rstrip(".").lower()
    return name.replace(".", "").isdigit() or name.endswith(_PRIVATE_NAMES)
