"""The application, put together: its routes, its layers, its life."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

from src.api.application import Application
from src.api.body_limit import BodyLimit
from src.api.cors import EnvelopedCors
from src.api.draining import draining
from src.api.errors import error_response, install_error_handlers
from src.api.openapi import install_openapi
from src.api.routes import (
    audit,
    auth,
    authorize,
    browse,
    callback,
    connect,
    connections,
    connectors,
    endpoints,
    hooks,
    jobs,
    metrics,
    page,
    platform,
    records,
    schedules,
    tokens,
    tools,
    webhooks,
)
from src.api.start_failure import PlainStartFailure
from src.bootstrap import Container, build_container
from src.connectors.registry import discover
from src.connectors.rest.retry import Retrier
from src.core.config import Settings
from src.core.errors import StartError
from src.core.logging import configure_logging
from src.core.middleware import OpenModeGuard, RequestContext, Served
from src.core.outbound import Outbound
from src.core.proxies import TrustedProxies
from src.jobs.queue import Queue, open_queue
from src.services.provider_addresses import SANDBOX_PATH, sandboxed
from src.services.webhooks.addresses import HOOKS_PATH

MAX_BODY_BYTES = 1024 * 1024
MAX_DELIVERY_BYTES = 25 * 1024 * 1024
"""What providers may deliver: GitHub's largest."""

DOCS_PATH = "/docs"


def create_app(
    settings: Settings | None = None,
    *,
    outbound: Outbound | None = None,
    retrier: Retrier | None = None,
) -> FastAPI:
    """Build the application.

    Args:
        settings: The configuration; by default the environment's.
        outbound: Stands in for the real network in tests.
        retrier: Stands in for the real clock in tests.

    Raises:
        ConnectorLoadError: A connector is broken.
        ValidationError: A setting is wrong.
    """
    settings = settings or Settings()
    configure_logging(settings.log_level, as_json=settings.log_json)
    registry = discover(settings.connector_paths)

    def build(queue: Queue) -> Awaitable[Container]:
        return build_container(
            settings,
            registry,
            outbound=outbound,
            retrier=retrier,
            queue=queue,
            works=queue.works,
        )

    app = Application(
        title=settings.app_name,
        description=settings.app_description,
        version=settings.app_version,
        lifespan=partial(_live, settings, build),
        docs_url=DOCS_PATH,
        redoc_url=None,
        redirect_slashes=False,
    )
    install_error_handlers(app)
    install_openapi(app)
    # Routes are tried in turn, so those that are called most stand first.
    for module in (
        browse,
        tools,
        hooks,
        connections,
        records,
        jobs,
        schedules,
        tokens,
        connectors,
        connect,
        webhooks,
        endpoints,
        auth,
        audit,
        platform,
    ):
        app.add_routes(module.router, settings.api_prefix)
    app.add_routes(authorize.router, settings.api_prefix)
    app.add_routes(callback.router, settings.api_prefix)
    app.add_routes(page.router)
    app.add_routes(platform.root)
    if settings.metrics_enabled:
        app.add_routes(metrics.router)
    if settings.sandbox:
        for connector_id in sandboxed(registry):
            app.mount(f"{SANDBOX_PATH}/{connector_id}", _SandboxMount(app, connector_id))
    _add_middleware(app, settings)
    return app


@asynccontextmanager
async def _live(
    settings: Settings, build: Callable[[Queue], Awaitable[Container]], app: FastAPI
) -> AsyncIterator[None]:
    """The life of a process that serves, from its container's making to its end."""
    queue = open_queue(settings)
    try:
        container = await build(queue)
    except StartError as error:
        app.state.start_failure = error
        raise
    app.state.container = container
    try:
        await container.prepare()
        queue.serve(container.do)
        with draining(container.turn, settings.shutdown_delay_seconds):
            yield
    except StartError as error:
        app.state.start_failure = error
        raise
    finally:
        container.stopping.set()
        await queue.close(settings.shutdown_timeout_seconds)
        await container.close()


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """The layers, the innermost first, as Starlette wants them."""
    app.add_middleware(
        BodyLimit,
        most_bytes=MAX_BODY_BYTES,
        larger={f"{settings.api_prefix}{HOOKS_PATH}/": MAX_DELIVERY_BYTES},
        most_seconds=settings.request_read_timeout_seconds,
        error_response=error_response,
    )
    if settings.cors_allow_origins:
        app.add_middleware(
            EnvelopedCors,
            allow_origins=settings.cors_allow_origins,
            allow_methods=settings.cors_allow_methods,
            allow_headers=settings.cors_allow_headers,
            expose_headers=[
                "X-Request-Id",
                "Retry-After",
                "X-RateLimit-Limit",
                "X-RateLimit-Remaining",
                "X-RateLimit-Reset",
                "X-Provider-RateLimit-Limit",
                "X-Provider-RateLimit-Remaining",
                "X-Provider-RateLimit-Reset",
            ],
        )
    if not settings.auth_required:
        app.add_middleware(
            OpenModeGuard,
            public_url=settings.public_url,
            allowed_origins=settings.cors_allow_origins,
            error_response=error_response,
        )
    app.add_middleware(
        RequestContext,
        error_response=error_response,
        proxies=TrustedProxies(settings.trusted_proxies),
        served=_counted(app) if settings.metrics_enabled else None,
        html_paths=[DOCS_PATH],
    )
    app.add_middleware(PlainStartFailure)


def _counted(app: FastAPI) -> Served:
    def count(scope: Scope, status: int, seconds: float) -> None:
        container: Container = app.state.container
        route = _template(scope)
        container.metrics.count_request(scope["method"], route, status, seconds)

    return count


def _template(scope: Scope) -> str:
    """The route's path with names in place of values, so that it holds nobody's ids."""
    if scope["path"].startswith(f"{SANDBOX_PATH}/"):
        return SANDBOX_PATH
    path: str | None = getattr(scope.get("route"), "path", None)
    return path or "unmatched"


class _SandboxMount:
    """An imitation provider; it exists once the container does."""

    def __init__(self, app: FastAPI, connector_id: str) -> None:
        self._app = app
        self._connector_id = connector_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        container: Container = self._app.state.container
        await container.sandboxes[self._connector_id](scope, receive, send)
