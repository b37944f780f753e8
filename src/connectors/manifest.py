"""The data of a connector: its names, its ways to authorize, where the provider is, its limits."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    InstanceOf,
    PlainSerializer,
    model_validator,
)
from pydantic.alias_generators import to_camel

from src.connectors.app_limits import AppLimit
from src.connectors.rest.client import Dialect
from src.connectors.rest.pacing import BackgroundPace
from src.connectors.tools import Tool
from src.connectors.webhooks import WebhookSpec
from src.core.oauth import OAuth2App, OAuth2Spec, Renewal
from src.models.base import Model, rfc3339
from src.models.record import RecordKind

API_VERSION = 1
"""The version of this plugin interface."""

_PLAIN_ID = r"^[a-z][a-z0-9_]{1,31}$"
_PLAIN_NAME = r"^[A-Za-z][A-Za-z0-9]*$"
_CONFIG = "config."
_HOST = r"https://[a-z0-9.-]+(/[^\s?#]*)?"


class Capability(StrEnum):
    """What a connector can do; derived from its class, never declared."""

    CONTAINERS = "containers"
    ITEMS = "items"
    COMMENTS = "comments"
    RESOURCES = "resources"
    TOOLS = "tools"
    SYNC = "sync"
    WEBHOOKS = "webhooks"


class AuthKind(StrEnum):
    """How a credential comes to us."""

    OAUTH2 = "oauth2"
    API_KEY = "apiKey"
    IMPORT = "import"


class KeyField(Model):
    """One thing that a person types to connect; ``name`` is its path in the callback's body."""

    name: str = Field(pattern=r"^(apiKey|apiSecret|token|config\.[A-Za-z][A-Za-z0-9]*)$")
    label: str
    secret: bool
    required: bool = True
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the provider is for those who have an installation of their own."""

    api_url: str
    authorize_url: str | None = None
    token_url: str | None = None
    revoke_url: str | None = None


SiteOf = Callable[[Any], Site | None]
"""From the configuration to the site that it names."""


class AuthMethod(Model):
    """One way to authorize, and how its credential signs requests."""

    id: str = Field(pattern=r"^[a-z][A-Za-z0-9]{1,31}$")
    kind: AuthKind
    label: str
    fields: tuple[KeyField, ...] = ()
    """What a person types; the required ones of ``config`` must be there whatever the kind."""
    signs: Literal["bearer", "basic", "header"] = "bearer"
    header: str = "Authorization"
    also_bearer: bool = False
    """For ``header``: the same key goes into Authorization, too (legacy keys of Supabase)."""
    username: str | None = Field(default=None, pattern=_PLAIN_NAME)
    """For ``basic``: the field of the configuration that is the user name; the key is then the
    password. None = the key is the user name, and its secret the password."""
    oauth2: InstanceOf[OAuth2Spec] | None = None
    """The provider's OAuth 2.0, for the kind ``oauth2``."""
    site: SiteOf | None = None
    """Where this method finds the provider, if not where the manifest says for all of them."""
    renewal: InstanceOf[Renewal] | None = None
    """How its access tokens are had, for a key that is exchanged or a token of another app's."""
    delivery: Literal["pull", "push"] = "pull"
    """``push``: the provider hands its data over and is not to be asked for any."""
    at_once: int | None = Field(default=None, ge=1)
    """How many requests of one connection may be under way in a process; None = any number."""

    @property
    def required_config(self) -> tuple[str, ...]:
        """The fields of the configuration that it cannot do without."""
        needed = [
            field.name.removeprefix(_CONFIG)
            for field in self.fields
            if field.required and field.name.startswith(_CONFIG)
        ]
        return tuple(dict.fromkeys([*needed, *([self.username] if self.username else [])]))


class NoFields(BaseModel):
    """A model without fields, for connectors that need no configuration or settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ScopeRules(Model):
    """What the provider calls scopes: those we ask for, and which imply others."""

    default: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    """Asked for whatever else a caller names: without them there is no account or no refresh."""
    optional: tuple[str, ...] = ()
    """Asked for only by name, or by a tool that needs them."""
    by_capability: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    implied: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @property
    def known(self) -> frozenset[str]:
        """Every scope that these rules speak of."""
        wider = (*self.implied, *(scope for some in self.implied.values() for scope in some))
        capable = (scope for some in self.by_capability.values() for scope in some)
        return frozenset((*self.default, *self.always, *self.optional, *wider, *capable))

    def missing(self, required: Iterable[str], granted: Collection[str] | None) -> tuple[str, ...]:
        """Required scopes that the grant lacks; none when the provider does not tell its grants."""
        if granted is None:
            return ()
        held = set(granted)
        for scope in granted:
            held.update(self.implied.get(scope, ()))
        return tuple(sorted(set(required) - held))


class Checkpoint(BaseModel):
    """Where a run begins; callers see and set it in camelCase, and it is stored so."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
    )


class UpdatedSince(Checkpoint):
    """Everything up to this time has been read."""

    updated_since: Annotated[
        AwareDatetime, PlainSerializer(rfc3339, return_type=str, when_used="json")
    ]


class Deletions(StrEnum):
    """How it is found out that records of a stream are gone."""

    NEVER = "never"
    SWEEP = "sweep"
    """What a full run does not meet is gone."""
    FEED = "feed"
    """The provider tells, in incremental runs too; a full run sweeps."""


class Stream(Model):
    """Something that can be synchronized, and the model of its checkpoint."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: str = Field(pattern=_PLAIN_ID)
    kind: RecordKind = RecordKind.ITEM
    """What its records are."""
    incremental: bool
    deletions: Deletions
    checkpoint: type[BaseModel]
    scopes: tuple[str, ...] = ()
    """Without these a run of it cannot succeed."""
    auth_methods: tuple[str, ...] | None = None
    """Whose connections can be asked for it; None = all methods'. Others' records may come by
    webhook."""


class ResourceType(Model):
    """A kind of thing that a picker lists."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: str = Field(pattern=_PLAIN_ID)
    """Begins with the connector's id, or with a prefix of the manifest's: ``github_repo``."""
    label: str
    parent: str | None = None
    """The resource type whose id ``parentId`` takes; None = it takes ids of its own type, or
    none."""
    needs_parent: bool = False
    filters: type[BaseModel] = NoFields
    """What ``filters`` takes."""
    scopes: tuple[str, ...] = ()


class Manifest(Model):
    """Everything about a connector that is not a verb."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    id: str = Field(pattern=_PLAIN_ID)
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    api_version: int = API_VERSION
    name: str
    description: str
    category: str
    docs_url: str = Field(pattern=r"^https://")
    api_url: str = Field(pattern=r"^https://")
    hosts: dict[str, str] = Field(default_factory=dict)
    """Further addresses of the same provider, by the name that ``RestClient.at`` takes. Whoever
    moves ``api_url`` (the operator, the sandbox, a site) moves all of them there."""
    prefixes: tuple[str, ...] = ()
    """What names of tools and resource types may begin with, beside the connector's id."""
    auth_methods: tuple[AuthMethod, ...] = Field(min_length=1)
    scopes: ScopeRules = ScopeRules()
    resource_types: tuple[ResourceType, ...] = ()
    tools: tuple[InstanceOf[Tool], ...] = ()
    streams: tuple[Stream, ...] = ()
    webhooks: InstanceOf[WebhookSpec] | None = None
    """For a class that is ``ReceivesWebhooks``, and no other."""
    config_model: type[BaseModel] = NoFields
    settings_model: type[BaseModel] = NoFields
    dialect: Dialect = Dialect()
    app_limit: AppLimit | None = None
    background: BackgroundPace | None = None
    """How much of a limit that each connection has is for work that nobody waits for."""
    site: SiteOf | None = None
    """Where all methods find the provider; a site of a configuration never sees the platform's
    app."""
    sandbox: str | None = Field(default=None, pattern=r"^[\w.]+:\w+$")
    """``package.module:factory``; with a leading dot, relative to the connector's package."""
    sandbox_app: InstanceOf[OAuth2App] | None = None
    """An OAuth app that the imitation knows. It opens nothing else."""
    sandbox_consumer: InstanceOf[OAuth2App] | None = None
    """The same for signatures of OAuth 1.0, in place of the operator's ``CONSUMER_KEY``."""

    @model_validator(mode="after")
    def _check(self) -> Manifest:
        ids = [method.id for method in self.auth_methods]
        if len(ids) != len(set(ids)):
            raise ValueError("auth_methods repeat an id")
        for method in self.auth_methods:
            if (method.kind is AuthKind.OAUTH2) != (method.oauth2 is not None):
                raise ValueError(
                    f"auth method {method.id}: kind oauth2 and an OAuth2Spec go together"
                )
            if method.renewal is not None and (
                method.site is None or method.kind is AuthKind.OAUTH2
            ):
                raise ValueError(f"auth method {method.id}: a renewal needs a site, and no OAuth2")
            if method.username is not None and method.signs != "basic":
                raise ValueError(f"auth method {method.id}: a username belongs to signs=basic")
            if lost := set(method.required_config) - self._config_names():
                raise ValueError(
                    f"auth method {method.id} asks for config.{min(lost)}, which config_model does"
                    " not know"
                )
        if self.api_version != API_VERSION:
            raise ValueError(f"written for plugin API {self.api_version}, this is {API_VERSION}")
        return self

    @model_validator(mode="after")
    def _check_names(self) -> Manifest:
        kinds = [kind.name for kind in self.resource_types]
        tools = [tool.name for tool in self.tools]
        if lost := {kind.parent for kind in self.resource_types} - {None, *kinds}:
            raise ValueError(f"resource_types name parents that are not there: {lost}")
        for names in (kinds, tools):
            if len(names) != len(set(names)):
                raise ValueError("tools or resource_types repeat a name")
        begins = tuple(f"{prefix}_" for prefix in (self.id, *self.prefixes))
        if strangers := [name for name in (*kinds, *tools) if not name.startswith(begins)]:
            raise ValueError(f"{strangers[0]} must begin with {' or '.join(begins)}")
        return self

    @model_validator(mode="after")
    def _check_webhooks(self) -> Manifest:
        if self.webhooks is None:
            return self
        streams = {stream.name for stream in self.streams}
        told = {name for event in self.webhooks.events for name in event.streams}
        if lost := told - streams:
            raise ValueError(f"webhooks change streams that are not there: {lost}")
        methods = {method.id for method in self.auth_methods}
        if strangers := set(self.webhooks.auth_methods or ()) - methods:
            raise ValueError(f"webhooks name auth methods that are not there: {strangers}")
        return self

    @model_validator(mode="after")
    def _check_streams(self) -> Manifest:
        methods = {method.id for method in self.auth_methods}
        named = {name for stream in self.streams for name in stream.auth_methods or ()}
        if strangers := named - methods:
            raise ValueError(f"streams name auth methods that are not there: {strangers}")
        return self

    @model_validator(mode="after")
    def _check_hosts(self) -> Manifest:
        for name, url in self.hosts.items():
            if not (re.fullmatch(_PLAIN_ID, name) and re.fullmatch(_HOST, url)):
                raise ValueError(f"hosts: {name} must be a plain name of an https address")
        return self

    def _config_names(self) -> set[str]:
        fields = self.config_model.model_fields
        return {field.alias or name for name, field in fields.items()}

    def site_of(self, method: AuthMethod | None, config: Any) -> Site | None:
        """The site that a configuration names for a method."""
        reading = (method.site if method else None) or self.site
        return reading(config) if reading else None

    def streams_of(self, method: str) -> tuple[Stream, ...]:
        """The streams that connections by an auth method can be asked for."""
        return tuple(
            stream
            for stream in self.streams
            if stream.auth_methods is None or method in stream.auth_methods
        )

    def tool(self, name: str) -> Tool | None:
        """The tool with this name."""
        return next((tool for tool in self.tools if tool.name == name), None)

    def resource_type(self, name: str) -> ResourceType | None:
        """The resource type with this name."""
        return next((kind for kind in self.resource_types if kind.name == name), None)

    def auth_method(self, name: str) -> AuthMethod | None:
        """The method with this id, or the only one of this kind."""
        for method in self.auth_methods:
            if method.id == name:
                return method
        of_kind = [method for method in self.auth_methods if method.kind == name]
        return of_kind[0] if len(of_kind) == 1 else None
