"""A stream, its webhooks and its tokens at a hostile provider."""

from collections.abc import Callable
from pathlib import Path

import pytest

from src.testing import ConnectorConformance
from src.testing.hostile.oauth import check_oauth
from src.testing.hostile.streams import check_streams
from src.testing.hostile.webhooks import check_webhooks
from tests.connectors.github.test_conformance import TestGitHubApp as _GitHubSuite
from tests.connectors.strava.test_conformance import TestStrava as _StravaSuite
from tests.testing.hostility import Part, found
from tests.testing.spoiling import spoil
from tests.testing.test_ledger import TestLedger as _LedgerSuite

HERE = Path(__file__).parent
OURS = HERE.parents[1] / "src" / "connectors"
PAGES = """        async with aclosing(pages):
            async for page in pages:
"""
CUT = "truncated=page.truncated"
IMPORTS = (
    "import re\n",
    """import re
from contextlib import suppress
from src.core.errors import ProviderUnavailable, UnreadableAnswer
""",
)
MORE = (
    "    manifest = MANIFEST\n",
    """    manifest = MANIFEST

    async def follow(self, change):
        page = await super().follow(change)
        told = [structs.replace(one, url="told") for one in page.records]
        return SyncPage(records=told, deleted=page.deleted)
""",
)
IMPURE = (
    "    manifest = MANIFEST\n",
    """    manifest = MANIFEST

    @classmethod
    def read(cls, delivery):
        return Reading(notices=super().read(delivery).notices, delivery_id=str(next(COUNT)))
""",
)
DEAF = (
    "    manifest = MANIFEST\n",
    """    manifest = MANIFEST

    @classmethod
    def read(cls, delivery):
        return Reading()
""",
)
MISNAMED = (
    "    manifest = MANIFEST\n",
    """    manifest = MANIFEST

    @classmethod
    def read(cls, delivery):
        def renamed(change):
            return dataclasses.replace(change, event="isues")

        return Reading(
            notices=tuple(
                dataclasses.replace(one, changes=tuple(map(renamed, one.changes)))
                for one in super().read(delivery).notices
            )
        )
""",
)
UNENDED = (
    "    manifest = MANIFEST\n",
    """    manifest = MANIFEST

    async def unsubscribe(self, present):
        return
""",
)


def _hooks(text: str) -> tuple[str, str]:
    """Of a manifest whose webhooks say something else."""
    return "manifest = MANIFEST\n", f"manifest = rehooked(MANIFEST, {text})\n"


OTHERWISE = (
    "from __future__ import annotations\n",
    """from __future__ import annotations

import dataclasses
import itertools
from datetime import timedelta
from msgspec import structs
from pydantic import SecretStr
from src.connectors.syncing import SyncPage
from src.connectors.webhooks import Reading, Signature
from src.core.oauth import Meaning, OAuth2App, Refusal

COUNT = itertools.count()
EXPIRING = OAuth2App("Ov23liSandboxExpiring", SecretStr("sandbox-expiring-secret"))


def otherwise(manifest, app=None, **changes):
    methods = tuple(
        one
        if one.oauth2 is None
        else one.model_copy(update={"oauth2": dataclasses.replace(one.oauth2, **changes)})
        for one in manifest.auth_methods
    )
    return manifest.model_copy(
        update={"auth_methods": methods, "sandbox_app": app or manifest.sandbox_app}
    )


def rehooked(manifest, **changes):
    return manifest.model_copy(
        update={"webhooks": dataclasses.replace(manifest.webhooks, **changes)}
    )
""",
)


def ledger(folder: Path, *changes: tuple[str, str]) -> ConnectorConformance:
    return spoil(folder, *changes, good=HERE / "ledger", suite=_LedgerSuite)


def github(folder: Path, *changes: tuple[str, str]) -> ConnectorConformance:
    return spoil(folder, OTHERWISE, *changes, good=OURS / "github", suite=_GitHubSuite)


def strava(folder: Path, *changes: tuple[str, str]) -> ConnectorConformance:
    return spoil(folder, OTHERWISE, *changes, good=OURS / "strava", suite=_StravaSuite)


@pytest.mark.parametrize(
    ("rule", "changes", "said"),
    [
        (
            "whole-runs",
            [
                (
                    PAGES,
                    "        with suppress(UnreadableAnswer):\n"
                    "          async with aclosing(pages):\n            async for page in pages:\n",
                )
            ],
            "half of the JSON, stream entries: stream entries: it became None",
        ),
        (
            "whole-runs",
            [('id=f"{book}:{entry.number}"', 'id=f"{book}:{entry.number}:{next(COUNT)}"')],
            "cut, stream entries: stream entries: 27 records",
        ),
        (
            "bounded-paging",
            [(CUT, "truncated=False")],
            "endless paging, stream entries: stream entries is cut, and no page of it says",
        ),
    ],
)
async def test_a_run_that_loses_something_is_named(
    folder: Path, rule: str, changes: list[tuple[str, str]], said: str
) -> None:
    counting = ("import re\n", "import re\nimport itertools\n\nCOUNT = itertools.count()\n")
    failures = await found(check_streams, ledger(folder, IMPORTS, counting, *changes))
    assert any(line.startswith(said) for line in failures[rule]), failures


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (MORE, "is stored as it was before"),
        (IMPURE, "a delivery that comes again is read as another one"),
        (DEAF, "were changed, and no delivery tells of it"),
        (MISNAMED, "read() tells of 'isues' in 'issues', which manifest.webhooks.events does not"),
        (UNENDED, "deliveries still come after unsubscribe()"),
        (_hooks('proof=Signature(header="x-other")'), "a delivery is not proved by Signature("),
        (_hooks('delivery_id="x-other"'), "a delivery lacks the header x-other"),
    ],
)
async def test_webhooks_that_are_believed_or_counted_wrongly_are_named(
    folder: Path, change: tuple[str, str], said: str
) -> None:
    failures = await found(check_webhooks, github(folder, change))
    assert any(said in line for line in failures["calm-webhooks"]), failures


Make = Callable[..., ConnectorConformance]
GRANT = "manifest = otherwise(MANIFEST, {})\n"


def _spec(text: str) -> tuple[str, str]:
    return "manifest = MANIFEST\n", GRANT.format(text)


@pytest.mark.parametrize(
    ("make", "change", "rule", "said"),
    [
        (
            strava,
            _spec('refusals=(Refusal(Meaning.GRANT, "*", status=503),)'),
            "lasting-grants",
            "503, oauth2: a refresh became GrantDead",
        ),
        (
            strava,
            _spec("refusals=()"),
            "lasting-grants",
            "grant ended by its user, oauth2: a refresh of a grant that is over became",
        ),
        (
            strava,
            _spec('app=OAuth2App("unknown", SecretStr("x"))'),
            "lasting-grants",
            "no fault, oauth2: the sandbox does not know manifest.sandbox_app",
        ),
        (
            github,
            _spec("app=EXPIRING, rotates=False"),
            "lost-tokens",
            "lost reply, oauth2: the provider no longer takes the replaced refresh token",
        ),
        (
            github,
            _spec("app=EXPIRING, rotates=True, reuse_window=timedelta(minutes=1)"),
            "lost-tokens",
            "late reply, oauth2: the provider no longer takes the replaced refresh token",
        ),
    ],
)
async def test_grants_that_would_be_lost_are_named(
    folder: Path, make: Make, change: tuple[str, str], rule: str, said: str
) -> None:
    failures = await found(check_oauth, make(folder, change))
    assert any(line.startswith(said) for line in failures[rule]), failures


@pytest.mark.parametrize("part", [check_oauth, check_webhooks])
async def test_what_is_as_it_should_be_is_not_named(folder: Path, part: Part) -> None:
    assert await found(part, github(folder, _spec("app=EXPIRING"))) == {}


async def test_a_consent_page_that_is_not_there_is_told_as_that(folder: Path) -> None:
    moved = 'authorize_url="https://www.strava.com/v1/login"'
    failures = await found(check_oauth, strava(folder, _spec(moved)))
    (line,) = failures["lasting-grants"]
    assert "the sandbox has no consent page at /v1/login, where" in line
    assert "as lasting-grants says" in failures["lost-tokens"][0]
    assert "as lasting-grants says" in failures["honest-clocks"][0]
