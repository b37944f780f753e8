"""What a connector is: a class with a manifest, and verbs grouped by what the provider can.

A capability is a base class. Deriving from ``BrowsesComments`` promises its verbs, and the
catalogue reads the promise from the class, so that it cannot lie.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pydantic import BaseModel

from src.connectors.manifest import Capability, Manifest, NoFields
from src.connectors.rest.client import RestClient
from src.connectors.rest.tokens import read_oauth_token
from src.connectors.syncing import SyncPage, SyncQuery, Unit
from src.core.errors import InsufficientScope, UnsupportedFilter
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
from src.models.unified import Comment, Container, Item, Page, Resource


@dataclass(frozen=True, slots=True)
class ConnectorContext:
    """What a connector works with. The credential is not in it: ``rest`` signs by itself."""

    rest: RestClient
    config: BaseModel
    granted_scopes: tuple[str, ...] | None = None
    auth_method: str = ""
    """Id of the auth method that the connection uses."""
    account: Account | None = None
    """What ``identify`` found; None while connecting."""
    settings: BaseModel = field(default_factory=NoFields)
    """Of the manifest's model; a caller may change them at any time."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose account a credential opens, and what it was granted (None = the provider is silent)."""

    account: Account
    granted_scopes: tuple[str, ...] | None = None


class BaseConnector(ABC):
    """One connection at work. Instances live for one request and keep nothing."""

    manifest: ClassVar[Manifest]

    def __init__(self, context: ConnectorContext) -> None:
        self.rest = context.rest
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
