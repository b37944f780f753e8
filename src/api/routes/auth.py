"""Who is calling, their API keys, and the users that the host's backend tells of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from src.api.deps import CallerDep, ContainerDep, needs
from src.api.envelope import Envelope, ListOf, ok, ok_list
from src.api.errors import Documented, documented
from src.api.paging import Paging
from src.api.routing import Route
from src.api.schemas.api_keys import (
    ApiKeyOut,
    KeyId,
    NewKeyBody,
    NewKeyOut,
    RepeatedKeyOut,
    RevokedKeyOut,
)
from src.api.schemas.auth import MeOut
from src.api.schemas.base import PageQuery
from src.api.schemas.base import Query as NoQuery
from src.api.schemas.users import OAuthUserBody, RepeatedSyncOut, StackUserBody, SyncedOut
from src.core.errors import ErrorCode
from src.models.api_key import ApiKey
from src.models.principal import Permission
from src.services.users import Synced

router = APIRouter(prefix="/auth", tags=["auth"], route_class=Route)

KeyPath = Annotated[KeyId, Path(description="An API key's id.")]
_SYNC_CODES = (ErrorCode.CONFLICT, ErrorCode.PAYLOAD_TOO_LARGE)
_STACK_SESSION = "Stack Auth Web Session"
_SYNC_ANSWER = Envelope[SyncedOut | RepeatedSyncOut]
_EXISTING: Documented = {200: {"model": _SYNC_ANSWER, "description": "The user was known."}}


@router.get(
    "/me",
    response_model=Envelope[MeOut],
    responses=documented(),
    operation_id="getMe",
    openapi_extra={"x-authenticated": True},
)
async def me(
    caller: CallerDep, container: ContainerDep, _: Annotated[NoQuery, Query()]
) -> Response:
    """Who is calling, and how much they have called; any caller may ask.

    `user` is null for callers that the host's backend has not told of. `usage` counts the user's
    requests if the caller is one, else those of its key.
    """
    user = await container.users.find(caller)
    used = await container.usage.of(caller.principal)
    return ok(MeOut.of(caller.principal, user, used))


@router.get(
    "/api-keys",
    response_model=Envelope[ListOf[ApiKeyOut]],
    operation_id="listApiKeys",
    **needs(Permission.KEYS_WRITE, ErrorCode.INVALID_CURSOR, ErrorCode.CREDENTIALS_UNREADABLE),
)
async def list_api_keys(
    caller: CallerDep, container: ContainerDep, query: Annotated[PageQuery, Query()]
) -> Response:
    """The caller's own keys, newest first, revoked ones included.

    A user's are those bound to them; a key's are itself and those it made. With `admin` all of the
    tenant.
    """
    paging = Paging(container.cursors, f"api-keys|{caller.principal.actor}", caller, query)
    found = await container.api_keys.list(caller, limit=query.limit + 1, after=paging.position())
    shown, cursor = paging.cut(found, _position)
    return ok_list([ApiKeyOut.of(key) for key in shown], next_cursor=cursor)


def _position(key: ApiKey) -> tuple[datetime, str]:
    return key.created_at, key.id


@router.post(
    "/api-keys",
    response_model=Envelope[NewKeyOut | RepeatedKeyOut],
    status_code=201,
    operation_id="createApiKey",
    **needs(Permission.KEYS_WRITE, ErrorCode.PAYLOAD_TOO_LARGE, ErrorCode.CREDENTIALS_UNREADABLE),
)
async def create_api_key(
    body: NewKeyBody, caller: CallerDep, container: ContainerDep, _: Annotated[NoQuery, Query()]
) -> Response:
    """Make a key; this answer is the only one that ever shows it."""
    return ok(NewKeyOut.of(await container.api_keys.make(caller, body.to_new())), 201)


@router.delete(
    "/api-keys/{key_id}",
    response_model=Envelope[RevokedKeyOut],
    operation_id="revokeApiKey",
    **needs(Permission.KEYS_WRITE, ErrorCode.NOT_FOUND),
)
async def revoke_api_key(
    key_id: KeyPath, caller: CallerDep, container: ContainerDep, _: Annotated[NoQuery, Query()]
) -> Response:
    """End a key, everywhere within a second; its record stays. Idempotent."""
    revoked = await container.api_keys.revoke(caller, key_id)
    return ok(RevokedKeyOut(key_id=revoked.id, message="The key is revoked."))


@router.post(
    "/sync-oauth-user",
    response_model=_SYNC_ANSWER,
    status_code=201,
    operation_id="syncOAuthUser",
    **needs(Permission.USERS_WRITE, *_SYNC_CODES, also=_EXISTING),
)
async def sync_oauth_user(
    body: OAuthUserBody, caller: CallerDep, container: ContainerDep, _: Annotated[NoQuery, Query()]
) -> Response:
    """Tell of a user who signed in to the host with OAuth; for the host's backend only.

    A user without a usable key gets one, bound to them, with `connectors:read`, `connections:read`,
    `connections:write`, `browse:read` and `tools:execute`, as far as the caller itself has these.
    Fields that are absent stay as they were; null clears.
    """
    synced = await container.users.sync(
        caller, body.to_account(), first_key=body.first_key, next_key=_when_none
    )
    return _answer(synced)


@router.post(
    "/sync-stack-user",
    response_model=_SYNC_ANSWER,
    status_code=201,
    operation_id="syncStackUser",
    **needs(Permission.USERS_WRITE, *_SYNC_CODES, also=_EXISTING),
)
async def sync_stack_user(
    body: StackUserBody, caller: CallerDep, container: ContainerDep, _: Annotated[NoQuery, Query()]
) -> Response:
    """Tell of a user of the host's Stack Auth project; for the host's backend only.

    Like `sync-oauth-user`; a known user gets a key when no usable one of the name "Stack Auth Web
    Session" is left.
    """
    synced = await container.users.sync(
        caller, body.to_account(), first_key="Stack Auth", next_key=_when_no_session
    )
    return _answer(synced)


def _when_none(held: Sequence[ApiKey]) -> str | None:
    return None if held else "OAuth Session"


def _when_no_session(held: Sequence[ApiKey]) -> str | None:
    return None if any(key.name == _STACK_SESSION for key in held) else _STACK_SESSION


def _answer(synced: Synced) -> Response:
    return ok(SyncedOut.of(synced), 201 if synced.is_new else 200)
