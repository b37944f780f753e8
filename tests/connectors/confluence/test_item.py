"""Single things, with their bodies."""

import pytest

from src.connectors.confluence.connector import ConfluenceConnector
from src.core.errors import InsufficientScope, ProviderNotFound, ValidationFailed
from src.models.query import ItemQuery, OneItemQuery
from tests.connectors.confluence.conftest import (
    DISCUSSED,
    FOLDER,
    MACROS,
    NODES,
    OVERVIEW,
    POST,
    PROJ,
    Imitation,
    Open,
)


async def test_a_page_comes_with_body_labels_and_what_lies_below(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    item = await connector.item(OneItemQuery(item_id=DISCUSSED))
    assert (item.body, item.body_format) == ("The kraken sleeps", "markdown")
    assert item.labels == ("deep", "sea")
    assert item.has_children is False
    assert item.url == "https://acme.atlassian.net/wiki/spaces/PROJ/pages/98490/Much+discussed"
    assert imitation.queries()[0] == {
        "include-labels": "true",
        "include-direct-children": "true",
        "body-format": "atlas_doc_format",
    }
    assert imitation.asked() == ["GET /wiki/api/v2/pages/98490", "POST /wiki/api/v2/users-bulk"]
    assert (await connector.item(OneItemQuery(item_id=OVERVIEW))).has_children is True


async def test_a_document_becomes_markdown(connector: ConfluenceConnector) -> None:
    body = (await connector.item(OneItemQuery(item_id=NODES))).body or ""
    for part in (
        "## Release plan",
        "Ask @Ben Ruíz before 2024-01-01 🎉DONE\\\n**bold**` and code`[ link](https://example.com)",
        "> [!WARNING]\n> Careful \\[here\\] \\*now\\*",
        "- [x] did it",
        "| a\\|b | Mia |",
        "an excerpt",
    ):
        assert part.replace("[ link]", " [link]") in body


@pytest.mark.parametrize(
    ("item_id", "kind"),
    [
        (FOLDER, "folder"),
        ("whiteboard:98502", "whiteboard"),
        ("database:98503", "database"),
        ("embed:98504", "embed"),
        (POST, "blog_post"),
    ],
)
async def test_every_kind_can_be_read(
    connector: ConfluenceConnector, item_id: str, kind: str
) -> None:
    item = await connector.item(OneItemQuery(item_id=item_id))
    assert (item.id, item.type, item.container_id) == (item_id, kind, PROJ)
    assert item.body is not None
    assert item.has_children is (kind not in {"embed", "blog_post"})


async def test_the_provider_s_own_answer_can_be_had(connector: ConfluenceConnector) -> None:
    item = await connector.item(OneItemQuery(item_id=OVERVIEW, include_raw=True))
    assert b'"ownerId"' in bytes(item.raw)  # type: ignore[arg-type]


async def test_a_kind_needs_its_scope(open_with: Open, imitation: Imitation) -> None:
    connector = open_with(granted=("read:page:confluence",))
    with pytest.raises(InsufficientScope) as caught:
        await connector.item(OneItemQuery(item_id=FOLDER))
    assert caught.value.details["missingScopes"] == ["read:folder:confluence"]
    assert imitation.asked() == []


@pytest.mark.parametrize("item_id", ["page:1", "blogpost:98487", "page:98730", "folder:98487"])
async def test_what_is_not_there_or_hidden_is_not_found(
    connector: ConfluenceConnector, item_id: str
) -> None:
    with pytest.raises(ProviderNotFound) as caught:
        await connector.item(OneItemQuery(item_id=item_id))
    assert caught.value.details["message"] == "Not Found"


@pytest.mark.parametrize(
    "item_id", ["98487", "page:", "page:x", "page:1/../2", "user:1", "page:-1"]
)
async def test_an_id_is_one_of_ours(
    connector: ConfluenceConnector, imitation: Imitation, item_id: str
) -> None:
    with pytest.raises(ValidationFailed):
        await connector.item(OneItemQuery(item_id=item_id))
    assert imitation.asked() == []


async def test_a_page_without_anything_has_an_empty_body(connector: ConfluenceConnector) -> None:
    item = await connector.item(OneItemQuery(item_id="page:98514"))
    assert (item.title, item.body) == ("Ohne Inhalt ☃", "")


async def test_a_deeply_nested_page_keeps_its_words(connector: ConfluenceConnector) -> None:
    item = await connector.item(OneItemQuery(item_id="page:98512"))
    assert "at the very bottom" in (item.body or "")


async def test_storage_in_a_search_is_read_with_all_its_macros(
    connector: ConfluenceConnector,
) -> None:
    found = await connector.items(ItemQuery(container_id=PROJ, q="rolling", include_body=True))
    assert [one.id for one in found.items] == [MACROS]
    body = found.items[0].body or ""
    assert "# Deploying & rolling back" in body
    assert '````python\nif a > b and c < d:\n    print("&nbsp; ```")\n````' in body
