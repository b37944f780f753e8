"""The data of a connector: its names, its ways to authorize, where the provider is, its limits.

This module is the face that connector authors see, and everybody else: import a manifest and its
parts from here, also those whose home is a module beside it. What is public is in ``__all__``.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, InstanceOf, model_validator

from src.connectors.app_limits import AppLimit
from src.connectors.auth_methods import AuthKind, AuthMethod, KeyField, ScopeRules, Site, SiteOf
from src.connectors.grade import Grade
from src.connectors.rest.client import Dialect
from src.connectors.rest.pacing import BackgroundPace
from src.connectors.streams import Checkpoint, Deletions, Stream, UpdatedSince
from src.connectors.tools import Tool
from src.connectors.versions import FIRST_API_VERSION, Written, refusal
from src.connectors.webhooks import WebhookSpec
from src.core.oauth import OAuth2App
from src.models.base import Model

__all__ = [
    "AuthKind",
    "AuthMethod",
    "Capability",
    "Checkpoint",
    "Deletions",
    "KeyField",
    "Manifest",
    "NoFields",
    "ResourceType",
    "ScopeRules",
    "Site",
    "SiteOf",
    "Stream",
    "UpdatedSince",
]

_PLAIN_ID = r"^[a-z][a-z0-9_]{1,31}$"
_TCP = r"tcp://[a-z0-9.-]+:[0-9]{1,5}"
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


class NoFields(BaseModel):
    """A model without fields, for connectors that need no configuration or settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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
    """The name of the connector's folder; never changes."""
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    """Of the connector itself."""
    api_version: int = FIRST_API_VERSION
    """The version of the plugin interface that it is written for."""
    name: str
    description: str
    category: str
    """What the catalogue can be filtered by: ``documents``, ``planning``, ``example`` …"""
    grade: Grade | None = None
    """What it stands, as its author claims; the suite fails where it has not earned it."""
    docs_url: str = Field(pattern=r"^https://")
    """Where people read about it."""
    transport: Literal["http", "tcp"] = "http"
    """``tcp``: it has no ``self.rest`` but ``self.tcp``, and its addresses are ``tcp://host:port``,
    also those of its sites. Its sandbox speaks HTTP all the same (``Driver.imitate``)."""
    api_url: str = Field(pattern=r"^(https|tcp)://")
    hosts: dict[str, str] = Field(default_factory=dict)
    """Further addresses of the same provider, by the name that ``RestClient.at`` takes. Whoever
    moves ``api_url`` (the operator, the sandbox, a site) moves all of them there."""
    prefixes: tuple[str, ...] = ()
    """What names of tools and resource types may begin with, beside the connector's id."""
    auth_methods: tuple[AuthMethod, ...] = Field(min_length=1)
    """The ways to authorize; the first is offered first."""
    scopes: ScopeRules = ScopeRules()
    resource_types: tuple[ResourceType, ...] = ()
    tools: tuple[InstanceOf[Tool], ...] = ()
    streams: tuple[Stream, ...] = ()
    webhooks: InstanceOf[WebhookSpec] | None = None
    """For a class that is ``ReceivesWebhooks``, and no other."""
    config_model: type[BaseModel] = NoFields
    """What is fixed when a connection is made: a site, an e-mail."""
    settings_model: type[BaseModel] = NoFields
    """What may be changed at any time; all of its fields have defaults."""
    dialect: Dialect = Dialect()
    """Headers, patterns of path parameters, and what the provider's refusals mean."""
    app_limit: AppLimit | None = None
    """A limit that all connections of an OAuth app share."""
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

    @model_validator(mode="before")
    @classmethod
    def _check_api_version(cls, fields: Any) -> Any:
        """Refuse what is written for another version before anything else of it is read."""
        if isinstance(fields, dict):
            version, asked = fields.get("version"), fields.get("api_version")
            if isinstance(asked, int) and (why := refusal(Written(version, asked))):
                raise ValueError(why)
        return fields

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
            homes = {method.home.field} if method.home else set()
            if lost := {*method.required_config, *homes} - self._config_names():
                raise ValueError(
                    f"auth method {method.id} asks for config.{min(lost)}, which config_model does"
                    " not know"
                )
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
    def _check_transport(self) -> Manifest:
        is_tcp = self.transport == "tcp"
        if is_tcp != (re.fullmatch(_TCP, self.api_url) is not None):
            raise ValueError("transport tcp and an api_url such as tcp://host:1234 go together")
        beside = self.hosts or self.webhooks or self.app_limit or self.background
        if is_tcp and (beside or any(method.oauth2 for method in self.auth_methods)):
            raise ValueError("transport tcp has no OAuth, hosts, webhooks or limits of HTTP")
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
