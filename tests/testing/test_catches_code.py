"""The suite catches code that does the toolkit's work, at its line."""

from pathlib import Path

import pytest

from tests.testing.spoiling import failure_of, run, spoil

CHECK = "test_the_code_keeps_to_the_toolkit"
ME = 'await self.rest.get("/me", User)'
ONE = '"/shelves/{shelf}/books/{book}",\n            Book,'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (ME, 'await self.rest.get(f"/{User}", User)', "literal template"),
        (ME, 'await self.rest.get("/" + "me", User)', "literal template"),
        (ME, 'await self.rest.get("/{}".format("me"), User)', "literal template"),
        (ME, 'await self.rest.get("/%s" % "me", User)', "literal template"),
        (ME, 'path = "/me"; user = await self.rest.get(path, User)', "literal template"),
        (ME, 'await self.rest.get(path=f"/{1}", kind=User)', "literal template"),
        (ME, 'rest = self.rest; user = await rest.get(f"/{1}", User)', "literal template"),
        (ME, 'await self.rest.call("GET", f"/{1}")', "literal template"),
        (ME, 'await self.rest.at("books").get(f"/{1}", User)', "literal template"),
        (ME, 'await self.rest.saying({}).below("/x").get(f"/{1}", User)', "literal template"),
        (ONE, 'f"/shelves/{shelf}", Book,', "literal template"),
        ('"POST", WRITE, Note', '"POST", WRITE + shelf, Note', "literal template"),
        (ME, 'await self.rest.below(f"/{User}").get("/me", User)', "literal template"),
        ('List("/shelves", Shelf', 'List(f"/{1}", Shelf', "literal template"),
        (ME, f"{ME}; print(user)", "do not print"),
        (ME, f"{ME}; log.info(user.key.get_secret_value())", "a secret is put where"),
        (
            ME,
            f'{ME}; raise ValueError(f"{{user.key.get_secret_value()}}")',
            "a secret is put where",
        ),
        ("import re\n", "import re\nimport httpx\n", "do not import httpx"),
        ("import re\n", "import re\nfrom aiohttp import web\n", "do not import aiohttp"),
        ("import re\n", "import re\nimport time\n", "do not import time"),
        ("import re\n", "import re\nimport asyncio\n", "do not import asyncio"),
        ("import re\n", "import re\nfrom os import environ\n", "do not import os"),
        ("import re\n", "import re\nfrom tenacity import retry\n", "do not import tenacity"),
        ("import re\n", "import re\nfrom urllib import request\n", "do not import urllib.request"),
        (
            "import re\n",
            "import re\nimport datetime\nNOW = datetime.datetime.now()\n",
            "do not read the clock",
        ),
        ("dialect=Dialect(", 'dialect=Dialect(headers={"Authorization": "x"}, ', "signs by itself"),
    ],
)
async def test_code_that_is_not_a_connectors_is_named(
    folder: Path, old: str, new: str, said: str
) -> None:
    new = new.replace("user = await", "await") if "; user = " in new else new
    assert said in await failure_of(spoil(folder, (old, new)), CHECK)


def _try(comment: str) -> tuple[str, str]:
    return (
        f"        user = {ME}\n",
        f"        {comment}\n        try:\n            user = {ME}\n"
        "        except ValueError:\n            raise\n",
    )


async def test_a_provider_error_may_be_caught_only_for_a_quirk_that_is_named(folder: Path) -> None:
    assert "do not catch" in await failure_of(spoil(folder, _try("")), CHECK)
    await run(spoil(folder, _try("# The library answers 404 on Sundays.")), CHECK)


async def test_a_constant_of_the_module_is_a_literal_path(folder: Path) -> None:
    suite = spoil(folder, (ME, ME.replace('"/me"', "ME")), ("PAGES =", 'ME = "/me"\nPAGES ='))
    await run(suite, CHECK)


async def test_every_finding_names_its_line(folder: Path) -> None:
    said = await failure_of(spoil(folder, ("import re\n", "import time\nimport re\n")), CHECK)
    assert "connector.py:3: do not import time" in said
