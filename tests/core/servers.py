"""A real HTTP server on the loopback, so small that it can misbehave in any way."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """What it has been asked, and by how many connections."""

    answer: Answer
    port: int = 0
    connections: int = 0
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the client has closed a connection."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer request after request until one side hangs up."""
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.heads.append(head)
                length = next(
                    (
                        line.split(":")[1]
                        for line in head.lower().split("\r\n")
                        if line.startswith("content-length:")
                    ),
                    "0",
                )
                self.bodies.append(await reader.readexactly(int(length)))
                answering = asyncio.ensure_future(self.answer(writer))
                gone = asyncio.ensure_future(_end_of(reader))
                await asyncio.wait({answering, gone}, return_when=asyncio.FIRST_COMPLETED)
                if gone.done():
                    answering.cancel()
                    self.left.set()
                    return
                gone.cancel()
                await answering
                if writer.is_closing():
                    return
        except (asyncio.IncompleteReadError, ConnectionError):
            self.left.set()
        finally:
            writer.close()


async def _end_of(reader: asyncio.StreamReader) -> None:
    # A read would tell, and take the next request away.
    while not reader.at_eof():  # noqa: ASYNC110
        await asyncio.sleep(0.005)


def plain(body: bytes = b"ok", status: str = "200 OK", headers: tuple[str, ...] = ()) -> Answer:
    """An answer as it should be."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers))
        writer.write(head.encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return answer


def raw(text: bytes, *, then_close: bool = True) -> Answer:
    """These bytes, and then perhaps the end of the connection."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()
        if then_close:
            writer.close()

    return answer


def dripping(head: bytes, drop: bytes) -> Answer:
    """A head, and then a few bytes every now and then, for ever."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(0.01)

    return answer


async def silent(writer: asyncio.StreamWriter) -> None:
    """No answer, ever."""
    await asyncio.Event().wait()
