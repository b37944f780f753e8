"""The page that Prometheus reads of workers: served by the process above them.

That one lives as long as the command does, whoever of its workers dies.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client import start_http_server

from src.core.config import Settings
from src.core.errors import StartError
from src.core.metrics import counting_together, of_all_processes


@contextmanager
def measured(settings: Settings) -> Iterator[None]:
    """Serve what the workers count that are started within, where that is wanted.

    Raises:
        StartError: The port cannot be used, or ``PROMETHEUS_MULTIPROC_DIR`` names no folder.
    """
    port = settings.worker_metrics_port
    if not port:
        yield
        return
    with counting_together():
        try:
            server, thread = start_http_server(port, registry=of_all_processes())
        except ValueError:
            raise StartError("PROMETHEUS_MULTIPROC_DIR must name a folder that is there.") from None
        except OSError as error:
            raise StartError(
                f"WORKER_METRICS_PORT: port {port} cannot be used ({error.strerror})."
            ) from error
        # A worker that outlives this process must not keep the port from the next one.
        os.register_at_fork(after_in_child=server.socket.close)
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
