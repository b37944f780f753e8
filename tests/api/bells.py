"""Four connectors that differ in their webhooks alone, and the one provider behind them.

``chime``: an address of its own, signed, made by the connection, and it expires. ``lodge``: one
address for the app, JWTs, made by the connection. ``club``: one address and one subscription for
the app, proved by nothing. ``mill``: an address of its own, a secret header, made by hand.
"""

import hashlib
import hmac
import json
import re
import time
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import msgspec
from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from src.connectors.base import Identity, ReceivesWebhooks, SubscribesWebhooks
from src.connectors.manifest import (
    AuthKind,
    AuthMethod,
    Deletions,
    KeyField,
    Manifest,
    Stream,
    UpdatedSince,
)
from src.connectors.rest.client import Dialect
from src.connectors.rest.decoding import decode
from src.connectors.syncing import SyncPage, SyncQuery
from src.connectors.webhooks import (
    Change,
    Delivery,
    Notice,
    Reading,
    Subscription,
    WebhookEvent,
    WebhookSpec,
    Wish,
)
from src.core.errors import ProviderNotFound
from src.core.oauth import OAuth2Spec
from src.models.connection import Account
from src.models.unified import Item
from tests.secrecy import SECRETS

DROPINS = Path(__file__).parent / "hook_dropins"
HOST = "bells.example"
APP = {"client_id": "bells-app", "client_secret": "bells-app-secret-0123456789-abcdefgh"}
EVENTS = (
    WebhookEvent(name="thing", description="A thing changed.", streams=("things",)),
    WebhookEvent(name="other", description="Something else changed.", streams=("others",)),
)
DELIVERY_ID = "X-Bell-Delivery"
ODD = "Odd"
"""The title of a thing that the connectors make a mistake over, seen when it is stored."""


def manifest(name: str, webhooks: WebhookSpec) -> Manifest:
    """A manifest that says nothing of note but the webhooks."""
    streams = [
        Stream(name=each, incremental=True, deletions=Deletions.NEVER, checkpoint=UpdatedSince)
        for each in ("things", "others")
    ]
    return Manifest(
        id=name,
        version="0.1.0",
        name=name.title(),
        description="Things that ring.",
        category="testing",
        docs_url=f"https://{HOST}/docs",
        api_url=f"https://{HOST}",
        auth_methods=(
            AuthMethod(
                id="key",
                kind=AuthKind.API_KEY,
                label="Key",
                fields=(KeyField(name="apiKey", label="Key", secret=True),),
            ),
            AuthMethod(id="import", kind=AuthKind.IMPORT, label="Token"),
            AuthMethod(
                id="oauth2",
                kind=AuthKind.OAUTH2,
                label="Sign in",
                oauth2=OAuth2Spec(
                    authorize_url=f"https://{HOST}/authorize", token_url=f"https://{HOST}/token"
                ),
            ),
        ),
        streams=tuple(streams),
        webhooks=webhooks,
        dialect=Dialect(
            path_patterns={
                "thing": re.compile(r"[a-z0-9-]{1,40}"),
                "hook": re.compile(r"[0-9]{1,9}"),
            }
        ),
    )


class Me(msgspec.Struct):
    id: str


class Thing(msgspec.Struct):
    id: str
    title: str


class Hook(msgspec.Struct):
    id: int
    expires: int | None = None


class Told(msgspec.Struct):
    """The body of a delivery."""

    things: list[str | None] = []
    who: str | None = None
    event: str = "thing"
    box: str | None = None
    left: bool = False
    id: str | None = None


class Rings(ReceivesWebhooks):
    """What the four have in common."""

    async def identify(self) -> Identity:
        me = await self.rest.get("/me", Me)
        return Identity(Account(id=me.id, name=me.id))

    async def sync(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        things = msgspec.json.decode(
            (await self.rest.call("GET", "/things")).content, type=list[Thing]
        )
        yield SyncPage(
            records=[to_item(thing) for thing in things],
            plan=("box",),
            checkpoint=UpdatedSince(updated_since=query.started_at),
        )

    async def fetch(self, stream: str, record_id: str) -> Item | None:
        assert stream == "things"
        path = "/things/{thing}"
        try:  # the bells say that a thing is gone, which is no failure
            thing = await self.rest.get(path, Thing, thing=record_id)
        except ProviderNotFound:
            return None
        return cast("Item", thing) if thing.title == ODD else to_item(thing)

    @classmethod
    def read(cls, delivery: Delivery) -> Reading:
        told = decode(delivery.body, Told)
        changes = [
            Change(
                event=told.event, stream=f"{told.event}s", record_id=thing, container_id=told.box
            )
            for thing in told.things
        ]
        notice = Notice(changes=tuple(changes), key=told.who, doubts_grant=told.left)
        return Reading(notices=(notice,), delivery_id=told.id)


class RingsByItself(Rings, SubscribesWebhooks):
    """Those whose webhooks are made over the API."""

    async def subscribe(self, wish: Wish) -> Subscription:
        told = {
            "url": wish.url.get_secret_value(),
            "secret": wish.secret.get_secret_value(),
            "events": list(wish.events),
            "container": wish.container_id,
        }
        hook = await self.rest.write("POST", "/hooks", Hook, json=told)
        return _subscribed(hook)

    async def unsubscribe(self, present: Subscription) -> None:
        await self.rest.change("DELETE", "/hooks/{hook}", hook=present.handle["id"])


class RingsForTheApp(RingsByItself):
    """Those of which the app has one."""

    async def subscribe(self, wish: Wish) -> Subscription:
        told = {"url": wish.url.get_secret_value(), "secret": wish.secret.get_secret_value()}
        answer = await self.rest.call(
            "POST",
            "/app/hooks",
            content=urlencode(told).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        return _subscribed(msgspec.json.decode(answer.content, type=Hook))

    async def unsubscribe(self, present: Subscription) -> None:
        await self.rest.change("DELETE", "/app/hooks/{hook}", hook=present.handle["id"])


def _subscribed(hook: Hook) -> Subscription:
    end = None if hook.expires is None else datetime.fromtimestamp(hook.expires, UTC)
    return Subscription(handle={"id": hook.id}, expires_at=end)


def to_item(thing: Thing) -> Item:
    return Item(id=thing.id, type="thing", container_id="box", title=thing.title)


class BellsProvider:
    """Its things, its hooks, and who asked for what."""

    def __init__(self) -> None:
        self.things: dict[str, str] = {"t1": "One", "t2": "Two"}
        self.hooks: dict[int, dict[str, Any]] = {}
        self.expires: int | None = None
        self.refuses: int | None = None
        """The status of the refusal of a new hook, which repeats all that it was told."""
        self.outage = False
        self.dead: set[str] = set()
        """Tokens that are of no use any more."""
        self.asked: list[tuple[str, str]] = []
        self.greeter: Any = None
        """Called with the address of a new hook of the app's, before it is answered."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        request = Request(scope, receive)
        self.asked.append((request.method, request.url.path))
        down = JSONResponse({"message": "down"}, 503)
        answer = down if self.outage else await self._answer(request)
        await answer(scope, receive, send)

    def count(self, method: str, path: str) -> int:
        return self.asked.count((method, path))

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        token = request.headers.get("authorization", "").rpartition(" ")[2]
        if path.startswith("/app/"):
            return await self._of_app(request)
        if not token or token in self.dead:
            return JSONResponse({"message": "who are you?"}, 401)
        if path == "/me":
            return JSONResponse({"id": token.partition("-")[0]})
        if path.startswith("/things"):
            return self._thing(path.removeprefix("/things").strip("/"))
        return await self._hooked(request, json.loads(await request.body() or b"{}"))

    def _thing(self, name: str) -> Response:
        things = [{"id": one, "title": title} for one, title in self.things.items()]
        if not name:
            return JSONResponse(things)
        found = [thing for thing in things if thing["id"] == name]
        return JSONResponse(found[0]) if found else JSONResponse({"message": "gone"}, 404)

    async def _of_app(self, request: Request) -> Response:
        given = request.query_params if request.method == "DELETE" else {}
        form = parse_qs((await request.body()).decode())
        told = {name: values[0] for name, values in form.items()} | dict(given)
        if {name: told.get(name) for name in APP} != APP:
            return JSONResponse({"message": "who are you?"}, 401)
        if self.greeter is not None and request.method == "POST":
            await self.greeter(told["url"], told["secret"])
        return await self._hooked(request, told)

    async def _hooked(self, request: Request, told: dict[str, Any]) -> Response:
        if request.method == "DELETE":
            self.hooks.pop(int(request.url.path.rpartition("/")[2]), None)
            return Response(status_code=204)
        if self.refuses is not None:
            said = f"cannot reach {told['url']} with {told['secret']}"
            return JSONResponse({"message": said}, self.refuses)
        SECRETS.note(told["url"].rpartition("/")[2], told["secret"])
        number = 100 + self.count("POST", request.url.path)
        self.hooks[number] = told
        return JSONResponse({"id": number, "expires": self.expires}, 201)


def path_of(url: str) -> str:
    """The path of an address of ours."""
    return urlsplit(url).path


def signed(secret: str, body: bytes) -> str:
    """The signature of a delivery of ``chime``."""
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def token_of(secret: str, algorithm: str = "HS256", **claims: Any) -> str:
    """The token of a delivery of ``lodge``."""
    key = OctKey.import_key(secret)
    made: str = jwt.encode(
        {"alg": algorithm},
        {"iss": "bells", "exp": int(time.time()) + 60, **claims},
        key,
        [algorithm],
    )
    return made


async def ring(
    client: httpx.AsyncClient, url: str, told: dict[str, Any], **headers: str
) -> httpx.Response:
    """Deliver something, with these headers."""
    content = json.dumps(told).encode()
    return await client.post(path_of(url), content=content, headers=headers)
