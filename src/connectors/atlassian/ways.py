"""The ways into Atlassian's cloud that its products share, and what each has to be told."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from src.connectors.atlassian.oauth import OAUTH
from src.connectors.manifest import AuthKind, AuthMethod, KeyField, Site
from src.connectors.site_addresses import site_origin
from src.models.base import Model

SITE_TOKEN = "apiToken"  # noqa: S105  a name
SCOPED_TOKEN = "scopedToken"  # noqa: S105  a name


def _site_url(text: str) -> str:
    return site_origin(text, such_as="https://acme.atlassian.net", without="/wiki")


class CloudConfig(Model):
    """Which site of the cloud; by its id or its address, as the way to authorize has it."""

    cloud_id: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9-]{1,64}$",
        description="A site of the cloud, by its id: what is chosen after consent.",
    )
    site_url: Annotated[str, AfterValidator(_site_url)] | None = Field(
        default=None, description="A site of the cloud, by its address."
    )
    email: str | None = Field(
        default=None,
        pattern=r"^[^\s:@]{1,128}@[^\s:@]{1,191}$",
        description="Whose API token it is.",
    )


def _site_of(config: CloudConfig) -> Site | None:
    return Site(api_url=config.site_url) if config.site_url else None


_EMAIL = KeyField(
    name="config.email", label="E-mail", secret=False, help="Of the account that made the token."
)
CLOUD_ID_FIELD = KeyField(
    name="config.cloudId",
    label="Cloud id",
    secret=False,
    help="What https://<site>.atlassian.net/_edge/tenant_info says.",
)
BY_CONSENT = AuthMethod(
    id="oauth2", kind=AuthKind.OAUTH2, label="Sign in with Atlassian", oauth2=OAUTH
)
BY_SITE_TOKEN = AuthMethod(
    id=SITE_TOKEN,
    kind=AuthKind.API_KEY,
    label="API token (Cloud)",
    signs="basic",
    username="email",
    site=_site_of,
    fields=(
        KeyField(
            name="config.siteUrl",
            label="Site",
            secret=False,
            help="Such as https://acme.atlassian.net.",
        ),
        _EMAIL,
        KeyField(
            name="apiKey",
            label="API token",
            secret=True,
            help="id.atlassian.com → Security → API tokens → Create API token.",
        ),
    ),
)
"""It opens the site's own address, and nothing else."""


def by_scoped_token(scopes: str) -> AuthMethod:
    """An API token with scopes, which opens the gateway only; ``scopes`` says which it needs."""
    return AuthMethod(
        id=SCOPED_TOKEN,
        kind=AuthKind.API_KEY,
        label="API token with scopes (Cloud)",
        signs="basic",
        username="email",
        fields=(
            CLOUD_ID_FIELD,
            _EMAIL,
            KeyField(
                name="apiKey",
                label="API token with scopes",
                secret=True,
                help="id.atlassian.com → Security → API tokens → Create API token with scopes: "
                f"{scopes}.",
            ),
        ),
    )
