"""A tiny imitation provider: shelves, books, notes, and a search that widens with ``shelf:2``."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.kit import PlainDialect, Provider, Refused, build_app, json_answer, paginate

TOKEN = "shelf-token-4711"
SHELVES = {1: 45, 2: 12, 3: 0}


def _book(shelf: int, number: int) -> dict[str, Any]:
    url = f"https://library.example/{shelf}/{number}"
    title = f"{'Whale' if number % 2 else 'Ship'} {number}"
    return {"shelf": shelf, "number": number, "title": title, "url": url, "text": "…"}


def _admit(request: Request) -> None:
    if request.headers.get("authorization") != f"Bearer {TOKEN}":
        raise Refused(PlainDialect().error(401))


def _listed(request: Request, rows: list[Any]) -> Response:
    page, headers = paginate(request, rows, default=30)
    return json_answer(list(page), headers=headers)


def _shelf(request: Request) -> int:
    shelf = int(request.path_params["shelf"])
    if shelf not in SHELVES:
        raise Refused(PlainDialect().error(404))
    return shelf


async def me(request: Request) -> Response:
    _admit(request)
    return json_answer({"id": 7, "name": "librarian"})


async def shelves(request: Request) -> Response:
    _admit(request)
    return _listed(request, [{"number": number, "name": f"Shelf {number}"} for number in SHELVES])


async def shelf(request: Request) -> Response:
    _admit(request)
    number = _shelf(request)
    return json_answer({"number": number, "name": f"Shelf {number}"})


async def books(request: Request) -> Response:
    """``search`` is words; ``shelf:2`` among them, outside quotes, looks there too."""
    _admit(request)
    search = request.query_params.get("search", "")
    unquoted = "".join(search.split('"')[::2])
    places = {_shelf(request), *(n for n in SHELVES if f"shelf:{n}" in unquoted)}
    words = [
        word for word in search.replace('"', " ").lower().split() if not word.startswith("shelf:")
    ]
    found = [_book(place, number) for place in places for number in range(1, SHELVES[place] + 1)]
    return _listed(request, [one for one in found if all(w in one["title"].lower() for w in words)])


async def book(request: Request) -> Response:
    _admit(request)
    shelf, number = _shelf(request), int(request.path_params["book"])
    if not 0 < number <= SHELVES[shelf]:
        raise Refused(PlainDialect().error(404))
    return json_answer(_book(shelf, number))


async def notes(request: Request) -> Response:
    _admit(request)
    if request.method == "POST":
        text = json.loads(await request.body())["text"]
        return json_answer({"number": 26, "text": text}, 201)
    return _listed(request, [{"number": number, "text": "Hm."} for number in range(1, 26)])


def create_app(store: Any) -> Any:
    below = "/shelves/{shelf:int}/books"
    routes = (
        Route("/me", me),
        Route("/shelves", shelves),
        Route("/shelves/{shelf:int}", shelf),
        Route(below, books),
        Route(below + "/{book:int}", book),
        Route(below + "/{book:int}/notes", notes, methods=["GET", "POST"]),
    )
    return build_app(Provider("shelf", routes), store)
