"""An imitation whose lists change: books of entries, paged by number, by age or by change."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.kit import (
    PlainDialect,
    Provider,
    Refused,
    SandboxStore,
    build_app,
    json_answer,
    paginate,
)

TOKEN = "ledger-token-4711"
_FIRST = {1: 23, 2: 4}
_KEY = "ledger/entries"
_OLD = "2020-01-01T00:00:00Z"


class Books:
    """The entries, kept in the store, and the routes to them."""

    def __init__(self, store: SandboxStore) -> None:
        self.store = store

    async def entries(self) -> dict[str, dict[str, str]]:
        return await self.store.get(_KEY) or {
            f"{book}:{number}": {"text": f"Entry {number}", "updated_at": _OLD}
            for book, count in _FIRST.items()
            for number in range(1, count + 1)
        }

    async def of_book(self, request: Request) -> dict[int, dict[str, str]]:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            raise Refused(PlainDialect().error(401))
        book = request.path_params.get("book")
        if book is not None and book not in _FIRST:
            raise Refused(PlainDialect().error(404))
        return {
            int(key.partition(":")[2]): entry
            for key, entry in (await self.entries()).items()
            if key.startswith(f"{book}:")
        }

    async def me(self, request: Request) -> Response:
        await self.of_book(request)
        return json_answer({"id": 7})

    async def books(self, request: Request) -> Response:
        await self.of_book(request)
        return json_answer([{"number": number} for number in _FIRST])

    async def listed(self, request: Request) -> Response:
        since = request.query_params.get("since", "")
        rows = [
            {"number": number, **entry}
            for number, entry in (await self.of_book(request)).items()
            if entry["updated_at"] >= since
        ]
        rows.sort(key=lambda row: (row["updated_at"] if since else "", row["number"]))
        page, headers = paginate(request, rows)
        return json_answer(list(page), headers=headers)

    async def single(self, request: Request) -> Response:
        number = request.path_params["entry"]
        found = (await self.of_book(request)).get(number)
        if found is None:
            raise Refused(PlainDialect().error(404))
        return json_answer({"number": number, **found})

    async def change(self, request: Request) -> Response:
        """A switch: an entry as it is from now on, or gone."""
        entries, key = await self.entries(), request.path_params["key"]
        if request.method == "DELETE":
            entries.pop(key, None)
        else:
            entries[key] = await request.json()
        await self.store.put(_KEY, entries)
        return Response(status_code=204)


def create_app(store: SandboxStore) -> Any:
    books = Books(store)
    below = "/books/{book:int}/entries"
    routes = (
        Route("/me", books.me),
        Route("/books", books.books),
        Route(below, books.listed),
        Route(below + "/{entry:int}", books.single),
    )
    controls = (Route("/entries/{key}", books.change, methods=["PUT", "DELETE"]),)
    return build_app(Provider("ledger", routes, controls=controls), store)
