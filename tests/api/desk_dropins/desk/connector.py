"""Queues of tickets: a user name out of the config, sites by method, tools and pickers."""

import re
from http import HTTPStatus
from typing import Annotated, ClassVar, Literal

import msgspec
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from src.connectors.app_limits import AppLimit
from src.connectors.base import BrowsesContainers, Identity, PicksResources, RunsTools
from src.connectors.manifest import (
    AuthKind,
    AuthMethod,
    KeyField,
    Manifest,
    ResourceType,
    ScopeRules,
    Site,
)
from src.connectors.rest.client import Dialect, List
from src.connectors.rest.errors import Refusal, Verdict
from src.connectors.rest.paginators import LinkHeader
from src.connectors.tools import PagedArguments, Tool, ToolArguments, picked
from src.core.errors import LimitOf
from src.core.oauth import OAuth2Spec
from src.core.outbound import Response
from src.models.connection import Account
from src.models.query import ContainerQuery, PageQuery, ResourceQuery
from src.models.unified import Container, Item, Page, Resource

_NUMBER = re.compile(r"[0-9]{1,9}")
Address = Annotated[str, StringConstraints(pattern=r"^https://[a-z0-9./-]+$")]


class Config(BaseModel):
    """Whose desk, and where."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    email: str | None = None
    site_url: Address | None = Field(default=None, alias="siteUrl")
    base_url: Address | None = Field(default=None, alias="baseUrl")
    team: str | None = None


class Me(msgspec.Struct):
    id: str
    name: str
    scopes: list[str] | None = None


class Queue(msgspec.Struct):
    id: int
    name: str


class Ticket(msgspec.Struct):
    id: int
    title: str
    queue: int


QUEUES = List("/queues", Queue, LinkHeader())
TICKETS = List("/queues/{queue}/tickets", Ticket, LinkHeader())


class TicketFilters(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    state: Literal["open", "closed"] | None = None


class SearchTickets(PagedArguments):
    queue: str = picked("desk_queue", description="Where to look.")
    words: str | None = Field(default=None, description="What to look for.")


class CreateTicket(ToolArguments):
    queue: str = picked("desk_queue", description="Where it goes.")
    title: str = Field(min_length=1, description="What it is about.")
    after: str | None = picked(
        "desk_ticket", description="What it follows.", depends_on="queue", default=None
    )


async def search_tickets(desk: "DeskConnector", arguments: SearchTickets) -> Page[Item]:
    return await desk.tickets(arguments.page(), arguments.queue, arguments.words)


async def create_ticket(desk: "DeskConnector", arguments: CreateTicket) -> Item:
    given = {"title": arguments.title, "after": arguments.after}
    path = "/queues/{queue}/tickets"
    made = await desk.rest.write("POST", path, Ticket, json=given, queue=arguments.queue)
    return to_item(made)


def to_item(ticket: Ticket) -> Item:
    place = str(ticket.queue)
    return Item(id=str(ticket.id), type="ticket", container_id=place, title=ticket.title)


def cloud(config: Config) -> Site | None:
    return Site(api_url=config.site_url) if config.site_url else None


def own_server(config: Config) -> Site | None:
    return Site(api_url=config.base_url) if config.base_url else None


KEY = KeyField(name="apiKey", label="Key", secret=True)


def classify(response: Response) -> Refusal | None:
    """Who is too fast at the desk is so everywhere."""
    is_limited = response.status == HTTPStatus.TOO_MANY_REQUESTS
    return Refusal(Verdict.LIMITED, limit_of=LimitOf.CONNECTION) if is_limited else None


class DeskConnector(BrowsesContainers, PicksResources, RunsTools):
    """One desk."""

    manifest: ClassVar[Manifest] = Manifest(
        id="desk",
        version="0.1.0",
        name="Desk",
        description="Queues of tickets.",
        category="planning",
        docs_url="https://desk.example/docs",
        api_url="https://api.desk.example",
        auth_methods=(
            AuthMethod(
                id="oauth2",
                kind=AuthKind.OAUTH2,
                label="Sign in with Desk",
                oauth2=OAuth2Spec(
                    authorize_url="https://desk.example/authorize",
                    token_url="https://desk.example/token",
                ),
            ),
            AuthMethod(
                id="apiToken",
                kind=AuthKind.API_KEY,
                label="E-mail and token",
                fields=(
                    KEY,
                    KeyField(name="config.email", label="E-mail", secret=False),
                    KeyField(name="config.siteUrl", label="Site", secret=False),
                ),
                signs="basic",
                username="email",
                site=cloud,
            ),
            AuthMethod(
                id="pat",
                kind=AuthKind.API_KEY,
                label="Token of an own server",
                fields=(KEY, KeyField(name="config.baseUrl", label="Server", secret=False)),
                site=own_server,
            ),
            AuthMethod(id="key", kind=AuthKind.API_KEY, label="Key", fields=(KEY,)),
            AuthMethod(
                id="import",
                kind=AuthKind.IMPORT,
                label="Import",
                fields=(KeyField(name="config.team", label="Team", secret=False),),
            ),
        ),
        scopes=ScopeRules(
            default=("read",), always=("offline",), implied={"admin": ("read", "write")}
        ),
        config_model=Config,
        resource_types=(
            ResourceType(name="desk_queue", label="Queue"),
            ResourceType(
                name="desk_ticket",
                label="Ticket",
                parent="desk_queue",
                needs_parent=True,
                filters=TicketFilters,
                scopes=("read",),
            ),
        ),
        tools=(
            Tool(
                name="desk_search_tickets",
                description="Find tickets of a queue.",
                arguments=SearchTickets,
                run=search_tickets,
                scopes=("read",),
                read_only=True,
            ),
            Tool(
                name="desk_create_ticket",
                description="Make a ticket.",
                arguments=CreateTicket,
                run=create_ticket,
                scopes=("read", "write"),
            ),
        ),
        dialect=Dialect(path_patterns={"queue": _NUMBER}, classify=classify),
        app_limit=AppLimit(points_per_hour=8, reserve=2),
        sandbox="tests.api.desk:create_app",
    )

    async def identify(self) -> Identity:
        me = await self.rest.get("/me", Me)
        scopes = None if me.scopes is None else tuple(me.scopes)
        return Identity(Account(id=f"{me.id}@{self.auth_method}", name=me.name), scopes)

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        return await self.rest.page(
            QUEUES, lambda one: Container(id=str(one.id), type="queue", name=one.name), query
        )

    async def tickets(self, query: PageQuery, queue: str, words: str | None) -> Page[Item]:
        return await self.rest.page(
            TICKETS, to_item, query, params={"q": words}, at={"queue": queue}
        )

    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        if query.type == "desk_queue":
            return await self.rest.page(QUEUES, to_resource, query, params={"q": query.q})
        filters = query.filters
        state = filters.state if isinstance(filters, TicketFilters) else None
        return await self.rest.page(
            TICKETS,
            lambda one: Resource(
                id=str(one.id), type="desk_ticket", name=one.title, parent_id=str(one.queue)
            ),
            query,
            params={"q": query.q, "state": state},
            at={"queue": query.parent_id or "0"},
        )

    async def resource_parents(
        self,
        resource_type: str,  # noqa: ARG002  the way to a queue is the same for both
        parent_id: str,
    ) -> tuple[Resource, ...]:
        return (to_resource(await self.rest.get("/queues/{queue}", Queue, queue=parent_id)),)


def to_resource(queue: Queue) -> Resource:
    return Resource(id=str(queue.id), type="desk_queue", name=queue.name, has_children=True)
