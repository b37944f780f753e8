"""The verbs of Salesforce: objects are containers, records are items."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from src.connectors.base import (
    BrowsesComments,
    ConnectorContext,
    Identity,
    PicksResources,
    RunsTools,
    Syncs,
)
from src.connectors.rest.client import List
from src.connectors.rest.paginators import SinglePage
from src.connectors.rest.windows import windowed
from src.connectors.syncing import SyncPage, SyncQuery
from src.core.errors import ProviderNotFound
from src.models.query import (
    CommentQuery,
    ContainerQuery,
    ItemQuery,
    OneItemQuery,
    PageQuery,
    ResourceQuery,
)
from src.models.unified import Comment, Container, Item, Page, Resource

from .config import Config, Settings
from .ids import RecordId
from .manifest import MANIFEST
from .mapping import OBJECTS_TYPE, to_account, to_container, to_object
from .records import Records
from .runs import RecordRun
from .schemas import DescribeGlobal, SObject, UserInfo

OBJECTS = List("/sobjects", SObject, SinglePage(), wrapped_in=DescribeGlobal)


class SalesforceConnector(BrowsesComments, PicksResources, RunsTools, Syncs):
    """One connection at work."""

    manifest = MANIFEST

    def __init__(self, context: ConnectorContext) -> None:
        super().__init__(context)
        config = self.config
        self.home = config.instance_url if isinstance(config, Config) else None
        self.data = self.rest.below("/services/data/v64.0")
        self.records = Records(self.data, self.home)

    async def identify(self) -> Identity:
        """The user, in the org."""
        return Identity(to_account(await self.rest.get("/services/oauth2/userinfo", UserInfo)))

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """The objects that hold records, by their labels; nothing lies below one."""
        if query.parent_id is not None:
            return Page(items=())
        found = await self.data.page(
            OBJECTS,
            lambda one: to_container(one) if one.is_listed and _fits(one, query) else None,
            PageQuery(include_raw=query.include_raw),
        )
        return windowed(found.items, query)

    async def items(self, query: ItemQuery) -> Page[Item]:
        """Records of an object."""
        return await self.records.page(query)

    async def item(self, query: OneItemQuery) -> Item:
        """A record with all its fields."""
        record = RecordId.parse(query.item_id, "itemId")
        return await self.records.one(record, include_raw=query.include_raw)

    async def comments(self, query: CommentQuery) -> Page[Comment]:
        """Comments of a case."""
        return await self.records.comments(query)

    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        """Objects, and the records of one."""
        if query.type != OBJECTS_TYPE:
            return await self.records.pick(query)
        if query.parent_id is not None:
            return Page(items=())
        listed = ContainerQuery(q=query.q)
        found = await self.data.page(
            OBJECTS,
            lambda one: to_object(one) if one.is_listed and _fits(one, listed) else None,
            PageQuery(),
        )
        return windowed(found.items, query)

    async def resource_parents(self, resource_type: str, parent_id: str) -> tuple[Resource, ...]:
        """The object: there is nothing above it."""
        refused = f"{parent_id} is no object that {resource_type} are picked from."
        listed = await self.data.page(
            OBJECTS, lambda one: to_object(one) if one.name == parent_id else None, PageQuery()
        )
        if not listed.items:
            raise ProviderNotFound(refused, details={"at": "provider"})
        return (listed.items[0],)

    async def sync(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        """The records of the objects that the settings name."""
        settings = self.settings
        objects = settings.objects if isinstance(settings, Settings) else Settings().objects
        run = RecordRun(self.data, self.records, self.home)
        async with aclosing(run.pages(query, objects)) as pages:
            async for page in pages:
                yield page

    async def fetch(self, stream: str, record_id: str) -> Item | None:  # noqa: ARG002  the only one
        """A record as a run gives it; None = it is gone."""
        record = RecordId.parse(record_id, "recordId")
        try:
            return await self.records.one(record)
        except ProviderNotFound:
            return None

    def link(self, record: RecordId) -> dict[str, str | None]:
        """What a tool answers of a record."""
        url = None if self.home is None else f"{self.home}/{record.id}"
        return {"id": str(record), "url": url}


def _fits(found: SObject, query: ContainerQuery) -> bool:
    """Whether the filters of a query leave an object in."""
    kind = "custom" if found.custom else "standard"
    if query.type not in {None, kind}:
        return False
    text = (query.q or "").casefold()
    return any(text in one.casefold() for one in (found.name, found.label, found.label_plural))
