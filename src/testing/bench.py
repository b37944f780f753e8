"""The workbench: one connector over the imitation of its provider, without a database."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NoReturn, TypeVar

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from src.connectors.base import BaseConnector
from src.connectors.manager import ConnectorManager, Use
from src.connectors.manifest import AuthKind, AuthMethod
from src.connectors.registry import ConnectorLoadError, ConnectorRegistry, LoadedConnector, load
from src.connectors.rest.paginators import PAGE_CAP
from src.connectors.rest.retry import Retrier
from src.core.errors import AppError
from src.core.outbound import Outbound
from src.models.credential import Credential
from src.sandbox.kit import MemoryStore, at_sites, build_imitation
from src.testing.wires import Wires

T = TypeVar("T")
DEADLINE = 30.0
_SITES = "/_sites"
"""Below the imitation: the sites that a configuration names, by host."""


def refuse(message: str) -> NoReturn:
    """Fail the check and say what to do."""
    pytest.fail(message, pytrace=False)


def expect(condition: object, message: str) -> None:
    """Fail the check, and say what to do, unless the condition holds."""
    if not condition:
        refuse(message)


def told(error: BaseException) -> str:
    """An error in words, with the reason that its details give."""
    reason = error.details.get("reason") if isinstance(error, AppError) else None
    words = f"{type(error).__name__}: {str(error).rstrip('.')}"
    return words if reason is None else f"{words}, {reason}"


@dataclass(frozen=True, slots=True)
class Given:
    """A credential that is simply there."""

    held: Credential

    async def credential(self) -> Credential:
        """The credential."""
        return self.held

    async def renew(self) -> bool:
        """There is no other."""
        return False


async def _at_once(_: float) -> None:
    """A sleep that takes no time."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """One webhook as it was sent."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Bench:
    """One connector and the imitation of its provider."""

    loaded: LoadedConnector
    wires: Wires
    token: str
    secret: str | None
    method: AuthMethod
    config: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    delivered: list[Delivered] = field(default_factory=list)
    """Every webhook that the imitation has sent."""
    page_cap: int = PAGE_CAP
    """How many pages of one listing are followed."""

    def connector(
        self, *, method: AuthMethod | None = None, deadline: float = DEADLINE
    ) -> BaseConnector:
        """The connector at work, opened as the service opens it."""
        credential = Credential(
            SecretStr(self.token), None if self.secret is None else SecretStr(self.secret)
        )
        use = Use(
            method=method or self.method,
            tokens=Given(credential),
            config=self.config,
            settings=self.settings,
        )
        return self.manager(deadline).open(self.loaded.manifest.id, use)

    def manager(self, deadline: float = DEADLINE) -> ConnectorManager:
        """What opens the connector over the imitation."""
        name = self.loaded.manifest.id
        return ConnectorManager(
            ConnectorRegistry({name: self.loaded}),
            Outbound(self.wires),
            {name: f"http://{self.wires.host}"},
            retrier=Retrier(sleep=_at_once),
            deadline=deadline,
            imitations={name: f"http://{self.wires.host}{_SITES}"},
            page_cap=self.page_cap,
        )

    async def answers(self, verb: Callable[[], Awaitable[T]]) -> tuple[T, list[str]]:
        """What a verb answers, and which requests it took: ``["GET /things?page=1"]``."""
        before = len(self.wires.requests)
        value = await verb()
        asked = self.wires.requests[before:]
        return value, [f"{one.method} {one.url.raw_path.decode()}" for one in asked]

    async def fault(self, **fault: Any) -> None:
        """Switch on one fault of the imitation, in place of any other."""
        await self.faults(*([fault] if fault else []))

    async def faults(self, *faults: dict[str, Any]) -> None:
        """Switch on these faults of the imitation, in place of any other."""
        answer = await self.wires.switch(list(faults))
        expect(
            answer.is_success,
            f"The sandbox does not take the faults {list(faults)}: build it with"
            " src.sandbox.kit.build_app, which brings the switches under /_sandbox/. It said:"
            f" {answer.text[:200]}",
        )
        self.wires.forget()

    def secrets(self) -> list[str]:
        """What must never be seen."""
        return [self.token, *([self.secret] if self.secret else [])]


def open_bench(
    connector_id: str,
    module: str,
    *,
    token: str,
    secret: str | None = None,
    auth_method: str | None = None,
    config: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> Bench:
    """Load a connector as the service does and put it over its own sandbox."""
    try:
        loaded = load(connector_id, module)
    except ConnectorLoadError as error:
        refuse(f"The registry refuses it: {error}")
    delivered: list[Delivered] = []

    async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        delivered.append(Delivered(url, {**headers}, body))
        return HTTPStatus.OK

    imitation = build_imitation(load_sandbox(loaded), MemoryStore(), connector_id, post)
    host = f"{connector_id.replace('_', '-')}.sandbox"
    wires = Wires(host, at_sites(imitation, _SITES))
    method = _method(loaded, auth_method)
    return Bench(
        loaded, wires, token, secret, method, config or {}, settings or {}, delivered=delivered
    )


def load_sandbox(loaded: LoadedConnector) -> Any:
    """The factory of the imitation that the manifest names."""
    path = loaded.manifest.sandbox
    try:
        factory = loaded.sandbox_factory()
    except ConnectorLoadError as error:
        refuse(f"manifest.sandbox ({path}) cannot be imported: {error}")
    if factory is None:
        refuse("manifest.sandbox is missing: name the imitation provider as package.module:factory")
    expect(callable(factory), f"manifest.sandbox ({path}) must be a function of a SandboxStore")
    return factory


def _method(loaded: LoadedConnector, name: str | None) -> AuthMethod:
    methods = loaded.manifest.auth_methods
    if name is None:
        typed = [method for method in methods if method.kind is AuthKind.API_KEY]
        return (typed or list(methods))[0]
    found = loaded.manifest.auth_method(name)
    if found is None:
        refuse(f"auth_method {name!r} is not one of the manifest's auth_methods: name one of them")
    return found


class _Records(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.getMessage()} {vars(record)!r}")


@contextmanager
def captured_logs() -> Iterator[list[str]]:
    """Everything that is logged meanwhile, before any masking where that can be had."""
    lines: list[str] = []
    handler = _Records()
    root = logging.root
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with capture_logs() as events:
            yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        lines += [*map(repr, events), *handler.lines]
