"""The authorization server of an imitation provider, put together from its spec."""

import time
from typing import TYPE_CHECKING

from starlette.routing import Route

from src.sandbox.kit.oauth.apps import Apps
from src.sandbox.kit.oauth.authorize import AuthorizeAddress
from src.sandbox.kit.oauth.control import OAuthControls
from src.sandbox.kit.oauth.fields import read_basic
from src.sandbox.kit.oauth.ledger import Clock, Grant, Ledger
from src.sandbox.kit.oauth.spec import OAuthApp, OAuthServerSpec
from src.sandbox.kit.oauth.tokens import TokenAddress

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.kit.store import SandboxStore


class OAuthServer:
    """Routes for the provider's app, switches for its tests, and who a token speaks for.

    Hand `routes` and `controls` to the `Provider`, so that its faults strike here too.
    """

    def __init__(
        self,
        store: "SandboxStore",
        provider_id: str,
        spec: OAuthServerSpec,
        clock: Clock = time.time,
    ) -> None:
        """Keep all state in the store, below the provider's id."""
        prefix = f"{provider_id}/oauth"
        self._ledger = Ledger(store, prefix, clock)
        apps = Apps(store, prefix, spec.apps)
        authorize = AuthorizeAddress(spec, apps, self._ledger)
        self._tokens = TokenAddress(spec, apps, self._ledger)
        self.controls = OAuthControls(apps, self._ledger).routes
        self.routes = [
            Route(spec.authorize_path, authorize.ask, methods=["GET"]),
            Route(spec.authorize_path, authorize.decide, methods=["POST"]),
            Route(spec.token_path, self._tokens.give, methods=["POST"]),
        ]
        if spec.revoke_path is not None:
            self.routes.append(Route(spec.revoke_path, self._tokens.take_back, methods=["POST"]))

    async def grant_of(self, access_token: str) -> Grant | None:
        """Return what an access token allows, None when it is not or no longer good."""
        found = await self._ledger.access_token(access_token)
        return await self._ledger.grant(found.grant) if found else None

    async def app_of(self, request: "Request") -> OAuthApp | None:
        """Return the app that proves itself with basic, for a provider's own addresses."""
        return await self._tokens.app_of(read_basic(request))

    async def drop(self, access_token: str) -> None:
        """Take back one access token and nothing else."""
        await self._ledger.drop_access_token(access_token)

    async def now(self) -> float:
        """Return the server's time, which may run ahead."""
        return await self._ledger.now()

    async def end(self, access_token: str) -> bool:
        """End the whole grant of an access token, and tell whether there was one."""
        grant = await self.grant_of(access_token)
        if grant is not None:
            await self._ledger.end_grant(grant.number)
        return grant is not None
