"""The suite catches a connector that handles trouble badly, or gives the credential away."""

from pathlib import Path

import pytest

from tests.testing.spoiling import failure_of, spoil

CHECK = "test_trouble_has_its_error_and_shows_no_secret"
USER = '        user = await self.rest.get("/me", User)\n'
CONTAINERS = "        return await self.rest.page(SHELVES, to_container, query)\n"
IMPORTS = (
    "import re\n",
    """import re
from src.connectors.rest.errors import Refusal, Verdict
from src.core.errors import AppError, CredentialRefused, RateLimited
from src.core.logging import get_logger
from src.core.outbound import Request

log = get_logger(__name__)


def outage(response):
    return Refusal(Verdict.OUTAGE) if response.status >= 400 else None


async def headers_of(connector):
    request = Request("GET", "https://x.example")
    return (await connector.rest._authenticator.sign(request)).request.headers
""",
)


def _on_error(handling: str) -> str:
    return f"        try:\n    {USER}        except AppError:\n            {handling}\n"


@pytest.mark.parametrize(
    ("trouble", "old", "new", "said"),
    [
        ("404", USER, _on_error('user = User(1, "nobody")'), "identify hides a failure"),
        ("503", CONTAINERS, "        return Page(items=())\n", "containers hides a failure"),
        (
            "404",
            "dialect=Dialect(",
            "dialect=Dialect(classify=outage, ",
            "must become ProviderNotFound",
        ),
        (
            "another type",
            USER,
            _on_error("raise KeyError('id') from None"),
            "must become UnreadableAnswer",
        ),
        ("429", USER, _on_error("raise RateLimited('no')"), "in Retry-After"),
        (
            "401",
            USER,
            _on_error("raise CredentialRefused(str(await headers_of(self)))"),
            "the error holds the credential",
        ),
        (
            "401",
            USER,
            _on_error("raise CredentialRefused('no', details=await headers_of(self))"),
            "the error holds the credential",
        ),
        (
            "401",
            USER,
            f"        log.info('account.read', sent=await headers_of(self))\n{USER}",
            "the log holds the credential",
        ),
    ],
)
async def test_bad_handling_of_trouble_is_named(
    folder: Path, trouble: str, old: str, new: str, said: str
) -> None:
    assert said in await failure_of(spoil(folder, (old, new), IMPORTS), CHECK, trouble)
