"""Webhooks registered, listed, refreshed and deleted by OAuth apps."""

from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from src.sandbox.atlassian.callers import Kind
from src.sandbox.jira import errors
from src.sandbox.jira.hooks import EVENTS, MOST, Hook, refusal, written
from src.sandbox.kit import json_answer

if TYPE_CHECKING:
    from src.sandbox.jira.call import Call

_MOST_LISTED = 100


def _need_app(call: "Call") -> None:
    if call.caller.kind is not Kind.OAUTH:
        raise errors.refused(403, "Only Connect and OAuth 2.0 apps can use this operation.")


async def register_hooks(call: "Call") -> Response:
    """Register webhooks; each that cannot be is told in its place, and the others are."""
    _need_app(call)
    sent = await call.body()
    url, asked = sent.get("url"), sent.get("webhooks")
    if not isinstance(url, str) or not isinstance(asked, list) or not asked:
        raise errors.refused(400, "A url and at least one webhook are required.")
    results = [await _register(call, url, one) for one in asked]
    return json_answer({"webhookRegistrationResult": results})


async def _register(call: "Call", url: str, asked: dict[str, Any]) -> dict[str, Any]:
    present = await call.hooks.of(call.world.name)
    login = call.caller.user.login
    own = [hook for hook in present if hook.login == login]
    events, jql = asked.get("events") or [], str(asked.get("jqlFilter", ""))
    why = refusal(jql)
    if not events or not set(events) <= EVENTS:
        why = "The events are not valid"
    elif len(own) >= MOST:
        why = f"The maximum of {MOST} webhooks per app and user is reached"
    elif present and present[0].url != url:
        why = "Only a single URL per app is allowed to be registered via REST API"
    if why is not None:
        return {"errors": [why]}
    number = await call.hooks.number(call.world.name)
    hook = Hook(number, login, url, events, jql, call.hooks.end())
    await call.hooks.keep(call.world.name, [*present, hook])
    return {"createdWebhookId": number}


async def list_hooks(call: "Call") -> Response:
    """List those of the user."""
    _need_app(call)
    login = call.caller.user.login
    own = [hook for hook in await call.hooks.of(call.world.name) if hook.login == login]
    start, size = call.window(most=_MOST_LISTED, usual=_MOST_LISTED)
    values = [
        {
            "id": hook.id,
            "url": hook.url,
            "jqlFilter": hook.jql,
            "events": hook.events,
            "expirationDate": written(hook.ends),
        }
        for hook in own[start : start + size]
    ]
    return json_answer(
        {
            "startAt": start,
            "maxResults": size,
            "total": len(own),
            "isLast": start + size >= len(own),
            "values": values,
        }
    )


async def refresh_hooks(call: "Call") -> Response:
    """Let webhooks last for thirty days from now on."""
    _need_app(call)
    chosen, end = await _chosen(call), call.hooks.end()
    hooks = await call.hooks.of(call.world.name)
    for hook in hooks:
        hook.ends = end if hook.id in chosen else hook.ends
    await call.hooks.keep(call.world.name, hooks)
    return json_answer({"expirationDate": written(end)})


async def delete_hooks(call: "Call") -> Response:
    """Delete webhooks; numbers of others are passed over."""
    _need_app(call)
    chosen = await _chosen(call)
    left = [hook for hook in await call.hooks.of(call.world.name) if hook.id not in chosen]
    await call.hooks.keep(call.world.name, left)
    return Response(status_code=202)


async def _chosen(call: "Call") -> set[int]:
    numbers = (await call.body()).get("webhookIds")
    if not isinstance(numbers, list) or not numbers:
        raise errors.refused(400, "At least one webhook id is required.")
    own = call.caller.user.login
    return {
        hook.id
        for hook in await call.hooks.of(call.world.name)
        if hook.login == own and hook.id in numbers
    }
