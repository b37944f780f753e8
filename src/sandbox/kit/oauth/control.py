"""The switches under `/_sandbox/oauth/`: time, apps, access tokens and grants."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.kit.answers import json_answer

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.kit.oauth.apps import Apps
    from src.sandbox.kit.oauth.ledger import Ledger
    from src.sandbox.kit.oauth.spec import OAuthApp


class _Clock(msgspec.Struct, forbid_unknown_fields=True):
    seconds_ahead: Annotated[float, msgspec.Meta(ge=0, le=10**10)]


class OAuthControls:
    """What tests may change from outside; `routes` are mounted below `/_sandbox/`."""

    def __init__(self, apps: "Apps", ledger: "Ledger") -> None:
        """Reach into apps and ledger."""
        self._apps = apps
        self._ledger = ledger
        self.routes = [
            Route("/oauth/clock", self.show_clock, methods=["GET"]),
            Route("/oauth/clock", self.set_clock, methods=["PUT"]),
            Route("/oauth/apps/{client_id}", self.show_app, methods=["GET"]),
            Route("/oauth/apps/{client_id}", self.change_app, methods=["PUT", "DELETE"]),
            Route("/oauth/access-tokens", self.expire_access_tokens, methods=["DELETE"]),
            Route("/oauth/grants", self.show_grants, methods=["GET"]),
            Route("/oauth/grants", self.end_grants, methods=["DELETE"]),
            Route("/oauth/grants/{number:int}", self.end_grants, methods=["DELETE"]),
        ]

    async def show_clock(self, _: "Request") -> Response:
        """Show by how much the time runs ahead."""
        return json_answer(_Clock(await self._ledger.ahead()))

    async def set_clock(self, request: "Request") -> Response:
        """Let the time run ahead, so that codes and tokens expire without waiting."""
        try:
            clock = msgspec.json.decode(await request.body(), type=_Clock)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return json_answer({"error": str(error)}, 400)
        await self._ledger.run_ahead(clock.seconds_ahead)
        return json_answer(clock)

    async def show_app(self, request: "Request") -> Response:
        """Show an app as it is at present."""
        return json_answer(await self._app(request))

    async def change_app(self, request: "Request") -> Response:
        """Give an app another secret, redirect address or life; DELETE takes all changes back."""
        app = await self._app(request)
        body = await request.body() if request.method == "PUT" else b"{}"
        try:
            changes = msgspec.json.decode(body, type=dict[str, Any])
            return json_answer(await self._apps.change(app, changes))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return json_answer({"error": str(error)}, 400)

    async def expire_access_tokens(self, _: "Request") -> Response:
        """End every access token that is out; refresh tokens and the time stay."""
        await self._ledger.expire_access_tokens()
        return Response(status_code=204)

    async def show_grants(self, _: "Request") -> Response:
        """List what users have allowed, and what of it has ended."""
        found = await self._ledger.grants()
        return json_answer([{**msgspec.to_builtins(one), "alive": alive} for one, alive in found])

    async def end_grants(self, request: "Request") -> Response:
        """End one grant or all, as users do in the settings of their account."""
        chosen = request.path_params.get("number")
        for one, _ in await self._ledger.grants():
            if chosen in {None, one.number}:
                await self._ledger.end_grant(one.number)
        return Response(status_code=204)

    async def _app(self, request: "Request") -> "OAuthApp":
        found = await self._apps.find(request.path_params["client_id"])
        if found is None:
            raise HTTPException(404)
        return found
