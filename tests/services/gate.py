"""A way to a server that can be shut and opened, to be away and to come back."""

import selectors
import socket
import socketserver
import threading
from contextlib import suppress

from src.db.keeper import free_port

Address = tuple[str, int]


class Gate:
    """A port that leads to ``server`` while it is open; nobody listens while it is shut."""

    def __init__(self, server: Address) -> None:
        self._server = server
        self._passage: _Passage | None = None
        self.port = free_port()

    def open(self) -> None:
        """Let connections through."""
        self._passage = _Passage(self.port, self._server)
        threading.Thread(target=self._passage.serve_forever, args=(0.01,)).start()

    def shut(self) -> None:
        """Let nobody through, and cut off whoever is there."""
        if self._passage is not None:
            self._passage.is_shut = True
            self._passage.shutdown()
            self._passage.server_close()
            self._passage = None


class _Passage(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 50

    def __init__(self, port: int, target: Address) -> None:
        super().__init__(("127.0.0.1", port), _Connection)
        self.target = target
        self.is_shut = False


class _Connection(socketserver.BaseRequestHandler):
    server: _Passage
    request: socket.socket

    def handle(self) -> None:
        with (
            suppress(ConnectionError),
            socket.create_connection(self.server.target) as inner,
            selectors.DefaultSelector() as ends,
        ):
            ends.register(self.request, selectors.EVENT_READ, inner)
            ends.register(inner, selectors.EVENT_READ, self.request)
            while not self.server.is_shut:
                for key, _ in ends.select(0.01):
                    end = key.fileobj
                    data = end.recv(65536) if isinstance(end, socket.socket) else b""
                    if not data:
                        return
                    key.data.sendall(data)
