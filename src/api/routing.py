"""One way to read a request, for every route of ours.

A route's function names what it needs: the caller, the container, ids out of the path, one model of
its query string, one of its body. FastAPI documents the route by that signature; the reading is
done here, in one pass and one order (ADR 0015): the body's JSON, the caller, the permission, and
then all fields, so that every problem is told at once.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from inspect import Parameter, signature
from typing import Any, get_args, get_type_hints
from urllib.parse import parse_qsl

import starlette.routing
from fastapi import Request, Response
from fastapi.params import Query
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from src.api.deps import CallerDep, ContainerDep, RecheckDep, SessionDep
from src.api.own_limits import STANDING, own_limit_headers
from src.api.repeatable import IDEMPOTENCY_KEY, once
from src.api.session_callers import SESSION_OF_REQUEST, session_caller
from src.bootstrap import Container
from src.core.errors import (
    BadRequest,
    Forbidden,
    NotFound,
    RateLimited,
    Unauthorized,
    ValidationFailed,
)
from src.core.logging import bind_log_context
from src.core.middleware import Receive, Scope, Send, header
from src.models.base import complaint
from src.models.principal import Caller, Permission
from src.services.watches import Recheck

OUR_PATH_IDS = frozenset({"connection_id", "endpoint_id", "job_id", "key_id", "schedule_id"})
"""Path parameters that hold ids of ours: a malformed one is a thing that does not exist."""

_ABSENT = object()
"""In place of a body that is not there."""

_CREATED = frozenset({201, 202})

Values = Mapping[str, Any]
Problems = list[tuple[str, str]]
"""Fields, and what is wrong with each."""


class Route(APIRoute):
    """A route of ours.

    What FastAPI makes of one, to document it and to read requests in its own way, is half of a
    start; it is made when the document is asked for.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **documented: Any) -> None:
        methods = documented["methods"]
        starlette.routing.Route.__init__(self, path, endpoint, methods=methods)
        # Starlette adds HEAD, FastAPI does not.
        self.methods = set(methods)
        self._documented = documented
        self.status_code = documented["status_code"]
        self.responses = documented["responses"]
        self.openapi_extra = documented["openapi_extra"]
        extra = self.openapi_extra or {}
        named = extra.get("x-permission")
        permission = None if named is None else Permission(named)
        self._reading = _Reading(endpoint, self.param_convertors.keys(), permission)
        self._reading.may_repeat = creates(self)
        self._reading.admits_session = extra.get("x-session", False)

    def documented(self) -> APIRoute:
        """The same as a whole route of FastAPI's."""
        return APIRoute(self.path, self.endpoint, **self._documented)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the request, call the route's function, send its answer.

        Without the exit stacks that FastAPI opens for dependencies and files: there are none here.
        """
        if self.methods and scope["method"] not in self.methods:
            await super().handle(scope, receive, send)
            return
        response = await self._reading.answer(Request(scope, receive, send))
        await response(scope, receive, send)


def creates(route: APIRoute) -> bool:
    """Whether the route makes something, so that a repeated request would make it twice."""
    answers = {route.status_code, *route.responses}
    is_marked = (route.openapi_extra or {}).get("x-repeatable", False)
    return "POST" in (route.methods or ()) and (is_marked or bool(answers & _CREATED))


class _Reading:
    """What one route's function needs, and how a request gives it."""

    def __init__(
        self,
        endpoint: Callable[..., Awaitable[Response]],
        in_path: Iterable[str],
        permission: Permission | None,
    ) -> None:
        self.may_repeat = False
        """Whether an ``Idempotency-Key`` is heeded."""
        self.admits_session = False
        """Whether a browser with a connect session may call."""
        self._endpoint = endpoint
        self._permission = permission
        hints = get_type_hints(endpoint, include_extras=True)
        parameters = signature(endpoint).parameters
        kinds = {name: hints[name] for name in parameters}
        self._container = _name_of(kinds, lambda kind: kind == ContainerDep)
        self._caller = _name_of(kinds, lambda kind: kind == CallerDep)
        self._query = _name_of(kinds, _is_query)
        self._path = {name: TypeAdapter(kinds[name]) for name in in_path}
        self._session = _name_of(kinds, lambda kind: kind == SessionDep)
        self._recheck = _name_of(kinds, lambda kind: kind == RecheckDep)
        beside = {self._session, self._recheck}
        given = {self._container, self._caller, self._query, *self._path, *beside}
        self._body = next((name for name in kinds if name not in given), None)
        self._may_lack_body = any(
            parameters[name].default is not Parameter.empty for name in kinds if name == self._body
        )
        self._models: dict[str, TypeAdapter[Any]] = {
            name: TypeAdapter(kinds[name]) for name in (self._query, self._body) if name
        }

    async def answer(self, request: Request) -> Response:
        """Read everything, check everything, call."""
        scope = request.scope
        container: Container = scope["app"].state.container
        problems: Problems = []
        query = _once(_query_pairs(scope), problems)
        body = await self._read_body(request, problems)
        caller = await self._admit(container, scope, query, body)

        async def work() -> Response:
            return await self._call(scope, caller, (query, body), problems)

        name = header(scope, IDEMPOTENCY_KEY) if self.may_repeat else None
        if name is None or caller is None:
            response = await work()
        else:
            route = scope["method"], scope["path"]
            content = scope["query_string"] + b"\n" + await request.body()
            response = await once(container.idempotency, caller, (name, route, content), work)
        if STANDING in scope["state"]:
            response.headers.update(own_limit_headers(scope["state"][STANDING]))
        return response

    async def _admit(
        self, container: Container, scope: Scope, query: Values, body: Any
    ) -> Caller | None:
        """Who is calling, and may; None when the route asks for nobody."""
        if self._permission is None and not self._caller:
            return None
        caller = None
        if self.admits_session:
            caller = await session_caller(container, scope, (query, body))
        caller = caller or await _identify(container, scope, query, body)
        _require_room(container, scope, caller)
        _require(caller, self._permission)
        return caller

    async def _call(
        self, scope: Scope, caller: Caller | None, given: tuple[Values, Any], problems: Problems
    ) -> Response:
        arguments: dict[str, Any] = {}
        if self._caller:
            arguments[self._caller] = caller
        if self._container:
            arguments[self._container] = scope["app"].state.container
        if self._session:
            arguments[self._session] = scope["state"].get(SESSION_OF_REQUEST)
        if self._recheck:
            arguments[self._recheck] = self._rechecking(scope)
        for name, adapter in self._path.items():
            arguments[name] = _checked(adapter, scope["path_params"][name], problems, name)
        arguments |= self._fields(*given, problems)
        if problems:
            raise ValidationFailed(problems)
        return await self._endpoint(**arguments)

    def _rechecking(self, scope: Scope) -> Recheck:
        """What asks again who is calling; it raises what they would be told now."""

        async def recheck() -> None:
            query = dict(_query_pairs(scope))
            caller = await _identify(scope["app"].state.container, scope, query, None)
            _require(caller, self._permission)

        return recheck

    def _fields(self, query: Any, body: Any, problems: Problems) -> dict[str, Any]:
        """Query and body as their models; an absent body is left to the function's default."""
        given = {self._query: (query, "query"), self._body: (body, "body")}
        if body is not _ABSENT and not isinstance(body, dict):
            problems.append(("body", "must be a JSON object"))
            given[self._body] = _ABSENT, "body"
        return {
            name: _checked(adapter, value, problems, place)
            for name, adapter in self._models.items()
            for value, place in [given[name]]
            if value is not _ABSENT
        }

    async def _read_body(self, request: Request, problems: Problems) -> Any:
        """The body; one with a default may be absent."""
        if not self._body or (self._may_lack_body and not await request.body()):
            return _ABSENT
        return await _read_json(request, problems)


def _name_of(kinds: Values, is_it: Callable[[Any], bool]) -> str | None:
    return next((name for name, kind in kinds.items() if is_it(kind)), None)


def _is_query(kind: Any) -> bool:
    return any(isinstance(part, Query) for part in get_args(kind))


def _query_pairs(scope: Scope) -> list[tuple[str, str]]:
    return parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)


def _once(pairs: list[tuple[str, Any]], problems: Problems) -> dict[str, Any]:
    """The pairs by name; a name that comes twice would be read differently by different readers."""
    named = dict(pairs)
    if len(named) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        problems += [(name, "is given twice") for name, count in counts.items() if count > 1]
    return named


async def _read_json(request: Request, problems: Problems) -> Any:
    """The body.

    Raises:
        BadRequest: There is none, or it is no UTF-8 JSON.
    """
    content = await request.body()
    if not content:
        raise BadRequest("Send a JSON body.")
    if not _is_json(header(request.scope, b"content-type") or ""):
        raise BadRequest("Send JSON with Content-Type: application/json.")
    # Python reads UTF-16 and UTF-32 too; RFC 8259 §8.1 does not.
    if not json.detect_encoding(content).startswith("utf-8"):
        raise BadRequest("The body is not UTF-8.")
    try:
        return json.loads(content, object_pairs_hook=lambda pairs: _once(pairs, problems))
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON.") from error


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (
        kind.startswith("application/") and kind.endswith("+json")
    )


async def _identify(container: Container, scope: Scope, query: Values, body: Any) -> Caller:
    """Who is calling, for which tenant."""
    named = [query.get("workspaceId"), body.get("workspaceId") if isinstance(body, dict) else None]
    principal = await container.principals.identify(
        bearer=_bearer(header(scope, b"authorization")),
        tenant_id=header(scope, b"x-tenant-id"),
        # What is no text is left to the route's model.
        workspace_ids=[name for name in named if isinstance(name, str)],
        user_id=header(scope, b"x-user-id"),
    )
    bind_log_context(tenant=principal.tenant_id)
    for values in (query, body):
        await _settle_user(container, principal.tenant_id, values)
    client = scope.get("client")
    return Caller(
        principal, request_id=scope["state"]["request_id"], ip=client[0] if client else None
    )


async def _settle_user(container: Container, tenant_id: str, values: Any) -> None:
    """Put a user's first id in place of whichever of its ids is named."""
    named = values.get("userId") if isinstance(values, dict) else None
    if isinstance(named, str):
        values["userId"] = await container.principals.canonical(tenant_id, named)


def _require_room(container: Container, scope: Scope, caller: Caller) -> None:
    """Count the request; where the caller stands is told on every answer.

    Raises:
        RateLimited: It is over a limit of ours.
    """
    standing = container.usage.take(caller.principal)
    if standing is None:
        return
    scope["state"][STANDING] = standing
    if standing.is_over:
        raise RateLimited(
            "Too many requests.",
            details={"by": "platform"},
            retry_after=standing.wait,
        )


def _bearer(authorization: str | None) -> str | None:
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized("Send an API key: Authorization: Bearer <key>.")
    return token.strip()


def _require(caller: Caller, permission: Permission | None) -> None:
    if permission is not None and not caller.principal.may(permission):
        raise Forbidden(
            f"This needs the permission {permission.value}.",
            details={"permission": permission.value},
        )


def _checked(adapter: TypeAdapter[Any], value: Any, problems: Problems, place: str) -> Any:
    """The value as its field wants it; what is wrong with it joins the problems.

    Raises:
        NotFound: It is an id of ours in the path, and malformed.
    """
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        if place in OUR_PATH_IDS:
            raise NotFound("There is no such thing here.") from None
        for problem in error.errors(include_url=False, include_input=False):
            field = ".".join(map(str, problem["loc"])) or to_camel(place)
            problems.append((field, complaint(problem)))
        return None
