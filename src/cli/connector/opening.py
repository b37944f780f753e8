"""A connector that is ready to be asked: the live provider, or its imitation; no database."""

from __future__ import annotations

import re
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import typer
from pydantic import BaseModel, SecretStr, ValidationError

from src.cli.connector.explaining import Secrets
from src.cli.connector.locating import Located
from src.cli.connector.needs import development_tools
from src.connectors.base import AsksForChoice, BaseConnector, Identity
from src.connectors.manager import ConnectorManager, Use
from src.connectors.manifest import AuthKind, AuthMethod, Manifest
from src.connectors.registry import ConnectorRegistry, LoadedConnector
from src.connectors.rest.client import Address
from src.connectors.rest.retry import Retrier
from src.core.config import Settings
from src.core.dialing import Locator
from src.core.errors import ConnectorNotConfigured, StartError, ValidationFailed
from src.core.outbound import Outbound
from src.models.base import complaint
from src.models.credential import Credential
from src.services.credentials import GivenCredential

TOKEN_VARIABLE = "CONNECTOR_TOKEN"  # noqa: S105  a name, no secret
SECRET_VARIABLE = "CONNECTOR_SECRET"  # noqa: S105  the same

_SENDABLE = re.compile(r"[\x21-\x7e]+")
"""What a header can hold; the API takes no other keys either."""

Door = Callable[[httpx.AsyncBaseTransport | None, bool], Outbound]
"""From a transport (None = real connections) and whether addresses are guarded, to what sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which connector, and what it is opened with."""

    located: Located
    sandbox: bool = False
    token: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)
    auth_method: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a provider is, or its imitation."""

    transport: httpx.AsyncBaseTransport | None
    addresses: Mapping[str, str]
    imitations: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A provider that can be asked."""

    loaded: LoadedConnector
    manager: ConnectorManager
    outbound: Outbound
    method: AuthMethod
    wanted: Wanted
    credential: Credential

    @property
    def secrets(self) -> Secrets:
        """What must never be shown or written."""
        held = (self.credential.access_token, self.credential.secret)
        return Secrets(tuple(one.get_secret_value() for one in held if one is not None))

    @property
    def address(self) -> Address:
        """Where the provider is found."""
        return self.manager.address(self.loaded.manifest.id, self.wanted.config, self.method)

    def connector(self, known: Identity | None = None) -> BaseConnector:
        """The connector, knowing its account once that is known."""
        scopes = None if known is None else known.granted_scopes
        return self.manager.open(
            self.loaded.manifest.id,
            Use(
                method=self.method,
                tokens=GivenCredential(self.credential),
                config=self.wanted.config,
                settings=self.wanted.settings,
                granted_scopes=scopes,
                account=None if known is None else known.account,
            ),
        )

    async def require_choice(self) -> None:
        """Ask what the grant covers, where one of several things must be named first.

        Raises:
            ConnectorNotConfigured: Nothing is named yet; the message lists what there is.
        """
        if not issubclass(self.loaded.connector_class, AsksForChoice):
            return
        connector = self.connector()
        if not isinstance(connector, AsksForChoice) or self.method.kind is not AuthKind.OAUTH2:
            return
        selection = await connector.choices()
        if self.wanted.config.get(selection.field) or not selection.options:
            return
        known = "; ".join(f"{one.value} ({one.label})" for one in selection.options)
        raise ConnectorNotConfigured(
            f"The grant covers several things; name one with --config {selection.field}=…: {known}."
        )


@asynccontextmanager
async def opened(
    wanted: Wanted, settings: Settings, door: Door | None = None
) -> AsyncIterator[Ready]:
    """The provider, or the imitation, until it is no longer needed.

    Raises:
        StartError: The connector cannot be loaded, or there is no token.
        ValidationFailed: An option does not fit the manifest.
    """
    loaded = wanted.located.load()
    name = loaded.manifest.id
    if wanted.sandbox:
        wanted, place = _imitation(wanted, loaded)
    else:
        own = settings.connectors.get(name)
        place = _Place(None, {name: own.api_url} if own and own.api_url else {})
    method = _method(loaded.manifest, wanted.auth_method)
    _check_config(method, wanted.config)
    _require_fit("--config", loaded.manifest.config_model, wanted.config)
    _require_fit("--setting", loaded.manifest.settings_model, wanted.settings)
    credential = _credential(method, wanted)
    is_guarded = not settings.allow_private_provider_hosts
    outbound = (door or _door)(place.transport, is_guarded)
    manager = ConnectorManager(
        ConnectorRegistry({name: loaded}),
        outbound,
        place.addresses,
        retrier=Retrier(),
        deadline=settings.provider_timeout_seconds,
        imitations=place.imitations,
        locator=Locator(guarded=is_guarded),
    )
    try:
        yield Ready(
            loaded=loaded,
            manager=manager,
            outbound=outbound,
            method=method,
            wanted=wanted,
            credential=credential,
        )
    finally:
        await outbound.close()


def _door(transport: httpx.AsyncBaseTransport | None, is_guarded: bool) -> Outbound:
    return Outbound(transport, guarded=is_guarded)


def _imitation(wanted: Wanted, loaded: LoadedConnector) -> tuple[Wanted, _Place]:
    """The imitation, opened as the suite opens it, with the suite's token unless one is given."""
    with development_tools():
        from src.testing.bench import open_bench  # noqa: PLC0415  a tool of development
        from src.testing.suites import find_suite  # noqa: PLC0415  the same
    suite = find_suite(loaded)
    module = loaded.connector_class.__module__
    bench = open_bench(loaded.manifest.id, module, token=suite.token)
    is_suites = wanted.auth_method in {None, suite.auth_method}
    filled = Wanted(
        located=wanted.located,
        sandbox=True,
        token=wanted.token or suite.token,
        secret=wanted.secret or suite.secret,
        auth_method=wanted.auth_method or suite.auth_method or bench.method.id,
        config={**(suite.config if is_suites else {}), **wanted.config},
        settings={**suite.settings, **wanted.settings},
    )
    host = f"http://{bench.wires.host}"
    name = loaded.manifest.id
    return filled, _Place(bench.wires, {name: host}, {name: f"{host}/_sites"})


def _method(manifest: Manifest, name: str | None) -> AuthMethod:
    """The auth method that was named; else the first that takes a key."""
    if name is None:
        typed = [one for one in manifest.auth_methods if one.kind is AuthKind.API_KEY]
        return (typed or list(manifest.auth_methods))[0]
    found = manifest.auth_method(name)
    if found is None:
        known = ", ".join(one.id for one in manifest.auth_methods)
        raise ValidationFailed([("--auth-method", f"must be one of: {known}")])
    return found


def _check_config(method: AuthMethod, config: Mapping[str, Any]) -> None:
    missing = [name for name in method.required_config if not config.get(name)]
    if missing:
        options = " ".join(f"--config {name}=…" for name in missing)
        raise ValidationFailed(
            [("--config", "is incomplete")],
            f"The auth method {method.id} needs more of the connection's config: {options}",
        )


def _require_fit(option: str, model: type[BaseModel], given: Mapping[str, Any]) -> None:
    """Refuse what the connector's own model does not take, each field by its name.

    Raises:
        ValidationFailed: A field is wrong, missing or not known.
    """
    try:
        model.model_validate(dict(given))
    except ValidationError as error:
        raise ValidationFailed(
            [
                (f"{option} {'.'.join(map(str, each['loc']))}".rstrip(), complaint(each))
                for each in error.errors(include_url=False, include_input=False)
            ]
        ) from error


def _credential(method: AuthMethod, wanted: Wanted) -> Credential:
    """The token that was given, or that a person types now."""
    token = _read(wanted.token, f"Token for {wanted.located.connector_id}", TOKEN_VARIABLE)
    secret = wanted.secret
    needs_secret = any(one.name == "apiSecret" and one.required for one in method.fields)
    if needs_secret:
        secret = _read(secret, "Its secret", SECRET_VARIABLE)
    for option, value in (("--token", token), ("--secret", secret)):
        if value is not None and _SENDABLE.fullmatch(value) is None:
            raise ValidationFailed([(option, "must be printable ASCII without blanks")])
    return Credential(SecretStr(token), None if secret is None else SecretStr(secret))


def _read(given: str | None, prompt: str, variable: str) -> str:
    """A secret: as given, from standard input for ``-``, else typed without being shown."""
    if given is not None and given != "-":
        return given
    if given is None and not sys.stdin.isatty():
        raise StartError(
            f"There is no token. Set {variable}, or pipe it in and say --token -; with a terminal"
            " it is asked for. --sandbox needs none."
        )
    line = (
        sys.stdin.readline().strip()
        if given == "-"
        else str(typer.prompt(prompt, hide_input=True, err=True)).strip()
    )
    if not line:
        raise StartError("The token is empty.")
    return line
