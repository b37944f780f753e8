"""GitHub as data. Source: docs.github.com/rest, version 2022-11-28."""

from __future__ import annotations

import re

from pydantic import SecretStr

from src.connectors.github.credentials import kind_of
from src.connectors.github.hooks import WEBHOOKS
from src.connectors.github.refusals import classify, is_partial, rate_limit
from src.connectors.github.resources import TYPES
from src.connectors.github.sites import GitHubConfig, site_of
from src.connectors.github.tools import TOOLS
from src.connectors.grade import Grade
from src.connectors.manifest import (
    AuthKind,
    AuthMethod,
    Deletions,
    KeyField,
    Manifest,
    ScopeRules,
    Stream,
    UpdatedSince,
)
from src.connectors.rest.client import Dialect
from src.core.oauth import (
    BodyFormat,
    ClientAuthentication,
    Meaning,
    OAuth2App,
    OAuth2Spec,
    Pkce,
    Refusal,
    Revocation,
    Step,
)
from src.models.record import RecordKind

# Source: docs.github.com, "Authorizing OAuth apps" and "Refreshing user access tokens".
OAUTH = OAuth2Spec(
    authorize_url="https://github.com/login/oauth/authorize",
    token_url="https://github.com/login/oauth/access_token",  # noqa: S106  an address
    # The token alone: the end of the grant would end the tokens of others, too.
    revocation=Revocation(
        url="https://api.github.com/applications/{client_id}/token",
        method="DELETE",
        body=BodyFormat.JSON,
        field="access_token",
        sends="access",
        hint=False,
    ),
    client_authentication=ClientAuthentication.BODY,
    pkce=Pkce.YES,
    granted_separator=",",
    rotates=True,
    refusals=(
        Refusal(Meaning.CLIENT, "incorrect_client_credentials"),
        Refusal(Meaning.CLIENT, "application_suspended", at=Step.AUTHORIZE),
        Refusal(Meaning.GRANT, "bad_verification_code"),
        Refusal(Meaning.GRANT, "bad_refresh_token"),
        Refusal(Meaning.GRANT, status=404, at=Step.REVOKE),
    ),
)

_SERVER = KeyField(
    name="config.baseUrl",
    label="GitHub Enterprise Server",
    secret=False,
    required=False,
    help="Only for a server of your own: its address, like https://github.acme.com",
)

_KINDS = {
    "repositories": RecordKind.CONTAINER,
    "issues": RecordKind.ITEM,
    "pulls": RecordKind.ITEM,
    "comments": RecordKind.COMMENT,
}
STREAMS = tuple(
    Stream(
        name=name,
        kind=kind,
        incremental=True,
        deletions=Deletions.SWEEP,
        checkpoint=UpdatedSince,
    )
    for name, kind in _KINDS.items()
)

MANIFEST = Manifest(
    id="github",
    version="0.3.0",
    name="GitHub",
    description="Repositories, issues, pull requests, their comments, and files.",
    category="development",
    grade=Grade.GOLD,
    docs_url="https://docs.github.com/rest",
    api_url="https://api.github.com",
    auth_methods=(
        AuthMethod(
            id="pat",
            kind=AuthKind.API_KEY,
            label="Personal access token",
            fields=(
                KeyField(
                    name="apiKey",
                    label="Personal access token",
                    secret=True,
                    help="GitHub → Settings → Developer settings → Personal access tokens. "
                    "Classic: scopes repo and read:org. Fine-grained: read access to metadata, "
                    "contents, issues and pull requests.",
                ),
                _SERVER,
            ),
        ),
        # One method for OAuth apps and GitHub Apps: whoever registered the app has chosen.
        AuthMethod(
            id="oauth2",
            kind=AuthKind.OAUTH2,
            label="Sign in with GitHub",
            fields=(_SERVER,),
            oauth2=OAUTH,
        ),
        AuthMethod(id="import", kind=AuthKind.IMPORT, label="Import a token", fields=(_SERVER,)),
    ),
    config_model=GitHubConfig,
    site=site_of,
    resource_types=TYPES,
    tools=TOOLS,
    scopes=ScopeRules(
        default=("read:org", "repo"),
        optional=("workflow",),
        by_capability={"containers": ("read:org",), "items": ("repo",), "comments": ("repo",)},
        implied={
            "repo": (
                *("public_repo", "repo:status", "repo_deployment", "repo:invite"),
                "admin:repo_hook",
            ),
            "public_repo": ("admin:repo_hook",),
            "admin:org": ("write:org", "read:org"),
            "write:org": ("read:org",),
            "user": ("read:user", "user:email", "user:follow"),
        },
    ),
    streams=STREAMS,
    webhooks=WEBHOOKS,
    dialect=Dialect(
        headers={
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
            # GitHub answers 403 to requests without one.
        },
        path_patterns={
            "org": re.compile(r"[A-Za-z0-9_-]{1,100}"),
            "owner": re.compile(r"[A-Za-z0-9_-]{1,100}"),
            "repo": re.compile(r"[A-Za-z0-9._-]{1,100}"),
            "repository": re.compile(r"[0-9]{1,19}"),
            "installation": re.compile(r"[0-9]{1,19}"),
            # What git takes as the name of a branch, or a commit, or HEAD (git-check-ref-format).
            "tree": re.compile(r"[^\x00-\x20\x7f~^:?*\[\\]{1,255}"),
            "sha": re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?"),
            "file": re.compile(r"(?s).{1,4096}"),
            "number": re.compile(r"[0-9]{1,10}"),
            "comment": re.compile(r"[0-9]{1,19}"),
            "hook": re.compile(r"[0-9]{1,19}"),
        },
        classify=classify,
        rate_limit=rate_limit,
        credential_kind=kind_of,
        is_partial=is_partial,
    ),
    sandbox="src.sandbox.github.app:create_app",
    sandbox_app=OAuth2App("Ov23liSandboxOAuthApp", SecretStr("sandbox-oauth-app-secret")),
)
