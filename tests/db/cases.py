"""One use of every method of every repository of a tenant, as its owner would make it.

The tests of isolation, query plans and outages walk this table; a new method needs a line here.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterator
from functools import cached_property
from typing import Any, get_type_hints

from src.db.repositories.api_keys import ANYBODY, KeyOwner
from src.db.repositories.audit_logs import AuditFilter
from src.db.repositories.connections import EVERYBODY, ConnectionFilter, Visibility
from src.db.tenant import TenantScope
from src.models.connection import ConnectionStatus
from src.models.refresh import Trouble, TroubleKind
from tests.db.records import (
    NOON,
    OCTOCAT,
    api_key,
    block,
    connected,
    entry,
    first_request,
    head,
    minutes,
    token,
    user,
)

Act = Callable[[TenantScope], Awaitable[Any]]

OWN = connected(id="con_0000000000000000000000aa", reserved=True, alias="Work")

OWN_KEY = api_key(id="key_0000000000000000000000aa", user_id="ada")
OWN_USER = user(id="usr_0000000000000000000000aa")

WRITTEN = entry(id="aud_0000000000000000000000aa")
SEALED = entry(id="aud_0000000000000000000000bb")
TROUBLE = Trouble(kind=TroubleKind.OUTAGE, message="away", generation=0, version=1)

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
    "tokens.renew": lambda scope: scope.tokens.renew(token(OWN.id, sealed=b"new"), token(OWN.id)),
    "tokens.postpone": lambda scope: scope.tokens.postpone(token(OWN.id), NOON),
    "refresh_leases.acquire": lambda scope: scope.refresh_leases.acquire(OWN.id, "other", 30),
    "refresh_leases.note_sent": lambda scope: scope.refresh_leases.note_sent(
        OWN.id, "holder", token(OWN.id), 30
    ),
    "refresh_leases.finish": lambda scope: scope.refresh_leases.finish(OWN.id, "holder"),
    "refresh_leases.leave": lambda scope: scope.refresh_leases.leave(
        OWN.id, "holder", TROUBLE, rest_seconds=9, keeps_sent=True
    ),
    "connections.note_refresh_failure": lambda scope: scope.connections.note_refresh_failure(
        OWN.id, {"code": "provider_error", "message": "away", "at": NOON}, 2
    ),
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
    "audit_chain.head": lambda scope: scope.audit_chain.head(),
    "audit_chain.put_head": lambda scope: scope.audit_chain.put_head(
        head(scope.tenant_id, number=2), head(scope.tenant_id)
    ),
    "audit_chain.add_block": lambda scope: scope.audit_chain.add_block(
        block(scope.tenant_id, number=2)
    ),
    "audit_chain.list_blocks": lambda scope: scope.audit_chain.list_blocks(0, limit=10),
    "audit_chain.drop_block": lambda scope: scope.audit_chain.drop_block(block(scope.tenant_id)),
    "audit_chain.list_unsealed": lambda scope: scope.audit_chain.list_unsealed(limit=10),
    "audit_chain.mark_sealed": lambda scope: scope.audit_chain.mark_sealed([WRITTEN.id]),
    "audit_chain.list_entries": lambda scope: scope.audit_chain.list_entries([WRITTEN.id]),
    "audit_chain.list_sealed_ids": lambda scope: scope.audit_chain.list_sealed_ids("", limit=10),
    "audit_logs.list": lambda scope: scope.audit_logs.list(AuditFilter(), limit=10),
    "api_keys.add": lambda scope: scope.api_keys.add(api_key(tenant_id=scope.tenant_id)),
    "api_keys.list": lambda scope: scope.api_keys.list(ANYBODY, limit=10),
    "api_keys.find_active": lambda scope: scope.api_keys.find_active("ada"),
    "api_keys.revoke": lambda scope: scope.api_keys.revoke(OWN_KEY.id, ANYBODY),
    "api_keys.note_use": lambda scope: scope.api_keys.note_use(OWN_KEY.id, minutes(1)),
    "users.get": lambda scope: scope.users.get(OWN_USER.user_id),
    "users.get_fresh": lambda scope: scope.users.get_fresh(OWN_USER.user_id),
    "users.find_email": lambda scope: scope.users.find_email("ADA@example.com"),
    "users.add": lambda scope: scope.users.add(
        user(tenant_id=scope.tenant_id, user_id="bob", email="bob@example.com")
    ),
    "users.update": lambda scope: scope.users.update(OWN_USER, {"email": "new@example.com"}),
    "users.link": lambda scope: scope.users.link(OWN_USER, "gh-ada"),
    "idempotency.claim": lambda scope: scope.idempotency.claim(
        first_request(scope.tenant_id, turn="second"), NOON
    ),
    "idempotency.finish": lambda scope: scope.idempotency.finish(first_request(), "sealed"),
    "idempotency.give_up": lambda scope: scope.idempotency.give_up(first_request()),
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
    "api_keys.list of a user": lambda scope: scope.api_keys.list(
        KeyOwner(user_id="ada"), limit=10, after=(minutes(1), "key_")
    ),
    "api_keys.list of a maker": lambda scope: scope.api_keys.list(
        KeyOwner(maker="platform"), limit=10, after=(minutes(1), "key_")
    ),
    "api_keys.revoke of a user": lambda scope: scope.api_keys.revoke(
        OWN_KEY.id, KeyOwner(user_id="ada")
    ),
    "idempotency.claim over": lambda scope: scope.idempotency.claim(
        first_request(scope.tenant_id, turn="second"), minutes(6)
    ),
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
    await scope.refresh_leases.acquire(OWN.id, "holder", 30)
    await scope.connector_settings.put("github", {"enabled": True, "clientId": "own-app"})
    await scope.sync_states.put(OWN.id, "issues", {"n": 1}, None)
    for each in (WRITTEN, SEALED):
        await scope.audit_logs.append(each)
    await scope.audit_chain.mark_sealed([SEALED.id])
    await scope.audit_chain.add_block(block(scope.tenant_id))
    await scope.audit_chain.put_head(head(scope.tenant_id), None)
    await scope.api_keys.add(OWN_KEY)
    await scope.users.add(OWN_USER)
    await scope.users.get(OWN_USER.user_id)
    await scope.idempotency.claim(first_request(scope.tenant_id), NOON)
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
