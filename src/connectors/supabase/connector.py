"""Supabase: organisations, projects and their tables by an account; a project's rows by its key."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

from src.connectors.base import (
    BrowsesItems,
    ConnectorContext,
    Identity,
    PicksResources,
    ReceivesWebhooks,
    RunsTools,
)
from src.connectors.manifest import Capability
from src.connectors.supabase import webhooks
from src.connectors.supabase.config import Config, Settings
from src.connectors.supabase.database import Database
from src.connectors.supabase.ids import Table
from src.connectors.supabase.keys import ACCESS_TOKEN, LEGACY
from src.connectors.supabase.management import Management
from src.connectors.supabase.manifest import LEGACY_KEY, MANIFEST, OAUTH2, PAT, PROJECT_KEY
from src.connectors.supabase.mapping import (
    DASHBOARD,
    organization_to_account,
    profile_to_account,
)
from src.connectors.supabase.pickers import AccountPickers, ProjectPickers
from src.connectors.supabase.project import Project
from src.connectors.supabase.runs import RowRun, table_here
from src.connectors.supabase.schemas import Organization, Profile
from src.connectors.supabase.tables import Tables
from src.connectors.syncing import SyncPage, SyncQuery, Unit
from src.connectors.webhooks import Change, Delivery, Reading
from src.core.errors import (
    CredentialRefused,
    ProviderForbidden,
    UnsupportedCapability,
    ValidationFailed,
)
from src.models.connection import Account
from src.models.query import ContainerQuery, ItemQuery, OneItemQuery, ResourceQuery
from src.models.unified import Container, Item, Page, Resource

_OF_PROJECT = frozenset({PROJECT_KEY, LEGACY_KEY})


class SupabaseConnector(BrowsesItems, PicksResources, RunsTools, ReceivesWebhooks):
    """One account or one project; it has no comments, as a database has none."""

    manifest = MANIFEST

    def __init__(self, context: ConnectorContext) -> None:
        super().__init__(context)
        self._config = cast("Config", context.config)
        self._settings = cast("Settings", context.settings)

    async def database(self) -> Database:
        """What this connection reaches."""
        return await self._project() if self.is_of_project else Management(self.rest)

    def account_database(self) -> Management:
        """The databases that an account reaches by SQL.

        Raises:
            UnsupportedCapability: This is a project's key, which runs none.
        """
        if self.is_of_project:
            raise UnsupportedCapability(
                "A project's key runs no SQL: connect an account, by OAuth or with its token.",
                details={"capability": Capability.TOOLS.value},
            )
        return Management(self.rest)

    @property
    def is_of_project(self) -> bool:
        """Whether a project's own key is used."""
        return self.auth_method in _OF_PROJECT

    async def _project(self) -> Project:
        return Project(await self._tables())

    async def _tables(self) -> Tables:
        kind = await self.rest.credential_kind()
        return Tables(self.rest, self._config, self._settings, kind)

    async def identify(self) -> Identity:
        """The project, the organisation of a grant, or the user whose access token it is."""
        kind = await self.rest.credential_kind()
        self._need_fitting(kind)
        if self.is_of_project:
            await (await self._project()).check()
            return Identity(self._own_project())
        if self.auth_method == OAUTH2:
            return Identity(await self._organization())
        try:
            return Identity(profile_to_account(await self.rest.get("/v1/profile", Profile)))
        except ProviderForbidden:
            # A token with chosen permissions may not read the profile, and has organisations.
            return Identity(await self._organization())

    def _need_fitting(self, kind: str | None) -> None:
        """Stop a key of another kind before it is sent anywhere.

        Raises:
            ValidationFailed: It belongs to another auth method.
        """
        belongs = PROJECT_KEY
        if kind in LEGACY:
            belongs = LEGACY_KEY
        elif kind == ACCESS_TOKEN:
            belongs = PAT
        if kind is not None and self.auth_method not in {OAUTH2, belongs}:
            raise ValidationFailed([("apiKey", f"is a key for the method {belongs}")])

    async def _organization(self) -> Account:
        """A grant is for one organisation; a user may connect another beside it."""
        found = await self.rest.get("/v1/organizations", list[Organization])
        if not found:
            raise CredentialRefused("The grant covers no organisation.")
        return organization_to_account(min(found, key=lambda one: one.slug))

    def _own_project(self) -> Account:
        ref, host = self._config.ref, self._config.host
        return Account(id=ref or host, name=host, url=f"{DASHBOARD}/project/{ref}" if ref else None)

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """Organisations, projects, schemas; by a project's key schemas and tables."""
        return await (await self.database()).containers(query)

    async def items(self, query: ItemQuery) -> Page[Item]:
        """Tables of a schema; by a project's key also rows of a table."""
        return await (await self.database()).items(query)

    async def item(self, query: OneItemQuery) -> Item:
        """One table, or one row."""
        return await (await self.database()).item(query)

    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        """Organisations, projects, tables."""
        return await (await self._pickers()).resources(query)

    async def resource_parents(
        self,
        resource_type: str,  # noqa: ARG002  every type has the same parents
        parent_id: str,
    ) -> tuple[Resource, ...]:
        """The way from the organisation, or the project, down to ``parent_id``."""
        return await (await self._pickers()).parents(parent_id)

    async def _pickers(self) -> AccountPickers | ProjectPickers:
        if self.is_of_project:
            return ProjectPickers(await self._project(), self._config)
        return AccountPickers(Management(self.rest))

    async def sync(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        """The rows of a project's tables."""
        async with aclosing((await self._rows()).pages(query)) as pages:
            async for page in pages:
                yield page

    async def fetch(self, stream: str, record_id: str) -> Unit | None:  # noqa: ARG002  there is one
        """One row."""
        return await (await self._rows()).one(record_id)

    @classmethod
    def check_container(cls, stream: str, container_id: str) -> None:  # noqa: ARG003  there is one
        """Tables of the connection's own project."""
        table_here(container_id)

    async def _rows(self) -> RowRun:
        if not self.is_of_project:
            raise UnsupportedCapability(
                "Rows are read with a project's own key: connect the project by it.",
                details={"capability": Capability.SYNC.value},
            )
        return RowRun(self.rest, await self._tables())

    @classmethod
    def read(cls, delivery: Delivery) -> Reading:
        """The row that a trigger has called about."""
        return webhooks.read(delivery)

    async def follow(self, change: Change) -> SyncPage:
        """The row as it is now; of one whose key was changed, also that the former is gone."""
        ticket, table = webhooks.Ticket.of(change), Table.parse(change.container_id or "")
        if ticket is None or table is None:
            return SyncPage()
        tables = await self._tables()
        rows, keyed = RowRun(self.rest, tables), tables.keyed(table)
        ids = [str(row) for row in ticket.rows_of(keyed)]
        found = {record_id: await rows.one(record_id) for record_id in ids}
        return SyncPage(
            records=[row for row in found.values() if row is not None],
            deleted=[record_id for record_id, row in found.items() if row is None],
            container_id=str(keyed),
        )
