"""One use of every method of every repository of a tenant, as its owner would make it.

The tests of isolation, query plans and outages walk this table; a new method needs a line here.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterator
from functools import cached_property
from typing import Any, get_type_hints

from src.db.repositories.audit_logs import AuditFilter
from src.db.repositories.connections import EVERYBODY, ConnectionFilter, Visibility
from src.db.tenant import TenantScope
from src.models.connection import ConnectionStatus
from tests.db.records import NOON, OCTOCAT, connected, entry, minutes, token

Act = Callable[[TenantScope], Awaitable[Any]]

OWN = connected(id="con_0000000000000000000000aa", reserved=True, alias="Work")

CASES: dict[str, Act] = {
    "connections.add": lambda scope: scope.connections.add(
        connected(tenant_id=scope.tenant_id, reserved=True)
    ),
    "connections.get": lambda scope: scope.connections.get(OWN.id),
    "connections.get_fresh": lambda scope: scope.connections.get_fresh(OWN.id),
    "connections.list": lambda scope: scope.connections.list(
        ConnectionFilter(), EVERYBODY, limit=10
    ),
    "connections.find_account": lambda scope: scope.connections.find_account(
        "github", None, OCTOCAT.id
    ),
    "connections.find_reserved": lambda scope: scope.connections.find_reserved("github", None),
    "connections.update": lambda scope: scope.connections.update(OWN.id, {"alias": "Mine"}),
    "connections.move": lambda scope: scope.connections.move(
        OWN.id, ConnectionStatus.DISCONNECTED, {}
    ),
    "connections.count_failure": lambda scope: scope.connections.count_failure(
        OWN.id, {"code": "provider_error", "message": "away", "at": NOON}
    ),
    "connections.note_success": lambda scope: scope.connections.note_success(OWN.id, NOON),
    "tokens.put": lambda scope: scope.tokens.put(token(OWN.id, sealed=b"new")),
    "tokens.get": lambda scope: scope.tokens.get(OWN.id),
    "tokens.get_fresh": lambda scope: scope.tokens.get_fresh(OWN.id),
    "tokens.delete": lambda scope: scope.tokens.delete(OWN.id),
    "connector_settings.get": lambda scope: scope.connector_settings.get("github"),
    "connector_settings.get_fresh": lambda scope: scope.connector_settings.get_fresh("github"),
    "connector_settings.list": lambda scope: scope.connector_settings.list(),
    "connector_settings.put": lambda scope: scope.connector_settings.put(
        "github", {"enabled": False}
    ),
    "sync_states.get": lambda scope: scope.sync_states.get(OWN.id, "issues"),
    "sync_states.list": lambda scope: scope.sync_states.list(OWN.id),
    "sync_states.put": lambda scope: scope.sync_states.put(OWN.id, "issues", {"n": 2}, None),
    "audit_logs.append": lambda scope: scope.audit_logs.append(entry(tenant_id=scope.tenant_id)),
    "audit_logs.list": lambda scope: scope.audit_logs.list(AuditFilter(), limit=10),
}

NARROWED: dict[str, Act] = {
    "connections.get of a user": lambda scope: scope.connections.get(
        OWN.id, Visibility(user_id="user-1")
    ),
    "connections.list narrowed": lambda scope: scope.connections.list(
        ConnectionFilter(
            connector_id="github", status=ConnectionStatus.CONNECTED, user_id="user-1", q="work"
        ),
        Visibility(user_id="user-1"),
        limit=10,
        after=(minutes(1), "con_"),
    ),
    "sync_states.put expected": lambda scope: scope.sync_states.put(OWN.id, "issues", {}, 1),
    "sync_states.put first": lambda scope: scope.sync_states.put(OWN.id, "pulls", {}, 0),
    "audit_logs.list narrowed": lambda scope: scope.audit_logs.list(
        AuditFilter(actor="open", target="con_1", since=minutes(-1), until=minutes(1)),
        limit=10,
        after=(minutes(1), "aud_"),
    ),
}
"""More ways to ask, for those who care about queries."""


async def settle(scope: TenantScope) -> None:
    """Give a tenant one of everything, and warm what its process holds."""
    await scope.connections.add(OWN)
    await scope.tokens.put(token(OWN.id))
    await scope.connector_settings.put("github", {"enabled": True, "clientId": "own-app"})
    await scope.sync_states.put(OWN.id, "issues", {"n": 1}, None)
    await scope.audit_logs.append(entry())
    await scope.connections.get(OWN.id)
    await scope.tokens.get(OWN.id)
    await scope.connector_settings.get("github")


def methods() -> Iterator[str]:
    """Every public method of every repository of a scope."""
    for name, found in vars(TenantScope).items():
        if isinstance(found, cached_property):
            repository = get_type_hints(found.func)["return"]
            for method, _ in inspect.getmembers(repository, inspect.isfunction):
                if not method.startswith("_"):
                    yield f"{name}.{method}"
