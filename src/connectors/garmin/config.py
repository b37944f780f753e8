"""What a connection to Garmin can be told: which Garmin it is, and whether gear is wanted."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from src.connectors.manifest import Site
from src.models.base import Model

Domain = Literal["garmin.com", "garmin.cn"]
USUAL: Domain = "garmin.com"
PERSONAL = "https://personal.connectapi.garmin.com"


class Config(Model):
    """Accounts of China exist at garmin.cn alone, all others at garmin.com."""

    domain: Domain = Field(
        default=USUAL, description="garmin.com, or garmin.cn for accounts of China."
    )


class Settings(Model):
    """What anybody may change at any time."""

    sync_gear: bool = Field(
        default=False, description="Whether gear is synchronized and named by activities."
    )


def personal_site(_: Config) -> Site:
    """Where keys of the Personal API are exchanged and used."""
    return Site(
        api_url=PERSONAL,
        token_url=f"{PERSONAL}/personalapitoken-service/personal-api/personal-api-key/token",
    )


def connect_site(config: Config) -> Site:
    """Where tokens of Garmin's own apps are used and refreshed."""
    return Site(
        api_url=f"https://connectapi.{config.domain}",
        token_url=f"https://diauth.{config.domain}/di-oauth2-service/oauth/token",
    )
