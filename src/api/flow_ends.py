"""What a person and a host are told of the end of a flow."""

from __future__ import annotations

from src.services.oauth.values import BrowserEnd

_REASONS = {
    "invalid_state": "This authorization is unknown, used, or too old. Begin again.",
    "oauth_denied": "The authorization was not approved.",
    "oauth_exchange_failed": "The provider did not complete the authorization. Begin again.",
    "account_mismatch": "This is another account than before.",
    "connection_exists": "This account is connected already.",
}


def told_of(end: BrowserEnd) -> dict[str, str | None]:
    """What a host is told."""
    if end.connected is None:
        return {"error": end.error.code.value if end.error else None}
    connection = end.connected.connection
    return {"connectionId": connection.id, "status": connection.status.value}


def reason_of(code: str) -> str:
    """A sentence for a person, by the code of an error."""
    return _REASONS.get(code, "Something went wrong. Try again later.")
