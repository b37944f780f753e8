"""GitHub: what a token reaches, issues and pull requests, what can be picked and done."""

from __future__ import annotations

from src.connectors.base import Identity, RunsTools
from src.connectors.github.hooks import Hooks
from src.connectors.github.manifest import MANIFEST
from src.connectors.github.mapping import to_account
from src.connectors.github.resources import Picker
from src.connectors.github.schemas import User
from src.connectors.github.streams import Streams
from src.connectors.rest.decoding import decode
from src.connectors.rest.tokens import split_scopes


class GitHubConnector(Picker, Streams, Hooks, RunsTools):
    """One GitHub account. Containers are in ``containers``, items in ``items``, and so on."""

    manifest = MANIFEST

    async def identify(self) -> Identity:
        """The user, and the scopes of a classic token (the others have no such header)."""
        response = await self.rest.call("GET", "/user")
        scopes = response.headers.get("x-oauth-scopes")
        granted = None if scopes is None else split_scopes(scopes)
        user = decode(response.content, User)
        return Identity(to_account(user, self.site.server), granted)
