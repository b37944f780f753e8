"""The page on Confluence says what the connector does."""

import re
from pathlib import Path

from src.connectors.confluence import scopes
from src.connectors.confluence.ids import ItemRef
from src.connectors.confluence.manifest import MANIFEST
from src.connectors.confluence.mapping import found_to_item, to_comment, to_item
from src.connectors.confluence.paging import Told
from src.connectors.confluence.schemas import Comment, Content, Found

TEXT = (Path(__file__).parents[3] / "docs/connectors/confluence.md").read_text(encoding="utf-8")


def test_every_field_that_is_emitted_is_listed() -> None:
    item, told = ItemRef("page", "1"), Told()
    mapped = (
        to_item(Content(id="1", space_id="1"), "page", told, include_body=False),
        found_to_item(Found(id="1", type="page"), "1", told, include_body=False),
        to_comment(Comment(id="1"), "inline", told, item),
    )
    emitted = {key for one in mapped for key in one.fields}
    assert set(re.findall(r"`fields\.(\w+)`", TEXT)) == emitted


def test_every_scope_is_told_with_what_needs_it() -> None:
    section = TEXT.split("## Scopes")[1].split("\n## ")[0]
    told = set(re.findall(r"`([a-z]+:[a-z.-]+(?::confluence)?|offline_access)`", section))
    assert told == MANIFEST.scopes.known
    assert {scopes.OFFLINE, *scopes.READ} == set(MANIFEST.scopes.default)
    for tool in MANIFEST.tools:
        row = next(line for line in section.splitlines() if f"`{tool.name}`" in line)
        assert set(re.findall(r"`([a-z]+:[^`]+)`", row)) == set(tool.scopes)
