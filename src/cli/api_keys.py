"""``keys list``, ``keys make`` and ``keys revoke``: a tenant's API keys, for the operator."""

from __future__ import annotations

from typing import Annotated

import typer
from pydantic import ValidationError
from rich.table import Column, Table

from src.api.schemas.api_keys import KEEP_IT, ApiKeyOut, NewKeyBody, NewKeyOut
from src.cli.operator import (
    AsJson,
    Exit,
    Operator,
    TenantId,
    complaints,
    operate,
    say,
    show_json,
    show_table,
)
from src.core.errors import StartError
from src.db.platform import KeyDirectory
from src.db.tenant import TenantScope
from src.models.api_key import ApiKey
from src.models.base import now, rfc3339
from src.models.principal import ALL_PERMISSIONS, Caller, Permission, Principal, Via
from src.services.api_keys import ApiKeys, NewKey
from src.services.audit import Audit
from src.services.key_ring import KeyRing

_PAGE = 100
_LONGEST_LIFE_DAYS = 3650


def list_keys(tenant: TenantId, *, as_json: AsJson = False) -> None:
    """List a tenant's API keys, revoked ones included, newest first."""

    async def work(operator: Operator) -> Exit:
        caller = _platform(tenant)
        found = await _all(await _api_keys(operator), caller)
        if as_json:
            show_json([ApiKeyOut.of(key).model_dump(mode="json", by_alias=True) for key in found])
        else:
            _show(found)
        return Exit.FINE

    operate(work, as_json=as_json)


def make_key(
    tenant: TenantId,
    *,
    name: Annotated[str, typer.Option(help="What it is called in lists.")] = "API Key",
    permission: Annotated[
        list[Permission] | None,
        typer.Option(help="May be given several times; else all but admin and tokens:read."),
    ] = None,
    user: Annotated[str | None, typer.Option(help="The one user that the key is.")] = None,
    expires_days: Annotated[int | None, typer.Option(min=1, max=_LONGEST_LIFE_DAYS)] = None,
    as_json: AsJson = False,
) -> None:
    """Make an API key and print it: the only time that it is ever shown."""

    async def work(operator: Operator) -> Exit:
        caller = _platform(tenant)
        new = _new(name, permission, user, expires_days)
        made = await (await _api_keys(operator)).make(caller, new)
        if as_json:
            show_json(NewKeyOut.of(made).model_dump(mode="json", by_alias=True))
        else:
            # The key alone goes to the output, so that a shell can take it.
            complaints.print(f"{made.record.id} of {tenant}. {KEEP_IT}", highlight=False)
            typer.echo(made.text)
        return Exit.FINE

    operate(work, as_json=as_json)


def revoke_key(
    tenant: TenantId,
    key_id: Annotated[str, typer.Argument(help="Its id, as listed: key_…")],
    *,
    as_json: AsJson = False,
) -> None:
    """End an API key; every process refuses it within a second. Its record stays."""

    async def work(operator: Operator) -> Exit:
        caller = _platform(tenant)
        revoked = await (await _api_keys(operator)).revoke(caller, key_id)
        if as_json:
            show_json({"keyId": revoked.id, "active": False})
        else:
            say(f"{revoked.id} of {tenant} opens nothing any more.")
        return Exit.FINE

    operate(work, as_json=as_json)


def _platform(tenant: str) -> Caller:
    """The operator, as a caller of this tenant."""
    return Caller(Principal(tenant, Via.PLATFORM, ALL_PERMISSIONS))


async def _api_keys(operator: Operator) -> ApiKeys:
    await operator.require_root()
    database = operator.mongo.database

    def scope_of(tenant_id: str) -> TenantScope:
        return TenantScope(database, tenant_id)

    ring = KeyRing(KeyDirectory(lambda: database), operator.encryption)
    return ApiKeys(scope_of, ring, Audit(scope_of, operator.encryption))


async def _all(api_keys: ApiKeys, caller: Caller) -> list[ApiKey]:
    found: list[ApiKey] = []
    while True:
        after = (found[-1].created_at, found[-1].id) if found else None
        page = await api_keys.list(caller, limit=_PAGE, after=after)
        found += page
        if len(page) < _PAGE:
            return found


def _new(
    name: str, permissions: list[Permission] | None, user: str | None, days: int | None
) -> NewKey:
    """What is wanted, by the rules that hold for callers over HTTP."""
    given = {"name": name, "expiresDays": days, "userId": user}
    # A repeated option is no other wish; typer gives an empty list for none.
    named = list(dict.fromkeys(permissions or ())) or None
    try:
        return NewKeyBody.model_validate({**given, "permissions": named}).to_new()
    except ValidationError as error:
        field = {"name": "--name", "userId": "--user"}[str(error.errors()[0]["loc"][0])]
        raise StartError(f"{field} cannot be used: it is too long, empty or not printable.") from (
            error
        )


def _show(found: list[ApiKey]) -> None:
    # Whoever revokes a key needs its id as a whole.
    columns = ("name", "user", "permissions", "made", "last used", "state")
    table = Table(Column("key", no_wrap=True), *columns)
    for key in found:
        table.add_row(
            key.id,
            key.name,
            key.user_id or "",
            " ".join(ApiKeyOut.of(key).permissions),
            rfc3339(key.created_at),
            rfc3339(key.last_used_at) if key.last_used_at else "never",
            _state(key),
        )
    show_table(table)


def _state(key: ApiKey) -> str:
    if not key.active:
        return "revoked"
    return "active" if key.is_good(now()) else "expired"
