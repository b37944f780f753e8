"""A connector that a hostile provider gets the better of loses the rule that it breaks."""

from pathlib import Path

import pytest

from src.testing.hostile.paging import check_paging
from src.testing.hostile.trials import Ledger
from src.testing.hostile.verbs import check_verbs
from src.testing.hostile.writes import check_writes
from tests.testing.hostility import found
from tests.testing.spoiling import spoil

USER = '        user = await self.rest.get("/me", User)\n'
CONTAINERS = "        return await self.rest.page(SHELVES, to_container, query)\n"
WRITTEN = (
    'written = await connector.rest.write("POST", WRITE, Note, json=given, shelf=shelf, book=book)'
)
IMPORTS = (
    "import re\n",
    """import re
import itertools
import msgspec
from contextlib import suppress
from src.connectors.rest.errors import Refusal, Verdict
from src.core.errors import AppError, InternalError, RateLimited, UnreadableAnswer
from src.core.outbound import Request

COUNT = itertools.count()


def impatient(response):
    return Refusal(Verdict.LIMITED, wait=-5.0) if response.status == 429 else None


def suspicious(response):
    return Refusal(Verdict.BAD_KEY) if response.status >= 400 else None


def careless(response):
    msgspec.json.decode(response.content)


async def headers_of(connector):
    request = Request("GET", "https://x.example")
    return (await connector.rest._authenticator.sign(request)).request.headers


async def outside(connector):
    with suppress(Exception):
        await connector.rest._outbound.send(Request("GET", "https://outside.example"))
""",
)


def _classify(name: str) -> tuple[str, str]:
    return "dialect=Dialect(", f"dialect=Dialect(classify={name}, "


def _on(error: str, handling: str) -> tuple[str, str]:
    return USER, f"        try:\n    {USER}        except {error}:\n            {handling}\n"


@pytest.mark.parametrize(
    ("rule", "change", "said"),
    [
        (
            "bounded-waits",
            _classify("impatient"),
            "Retry-After: soon, containers: containers asks to wait for -5.0 seconds",
        ),
        (
            "patient-storms",
            (
                USER,
                "        for _ in range(4):\n            with suppress(RateLimited):\n"
                f"        {USER}                break\n        else:\n    {USER}",
            ),
            "429 for ever, identify: identify makes 15 requests, 6 at the most",
        ),
        (
            "patient-storms",
            _on("RateLimited", 'user = User(1, "nobody")'),
            "429 for ever, identify: identify hides it: it must become RateLimited",
        ),
        (
            "named-nonsense",
            _classify("suspicious"),
            "HTML with 403, item: item: it became CredentialRefused",
        ),
        (
            "named-nonsense",
            _classify("careless"),
            "HTML with 502, comments: comments: it became DecodeError",
        ),
        (
            "bounded-answers",
            _on("UnreadableAnswer", "raise InternalError('Too much.') from None"),
            "packed bomb, identify: identify: it became InternalError",
        ),
        (
            "no-strangers",
            (USER, f"        await outside(self)\n{USER}"),
            "redirect: in a circle, identify: identify calls outside.example",
        ),
        (
            "kept-secrets",
            _on("RateLimited", "raise RateLimited(str(await headers_of(self))) from None"),
            "429 for ever, identify: the error holds it",
        ),
    ],
)
async def test_what_breaks_a_rule_of_verbs_is_named(
    folder: Path, rule: str, change: tuple[str, str], said: str
) -> None:
    failures = await found(check_verbs, spoil(folder, change, IMPORTS))
    assert any(line.startswith(said) for line in failures[rule]), failures


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            "        page = await self.rest.page(SHELVES, to_container, query)\n"
            "        return Page(items=page.items, next_token=page.next_token)\n",
            "endless paging, containers: containers is cut, and no page of it says `truncated`",
        ),
        (
            "        return Page(items=(), next_token=str(next(COUNT)))\n",
            "endless paging, containers: containers does not end within 60 pages",
        ),
        (
            "        for _ in range(90):\n"
            "            await self.rest.page(SHELVES, to_container, query)\n" + CONTAINERS,
            "repeated page, containers: containers makes 91 requests for one page",
        ),
        (
            "        raise KeyError('no')\n",
            "endless paging, containers: containers: it became KeyError",
        ),
    ],
)
async def test_a_list_without_an_end_that_is_followed_is_named(
    folder: Path, body: str, said: str
) -> None:
    failures = await found(check_paging, spoil(folder, (CONTAINERS, body), IMPORTS))
    assert any(line.startswith(said) for line in failures["bounded-paging"]), failures


@pytest.mark.parametrize(
    ("handling", "said"),
    [
        (
            WRITTEN,
            "lost reply, tool shelf_write_note: shelf_write_note sends 2 changes",
        ),
        (
            "written = Note(1, '')",
            "late reply, tool shelf_write_note: shelf_write_note hides that the answer",
        ),
        (
            "raise InternalError('no') from None",
            "lost reply, tool shelf_write_note: shelf_write_note: it became InternalError",
        ),
    ],
)
async def test_a_change_that_is_made_twice_or_hidden_is_named(
    folder: Path, handling: str, said: str
) -> None:
    body = f"try:\n        {WRITTEN}\n    except AppError:\n        {handling}"
    failures = await found(check_writes, spoil(folder, (WRITTEN, body), IMPORTS))
    assert any(line.startswith(said) for line in failures["single-writes"]), failures


async def test_who_never_stops_asking_is_stopped(folder: Path) -> None:
    body = f"        while True:\n            with suppress(AppError):\n        {USER}"
    suite = spoil(folder, (USER, body), IMPORTS)
    bench = suite.open_bench()
    bench.wires.most_requests = 50
    async with Ledger().trial("patient-storms", "none", "identify"):
        await bench.connector().identify()
    assert len(bench.wires.requests) == 51
