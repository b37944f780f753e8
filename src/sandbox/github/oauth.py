"""GitHub's authorization server: two OAuth apps and a GitHub App, which differ in their tokens.

| | client id | client secret |
|---|---|---|
| OAuth app: scopes, tokens for ever | `Ov23liSandboxOAuthApp` | `sandbox-oauth-app-secret` |
| OAuth app with tokens like those below | `Ov23liSandboxExpiring` | `sandbox-expiring-secret` |
| GitHub App: none, 8 hours, 6 months | `Iv23liSandboxGitHubApp` | `sandbox-github-app-secret` |

All may send the browser to `/api/connectors/github/connect/callback` on localhost, at any port;
other addresses are registered through `PUT /_sandbox/oauth/apps/{client_id}`.

Sources: docs.github.com, "Authorizing OAuth apps", "Refreshing user access tokens",
"Troubleshooting OAuth app access token request errors", REST "OAuth authorizations".
"""

from typing import TYPE_CHECKING, Annotated

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.github import errors
from src.sandbox.github.seed.people import PEOPLE
from src.sandbox.kit.oauth import (
    ClientAuthentication,
    OAuthAccount,
    OAuthApp,
    OAuthServer,
    OAuthServerSpec,
    Refusal,
    Wording,
)

if TYPE_CHECKING:
    from starlette.requests import Request

_DOCS = "https://docs.github.com/apps/managing-oauth-apps/troubleshooting"
_CALLBACK = "/api/connectors/github/connect/callback"
_REDIRECT_URIS = (f"http://localhost{_CALLBACK}", f"http://127.0.0.1{_CALLBACK}")

OAUTH_APP = OAuthApp(
    client_id="Ov23liSandboxOAuthApp",
    client_secret="sandbox-oauth-app-secret",  # noqa: S106 - opens the imitation only
    name="Sandbox OAuth app",
    redirect_uris=_REDIRECT_URIS,
    access_prefix="gho_",
    access_lifetime=None,
    refreshes=False,
)
EXPIRING_APP = OAuthApp(
    client_id="Ov23liSandboxExpiring",
    client_secret="sandbox-expiring-secret",  # noqa: S106 - opens the imitation only
    name="Sandbox OAuth app with expiring tokens",
    redirect_uris=_REDIRECT_URIS,
    access_prefix="gho_",
    access_lifetime=28_800,
    refresh_prefix="ghr_",
    refresh_lifetime=15_897_600,
)
GITHUB_APP = OAuthApp(
    client_id="Iv23liSandboxGitHubApp",
    client_secret="sandbox-github-app-secret",  # noqa: S106 - opens the imitation only
    name="Sandbox GitHub App",
    redirect_uris=_REDIRECT_URIS,
    has_scopes=False,
    access_prefix="ghu_",
    access_lifetime=28_800,
    refresh_prefix="ghr_",
    refresh_lifetime=15_897_600,
)
SCOPES = {
    "repo": "read and write private repositories",
    "public_repo": "write public repositories",
    "repo:status": "commit statuses",
    "repo_deployment": "deployment statuses",
    "repo:invite": "invitations to repositories",
    "user": "read and write the profile",
    "read:user": "read the profile",
    "user:email": "read e-mail addresses",
    "user:follow": "follow and unfollow users",
    "admin:org": "manage organisations and teams",
    "write:org": "read and write memberships of organisations",
    "read:org": "read memberships of organisations",
    "admin:repo_hook": "manage webhooks of repositories",
    "write:repo_hook": "read and write webhooks of repositories",
    "read:repo_hook": "read webhooks of repositories",
    "admin:org_hook": "manage webhooks of organisations",
    "notifications": "notifications",
    "gist": "write gists",
    "project": "read and write projects",
    "read:project": "read projects",
    "workflow": "write workflow files",
}
IMPLIED = {
    "repo": ("public_repo", "repo:status", "repo_deployment", "repo:invite"),
    "user": ("read:user", "user:email", "user:follow"),
    "admin:org": ("write:org", "read:org"),
    "write:org": ("read:org",),
    "admin:repo_hook": ("write:repo_hook", "read:repo_hook"),
    "write:repo_hook": ("read:repo_hook",),
    "project": ("read:project",),
}


def _worded(error: str, description: str) -> Wording:
    """Refuse with status 200, which is GitHub's way."""
    return Wording(
        200,
        {"error": error, "error_description": description, "error_uri": f"{_DOCS}#{error}"},
    )


SPEC = OAuthServerSpec(
    provider="GitHub",
    authorize_path="/login/oauth/authorize",
    token_path="/login/oauth/access_token",  # noqa: S106 - a path
    apps=(OAUTH_APP, EXPIRING_APP, GITHUB_APP),
    accounts=tuple(OAuthAccount(one.login, one.name) for one in PEOPLE),
    scopes=SCOPES,
    implied=IMPLIED,
    granted_separator=",",
    client_authentication=frozenset({ClientAuthentication.FORM, ClientAuthentication.JSON}),
    needs_response_type=False,
    needs_grant_type=False,
    needs_redirect_uri=False,
    answers_in_form=True,
    tells_refresh_lifetime=True,
    replaces_access_token=True,
    wordings={
        Refusal.REQUEST: _worded("invalid_request", "The request is not well-formed."),
        Refusal.GRANT_TYPE: _worded("unsupported_grant_type", "This grant type is not supported."),
        Refusal.CLIENT: _worded(
            "incorrect_client_credentials",
            "The client_id and/or client_secret passed are incorrect.",
        ),
        Refusal.CODE: _worded("bad_verification_code", "The code passed is incorrect or expired."),
        Refusal.VERIFIER: _worded("bad_verification_code", "The code_verifier does not match."),
        Refusal.REDIRECT_URI: _worded(
            "redirect_uri_mismatch",
            "The redirect_uri MUST match the registered callback URL for this application.",
        ),
        Refusal.REFRESH_TOKEN: _worded(
            "bad_refresh_token", "The refresh token passed is incorrect or expired."
        ),
    },
)


class _Body(msgspec.Struct):
    access_token: Annotated[str, msgspec.Meta(min_length=1)]


def application_routes(server: OAuthServer) -> list[Route]:
    """Return the part of the REST API in which an app looks after its tokens, with basic."""

    async def delete_token(request: "Request") -> Response:
        app = await server.app_of(request)
        if app is None or app.client_id != request.path_params["client_id"]:
            return errors.error(401, "Bad credentials")
        try:
            token = msgspec.json.decode(await request.body(), type=_Body).access_token
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise errors.invalid("OauthAccess", "access_token", code="missing_field") from error
        grant = await server.grant_of(token)
        if grant is None or grant.client_id != app.client_id:
            raise errors.not_found()
        await server.drop(token)
        return Response(status_code=204)

    return [Route("/applications/{client_id}/token", delete_token, methods=["DELETE"])]
