"""The switches under `/_sandbox/`: faults on and off, and what was asked so far."""

from typing import TYPE_CHECKING

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.kit.answers import json_answer
from src.sandbox.kit.faults import Fault, FaultBook

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.kit.journal import RequestJournal


def control_routes(book: FaultBook, journal: "RequestJournal") -> list[Route]:
    """Return the routes of the switches; they are neither struck by a fault nor counted."""

    async def show_faults(_: "Request") -> Response:
        return json_answer(await book.faults())

    async def replace_faults(request: "Request") -> Response:
        try:
            faults = msgspec.json.decode(await request.body(), type=list[Fault])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return json_answer({"error": str(error)}, 400)
        await book.replace(faults)
        return json_answer(faults)

    async def clear_faults(_: "Request") -> Response:
        await book.replace([])
        return Response(status_code=204)

    async def show_requests(_: "Request") -> Response:
        return json_answer(await journal.counts())

    async def clear_requests(_: "Request") -> Response:
        await journal.reset()
        return Response(status_code=204)

    return [
        Route("/faults", show_faults, methods=["GET"]),
        Route("/faults", replace_faults, methods=["PUT"]),
        Route("/faults", clear_faults, methods=["DELETE"]),
        Route("/requests", show_requests, methods=["GET"]),
        Route("/requests", clear_requests, methods=["DELETE"]),
    ]
