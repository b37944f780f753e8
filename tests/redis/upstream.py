"""The ledger's provider: ``python -m tests.redis.upstream PORT ENTRIES SECONDS_PER_PAGE [held]``.

With ``held`` nobody gets the last page before ``/release`` has been called.
"""

import asyncio
import json
import re
import sys

PAGE = 100
_AFTER = re.compile(rb"[?&]after=(\d+)")


def answer(target: bytes, entries: int) -> bytes:
    if target.startswith(b"/me"):
        return json.dumps({"id": "1", "name": "Ledger"}).encode()
    found = _AFTER.search(target)
    after = int(found[1]) if found else 0
    last = min(after + PAGE, entries)
    page = [{"id": f"e{number}", "text": f"Entry {number}"} for number in range(after, last)]
    return json.dumps({"entries": page, "next": str(last) if last < entries else None}).encode()


async def main(port: int, entries: int, seconds: float, *, is_held: bool) -> None:
    released = asyncio.Event()
    if not is_held:
        released.set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                target = head.split(b" ", 2)[1]
                body = answer(target, entries)
                if target.startswith(b"/release"):
                    released.set()
                elif target.startswith(b"/entries"):
                    await asyncio.sleep(seconds)
                    if body.endswith(b"null}"):
                        await released.wait()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    is_held = "held" in sys.argv[4:]
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), is_held=is_held))
