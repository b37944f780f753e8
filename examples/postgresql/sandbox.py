"""An imitation of a server, as this connector asks it: over HTTP, without SQL, with rows as texts.

It holds two databases. Its switch ``/_sandbox/rows/{table}/{key}`` sets and deletes a row of
``shop.public``.
"""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
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
)

USER = "reader"
PASSWORD = "sandbox-postgresql-reader"  # noqa: S105  opens nothing but the imitation
_KEY = "postgresql/rows"
_OLD = "2024-05-0{day} 08:00:00+00"

Texts = list[str | None]
Tables = dict[str, dict[str, Texts]]


def _column(name: str, base: str, *, key: int | None = None) -> dict[str, Any]:
    categories = {"int8": "N", "numeric": "N", "text": "S", "timestamptz": "D", "jsonb": "U"}
    return {
        "name": name,
        "type": base,
        "cast": base,
        "base": base,
        "category": categories[base],
        "is_plain": True,
        "key": key,
    }


_ID, _UPDATED = _column("id", "int8", key=1), _column("updated_at", "timestamptz")
COLUMNS: dict[str, list[dict[str, Any]]] = {
    "customers": [_ID, _column("name", "text"), _column("about", "jsonb"), _UPDATED],
    "orders": [_ID, _column("title", "text"), _column("total", "numeric"), _UPDATED],
    "log": [_column("line", "text")],
}
COLUMNS["closed"] = COLUMNS["orders"]
SCHEMAS = {
    "shop": {"public": ["customers", "log", "orders"], "sales": []},
    "archive": {"public": ["closed"]},
}


def _first() -> Tables:
    """What is there before anybody changes something."""
    customers: dict[str, Texts] = {
        str(number): [
            str(number),
            f"{'Harbour' if number % 2 else 'Meadow'} {number}",
            f'{{"tier": {number % 3}}}',
            _OLD.format(day=number % 9 + 1),
        ]
        for number in range(1, 46)
    }
    orders: dict[str, Texts] = {
        str(number): [str(number), f"Meadow order {number}", f"{number}.50", _OLD.format(day=1)]
        for number in range(1, 13)
    }
    closed: dict[str, Texts] = {"1": ["1", "Meadow order, delivered", "7.25", None]}
    return {
        "customers": customers,
        "orders": orders,
        "log": {"1": ["started"]},
        "closed": closed,
    }


class Server:
    """The databases, kept in the store, and what can be asked of them."""

    def __init__(self, store: SandboxStore) -> None:
        self.store = store

    async def tables(self) -> Tables:
        """All tables with their rows."""
        return await self.store.get(_KEY) or _first()

    async def answer(self, request: Request) -> Response:
        """Whatever is asked, to whoever has the password."""
        pair = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {pair}":
            raise Refused(PlainDialect().error(401))
        asked = msgspec.json.decode(await request.body())
        schemas = SCHEMAS.get(asked["database"])
        if schemas is None:
            raise Refused(PlainDialect().error(404))
        return json_answer(await _QUESTIONS[request.url.path.rpartition("/")[2]](self, asked))

    async def account(self, asked: dict[str, Any]) -> Any:
        """Who is connected."""
        return {"user": USER, "database": asked["database"]}

    async def databases(self, asked: dict[str, Any]) -> Any:
        """The databases."""
        return _names(asked, list(SCHEMAS))

    async def schemas(self, asked: dict[str, Any]) -> Any:
        """The schemas of the database."""
        return _names(asked, list(SCHEMAS[asked["database"]]))

    async def relations(self, asked: dict[str, Any]) -> Any:
        """The tables of a schema."""
        return [{**one, "kind": "r"} for one in _names(asked, _tables(asked))]

    async def relation(self, asked: dict[str, Any]) -> Any:
        """One table."""
        if asked["name"] not in _tables(asked):
            raise Refused(PlainDialect().error(404))
        return {
            "schema": asked["schema"],
            "name": asked["name"],
            "kind": "r",
            "columns": COLUMNS[asked["name"]],
        }

    async def rows(self, asked: dict[str, Any]) -> Any:
        """Rows of a table, in the order of the key."""
        wish, relation = asked["wish"], asked["relation"]
        rows = (await self.tables())[relation["name"]]
        names = [column["name"] for column in relation["columns"]]
        found = [
            (int(key), [None if text is None else text[: wish["cell"] + 1] for text in texts])
            for key, texts in rows.items()
            if _is_meant(wish, int(key), dict(zip(names, texts, strict=True)))
        ]
        found.sort(key=lambda pair: pair[0])
        page = found[: wish["limit"]]
        return {
            "rows": [{"key": [str(key)], "values": texts} for key, texts in page],
            "has_more": len(found) > len(page),
        }

    async def switch(self, request: Request) -> Response:
        """Set a row, or delete it."""
        tables = await self.tables()
        rows, key = tables[request.path_params["table"]], request.path_params["key"]
        if request.method == "DELETE":
            rows.pop(key, None)
        else:
            rows[key] = await request.json()
        await self.store.put(_KEY, tables)
        return Response(status_code=204)


Question = Callable[[Server, dict[str, Any]], Awaitable[Any]]

_QUESTIONS: dict[str, Question] = {
    "account": Server.account,
    "databases": Server.databases,
    "schemas": Server.schemas,
    "relations": Server.relations,
    "relation": Server.relation,
    "rows": Server.rows,
}


def _tables(asked: dict[str, Any]) -> list[str]:
    tables = SCHEMAS[asked["database"]].get(asked["schema"])
    if tables is None:
        raise Refused(PlainDialect().error(404))
    return tables


def _names(asked: dict[str, Any], names: list[str]) -> list[dict[str, str]]:
    wish = asked["wish"]
    part = (wish["q"] or "").casefold()
    found = sorted(
        name for name in names if name > (wish["behind"] or "") and part in name.casefold()
    )
    return [{"name": name} for name in found[: wish["limit"]]]


def _is_meant(wish: dict[str, Any], key: int, row: dict[str, str | None]) -> bool:
    if wish["behind"] is not None and key <= int(wish["behind"][0]):
        return False
    if wish["at"] is not None and str(key) != wish["at"][0]:
        return False
    if wish["q"] is not None:
        texts = [row[name] or "" for name in wish["searched"]]
        if not any(wish["q"].casefold() in text.casefold() for text in texts):
            return False
    changed = row.get(wish["updated"] or "")
    return wish["updated"] is None or changed is None or changed >= _written(wish["since"])


def _written(moment: str) -> str:
    """A moment as the rows have theirs."""
    return moment.replace("T", " ").partition(".")[0] + "+00"


def create_app(store: SandboxStore) -> Any:
    """The imitation."""
    server = Server(store)
    routes = [Route(f"/{name}", server.answer, methods=["POST"]) for name in _QUESTIONS]
    path = "/rows/{table}/{key}"
    controls = (Route(path, server.switch, methods=["PUT", "DELETE"]),)
    return build_app(Provider("postgresql", routes, controls=controls), store)
