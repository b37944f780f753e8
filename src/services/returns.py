"""Where a browser may be sent: to our own callbacks, and to origins that the operator allows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

from src.core.errors import ValidationFailed
from src.core.security import origin_of

_PLAIN = re.compile(r"https?://[\x21-\x5b\x5d-\x7e]{1,2000}")
"""Printable ASCII without the backslash, which browsers take for a slash."""
_AT_ORIGIN = "at an origin of RETURN_URL_ALLOWLIST"


class ReturnAddresses:
    """Addresses of ours, and the check of addresses that callers name."""

    def __init__(self, public_url: str, api_prefix: str, allowed_origins: Collection[str]) -> None:
        self.public_url = public_url.rstrip("/")
        self._connectors = f"{self.public_url}{api_prefix}/connectors"
        self._allowed = frozenset(allowed_origins)

    def callback(self, connector_id: str) -> str:
        """Our own callback of a connector."""
        return f"{self._connectors}/{connector_id}/connect/callback"

    def authorize(
        self, connector_id: str, connection_id: str, scopes: Iterable[str] | None = None
    ) -> str:
        """Where a connection is authorized anew; it holds no secret."""
        named = {"connectionId": connection_id}
        if scopes:
            named["scopes"] = ",".join(scopes)
        query = urlencode(named, quote_via=quote, safe=",:")
        return f"{self._connectors}/{connector_id}/authorize?{query}"

    @property
    def page(self) -> str:
        """The connect page."""
        return f"{self.public_url}/connect"

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach us over https."""
        return self.public_url.startswith("https://")

    def redirect_uri(self, connector_id: str, given: str) -> str:
        """An address that a provider may send the browser to.

        Raises:
            ValidationFailed: It is neither our callback of this connector nor on the list.
        """
        own = self.callback(connector_id)
        if given == own:
            return given
        return self._listed("redirectUri", given, f"is neither {own} nor {_AT_ORIGIN}")

    def return_url(self, given: str | None) -> str | None:
        """An address that we may send the browser to in the end.

        Raises:
            ValidationFailed: It is not on the list.
        """
        return None if given is None else self._listed("returnUrl", given)

    def opener(self, given: str | None) -> str | None:
        """An origin whose window may be told of the end.

        Raises:
            ValidationFailed: It is not on the list.
        """
        if given is not None and given not in self._allowed:
            raise ValidationFailed([("openerOrigin", "is not on RETURN_URL_ALLOWLIST")])
        return given

    def _listed(self, field: str, given: str, why: str = f"is not {_AT_ORIGIN}") -> str:
        try:
            parts = urlsplit(given)
            fits = (
                _PLAIN.fullmatch(given) is not None
                and parts.username is None
                and not parts.fragment
                and "#" not in given
                and origin_of(given) in self._allowed
            )
        except ValueError:
            fits = False
        if not fits:
            raise ValidationFailed([(field, why)])
        return given


def with_parameters(url: str, parameters: dict[str, str]) -> str:
    """An address with more in its query."""
    parts = urlsplit(url)
    query = "&".join(filter(None, (parts.query, urlencode(parameters, quote_via=quote))))
    return urlunsplit(parts._replace(query=query))
