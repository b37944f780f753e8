"""A REST client over a handler: what a provider would answer, without any network."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import settings
from pydantic import SecretStr

from src.connectors.rest.authenticators import BearerAuthenticator
from src.connectors.rest.client import Address, Dialect, RestClient
from src.connectors.rest.conditional import NOTHING_KEPT
from src.connectors.rest.restraint import NO_RESTRAINT
from src.connectors.rest.retry import Retrier
from src.core.outbound import Outbound
from src.models.credential import Credential
from tests.fakes.clock import Sleeps

# A busy machine is no failure of the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

TOKEN = "opaque-token-of-no-known-form"
BASE = "https://api.test/v3"
DIALECT = Dialect(
    headers={"User-Agent": "tests"},
    path_patterns={"name": re.compile(r"[A-Za-z0-9._-]{1,50}"), "path": re.compile(r".*")},
)


@dataclass
class Held:
    """A token provider that counts how often it is asked."""

    value: Credential = field(default_factory=lambda: Credential(SecretStr(TOKEN)))
    newer: list[Credential] = field(default_factory=list)
    asked: int = 0

    async def credential(self) -> Credential:
        self.asked += 1
        return self.value

    async def renew(self) -> bool:
        if not self.newer:
            return False
        self.value = self.newer.pop(0)
        return True


@dataclass
class Provider:
    """Answers from a list, the last one again and again; remembers the requests."""

    answers: list[httpx.Response | Exception]
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        # Each time a new one: a response can be read only once.
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def urls(self) -> list[str]:
        return [str(request.url) for request in self.requests]


Call = Callable[..., tuple[RestClient, Provider]]


@pytest.fixture
def over(sleeps: Sleeps) -> Call:
    """Return a function: a client over a provider that gives these answers."""

    def make(*answers: httpx.Response | Exception, **more: Any) -> tuple[RestClient, Provider]:
        provider = Provider(list(answers))
        client = RestClient(
            Outbound(httpx.MockTransport(provider)),
            Address(more.get("base", BASE)),
            more.get("dialect", DIALECT),
            more.get("authenticator", BearerAuthenticator(Held())),
            more.get("retrier", Retrier(sleep=sleeps)),
            more.get("deadline", 5.0),
            kept=more.get("kept", NOTHING_KEPT),
            restraint=more.get("restraint", NO_RESTRAINT),
        )
        return client, provider

    return make
