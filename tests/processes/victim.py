"""A process that is killed in the very moment in which the provider's answer has come."""

import asyncio
import os
import signal
import sys
from typing import Any

from src.bootstrap import build_container
from src.connectors.registry import discover
from src.core.config import Settings
from src.core.outbound import Outbound, Request, Response
from src.models.principal import OPEN_PERMISSIONS, Caller, Principal, Via


class Fatal(Outbound):
    """A door to the world that nobody comes back from with a new token."""

    async def send(self, request: Request, **options: Any) -> Response:
        response = await super().send(request, **options)
        if request.url.endswith("/login/oauth/access_token"):
            os.kill(os.getpid(), signal.SIGKILL)
        return response


async def main(connection_id: str) -> None:
    container = await build_container(Settings(), discover([]), outbound=Fatal(guarded=False))
    await container.prepare()
    caller = Caller(Principal("acme", Via.OPEN, OPEN_PERMISSIONS))
    opened = await container.calls.open(caller, "github", connection_id)
    await container.calls.run(caller, opened, opened.connector.identify)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
