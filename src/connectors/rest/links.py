"""Addresses that a provider gives: where they lead, and whether we follow.

Following one hands the credential over, so an address is used only when it is surely the same
place. Nothing here raises for nonsense but ``UnreadableAnswer``.
"""

from __future__ import annotations

import re
from urllib.parse import unquote, urljoin, urlsplit

from src.connectors.rest.errors import unreadable
from src.core.security import origin_of

LONGEST_ADDRESS = 8192

_LINK = re.compile(r'<([^<>]*)>((?:"(?:[^"\\]|\\.)*"|[^",<])*)')
_PARAMETER = re.compile(r';\s*([^\s=;,"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?')
_UNSENDABLE = re.compile(r"[\x00-\x20\x7f]")


def next_link(header: str) -> str | None:
    """The target with the relation ``next`` in a Link header (RFC 8288)."""
    return link(header, "next")


def link(header: str, relation: str) -> str | None:
    """The target with a relation in a Link header (RFC 8288)."""
    for target, parameters in _LINK.findall(header):
        for name, quoted, bare in _PARAMETER.findall(parameters):
            if name.lower() == "rel" and relation in (quoted or bare).lower().split():
                return str(target)
    return None


def redirected(url: str, location: str) -> str:
    """The address that a redirect leads to.

    Raises:
        UnreadableAnswer: It leads to another host, or nowhere.
    """
    location = location.strip()
    try:
        target = urljoin(url, location)
    except ValueError as error:
        raise unreadable("a redirect leads nowhere") from error
    if _UNSENDABLE.search(location) or _origin(target) != origin_of(url) or _names_user(target):
        raise unreadable("a redirect leads to another host")
    return target


def _names_user(url: str) -> bool:
    parts = urlsplit(url)
    return parts.username is not None or parts.password is not None


def below(target: str, base_url: str) -> str:
    """An address below ``base_url`` as path and query.

    Raises:
        UnreadableAnswer: It leads elsewhere.
    """
    if target.startswith("/") and not target.startswith("//"):
        target = origin_of(base_url) + target
    if _origin(target) != origin_of(base_url) or _names_user(target):
        raise unreadable("the next page is at another place")
    base_path = urlsplit(base_url).path.rstrip("/")
    parts = urlsplit(target)
    climbs = any(unquote(part) in {".", ".."} for part in parts.path.split("/"))
    if climbs or not parts.path.startswith(f"{base_path}/"):
        raise unreadable("the next page is at another place")
    path = parts.path[len(base_path) :]
    return f"{path}?{parts.query}" if parts.query else path


def _origin(url: str) -> str | None:
    """Who an address leads to; None for one that cannot be called at all."""
    if len(url) > LONGEST_ADDRESS or _UNSENDABLE.search(url):
        return None
    try:
        return origin_of(url)
    except ValueError:
        return None
