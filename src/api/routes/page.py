"""The connect page: plain forms for a browser with a connect session. Not in the document."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from src.api.connect_page import Shown, body_of, labels_of
from src.api.cookies import FLOW_SECONDS, SESSION, SESSION_SECONDS, Cookies, flow_name
from src.api.flow_ends import reason_of
from src.api.pages import leave, page, telling
from src.api.schemas.connect import CallbackBody
from src.api.session_callers import nobody
from src.bootstrap import Container
from src.connectors.registry import LoadedConnector
from src.core.errors import AppError, ConnectorNotConfigured, ErrorCode, Forbidden, NotFound
from src.models.connect_session import SessionOutcome
from src.models.connection import Connection, ConnectionStatus
from src.models.principal import Caller
from src.services.oauth.values import OAuthStart
from src.services.returns import with_parameters
from src.services.sessions import OpenSession, within

router = APIRouter(include_in_schema=False)

PATH = "/connect"
_SEE_OTHER = 303
_UNAUTHORIZED = 401
_FORBIDDEN = 403
_UNPROCESSABLE = 422
_MOST_FIELDS = 50
_TITLE = "Connect an account"


@router.get(PATH)
async def show(request: Request) -> Response:
    """The page; a session's token is traded for a cookie first, and gone from the address."""
    container: Container = request.app.state.container
    cookies = Cookies(is_secure=container.returns.is_secure)
    token = request.query_params.get("session")
    if token is not None:
        try:
            opened = await container.sessions.open(token)
        except AppError:
            return _closed()
        response: Response = RedirectResponse(PATH, _SEE_OTHER)
        cookies.set(response, SESSION, opened.cookie.get_secret_value(), SESSION_SECONDS)
        return response
    found = await container.sessions.find(cookies.read(request, SESSION))
    if found is None:
        return _closed()
    return await _Visit(container, request, found).shown()


@router.post(PATH)
async def act(request: Request) -> Response:
    """What one of the page's forms asks for."""
    container: Container = request.app.state.container
    cookies = Cookies(is_secure=container.returns.is_secure)
    opened = await container.sessions.find(cookies.read(request, SESSION))
    if opened is None:
        return _closed()
    content = (await request.body()).decode("utf-8", "replace")
    try:
        form = dict(parse_qsl(content, max_num_fields=_MOST_FIELDS))
    except ValueError:
        form = {}
    try:
        container.sessions.require_csrf(opened, form.get("csrf"))
    except Forbidden:
        return page("Nothing was done", "<p>Go back and try again.</p>", status=_FORBIDDEN)
    visit = _Visit(container, request, opened)
    try:
        return await visit.act(form, cookies)
    except AppError as error:
        return await visit.refused(await visit.sentence(error, form), form)


def _closed() -> Response:
    text = "<p>This link has been used or is too old. Go back to the application.</p>"
    return page("Nothing to connect here", text, status=_UNAUTHORIZED)


class _Visit:
    """One request of a session's browser."""

    def __init__(self, container: Container, request: Request, opened: OpenSession) -> None:
        self._container = container
        self._opened = opened
        self._session = opened.session
        self._caller: Caller = opened.caller(nobody(request.scope))

    async def sentence(self, error: AppError, form: dict[str, str]) -> str:
        """What a person can do with an error; the caller's own mistakes are told as they are."""
        wrong = error.details.get("errors")
        if error.code is ErrorCode.VALIDATION_ERROR and wrong:
            labels: dict[str, str] = {}
            for loaded, _ in await self._connectors():
                if loaded.manifest.id == form.get("connector"):
                    labels = labels_of(loaded, form.get("method"))
            told = (f"{labels.get(one['field'], one['field'])} {one['message']}." for one in wrong)
            return " ".join(told)
        if error.code in {ErrorCode.PROVIDER_REJECTED, ErrorCode.CONFLICT}:
            return error.message
        return reason_of(error.code.value)

    async def refused(self, problem: str, form: dict[str, str]) -> Response:
        """The page again, with what was wrong and what was typed."""
        return await self.shown(problem=problem, entered=form, status=_UNPROCESSABLE)

    async def shown(
        self,
        *,
        problem: str | None = None,
        entered: dict[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        """The page as it stands now."""
        outcome = self._session.outcome
        connection = await self._outcome_connection()
        if outcome is not None and outcome.error is not None and problem is None:
            problem = reason_of(outcome.error)
        if connection is not None and connection.status is ConnectionStatus.CONNECTED:
            told = {"connectionId": connection.id, "status": connection.status.value}
            if self._session.return_url is not None:
                return leave(with_parameters(self._session.return_url, told))
        else:
            told = {}
        content = body_of(
            Shown(
                csrf=self._container.sessions.csrf(self._opened),
                connectors=await self._connectors(),
                connection=connection,
                problem=problem,
                entered=entered or {},
            )
        )
        script = None
        if told and self._session.opener_origin is not None:
            data, script = telling(self._session.opener_origin, dict(told))
            content += data
        return page(_TITLE, content, status=status, script=script, has_forms=True)

    async def act(self, form: dict[str, str], cookies: Cookies) -> Response:
        """Do what the pressed button says."""
        match form.get("do"):
            case "oauth":
                return await self._authorize(form, cookies)
            case "key":
                return await self._key(form)
            case "choose":
                connected = await self._container.selections.choose(
                    self._caller, form.get("connection", ""), form.get("value", "")
                )
                return await self._noted(connected.connection)
            case "cancel":
                return await self._cancelled()
            case _:
                return await self.shown()

    async def _authorize(self, form: dict[str, str], cookies: Cookies) -> Response:
        connector_id = self._named(form)
        start = OAuthStart(method=form.get("method", "oauth2"))
        started = await self._container.oauth_begin.start(
            self._caller,
            connector_id,
            within(self._opened, start),
            in_browser=True,
            session_hash=self._session.cookie_hash,
        )
        response = leave(started.auth_url)
        if started.browser is not None:
            cookies.set(response, flow_name(started.state), started.browser, FLOW_SECONDS)
        return response

    async def _key(self, form: dict[str, str]) -> Response:
        connector_id = self._named(form)
        config = {
            name.removeprefix("config."): text
            for name, text in form.items()
            if name.startswith("config.") and text
        }
        given: dict[str, Any] = {
            "method": form.get("method"),
            "apiKey": form.get("apiKey", "").strip(),
            "apiSecret": form.get("apiSecret", "").strip() or None,
            "config": config or None,
            "connectionId": self._session.connection_id,
        }
        try:
            body = CallbackBody.model_validate(given)
        except ValidationError:
            return await self.refused("Fill in every field, without blanks inside.", form)
        connected = await self._container.connect.finish(
            self._caller, connector_id, body.to_authorization()
        )
        return await self._noted(connected.connection)

    async def _noted(self, connection: Connection) -> Response:
        outcome = SessionOutcome(
            connector_id=connection.connector_id,
            connection_id=connection.id,
            status=connection.status.value,
        )
        await self._container.sessions.note_outcome(self._session.cookie_hash or "", outcome)
        return RedirectResponse(PATH, _SEE_OTHER)

    async def _cancelled(self) -> Response:
        url = self._session.return_url
        if url is not None:
            denied = {"error": ErrorCode.OAUTH_DENIED.value}
            return leave(with_parameters(url, denied))
        data, script = "", None
        if self._session.opener_origin is not None:
            told = {"error": ErrorCode.OAUTH_DENIED.value}
            data, script = telling(self._session.opener_origin, dict(told))
        text = f"<p>Nothing was connected. You can close this window.</p>{data}"
        return page("Cancelled", text, script=script)

    def _named(self, form: dict[str, str]) -> str:
        connector_id = form.get("connector", "")
        self._container.sessions.require_connector(self._opened, connector_id)
        return connector_id

    async def _outcome_connection(self) -> Connection | None:
        outcome = self._session.outcome
        if outcome is None or outcome.connection_id is None:
            return None
        try:
            return await self._container.connections.get(
                self._caller, outcome.connection_id, fresh=True
            )
        except NotFound:
            return None

    async def _connectors(self) -> list[tuple[LoadedConnector, bool]]:
        """The session's connectors that are on, each with whether there is an app for OAuth."""
        return [
            (entry.loaded, await self._has_app(entry.loaded))
            for entry in await self._container.catalogue.list(self._caller)
            if entry.enabled and self._session.covers(entry.loaded.manifest.id)
        ]

    async def _has_app(self, loaded: LoadedConnector) -> bool:
        try:
            await self._container.apps.choose(loaded, self._caller.tenant_id, None, {})
        except ConnectorNotConfigured:
            return False
        return True
