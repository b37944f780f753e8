"""Jira: projects, issues with their hierarchy, comments; in the cloud and in a data center."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial
from typing import Any, cast
from urllib.parse import urlsplit

from src.connectors.atlassian import ways
from src.connectors.atlassian.sites import account_id, choices, find_site
from src.connectors.base import (
    AsksForChoice,
    BrowsesComments,
    ConnectorContext,
    Identity,
    PicksResources,
    RunsTools,
    SubscribesWebhooks,
)
from src.connectors.jira import jql, webhooks
from src.connectors.jira.cloud import Cloud
from src.connectors.jira.config import Config, Settings
from src.connectors.jira.ids import issue_of, project_of
from src.connectors.jira.installation import Installation
from src.connectors.jira.manifest import COMMENTS, MANIFEST, PAT
from src.connectors.jira.pickers import picked, picked_parents
from src.connectors.jira.runs import CommentRun, IssueRun, Run
from src.connectors.jira.schemas import Myself, ServerInfo, TenantInfo
from src.connectors.jira.server import Server
from src.connectors.syncing import SyncPage, SyncQuery, Unit
from src.connectors.webhooks import Delivery, Reading, Subscription, Wish
from src.core.errors import CredentialRefused, UnsupportedFilter, ValidationFailed
from src.models.connection import Account, Selection
from src.models.query import (
    CommentQuery,
    ContainerQuery,
    ItemQuery,
    OneItemQuery,
    PageQuery,
    ResourceQuery,
)
from src.models.unified import Comment, Container, Item, Page, Resource

PROJECT_TYPES = ("business", "service_desk", "software")
FIELDS = (
    "summary,status,issuetype,priority,resolution,project,parent,subtasks,assignee,reporter,"
    "creator,labels,components,fixVersions,duedate,resolutiondate,created,updated"
)
"""What an issue of a list is asked for: without names Jira tells the ids only."""

BODY_FIELDS = f"{FIELDS},description,attachment"


class JiraConnector(BrowsesComments, PicksResources, RunsTools, SubscribesWebhooks, AsksForChoice):
    """One account at one site or server."""

    manifest = MANIFEST

    def __init__(self, context: ConnectorContext) -> None:
        super().__init__(context)
        self._config = cast("Config", context.config)
        self._settings = cast("Settings", context.settings)

    @property
    def at(self) -> Installation:
        """The Jira of this connection.

        Raises:
            ValidationFailed: Nothing says which site of the cloud it is.
        """
        config = self._config
        if self.auth_method == PAT:
            return Server(self.rest, config.server_url)
        if self.auth_method == ways.SITE_TOKEN:
            return Cloud(self.rest, config.site_url)
        if config.cloud_id is None:
            raise ValidationFailed([("config.cloudId", "must name a site")])
        site = self.account.url if self.account else None
        return Cloud(self.rest.below("/ex/jira/{cloud}", cloud=config.cloud_id), site)

    async def choices(self) -> Selection:
        """The sites with Jira that the grant covers."""
        return await choices(self.rest, "jira")

    async def identify(self) -> Identity:
        """The user at the site, which is another account than the same user's elsewhere."""
        match self.auth_method:
            case "pat":
                account = await self._on_server()
            case ways.SITE_TOKEN:
                account = await self._on_site()
            case ways.SCOPED_TOKEN:
                account = await self._with_scoped_token()
            case _:
                account = await self._with_grant()
        return Identity(account)

    async def _with_grant(self) -> Account:
        me = await self.at.myself()
        cloud_id = self._config.cloud_id or ""
        site = await find_site(self.rest, "jira", cloud_id)
        if site is None:
            raise CredentialRefused("The grant no longer covers the site of this connection.")
        return _account(cloud_id, me, site.name, site.url)

    async def _with_scoped_token(self) -> Account:
        at = self.at
        me = await at.myself()
        info = await at.rest.get("/serverInfo", ServerInfo)
        site = info.base_url.rstrip("/")
        return _account(self._config.cloud_id or "", me, _host(site), site)

    async def _on_site(self) -> Account:
        me = await self.at.myself()
        tenant = await self.rest.get("/_edge/tenant_info", TenantInfo)
        site = self._config.site_url or ""
        return _account(tenant.cloud_id, me, _host(site), site)

    async def _on_server(self) -> Account:
        me = await self.at.myself()
        server = self._config.server_url or ""
        return _account(_host(server), me, _host(server), server)

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """Projects by their key; they hold issues and no projects."""
        if query.type is not None and query.type not in PROJECT_TYPES:
            raise UnsupportedFilter("type", f"type must be one of: {', '.join(PROJECT_TYPES)}")
        if query.parent_id is not None:
            project_of(query.parent_id, "parentId")
            return Page(items=())
        at = self.at
        return await at.projects(query, at.reader.container, q=query.q, kind=query.type)

    async def items(self, query: ItemQuery) -> Page[Item]:
        """Issues of a project, by Jira's default the newest first."""
        wanted = jql.of_project(query, root=self.at.root_clause)
        return await self.search(query, wanted, include_body=query.include_body)

    async def item(self, query: OneItemQuery) -> Item:
        """One issue with all of its fields, those of the site by their names."""
        issue_of(query.item_id, "itemId")
        return await self.at.issue(query)

    async def comments(self, query: CommentQuery) -> Page[Comment]:
        """The comments of an issue, the oldest first."""
        issue_of(query.item_id, "itemId")
        return await self.at.comments(query)

    async def search(self, query: PageQuery, wanted: str, *, include_body: bool) -> Page[Item]:
        """Issues that a query of Jira's language finds; one request for a page."""
        at, own = self.at, self._settings.list_fields
        fields = BODY_FIELDS if include_body else FIELDS
        if own:
            fields = ",".join((fields, *own))
            return await at.search_whole(
                query, jql=wanted, fields=fields, include_body=include_body
            )
        mapping = partial(at.reader.item, include_body=include_body)
        return await at.search(query, mapping, jql=wanted, fields=fields)

    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        """Projects, issues of a project, boards."""
        return await picked(self.at, query)

    async def resource_parents(
        self,
        resource_type: str,  # noqa: ARG002  a project, whatever is picked in it
        parent_id: str,
    ) -> tuple[Resource, ...]:
        """The project, which is all that stands above an issue or a board in a picker."""
        return await picked_parents(self.at, parent_id)

    def sync(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        """Issues with their texts, or comments."""
        return self._run(query.stream).pages(query)

    async def fetch(self, stream: str, record_id: str) -> Unit | None:
        """One issue or one comment, as a run reads it."""
        return await self._run(stream).one(record_id)

    @classmethod
    def check_container(cls, stream: str, container_id: str) -> None:  # noqa: ARG003  all alike
        """Projects."""
        project_of(container_id, "containerIds")

    def _run(self, stream: str) -> Run[Any]:
        if stream == COMMENTS:
            return CommentRun(self.at)
        own = self._settings.list_fields
        return IssueRun(self.at, ",".join((BODY_FIELDS, *own)), has_own=bool(own))

    @classmethod
    def read(cls, delivery: Delivery) -> Reading:
        """One notice for each webhook that has matched."""
        return webhooks.read(delivery)

    async def subscribe(self, wish: Wish) -> Subscription:
        """Webhooks for a project, or for all that there are now."""
        projects = () if wish.container_id else await self._run(COMMENTS).projects()
        return await self._hooks().subscribe(wish, projects)

    async def renew(self, wish: Wish, present: Subscription) -> Subscription:
        """Thirty more days; other webhooks, if there are other projects than they name."""
        handle = webhooks.Handle.of(present)
        if handle.projects is not None:
            projects = await self._run(COMMENTS).projects()
            if tuple(sorted(projects)) != handle.projects:
                return await super().renew(wish, present)
        return await self._hooks().refresh(handle)

    async def unsubscribe(self, present: Subscription) -> None:
        """End them."""
        await self._hooks().unsubscribe(webhooks.Handle.of(present))

    def _hooks(self) -> webhooks.Hooks:
        site = urlsplit(self.account.url or "").netloc if self.account else ""
        return webhooks.Hooks(
            self.at.rest, [name for name in (site, self._config.cloud_id) if name]
        )


def _account(site: str, me: Myself, name: str, url: str | None) -> Account:
    user = me.account_id or me.key or me.name or ""
    return Account(
        id=account_id(site, user),
        name=f"{me.display_name or me.name or user} @ {name}",
        url=url,
        avatar_url=me.avatar_urls.large if me.avatar_urls else None,
    )


def _host(url: str) -> str:
    """A server by its address: the host, and the context path if there is one."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}".lower()
