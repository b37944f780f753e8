"""One good request for every operation of the document; a new route without one fails the walk."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from src.api.generate_openapi import document
from tests.conftest import REPOSITORY, TOKEN

CONNECTION = "{connection_id}"
"""Stands for the id of a connection in a path, a query and a body."""

WEBHOOK = "{webhook_id}"
"""Stands for the id of a webhook of that connection in a query."""

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
    "listRecords": Sample(),
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
        body={"stream": "issues", "checkpoint": {"updatedSince": "2026-01-31T12:00:00Z"}}
    ),
    "createJobs": Sample(body={"connectionId": CONNECTION, "streams": ["issues"]}),
    "listJobs": _BY_CONNECTION,
    "getJob": Sample(),
    "cancelJob": Sample(),
    "confirmJob": Sample(),
    "listJobFailures": Sample(),
    "retryJob": Sample(body={"recordIds": [ITEM]}, needs_body=False),
    "watchJob": Sample(),
    "listSchedules": _BY_CONNECTION,
    "deleteSchedule": Sample(),
    "getMe": Sample(),
    "listApiKeys": Sample(),
    "createApiKey": Sample(body={"name": "CI"}),
    "revokeApiKey": Sample(),
    "syncOAuthUser": Sample(body={"userId": "gh|ada", "email": "ada@example.com"}),
    "syncStackUser": Sample(body={"stackUserId": "st-bob", "email": "bob@example.com"}),
    "listWebhooks": _BY_CONNECTION,
    "createWebhook": Sample(
        body={"connectionId": CONNECTION, "events": ["issues"], "containerId": REPOSITORY}
    ),
    "deleteWebhook": Sample(query={"connectionId": CONNECTION, "webhookId": WEBHOOK}),
    "listEndpoints": Sample(),
    "createEndpoint": Sample(body={"url": "https://host.test/hooks", "events": ["job.held"]}),
    "getEndpoint": Sample(),
    "updateEndpoint": Sample(body={"enabled": False}),
    "deleteEndpoint": Sample(),
    "rotateEndpointSecret": Sample(),
    "listEndpointDeliveries": Sample(),
    "replayDeliveries": Sample(body={"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}),
    "listAuditLogs": Sample(query={"connectionId": CONNECTION}),
}

OPEN = frozenset({"getLiveness", "getReadiness", "getConnectorIcon"})
"""Operations without a caller: monitors and pictures."""

WAITING = frozenset({"selectConnection", "cancelJob", "confirmJob", "retryJob"})
"""Operations on what waits: for a choice, for a worker, for somebody to agree or to try again."""

ANY_CALLER = frozenset({"getMe"})
"""Operations that need a caller, and no permission."""

NO_KEY = "key_0123456789abcdef01234567"
"""The id of no API key."""

NO_JOB = "job_0123456789abcdef01234567"
NO_SCHEDULE = "sch_0123456789abcdef01234567"

NO_WEBHOOK = "whk_0123456789abcdef01234567"
NO_ENDPOINT = "whe_0123456789abcdef01234567"
"""The id of no endpoint."""


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

        known = {CONNECTION: connection_id}
        if WEBHOOK in self.sample.query.values():
            known[WEBHOOK] = await _own_webhook(client, connection_id)

        def filled(values: dict[str, Any]) -> dict[str, Any]:
            return {k: known.get(v, v) if isinstance(v, str) else v for k, v in values.items()}

        path = self.path.format(
            connector_id="github",
            connection_id=connection_id,
            item_id=ITEM,
            resource_type="github_repo",
            tool="github_search_issues",
            key_id=await _own_key(client) if "{key_id}" in self.path else None,
            **(await _own_work(client, connection_id) if _names_work(self.path) else {}),
            endpoint_id=await _own_endpoint(client) if "{endpoint_id}" in self.path else None,
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


async def _own_endpoint(client: httpx.AsyncClient) -> str:
    """The id of a new endpoint of the caller's, if it may make one."""
    body = SAMPLES["createEndpoint"].body
    made = await client.post("/api/webhook-endpoints", json=body)
    endpoint_id: str = made.json()["data"]["id"] if made.status_code == 201 else NO_ENDPOINT
    return endpoint_id


async def _own_webhook(client: httpx.AsyncClient, connection_id: str) -> str:
    """The id of a new webhook of the connection's, if the caller may make one."""
    body = {"connectionId": connection_id, "containerId": REPOSITORY}
    made = await client.post("/api/connectors/github/webhooks", json=body)
    webhook_id: str = made.json()["data"]["id"] if made.status_code == 201 else NO_WEBHOOK
    return webhook_id


def _names_work(path: str) -> bool:
    return "{job_id}" in path or "{schedule_id}" in path


async def _own_work(client: httpx.AsyncClient, connection_id: str) -> dict[str, str]:
    """The ids of a new job and a new schedule of the caller's, if it may make them."""
    body = {"connectionId": connection_id, "streams": ["issues"], "schedule": "0 0 1 1 *"}
    made = await client.post("/api/connectors/github/jobs", json=body)
    if made.status_code != 202:
        return {"job_id": NO_JOB, "schedule_id": NO_SCHEDULE}
    data = made.json()["data"]
    schedule_id: str = data["schedule"]["scheduleId"]
    return {"job_id": data["jobs"][0]["jobId"], "schedule_id": schedule_id}


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
