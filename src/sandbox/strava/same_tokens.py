"""A refresh brings the same tokens while the access token has more than an hour to live."""

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

from src.sandbox.kit import json_answer
from src.sandbox.strava.oauth import APP, SINGLE_APP

if TYPE_CHECKING:
    from src.sandbox.kit import SandboxStore
    from src.sandbox.kit.oauth import OAuthServer

HOUR = 3_600
_SECRETS = {app.client_id: app.client_secret for app in (APP, SINGLE_APP)}
_TOLD = ("token_type", "access_token", "refresh_token", "expires_at")


class SameTokens:
    """Remembers what was given out, by the refresh token that came along."""

    def __init__(self, store: "SandboxStore", oauth: "OAuthServer") -> None:
        """Keep it in the store, so that several server processes agree."""
        self._store = store
        self._oauth = oauth

    async def again(self, fields: Mapping[str, str]) -> Response | None:
        """Return the former answer to a refresh, if it still holds for long enough."""
        client_id = fields.get("client_id", "")
        told = await self._store.get(_key(fields.get("refresh_token", ""))) or {}
        is_apps = told.get("client_id") == client_id and _SECRETS.get(client_id) == fields.get(
            "client_secret"
        )
        if not is_apps or await self._oauth.grant_of(told["access_token"]) is None:
            return None
        left = int(told["expires_at"] - await self._oauth.now())
        if left <= HOUR:
            return None
        return json_answer({**{name: told[name] for name in _TOLD}, "expires_in": left})

    async def remember(self, fields: Mapping[str, str], answer: Response) -> None:
        """Remember what a token request was answered."""
        told: dict[str, Any] = msgspec.json.decode(bytes(answer.body))
        kept = {name: told[name] for name in _TOLD}
        await self._store.put(
            _key(told["refresh_token"]), {**kept, "client_id": fields["client_id"]}
        )


def _key(refresh_token: str) -> str:
    return f"strava/tokens/{sha256(refresh_token.encode()).hexdigest()}"
