"""Strava as data. Sources: developers.strava.com/docs/{authentication,reference,rate-limits}.

The API's address is going to change (api-v3.strava.com), OAuth's is not: they are set one by one.
"""

from __future__ import annotations

from pydantic import SecretStr

from src.connectors.grade import Grade
from src.connectors.manifest import (
    AuthKind,
    AuthMethod,
    Deletions,
    KeyField,
    Manifest,
    NoFields,
    Stream,
)
from src.connectors.rest.client import Dialect
from src.connectors.strava.config import LastStart, Settings
from src.connectors.strava.gear import RESOURCE_TYPES
from src.connectors.strava.ids import GEAR_ID, NUMBER
from src.connectors.strava.limits import APP_LIMIT, rate_limit
from src.connectors.strava.refusals import CAP, classify
from src.connectors.strava.scopes import ACTIVITIES, SCOPES
from src.connectors.webhooks import (
    AddressOf,
    AddressOnly,
    Challenge,
    MadeBy,
    WebhookEvent,
    WebhookSpec,
)
from src.core.oauth import (
    ClientAuthentication,
    Expiry,
    GrantedScopes,
    Meaning,
    OAuth2App,
    OAuth2Spec,
    Pkce,
    Refusal,
    Revocation,
    Step,
)

API_URL = "https://www.strava.com/api/v3"
_OAUTH_URL = "https://www.strava.com/oauth"

# Source: developers.strava.com/docs/authentication. The user may untick scopes, and only the
# redirect tells which are left. A refresh ends the refresh token that it used.
OAUTH = OAuth2Spec(
    authorize_url=f"{_OAUTH_URL}/authorize",
    token_url=f"{_OAUTH_URL}/token",
    revocation=Revocation(
        url=f"{_OAUTH_URL}/revoke",
        # Until June 2027, where the newer address is not there or the app's secret is another.
        otherwise=Revocation(url="deauthorize", sends="access", signed_by_token=True),
    ),
    client_authentication=ClientAuthentication.BODY,
    pkce=Pkce.NO,
    # Without it Strava lets a browser pass that has once approved, whoever is signed in there.
    authorize_params={"approval_prompt": "force"},
    scope_separator=",",
    granted_scopes=GrantedScopes.CALLBACK,
    granted_separator=",",
    expiry=Expiry.EXPIRES_AT,
    rotates=True,
    refusals=(
        Refusal(Meaning.CLIENT, "Application:invalid"),
        Refusal(Meaning.GRANT, "RequestToken:invalid", at=Step.EXCHANGE),
        Refusal(Meaning.GRANT, "AuthorizationCode:invalid", at=Step.EXCHANGE),
        Refusal(Meaning.GRANT, "RefreshToken:invalid", at=Step.REFRESH),
        Refusal(Meaning.CLIENT, status=403, at=Step.EXCHANGE, explanation=CAP),
    ),
)

# Source: developers.strava.com/docs/webhooks. One subscription for an app and all of its athletes;
# comments, kudos and gear are not told of.
WEBHOOKS = WebhookSpec(
    events=(
        WebhookEvent(
            name="activity",
            description="An activity was made, renamed, shown, hidden or deleted.",
            streams=("activities",),
        ),
    ),
    proof=AddressOnly(),
    address=AddressOf.APP,
    made_by=MadeBy.APP,
    scopes=(ACTIVITIES,),
    auth_methods=("oauth2",),
    challenge=Challenge(value="hub.challenge", proof="hub.verify_token"),
)

MANIFEST = Manifest(
    id="strava",
    version="0.2.0",
    name="Strava",
    description="Activities with their comments, routes, gear and clubs of an athlete.",
    category="fitness",
    grade=Grade.GOLD,
    docs_url="https://developers.strava.com/docs/reference/",
    api_url=API_URL,
    auth_methods=(
        AuthMethod(id="oauth2", kind=AuthKind.OAUTH2, label="Connect with Strava", oauth2=OAUTH),
        AuthMethod(
            id="import",
            kind=AuthKind.IMPORT,
            label="Tokens that you have",
            fields=(
                KeyField(
                    name="token",
                    label="Tokens",
                    secret=True,
                    help="access_token, refresh_token and expires_at, as Strava gave them; to"
                    " renew them, set the app that they belong to as the connection's own.",
                ),
            ),
        ),
    ),
    scopes=SCOPES,
    resource_types=RESOURCE_TYPES,
    streams=(
        Stream(
            name="activities",
            incremental=True,
            deletions=Deletions.SWEEP,
            checkpoint=LastStart,
            scopes=(ACTIVITIES,),
        ),
        # Without a scope of its own: it is off unless asked for, and must not keep activities back.
        Stream(name="gear", incremental=False, deletions=Deletions.SWEEP, checkpoint=NoFields),
    ),
    webhooks=WEBHOOKS,
    settings_model=Settings,
    dialect=Dialect(
        headers={"Accept": "application/json"},
        path_patterns={
            "activity": NUMBER,
            "route": NUMBER,
            "club": NUMBER,
            "athlete": NUMBER,
            "gear": GEAR_ID,
            "subscription": NUMBER,
        },
        classify=classify,
        rate_limit=rate_limit,
    ),
    app_limit=APP_LIMIT,
    sandbox="src.sandbox.strava.app:create_app",
    sandbox_app=OAuth2App("24523", SecretStr("sandbox-strava-secret-24523")),
)
