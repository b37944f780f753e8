"""Writes down what a provider answers while a verb is called: the other half of ``recorded``."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

import httpx
import msgspec

from src.connectors.rest.client import Address
from src.core.outbound import MAX_ANSWER_BYTES, Outbound, Request, Response
from src.testing.recorded import (
    PROVIDER,
    Exchange,
    RecordedRequest,
    RecordedResponse,
    Recording,
    RecordingError,
    bases_of,
    below,
)
from src.testing.remaining import remains

_KEY_FILE = "recording.key"
_KEY_BYTES = 32
_TROUBLE = 500
_TOO_MANY = 429
_NEVER = re.compile(r"cookie|auth|token|secret|key|signature", re.IGNORECASE)


class _Read(Mapping[str, str]):
    """Headers that remember which of them were read."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        value = self._headers[name]
        self.names.add(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._headers)

    def __len__(self) -> int:
        return len(self._headers)

    def kept(self) -> dict[str, str]:
        """Those that matter: what the connector read, and what says how to read the body."""
        wanted = sorted({*self.names, "content-type"} & set(self._headers))
        return {name: self._headers[name] for name in wanted if not _NEVER.search(name)}


class Recorder(Outbound):
    """The door to the world, and a list of all that went through it."""

    def __init__(
        self, transport: httpx.AsyncBaseTransport | None = None, *, guarded: bool = True
    ) -> None:
        super().__init__(transport, guarded=guarded)
        self._taken: list[tuple[Request, Response, _Read]] = []

    async def send(
        self,
        request: Request,
        *,
        operator_address: bool = False,
        deadline: float = 20.0,
        max_bytes: int = MAX_ANSWER_BYTES,
    ) -> Response:
        """Send, and keep the answer."""
        response = await super().send(
            request, operator_address=operator_address, deadline=deadline, max_bytes=max_bytes
        )
        headers = _Read(response.headers)
        if response.status < _TROUBLE and response.status != _TOO_MANY:
            self._taken.append((request, response, headers))
        return Response(response.status, headers, response.content)

    def forget(self) -> None:
        """Begin a new list."""
        self._taken.clear()

    def exchanges(self, address: Address) -> list[Exchange]:
        """What went through, in order.

        Raises:
            RecordingError: A body cannot be written down.
        """
        return [
            Exchange(
                request=_request(request, address), response=_response(response, headers, address)
            )
            for request, response, headers in self._taken
        ]


def _request(request: Request, address: Address) -> RecordedRequest:
    made = RecordedRequest(method=request.method, path=below(address, request.url))
    if request.content is None:
        return made
    try:
        made.json = msgspec.json.decode(request.content)
    except msgspec.DecodeError:
        made.text = _text(request.content)
    return made


def _response(response: Response, headers: _Read, address: Address) -> RecordedResponse:
    kept = {name: _placed(value, address) for name, value in headers.kept().items()}
    made = RecordedResponse(status=response.status, headers=kept)
    if not response.content:
        return made
    text = _placed(_text(response.content), address)
    try:
        made.json = msgspec.json.decode(text)
    except msgspec.DecodeError:
        made.text = text
    return made


def _placed(text: str, address: Address) -> str:
    """A text with ``{provider}`` for the provider's address."""
    for base in bases_of(address):
        text = re.sub(rf"{re.escape(base)}(?=[/?#>\"'\s]|$)", lambda _: PROVIDER, text)
    return text


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise RecordingError(
            "The provider answers bytes that are no text: nobody can see what is in them, so they"
            " are not recorded. Record another item."
        ) from error


def key_in(folder: Path) -> bytes:
    """The key of this installation's pseudonyms; made when there is none."""
    path = folder / _KEY_FILE
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(secrets.token_bytes(_KEY_BYTES))
    return path.read_bytes()


def write(
    recording: Recording,
    path: Path,
    is_held: Callable[[str], bool],
    made: Collection[str] = (),
) -> None:
    """Write a recording, unless a secret has remained in it.

    Args:
        recording: What to write; redacted.
        path: Where to.
        is_held: Whether a text has the credential in it, in whatever form.
        made: What redaction put in the place of what was named.

    Raises:
        RecordingError: Something in it looks like a secret, or like a person's address.
    """
    if found := remains(recording, is_held, made):
        raise RecordingError(
            f"Nothing is written: {found.what} has remained in {found.where}. {found.advice}"
        )
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(recording), indent=2) + b"\n")
