"""Confluence Cloud: spaces, pages with their tree and their comments, at one site."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from src.connectors.atlassian import sites, ways
from src.connectors.base import (
    AsksForChoice,
    BrowsesComments,
    ConnectorContext,
    Identity,
    PicksResources,
    RunsTools,
    Syncs,
    refuse_filters,
)
from src.connectors.confluence import account, comments, pages, resources, scopes, spaces, tree
from src.connectors.confluence.contents import ContentRun
from src.connectors.confluence.ids import ItemRef, parse_space
from src.connectors.confluence.manifest import COMMENTS, MANIFEST
from src.connectors.confluence.remarks import CommentRun
from src.connectors.syncing import SyncPage, SyncQuery, Unit
from src.models.connection import Selection
from src.models.query import (
    CommentQuery,
    ContainerQuery,
    ItemQuery,
    OneItemQuery,
    ResourceQuery,
)
from src.models.unified import Comment, Container, Item, Page, Resource


class ConfluenceConnector(BrowsesComments, PicksResources, RunsTools, Syncs, AsksForChoice):
    """One account at one site."""

    manifest = MANIFEST
    config: ways.CloudConfig

    def __init__(self, context: ConnectorContext) -> None:
        super().__init__(context)
        self._gateway = self.rest
        if self.auth_method != ways.SITE_TOKEN and self.config.cloud_id is not None:
            self.rest = self.rest.below("/ex/confluence/{cloud}", cloud=self.config.cloud_id)

    async def choices(self) -> Selection:
        """The sites with a Confluence that the grant covers."""
        return await sites.choices(self._gateway, "confluence")

    async def identify(self) -> Identity:
        """The user, who has an account of its own at each site."""
        match self.auth_method:
            case ways.SITE_TOKEN:
                found = await account.of_site(self.rest, self.config)
            case ways.SCOPED_TOKEN:
                found = await account.of_scoped_token(self.rest, self.config)
            case _:
                found = await account.of_grant(self._gateway, self.rest, self.config)
        return Identity(found)

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """Spaces, by their names."""
        if query.q is not None:
            self.need_scopes(scopes.SEARCH)
        return await spaces.listed(self.rest, query)

    async def items(self, query: ItemQuery) -> Page[Item]:
        """Pages and blog posts of a space; with ``parent_id`` what lies below, of every kind."""
        refuse_filters(query, "state", why="pages are neither open nor closed")
        space = parse_space(query.container_id, "containerId")
        if query.q is not None:
            self.need_scopes(scopes.SEARCH)
            return await pages.searched(self.rest, space, query)
        if query.parent_id in {None, pages.ROOT}:
            return await pages.listed(self.rest, space, query)
        self.need_scopes(scopes.TREE)
        parent = ItemRef.parse(query.parent_id or "", "parentId")
        return await tree.below(self.rest, space, parent, query)

    async def item(self, query: OneItemQuery) -> Item:
        """A page, a blog post, a folder, a whiteboard, a database, an embed."""
        ref = ItemRef.parse(query.item_id)
        self.need_scopes(tree.NEEDED[ref.kind])
        return await tree.single(self.rest, ref, query)

    async def comments(self, query: CommentQuery) -> Page[Comment]:
        """Footer comments, then inline comments, each level followed by its answers."""
        ref = ItemRef.parse(query.item_id)
        if not ref.is_written:
            return Page(items=())
        return await comments.listed(self.rest, ref, query)

    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        """Spaces, and pages."""
        if query.q is not None:
            self.need_scopes(scopes.SEARCH)
        return await resources.picked(self.rest, query)

    async def resource_parents(self, resource_type: str, parent_id: str) -> tuple[Resource, ...]:
        """The way from the space."""
        if resource_type == resources.PAGE:
            self.need_scopes(scopes.ANCESTORS)
        return await resources.parents(self.rest, resource_type, parent_id)

    def sync(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        """Pages and blog posts with their texts, or comments."""
        return self._run(query.stream).pages(query)

    async def fetch(self, stream: str, record_id: str) -> Unit | None:
        """A page, a blog post or a comment, as a run reads it."""
        return await self._run(stream).one(record_id)

    @classmethod
    def check_container(cls, stream: str, container_id: str) -> None:  # noqa: ARG003  all alike
        """Spaces."""
        parse_space(container_id, "containerIds")

    def _run(self, stream: str) -> ContentRun | CommentRun:
        return CommentRun(self.rest) if stream == COMMENTS else ContentRun(self.rest)
