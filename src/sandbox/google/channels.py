"""Watch channels of Drive and Calendar: addresses that are called when a feed has something new.

A call has no body; its headers say which channel it is and repeat the token that the channel got.
It is sent three times at the most while the receiver answers 500, 502, 503 or 504, and lost if the
receiver says anything else that is no success. Source:
developers.google.com/workspace/drive/api/guides/push and …/calendar/api/guides/push.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from starlette.background import BackgroundTask
from starlette.responses import Response

from src.sandbox.google import errors
from src.sandbox.kit import Refused, json_answer

if TYPE_CHECKING:
    from src.sandbox.kit import SandboxStore
    from src.sandbox.kit.posting import Post

WEEK, HOUR = 7 * 24 * 3600, 3600
_KEY = "google/channels"
_TRIES = 3
_AGAIN = frozenset({0, 500, 502, 503, 504})
"""Nought is no answer at all."""


class Asked(msgspec.Struct, rename="camel"):
    """What a new channel is to be."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9\-_+/=]{1,64}$")]
    type: str
    address: str
    token: Annotated[str, msgspec.Meta(max_length=256)] | None = None
    expiration: str | int | None = None
    params: dict[str, str] = {}


class Stopped(msgspec.Struct, rename="camel"):
    """Which channel is to end."""

    id: str
    resource_id: str


class Channel(msgspec.Struct):
    """A channel."""

    id: str
    login: str
    feed: str
    uri: str
    address: str
    token: str | None
    ends: int
    """Seconds of the Unix clock."""
    sent: int = 0

    @property
    def resource_id(self) -> str:
        """Name the feed, the same for all of its channels."""
        return sha256(f"{self.login} {self.feed}".encode()).hexdigest()[:27]


class Channels:
    """All channels, and how they are called."""

    def __init__(
        self, store: "SandboxStore", clock: Callable[[], float], post: "Post | None"
    ) -> None:
        """Without anybody to send them, calls are lost."""
        self._store = store
        self._clock = clock
        self._post = post

    async def _all(self) -> list[Channel]:
        kept = (await self._store.get(_KEY) or {}).get("channels", [])
        return [one for one in msgspec.convert(kept, list[Channel]) if one.ends > self._clock()]

    async def _keep(self, channels: list[Channel]) -> None:
        await self._store.put(_KEY, {"channels": msgspec.to_builtins(channels)})

    async def open(
        self, content: bytes, login: str, feed: str, uri: str, *, life: int
    ) -> "Response":
        """Open a channel; its first message may be there before the answer.

        Args:
            content: The request.
            login: Who asks.
            feed: What the channel is of.
            uri: The address of the feed.
            life: Seconds for which it lives if nothing is asked.
        """
        try:
            asked = msgspec.json.decode(content, type=Asked)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise errors.bad_request("Parse Error", reason="parseError") from error
        if asked.type != "web_hook":
            raise errors.bad_request("Unknown channel type.", reason="channelUnknown")
        if not asked.address.startswith(("https://", "http://localhost", "http://127.0.0.1")):
            words = f"WebHook callback must be HTTPS: {asked.address}"
            raise errors.bad_request(words, reason="push.webhookUrlNotHttps")
        channels = await self._all()
        if any(one.id == asked.id for one in channels):
            words = f"Channel id {asked.id} not unique"
            raise errors.bad_request(words, reason="channelIdNotUnique")
        channel = Channel(
            asked.id, login, feed, uri, asked.address, asked.token, self._end(asked, life)
        )
        await self._keep([*channels, channel])
        await self._send(channel.id, "sync")
        return json_answer(
            {
                "kind": "api#channel",
                "id": channel.id,
                "resourceId": channel.resource_id,
                "resourceUri": uri,
                "token": channel.token,
                "expiration": str(channel.ends * 1000),
            }
        )

    def _end(self, asked: Asked, life: int) -> int:
        now = int(self._clock())
        if asked.expiration is not None:
            return min(int(asked.expiration) // 1000, now + WEEK)
        return now + min(int(asked.params.get("ttl", life)), WEEK)

    async def stop(self, content: bytes, login: str) -> "Response":
        """End a channel, which only its opener may."""
        asked = msgspec.json.decode(content, type=Stopped)
        channels = await self._all()
        kept = [
            one
            for one in channels
            if (one.id, one.resource_id, one.login) != (asked.id, asked.resource_id, login)
        ]
        if len(kept) == len(channels):
            words = f"Channel '{asked.id}' not found for project"
            raise Refused(errors.legacy(404, "notFound", words))
        await self._keep(kept)
        return Response(status_code=204)

    def telling(self, state: str, is_told: Callable[[Channel], bool]) -> BackgroundTask:
        """Return what calls the channels that a change is about, once it has been answered."""

        async def tell() -> None:
            for channel in await self._all():
                if is_told(channel):
                    await self._send(channel.id, state)

        return BackgroundTask(tell)

    async def _send(self, name: str, state: str) -> None:
        channels = await self._all()
        channel = next((one for one in channels if one.id == name), None)
        if channel is None or self._post is None:
            return
        channel.sent += 1
        await self._keep(channels)
        for _ in range(_TRIES):
            if await self._post(channel.address, _headers(channel, state), b"") not in _AGAIN:
                return


def _headers(channel: Channel, state: str) -> dict[str, str]:
    ends = format_datetime(datetime.fromtimestamp(channel.ends, UTC), usegmt=True)
    told: dict[str, Any] = {
        "X-Goog-Channel-ID": channel.id,
        "X-Goog-Channel-Expiration": ends,
        "X-Goog-Channel-Token": channel.token,
        "X-Goog-Message-Number": str(channel.sent),
        "X-Goog-Resource-ID": channel.resource_id,
        "X-Goog-Resource-State": state,
        "X-Goog-Resource-URI": channel.uri,
        "Content-Length": "0",
    }
    return {name: value for name, value in told.items() if value is not None}
