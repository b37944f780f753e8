"""OpenID Connect: whose account it is."""

from typing import TYPE_CHECKING

from starlette.routing import Route

from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


async def _show_user(request: "Request") -> "Response":
    caller = request.scope["google.caller"]
    user = caller.user
    told: dict[str, str | bool] = {"sub": user.sub}
    if caller.scopes & {"profile", "https://www.googleapis.com/auth/userinfo.profile"}:
        picture = f"https://lh3.googleusercontent.com/a/{user.login}=s96-c"
        told |= {"name": user.name, "given_name": user.name.split()[0], "picture": picture}
    if caller.scopes & {"email", "https://www.googleapis.com/auth/userinfo.email"}:
        told |= {"email": user.email, "email_verified": True, "hd": "example.com"}
    return json_answer(told)


ACCOUNT_ROUTES = (Route("/v1/userinfo", _show_user),)
SCOPES = (("GET", "/v1/userinfo", ("openid",)),)
