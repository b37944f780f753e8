"""OAuth alone, over several sites; a tenant may have a host of its own."""

from typing import ClassVar

import msgspec
from pydantic import BaseModel, ConfigDict

from src.connectors.base import AsksForChoice, BrowsesContainers, Identity
from src.connectors.manifest import AuthKind, AuthMethod, Manifest, Site
from src.connectors.rest.client import List
from src.connectors.rest.paginators import LinkHeader
from src.core.oauth import OAuth2Spec, Revocation
from src.models.connection import Account, Option, Selection
from src.models.query import ContainerQuery
from src.models.unified import Container, Page


class Config(BaseModel):
    """Which site, and perhaps at which host of one's own."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    host: str | None = None
    site: str | None = None


class Me(msgspec.Struct):
    id: str
    name: str
    sites: list[str]


class Board(msgspec.Struct):
    id: str
    name: str


def own_site(config: Config) -> Site | None:
    if config.host is None:
        return None
    base = f"https://{config.host}"
    return Site(
        api_url=base,
        authorize_url=f"{base}/authorize",
        token_url=f"{base}/token",
        revoke_url=f"{base}/revoke",
    )


class SitesConnector(BrowsesContainers, AsksForChoice):
    """One site of an account."""

    manifest: ClassVar[Manifest] = Manifest(
        id="sites",
        version="0.1.0",
        name="Sites",
        description="Boards on sites.",
        category="planning",
        docs_url="https://sites.example/docs",
        api_url="https://sites.example",
        auth_methods=(
            AuthMethod(
                id="oauth2",
                kind=AuthKind.OAUTH2,
                label="Sign in with Sites",
                oauth2=OAuth2Spec(
                    authorize_url="https://sites.example/authorize",
                    token_url="https://sites.example/token",
                    revocation=Revocation(url="https://sites.example/revoke"),
                ),
            ),
        ),
        config_model=Config,
        site=own_site,
    )

    async def choices(self) -> Selection:
        me = await self.rest.get("/me", Me)
        options = (Option(value=site, label=site.title()) for site in me.sites)
        return Selection(field="site", options=tuple(options))

    async def identify(self) -> Identity:
        me = await self.rest.get("/me", Me)
        return Identity(Account(id=f"{me.id}@{self.config.site}", name=me.name))

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        boards = List("/boards", Board, LinkHeader())
        return await self.rest.page(
            boards, lambda board: Container(id=board.id, type="board", name=board.name), query
        )
