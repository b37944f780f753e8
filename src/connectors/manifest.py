"""The data of a connector: its names, its ways to authorize, where the provider is, its limits."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, InstanceOf, model_validator

from src.connectors.rest.client import Dialect
from src.core.oauth import OAuth2App, OAuth2Spec
from src.models.base import Model

API_VERSION = 1
"""The version of this plugin interface."""

_PLAIN_ID = r"^[a-z][a-z0-9_]{1,31}$"


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


class AuthMethod(Model):
    """One way to authorize, and how its credential signs requests."""

    id: str = Field(pattern=r"^[a-z][A-Za-z0-9]{1,31}$")
    kind: AuthKind
    label: str
    fields: tuple[KeyField, ...] = ()
    signs: Literal["bearer", "basic", "header"] = "bearer"
    header: str = "Authorization"
    oauth2: InstanceOf[OAuth2Spec] | None = None
    """The provider's OAuth 2.0, for the kind ``oauth2``."""


class NoFields(BaseModel):
    """A model without fields, for connectors that need no configuration or settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the provider is for those who have an installation of their own."""

    api_url: str
    authorize_url: str | None = None
    token_url: str | None = None
    revoke_url: str | None = None


class ScopeRules(Model):
    """What the provider calls scopes: those we ask for, and which imply others."""

    default: tuple[str, ...] = ()
    by_capability: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    implied: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    def missing(self, required: Iterable[str], granted: Collection[str] | None) -> tuple[str, ...]:
        """Required scopes that the grant lacks; none when the provider does not tell its grants."""
        if granted is None:
            return ()
        held = set(granted)
        for scope in granted:
            held.update(self.implied.get(scope, ()))
        return tuple(sorted(set(required) - held))


class Stream(Model):
    """Something that can be synchronized, and the model of its checkpoint."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    name: str = Field(pattern=_PLAIN_ID)
    incremental: bool
    deletions: bool
    checkpoint: type[BaseModel]


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
    auth_methods: tuple[AuthMethod, ...] = Field(min_length=1)
    scopes: ScopeRules = ScopeRules()
    resource_types: tuple[str, ...] = ()
    streams: tuple[Stream, ...] = ()
    config_model: type[BaseModel] = NoFields
    settings_model: type[BaseModel] = NoFields
    dialect: Dialect = Dialect()
    site: Callable[[Any], Site | None] | None = None
    """From the configuration to the site that it names; such a site never sees the platform's
    app."""
    sandbox: str | None = Field(default=None, pattern=r"^[\w.]+:\w+$")
    """``package.module:factory``; with a leading dot, relative to the connector's package."""
    sandbox_app: InstanceOf[OAuth2App] | None = None
    """An OAuth app that the imitation knows. It opens nothing else."""

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
        if self.api_version != API_VERSION:
            raise ValueError(f"written for plugin API {self.api_version}, this is {API_VERSION}")
        return self

    def auth_method(self, name: str) -> AuthMethod | None:
        """The method with this id, or the only one of this kind."""
        for method in self.auth_methods:
            if method.id == name:
                return method
        of_kind = [method for method in self.auth_methods if method.kind == name]
        return of_kind[0] if len(of_kind) == 1 else None
