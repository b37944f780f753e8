"""One good request for every operation of the document; a new route without one fails the walk."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from src.api.generate_openapi import document
from tests.conftest import REPOSITORY, TOKEN

CONNECTION = "{connection_id}"
"""Stands for the id of a connection in a path, a query and a body."""

ITEM = "1296269:issue:42"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A request without its method and path."""

    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    needs_body: bool = True


_BY_CONNECTION = Sample(query={"connectionId": CONNECTION})
_REF = Sample(body={"connectionId": CONNECTION})

SAMPLES: dict[str, Sample] = {
    "getLiveness": Sample(),
    "getReadiness": Sample(),
    "listConnectors": Sample(),
    "getConnector": Sample(),
    "getConnectorIcon": Sample(),
    "updateConnector": Sample(body={"enabled": True}),
    "probeConnection": _REF,
    "validateCredentials": Sample(body={"credentials": {"apiKey": TOKEN}}),
    "startConnect": Sample(body={"method": "apiKey"}),
    "finishConnect": Sample(body={"apiKey": TOKEN, "connectionId": CONNECTION}),
    "revokeConnection": _REF,
    "authorize": _BY_CONNECTION,
    "getScopes": _BY_CONNECTION,
    "createConnectSession": Sample(body={"connectorIds": ["github"]}),
    "selectConnection": Sample(body={"value": "site-1"}),
    "listContainers": _BY_CONNECTION,
    "listItems": Sample(query={"connectionId": CONNECTION, "containerId": REPOSITORY}),
    "getItem": _BY_CONNECTION,
    "listComments": Sample(query={"connectionId": CONNECTION, "itemId": ITEM}),
    "listResources": _BY_CONNECTION,
    "listTools": Sample(),
    "runTool": Sample(
        body={"connectionId": CONNECTION, "arguments": {"repository": REPOSITORY, "q": "theme"}}
    ),
    "listConnections": Sample(),
    "createConnection": Sample(body={"connectorId": "github", "authMethod": "pat"}),
    "importToken": Sample(body={"connectionId": CONNECTION, "token": {"accessToken": TOKEN}}),
    "validateConnection": _REF,
    "disconnect": _REF,
    "getConnection": Sample(),
    "updateConnection": Sample(body={"alias": "Work"}),
    "deleteConnection": Sample(),
    "getToken": Sample(),
    "refreshToken": Sample(body={"force": False}, needs_body=False),
    "getSyncState": Sample(),
    "setSyncState": Sample(
        body={"stream": "issues", "checkpoint": {"updated_since": "2026-01-31T12:00:00Z"}}
    ),
    "getMe": Sample(),
    "listApiKeys": Sample(),
    "createApiKey": Sample(body={"name": "CI"}),
    "revokeApiKey": Sample(),
    "syncOAuthUser": Sample(body={"userId": "gh|ada", "email": "ada@example.com"}),
    "syncStackUser": Sample(body={"stackUserId": "st-bob", "email": "bob@example.com"}),
    "listAuditLogs": Sample(query={"connectionId": CONNECTION}),
}

OPEN = frozenset({"getLiveness", "getReadiness", "getConnectorIcon"})
"""Operations without a caller: monitors and pictures."""

WAITING = frozenset({"selectConnection"})
"""Operations on a connection that waits for a choice, which no connection of GitHub does."""

ANY_CALLER = frozenset({"getMe"})
"""Operations that need a caller, and no permission."""

NO_KEY = "key_0123456789abcdef01234567"
"""The id of no API key."""


@dataclass(frozen=True)
class Operation:
    """One operation as the document has it."""

    method: str
    path: str
    spec: dict[str, Any]

    @property
    def id(self) -> str:
        """Its operation id."""
        name: str = self.spec["operationId"]
        return name

    @property
    def sample(self) -> Sample:
        """Its good request."""
        return SAMPLES[self.id]

    @property
    def names_a_connection(self) -> bool:
        """Whether the good request names a connection anywhere."""
        return CONNECTION in f"{self.path} {self.sample.query} {self.sample.body}"

    async def call(
        self, client: httpx.AsyncClient, connection_id: str, **more_query: str | list[str]
    ) -> httpx.Response:
        """Send the good request, with ``more_query`` added."""

        def filled(values: dict[str, Any]) -> dict[str, Any]:
            return {k: connection_id if v == CONNECTION else v for k, v in values.items()}

        path = self.path.format(
            connector_id="github",
            connection_id=connection_id,
            item_id=ITEM,
            resource_type="github_repo",
            tool="github_search_issues",
            key_id=await _own_key(client) if "{key_id}" in self.path else None,
        )
        body = self.sample.body
        return await client.request(
            self.method,
            path,
            params={**filled(self.sample.query), **more_query},
            json=None if body is None else filled(body),
        )


async def _own_key(client: httpx.AsyncClient) -> str:
    """The id of a new key of the caller's, if it may make one."""
    made = await client.post("/api/auth/api-keys", json={})
    key_id: str = made.json()["data"]["keyInfo"]["id"] if made.status_code == 201 else NO_KEY
    return key_id


def operations() -> Iterator[Operation]:
    """Every operation of the document."""
    for path, methods in document()["paths"].items():
        for method, spec in methods.items():
            yield Operation(method.upper(), path, spec)


EVERY = list(operations())
GUARDED = [operation for operation in EVERY if operation.id not in OPEN]
WITH_PERMISSION = [operation for operation in GUARDED if operation.id not in ANY_CALLER]
WITHOUT_WAITING = [operation for operation in EVERY if operation.id not in WAITING]
WITH_CONNECTION = [operation for operation in EVERY if operation.names_a_connection]
