"""The browser's way back from a provider. It names no tenant; what counts is the stored state.

These answers are for browsers: redirects and a page, no envelope, and not in the document.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import SecretStr

from src.api.cookies import Cookies, flow_name
from src.api.flow_ends import reason_of, told_of
from src.api.pages import page, telling
from src.api.session_callers import nobody
from src.bootstrap import Container
from src.core.logging import bind_log_context
from src.models.connection import ConnectionStatus
from src.services.oauth.values import BrowserEnd, OAuthAnswer
from src.services.returns import with_parameters

router = APIRouter(prefix="/connectors/{connector_id}/connect", include_in_schema=False)

_SEE_OTHER = 303
_BAD_REQUEST = 400
_READ = ("state", "code", "error", "error_description", "scope")
_MOST_FIELDS = 50


@router.get("/callback")
async def come_back(connector_id: str, request: Request) -> Response:
    """End the flow, and send the browser where its start said."""
    container: Container = request.app.state.container
    cookies = Cookies(is_secure=container.returns.is_secure)
    answer = _answer(request)
    end = await container.oauth_end.finish_in_browser(
        connector_id, answer, list(cookies.flows(request)), nobody(request.scope)
    )
    response = _response(container, end, answer.state or "")
    if end.state is not None:
        bind_log_context(tenant=end.state.tenant_id)
        if end.state.session_hash is not None:
            await container.sessions.note(end)
        if end.state.browser_hash is not None:
            cookies.drop(response, flow_name(answer.state or ""))
    return response


def _answer(request: Request) -> OAuthAnswer:
    """What the provider sent; a field that stands there twice could be read in two ways."""
    try:
        pairs = parse_qsl(request.url.query, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return OAuthAnswer(state=None)
    given = {name: [value for key, value in pairs if key == name] for name in _READ}
    if any(len(values) > 1 for values in given.values()):
        return OAuthAnswer(state=None)
    known = {name: values[0] for name, values in given.items() if values}
    code = known.get("code")
    return OAuthAnswer(
        state=known.get("state"),
        code=None if code is None else SecretStr(code),
        error=known.get("error"),
        error_description=known.get("error_description"),
        scope=known.get("scope"),
    )


def _response(container: Container, end: BrowserEnd, state: str) -> Response:
    kept = end.state
    if kept is not None and kept.session_hash is not None:
        return RedirectResponse(container.returns.page, _SEE_OTHER)
    told = told_of(end)
    if kept is not None and kept.return_url is not None:
        parameters = {name: text for name, text in told.items() if text is not None}
        # The state is one of ours by now, so it holds nothing but its alphabet.
        url = with_parameters(kept.return_url, {**parameters, "state": state})
        return RedirectResponse(url, _SEE_OTHER)
    title, sentence = _words(end)
    data, script = "", None
    if kept is not None and kept.opener_origin is not None:
        data, script = telling(kept.opener_origin, told)
    status = 200 if end.error is None else _BAD_REQUEST
    return page(title, f"<p>{sentence}</p>{data}", status=status, script=script)


def _words(end: BrowserEnd) -> tuple[str, str]:
    """What the user reads: sentences of ours alone."""
    if end.connected is None:
        reason = reason_of(end.error.code.value if end.error else "")
        return "Not connected", f"{reason} You can close this window."
    if end.connected.connection.status is ConnectionStatus.PENDING:
        return "Almost connected", "One choice is left. Go back to the application."
    return "Connected", "You can close this window."
