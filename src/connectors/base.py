"""What a connector is: a class with a manifest, and verbs grouped by what the provider can.

A capability is a base class. Deriving from ``BrowsesComments`` promises its verbs, and the
catalogue reads the promise from the class, so that it cannot lie.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import BaseModel

from src.connectors.manifest import Capability, Manifest, NoFields
from src.connectors.rest.client import RestClient
from src.connectors.rest.tokens import read_oauth_token
from src.connectors.syncing import SyncPage, SyncQuery, Unit
from src.connectors.tcp import TcpClient
from src.connectors.webhooks import Change, Delivery, Reading, Subscription, Wish
from src.core.errors import AppError, InsufficientScope, UnsupportedFilter
from src.models.connection import Account, Selection
from src.models.credential import Credential
from src.models.query import (
    CommentQuery,
    ContainerFilter,
    ContainerQuery,
    ItemFilter,
    ItemQuery,
    OneItemQuery,
    ResourceQuery,
)
from src.models.rate_limit import RateLimit
from src.models.unified import Comment, Container, Item, Page, Resource


@dataclass(frozen=True, slots=True)
class ConnectorContext:
    """What a connector works with. The credential is not in it: ``rest`` signs by itself."""

    rest: RestClient | None
    """None = it speaks no HTTP."""
    config: BaseModel
    granted_scopes: tuple[str, ...] | None = None
    auth_method: str = ""
    """Id of the auth method that the connection uses."""
    account: Account | None = None
    """What ``identify`` found; None while connecting."""
    settings: BaseModel = field(default_factory=NoFields)
    """Of the manifest's model; a caller may change them at any time."""
    tcp: TcpClient | None = None
    """In place of ``rest``, for ``transport = "tcp"``."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose account a credential opens, and what it was granted (None = the provider is silent)."""

    account: Account
    granted_scopes: tuple[str, ...] | None = None


class BaseConnector(ABC):
    """One connection at work. Instances live for one request and keep nothing."""

    manifest: ClassVar[Manifest]
    rest: RestClient
    """For ``transport = "http"``."""
    tcp: TcpClient
    """For ``transport = "tcp"``."""

    def __init__(self, context: ConnectorContext) -> None:
        if context.rest is not None:
            self.rest = context.rest
        if context.tcp is not None:
            self.tcp = context.tcp
        self._context = context
        self.config = context.config
        self.granted_scopes = context.granted_scopes
        self.auth_method = context.auth_method
        self.account = context.account
        self.settings = context.settings

    @abstractmethod
    async def identify(self) -> Identity:
        """Whose account this is; also the cheapest proof that the credential works.

        Raises:
            CredentialRefused: The provider does not accept the credential.
        """

    @property
    def rate_limit(self) -> RateLimit | None:
        """What the provider told last of its limit, if it speaks of such."""
        return None if self._context.rest is None else self._context.rest.rate_limit

    @classmethod
    def read_token(cls, raw: Mapping[str, Any]) -> Credential:
        """A token as the provider wrote it; by default the answer of a token address (RFC 6749).

        Raises:
            ValidationFailed: It has another form.
        """
        return read_oauth_token(raw)

    def missing_scopes(self, *required: str) -> tuple[str, ...]:
        """Which of these scopes the grant surely lacks."""
        return self.manifest.scopes.missing(required, self.granted_scopes)

    def need_scopes(self, *required: str) -> None:
        """Stop before a call that the provider would refuse.

        Raises:
            InsufficientScope: The grant surely lacks one of them.
        """
        if missing := self.missing_scopes(*required):
            raise InsufficientScope("The grant lacks a scope that this needs.", missing)

    @classmethod
    def capabilities(cls) -> tuple[Capability, ...]:
        """What this class can do."""
        return tuple(capability for capability, base in _BASES.items() if issubclass(cls, base))


class BrowsesContainers(BaseConnector):
    """Lists what holds items."""

    @abstractmethod
    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """Containers below ``query.parent_id``, or at the top.

        Raises:
            UnsupportedFilter: The provider cannot honour a filter of the query.
            ProviderNotFound: The parent is gone.
        """


class BrowsesItems(BrowsesContainers):
    """Lists and reads items."""

    @abstractmethod
    async def items(self, query: ItemQuery) -> Page[Item]:
        """Items of a container.

        Raises:
            UnsupportedFilter: The provider cannot honour a filter of the query.
            ProviderNotFound: The container is gone.
        """

    @abstractmethod
    async def item(self, query: OneItemQuery) -> Item:
        """One item with its body.

        Raises:
            ProviderNotFound: The item is gone.
        """


class BrowsesComments(BrowsesItems):
    """Lists comments."""

    @abstractmethod
    async def comments(self, query: CommentQuery) -> Page[Comment]:
        """Comments of an item, threads by ``parent_id``.

        Raises:
            ProviderNotFound: The item is gone.
        """


class PicksResources(BaseConnector):
    """Lists what a form can let its user pick; the types are the manifest's ``resource_types``."""

    @abstractmethod
    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        """Resources of ``query.type``.

        Raises:
            UnsupportedFilter: The provider cannot honour a filter of the query.
            ProviderNotFound: The parent is gone.
        """

    @abstractmethod
    async def resource_parents(self, resource_type: str, parent_id: str) -> tuple[Resource, ...]:
        """The way from the top to ``parent_id``, both included.

        Raises:
            ProviderNotFound: The parent is gone.
        """


class RunsTools(BaseConnector):
    """Has tools: those of its manifest, which run with the connector at hand."""


class Syncs(BaseConnector):
    """Has streams: those of its manifest, which are read as a whole or by what has changed."""

    @abstractmethod
    def sync(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        """A run of a stream, page by page; ``connectors.syncing.over_parts`` does most of it.

        A page must not be given before it can be stored: what it holds, and its position, are kept
        together. Errors other than those of single parts end the run for now, and it goes on later
        from the last position.

        Raises:
            AppError: Whatever the provider does.
        """

    @abstractmethod
    async def fetch(self, stream: str, record_id: str) -> Unit | None:
        """One record of a stream, by its id; None = it is gone.

        For a record that a run could not read, and for one that a webhook names.
        """

    @classmethod
    def check_container(cls, stream: str, container_id: str) -> None:
        """Refuse what can be no container of a stream by its form alone; nobody is asked.

        By default all are taken, and a run tells of those that are not there.

        Raises:
            ValidationFailed: It is the id of something else.
        """


class ReceivesWebhooks(Syncs):
    """Its provider tells of changes; the manifest's ``webhooks`` says how.

    On its own for webhooks that a person sets up (``MadeBy.HAND``).
    """

    @classmethod
    @abstractmethod
    def read(cls, delivery: Delivery) -> Reading:
        """What a delivery tells. Pure: no connection is known yet, and nobody is asked.

        Raises:
            UnreadableAnswer: It has not the form that the provider documents.
        """

    async def follow(self, change: Change) -> SyncPage:
        """What a change with a record's id, or a ticket, has led to; by default its ``fetch``.

        Raises:
            AppError: Whatever the provider does; it is tried again later.
        """
        if change.record_id is None:
            raise NotImplementedError("a change without a record's id needs a follow of its own")
        unit = await self.fetch(change.stream, change.record_id)
        if unit is None:
            return SyncPage(deleted=[change.record_id], container_id=change.container_id)
        return SyncPage(records=[unit], container_id=change.container_id)


class SubscribesWebhooks(ReceivesWebhooks):
    """Sets webhooks up at the provider by itself (``MadeBy.CONNECTION`` and ``MadeBy.APP``)."""

    @abstractmethod
    async def subscribe(self, wish: Wish) -> Subscription:
        """Set one up. The provider may call the address before this is over.

        Raises:
            ValidationFailed: The container is of a kind that has none; the field is
                ``containerId``.
            AppError: Whatever the provider does.
        """

    @abstractmethod
    async def unsubscribe(self, present: Subscription) -> None:
        """End one; that it is gone already is no error."""

    async def renew(self, wish: Wish, present: Subscription) -> Subscription:
        """Another in its place before it expires; by default a new one, and then the end of it."""
        fresh = await self.subscribe(wish)
        with suppress(AppError):
            # It would have ended by itself; the new one must not be lost for it.
            await self.unsubscribe(present)
        return fresh


class ServesRecords(BaseConnector):
    """Some of its connections are not to be asked: their items are the records that were pushed."""

    @abstractmethod
    def stream_of_container(self, container_id: str) -> str | None:
        """The stream whose records are the items of a container; None = ask the provider.

        Raises:
            ValidationFailed: There is no such container.
        """

    @abstractmethod
    def stream_of_item(self, item_id: str) -> str | None:
        """The stream that holds an item; None = ask the provider.

        Raises:
            ValidationFailed: It is no id of an item.
        """


class AsksForChoice(BaseConnector):
    """Its grants may cover several things, of which a connection is one (Atlassian's sites)."""

    @abstractmethod
    async def choices(self) -> Selection:
        """What the grant covers; the chosen value becomes ``field`` of the configuration.

        Called before ``field`` is set, so it must not depend on it.
        """


_BASES: dict[Capability, type] = {
    Capability.CONTAINERS: BrowsesContainers,
    Capability.ITEMS: BrowsesItems,
    Capability.COMMENTS: BrowsesComments,
    Capability.RESOURCES: PicksResources,
    Capability.TOOLS: RunsTools,
    Capability.SYNC: Syncs,
    Capability.WEBHOOKS: ReceivesWebhooks,
}

_NAMES = {"parent_id": "parentId", "updated_since": "updatedSince"}


def refuse_filters(
    query: ContainerQuery | ItemQuery, *names: ItemFilter | ContainerFilter, why: str
) -> None:
    """Refuse the filters among ``names`` that the query uses.

    Raises:
        UnsupportedFilter: One of them is set.
    """
    for name in names:
        if getattr(query, name) is not None:
            raise UnsupportedFilter(_NAMES.get(name, name), why)
