"""Ways to authorize as data: what a person types, how it signs, at which site, for what scopes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from pydantic import Field, InstanceOf

from src.connectors.homes import Home
from src.core.oauth import OAuth2Spec, Renewal
from src.models.base import Model

_PLAIN_NAME = r"^[A-Za-z][A-Za-z0-9]*$"
_CONFIG = "config."


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
    """Whether a form hides it."""
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
    """What a form calls it."""
    fields: tuple[KeyField, ...] = ()
    """What a person types; the required ones of ``config`` must be there whatever the kind."""
    signs: Literal["bearer", "basic", "header"] = "bearer"
    """Where the key or token goes: ``Authorization: Bearer``, ``Basic``, or ``header`` alone."""
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
    home: InstanceOf[Home] | None = None
    """Where the account's API is, for a provider that says so with the token."""
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
        if self.username is not None:
            needed.append(self.username)
        if self.home is not None and self.home.told_as is None:
            needed.append(self.home.field)
        return tuple(dict.fromkeys(needed))


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
