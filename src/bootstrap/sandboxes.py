"""The imitation providers, where they are served."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import Any

from src.bootstrap.foundation import Foundation
from src.core.outbound import Outbound, OutboundError, Request
from src.db.sandbox_store import MongoSandboxStore
from src.services.provider_addresses import SANDBOX_SITES_PATH, sandboxed

POST_SECONDS = 10.0
"""How long an imitation waits for the answer to what it delivers, as GitHub does."""

Post = Callable[[str, Mapping[str, str], bytes], Awaitable[int]]


def build_sandboxes(base: Foundation) -> dict[str, Any]:
    """The imitation of each connector that has one, by the connector's id."""
    if not base.settings.sandbox:
        return {}
    post = _post(base.outbound)
    return {name: _imitation(base, name, post) for name in sandboxed(base.registry)}


def _post(outbound: Outbound) -> Post:
    async def post(url: str, headers: Mapping[str, str], body: bytes) -> int:
        try:
            request = Request("POST", url, headers, body)
            answer = await outbound.send(request, operator_address=True, deadline=POST_SECONDS)
        except OutboundError:
            return 0
        return answer.status

    return post


def _imitation(base: Foundation, name: str, post: Post) -> Any:
    build = base.registry[name].sandbox_factory()
    # Only here: production serves no imitation.
    kit = import_module("src.sandbox.kit")
    # Those whose providers deliver something are handed what sends it.
    app = kit.build_imitation(build, MongoSandboxStore(base.store.database, name), name, post)
    return kit.at_sites(kit.hang_up_on_cut(app), SANDBOX_SITES_PATH)
