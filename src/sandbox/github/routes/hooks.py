"""Webhooks of a repository, as callers set them up.

Source: docs.github.com, "REST API endpoints for repository webhooks".
"""

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

from src.sandbox.github import errors
from src.sandbox.github.call import Call, number
from src.sandbox.github.hooks import Hook, Hooks
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.github.records import Repository

_CREATED = 201
_MOST = 20
_SCOPES = ("repo", "public_repo", "admin:repo_hook", "write:repo_hook")


class _Config(msgspec.Struct):
    url: str = ""
    secret: str | None = None
    content_type: str = "form"


class _New(msgspec.Struct):
    config: _Config = msgspec.field(default_factory=_Config)
    name: str = "web"
    events: tuple[str, ...] = ("push",)
    active: bool = True


async def list_hooks(request: "Request") -> Response:
    """List the webhooks of a repository."""
    call = Call(request)
    repo = _administered(call)
    return call.answer_page(await _hooks(request).of(repo.id), lambda one: _shown(call, repo, one))


async def create_hook(request: "Request") -> Response:
    """Set a webhook up, and ping its address."""
    call = Call(request)
    repo = _administered(call)
    new = await call.body(_New)
    hooks = _hooks(request)
    present = await hooks.of(repo.id)
    if new.name != "web":
        raise errors.invalid("Hook", "name")
    if not new.config.url.startswith(("http://", "https://")):
        raise errors.invalid("Hook", "url")
    if any((one.url, one.events) == (new.config.url, new.events) for one in present):
        raise errors.custom("Hook", "Hook already exists on this repository")
    if len(present) >= _MOST:
        raise errors.custom("Hook", 'The "push" event cannot have more than 20 hooks')
    hook = Hook(
        await hooks.next_id(),
        repo.id,
        new.events,
        new.config.url,
        new.config.secret,
        call.now(),
    )
    await hooks.put(repo.id, [*present, hook])
    ping = {"zen": "Keep it logically awesome.", "hook_id": hook.id}
    await hooks.send(hook, "ping", {**ping, "repository": {"id": repo.id}})
    return json_answer(_shown(call, repo, hook), _CREATED)


async def delete_hook(request: "Request") -> Response:
    """End a webhook."""
    call = Call(request)
    repo = _administered(call)
    wanted = number(request.path_params["hook"])
    hooks = _hooks(request)
    present = await hooks.of(repo.id)
    left = [one for one in present if one.id != wanted]
    if len(left) == len(present):
        raise errors.not_found()
    await hooks.put(repo.id, left)
    return Response(status_code=204)


def _hooks(request: "Request") -> Hooks:
    found: Hooks = request.scope["github.hooks"]
    return found


def _administered(call: Call) -> "Repository":
    """Find the repository; to those who may not see its webhooks it is not there."""
    repo = call.repository()
    if call.viewer.reads_only:
        raise errors.no_permission("repository_hooks=write")
    if not call.viewer.has_any(*_SCOPES) or call.viewer.relation(repo) is None:
        raise errors.not_found()
    return repo


def _shown(call: Call, repo: "Repository", hook: Hook) -> dict[str, Any]:
    url = f"{call.api}/repos/{repo.full_name}/hooks/{hook.id}"
    config = {"content_type": "json", "insecure_ssl": "0", "url": hook.url}
    if hook.secret is not None:
        config["secret"] = "********"  # noqa: S105  what GitHub shows in its place
    return {
        "type": "Repository",
        "id": hook.id,
        "name": "web",
        "active": True,
        "events": list(hook.events),
        "config": config,
        "created_at": hook.created_at,
        "updated_at": hook.created_at,
        "url": url,
        "ping_url": f"{url}/pings",
        "deliveries_url": f"{url}/deliveries",
    }


HOOK_PATHS = (("/hooks", list_hooks),)
HOOK_WRITES = (("/hooks", create_hook, "POST"), ("/hooks/{hook}", delete_hook, "DELETE"))
