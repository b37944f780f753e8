"""The other places that a browser visits: a host application, and a provider with sites."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from urllib.parse import parse_qs, urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.processes.conftest import free_port

_OPENER = """<!DOCTYPE html><html lang="en"><title>Host</title><h1>Host</h1>
<p id="told">nothing yet</p><a id="open" href="{url}" target="_blank" rel="opener">Connect</a>
<script>const heard = [];
addEventListener("message", (event) => {{
  heard.push([event.origin, event.data]);
  document.getElementById("told").textContent = JSON.stringify(heard);
}});</script></html>"""


def _text(title: str, text: str) -> HTMLResponse:
    return HTMLResponse(f'<!DOCTYPE html><html lang="en"><title>{title}</title>{text}</html>')


async def _home(_: Request) -> Response:
    return _text("Host", "<h1>Back at the host</h1>")


async def _opener(request: Request) -> Response:
    return HTMLResponse(_OPENER.format(url=escape(request.query_params["url"])))


def host_app() -> Starlette:
    """An application of ours' user: an address to come back to, and a window that listens."""
    return Starlette(routes=[Route("/done", _home), Route("/opener", _opener)])


class SitesProvider:
    """OAuth with one button, for an account that has two sites."""

    def __init__(self) -> None:
        self.knows_the_user = False
        """Whether it asks no more, as providers do when the same app comes again."""

    @property
    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/authorize", self._authorize, methods=["GET", "POST"]),
                Route("/token", self._token, methods=["POST"]),
                Route("/revoke", self._revoke, methods=["POST"]),
                Route("/me", self._me),
            ]
        )

    async def _authorize(self, request: Request) -> Response:
        if request.method == "GET" and not self.knows_the_user:
            button = '<form method="post"><button>Allow</button></form>'
            return _text("Sites", f"<h1>Allow access?</h1>{button}")
        back = {"code": "one-code", "state": request.query_params["state"]}
        return RedirectResponse(f"{request.query_params['redirect_uri']}?{urlencode(back)}", 303)

    async def _token(self, request: Request) -> Response:
        assert "code" in parse_qs((await request.body()).decode())
        return JSONResponse({"access_token": "sites-token-0123456789", "token_type": "bearer"})

    async def _revoke(self, _: Request) -> Response:
        return JSONResponse({})

    async def _me(self, _: Request) -> Response:
        return JSONResponse({"id": "u1", "name": "Ada", "sites": ["red", "blue"]})


@contextmanager
def served(app: Starlette) -> Iterator[str]:
    """Serve over real HTTP on the loopback; the address."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
