"""What every call passes: the org of the host, the token, the scope and the org's requests."""

import time
from typing import TYPE_CHECKING

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from src.sandbox.kit import capture, json_answer, provider_path, site_of

from . import errors
from .callers import Caller, Callers
from .oauth import TOKEN_PATH
from .people import ORGS, USERS, Org

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from src.sandbox.kit import SandboxStore
    from src.sandbox.kit.oauth import OAuthServer

INSTANCE_URL = "salesforce/instance-url"
REQUESTS_A_DAY = 15_000
_OAUTH = "/services/oauth2/"
_USERINFO = "/services/oauth2/userinfo"
_DAY = 86_400
_OK = 200


class Gate:
    """Middleware of the imitation, so that routes are only about their resource."""

    def __init__(
        self, app: "ASGIApp", callers: Callers, oauth: "OAuthServer", store: "SandboxStore"
    ) -> None:
        """Know who may call."""
        self._app = app
        self._callers = callers
        self._oauth = oauth
        self._store = store

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Answer the call, by refusing it or with the route's answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path, request = provider_path(scope), Request(scope, receive)
        if path == TOKEN_PATH:
            answer = await self._token(request)
        elif path.startswith(_OAUTH) and path != _USERINFO:
            answer = await capture(self._app, scope, receive)
        else:
            answer = await self._api(request, path)
        await answer(scope, receive, send)

    async def _api(self, request: Request, path: str) -> Response:
        caller = await self._callers.find(request.headers.get("authorization", ""))
        org = ORGS.get(site_of(request))
        if path == _USERINFO:
            if caller is None or not caller.may("openid") or org not in {None, caller.user.org}:
                return errors.bad_token().answer
            return await self._passed(request, caller)
        if caller is None or caller.user.org is not org:
            return errors.error(401)
        if not caller.may("api"):
            words = "This session is not valid for use with the REST API"
            return errors.error(401, "INVALID_SESSION_ID", words)
        day = int(time.time() // _DAY)
        spent = await self._store.increment(f"salesforce/spent/{org.id}/{day}", "value")
        answer = (
            errors.over_limit() if spent > REQUESTS_A_DAY else await self._passed(request, caller)
        )
        answer.headers["sforce-limit-info"] = f"api-usage={spent}/{REQUESTS_A_DAY}"
        return answer

    async def _passed(self, request: Request, caller: Caller) -> Response:
        scope = {**request.scope, "salesforce.caller": caller}
        return await capture(self._app, scope, request.receive)

    async def _token(self, request: Request) -> Response:
        """Say where the org is, and whose token it is."""
        answer = await capture(self._app, request.scope, request.receive)
        if answer.status_code != _OK:
            return answer
        told = msgspec.json.decode(bytes(answer.body))
        grant = await self._oauth.grant_of(told["access_token"])
        user = USERS[grant.account] if grant else None
        if user is None:
            return answer
        more = {
            "instance_url": await self._instance_url(user.org),
            "id": f"https://login.salesforce.com/id/{user.org.id}/{user.id}",
            "issued_at": str(int(time.time() * 1_000)),
            "signature": "c2FuZGJveA==",
        }
        said = {name: value for name, value in more.items() if value is not None}
        return json_answer({**told, **said}, headers={"cache-control": "no-store"})

    async def _instance_url(self, org: Org) -> str | None:
        switched = await self._store.get(INSTANCE_URL)
        return org.instance_url if switched is None else switched["value"]
