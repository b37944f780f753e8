"""The suite catches filters of times and orders that are ignored; of GitHub's, which has them."""

from pathlib import Path

import pytest

from tests.connectors.github.test_conformance import TestGitHub as _GitHubSuite
from tests.testing.spoiling import failure_of, spoil

CHECK = "test_every_filter_is_heeded_or_refused"
OURS = Path(__file__).parents[2] / "src" / "connectors"
VERB = (
    "    manifest = MANIFEST\n",
    """    manifest = MANIFEST

    async def items(self, query):
        return await super().items(dataclasses.replace(query, {}=None))
""",
)


@pytest.mark.parametrize("name", ["updated_since", "sort", "state"])
async def test_a_filter_that_is_ignored_is_named(folder: Path, name: str) -> None:
    imported = (
        "from __future__ import annotations\n",
        "from __future__ import annotations\nimport dataclasses\n",
    )
    verb = (VERB[0], VERB[1].format(name))
    suite = spoil(folder, imported, verb, good=OURS / "github", suite=_GitHubSuite)
    said = await failure_of(suite, CHECK)
    assert said.startswith(f"items ignores '{name}'")
