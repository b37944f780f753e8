"""Writing pages and comments."""

from typing import Any

import msgspec
import pytest

from src.connectors.confluence.connector import ConfluenceConnector
from src.core.errors import (
    ProviderConflict,
    ProviderNotFound,
    ProviderRejected,
    ValidationFailed,
)
from src.models.query import CommentQuery, OneItemQuery
from src.models.unified import Comment, Item
from src.testing.walking import entries, follow
from tests.connectors.confluence.conftest import DISCUSSED, FOLDER, OVERVIEW, POST, PROJ, Imitation


async def run(connector: ConfluenceConnector, name: str, **arguments: Any) -> Any:
    tool = connector.manifest.tool(f"confluence_{name}")
    assert tool is not None
    return await tool.run(connector, tool.arguments.model_validate(arguments))


async def body_of(connector: ConfluenceConnector, item_id: str) -> str | None:
    return (await connector.item(OneItemQuery(item_id=item_id))).body


async def test_a_page_is_made_of_plain_text(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    text = "First *paragraph*\nwith two lines\n\nSecond & <last>"
    made = await run(
        connector, "create_page", space_id=PROJ, title="New ☃", body=text, parent_id=FOLDER
    )
    assert isinstance(made, Item)
    assert (made.title, made.parent_id, made.container_id) == ("New ☃", FOLDER, PROJ)
    assert made.url is not None
    assert imitation.asked() == ["POST /wiki/api/v2/pages"]
    assert await body_of(connector, made.id) == (
        "First \\*paragraph\\*\\\nwith two lines\n\nSecond & \\<last>"
    )


async def test_a_page_is_made_of_storage(connector: ConfluenceConnector) -> None:
    made = await run(
        connector,
        "create_page",
        space_id=PROJ,
        title="New",
        body="<p>a <strong>b</strong></p>",
        body_format="storage",
    )
    # Without a parent it lies below the homepage.
    assert made.parent_id == OVERVIEW
    assert "b" in (await body_of(connector, made.id) or "")


async def test_an_empty_page(connector: ConfluenceConnector) -> None:
    made = await run(connector, "create_page", space_id=PROJ, title="Empty")
    assert made.fields["version"] == 1


async def test_a_title_that_is_taken_is_told(connector: ConfluenceConnector) -> None:
    with pytest.raises(ProviderRejected) as caught:
        await run(connector, "create_page", space_id=PROJ, title="Overview")
    assert "already exists with the same TITLE" in caught.value.details["message"]


async def test_a_change_reads_what_is_not_given(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    changed = await run(connector, "update_page", page_id=OVERVIEW, title="Overview 2")
    assert (changed.title, changed.fields["version"]) == ("Overview 2", 4)
    assert imitation.asked() == ["GET /wiki/api/v2/pages/98487", "PUT /wiki/api/v2/pages/98487"]
    assert await body_of(connector, OVERVIEW) == "Welcome"
    changed = await run(connector, "update_page", page_id=OVERVIEW, body="New words", message="m")
    assert (changed.title, changed.fields["version"]) == ("Overview 2", 5)
    assert changed.fields["versionMessage"] == "m"
    assert await body_of(connector, OVERVIEW) == "New words"


async def test_a_change_with_all_of_it_is_one_request(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    await run(connector, "update_page", page_id=OVERVIEW, title="T", body="b", version=3)
    assert imitation.asked() == ["PUT /wiki/api/v2/pages/98487"]


async def test_a_version_that_is_not_the_present_one_is_a_conflict(
    connector: ConfluenceConnector,
) -> None:
    with pytest.raises(ProviderConflict) as caught:
        await run(connector, "update_page", page_id=OVERVIEW, title="T", body="b", version=2)
    error = caught.value
    assert error.message.startswith("The page has been changed meanwhile")
    assert "Current Version: [3]. Provided version: [3]" in error.details["message"]
    assert await body_of(connector, OVERVIEW) == "Welcome"


async def test_a_blog_post_is_changed_too(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    changed = await run(connector, "update_page", page_id=POST, title="Newer")
    assert (changed.type, changed.title) == ("blog_post", "Newer")
    assert imitation.asked()[1] == "PUT /wiki/api/v2/blogposts/99001"


async def test_comments_and_answers(connector: ConfluenceConnector) -> None:
    said = await run(connector, "add_comment", page_id=OVERVIEW, body="Well *said*")
    assert isinstance(said, Comment)
    assert (said.item_id, said.body, said.type) == (OVERVIEW, "Well \\*said\\*", "footer_comment")
    answer = await run(
        connector, "add_comment", page_id=OVERVIEW, body="Indeed", parent_comment_id=said.id
    )
    assert answer.parent_id == said.id
    query = CommentQuery(item_id=OVERVIEW)
    found = entries(await follow(connector.comments, query))
    assert [one.id for one in found] == [said.id, answer.id]


async def test_an_inline_comment_is_answered_inline(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    answer = await run(
        connector,
        "add_comment",
        page_id=DISCUSSED,
        body="Settled",
        parent_comment_id="inline:444171",
    )
    assert (answer.type, answer.parent_id) == ("inline_comment", "inline:444171")
    assert imitation.asked() == ["POST /wiki/api/v2/inline-comments"]


async def test_a_comment_on_a_blog_post(connector: ConfluenceConnector) -> None:
    said = await run(connector, "add_comment", page_id=POST, body="News!")
    assert said.item_id == POST


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("create_page", {"space_id": "page:1", "title": "T"}),
        ("create_page", {"space_id": PROJ, "title": "T", "parent_id": "space:1"}),
        ("update_page", {"page_id": FOLDER, "title": "T"}),
        ("update_page", {"page_id": OVERVIEW}),
        ("add_comment", {"page_id": FOLDER, "body": "x"}),
        ("add_comment", {"page_id": OVERVIEW, "body": "x", "parent_comment_id": "444171"}),
    ],
)
async def test_what_makes_no_sense_is_refused_before_the_call(
    connector: ConfluenceConnector, imitation: Imitation, name: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ValidationFailed):
        await run(connector, name, **arguments)
    assert imitation.asked() == []


async def test_writing_where_one_may_not_see(connector: ConfluenceConnector) -> None:
    with pytest.raises(ProviderNotFound):
        await run(connector, "create_page", space_id="space:98310", title="T")
    with pytest.raises(ProviderNotFound):
        await run(connector, "add_comment", page_id="page:98730", body="x")


async def test_a_body_that_is_too_large_is_told(connector: ConfluenceConnector) -> None:
    with pytest.raises(ProviderRejected) as caught:
        await run(connector, "create_page", space_id=PROJ, title="T", body="x" * 5_000_001)
    assert "5 MB" in caught.value.message


def test_pickers_fill_the_forms(connector: ConfluenceConnector) -> None:
    tool = connector.manifest.tool("confluence_create_page")
    assert tool is not None
    fields = msgspec.convert(tool.input_schema()["properties"], dict[str, dict[str, Any]])
    assert fields["space_id"]["x-resource-picker"] == {"resource_type": "confluence_space"}
    assert fields["parent_id"]["x-resource-picker"] == {
        "resource_type": "confluence_page",
        "depends_on": "space_id",
    }
