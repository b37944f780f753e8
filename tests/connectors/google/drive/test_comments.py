"""Comments with their answers, and what has become of them."""

import pytest

from src.connectors.google.connector import GoogleConnector
from src.core.errors import InvalidCursor, ProviderNotFound
from src.models.query import CommentQuery
from src.models.unified import Comment
from src.testing.walking import entries, follow
from tests.connectors.google.conftest import Google

ROADMAP = "drive:file:1RoadmapDocument000000000000"
NOTES = "drive:file:1PlainNotes00000000000000000"
SHORTCUT = "drive:shortcut:1ShortcutToRoadmap0000000000"


async def every(connector: GoogleConnector, item: str, limit: int = 100) -> list[Comment]:
    return entries(await follow(connector.comments, CommentQuery(item_id=item, limit=limit)))


async def test_all_of_them_come_once_with_their_answers(connector: GoogleConnector) -> None:
    said = await every(connector, ROADMAP)
    threads = [one for one in said if one.parent_id is None]
    replies = [one for one in said if one.parent_id is not None]
    assert len(threads) == 298  # two were deleted
    assert len(replies) == 100 + 50 - 2  # a deleted thread takes its two along
    assert {one.item_id for one in said} == {ROADMAP}
    known = {one.id for one in threads}
    assert {one.parent_id for one in replies} <= known


@pytest.mark.parametrize("limit", [1, 7, 100])
async def test_answers_follow_what_they_answer_whatever_the_page(
    connector: GoogleConnector, limit: int
) -> None:
    query = CommentQuery(item_id=ROADMAP, limit=limit)
    pages = await follow(connector.comments, query, most=60)
    said = [one.id for page in pages for one in page.items]
    whole = [one.id for one in await every(connector, ROADMAP)]
    assert said == whole[: len(said)]
    assert len(said) >= 60


async def test_a_thread_tells_whether_it_is_resolved(connector: GoogleConnector) -> None:
    said = await every(connector, ROADMAP)
    first, answer, end, second = said[:4]
    assert (first.body, first.state, first.type) == ("Comment 0", "resolved", "comment")
    assert first.fields["quotedText"] == "the year"
    assert first.author is not None
    assert first.author.name == "Ben Ruíz"
    assert first.author.email is None  # never told of comments
    assert (answer.body, answer.type, answer.state) == ("Answer 0 ☂", "reply", None)
    assert (end.body, end.fields["action"]) == ("", "resolve")
    assert second.state == "open"


async def test_a_thread_that_was_opened_again(connector: GoogleConnector) -> None:
    said = await every(connector, NOTES)
    assert [(one.body, one.fields.get("action")) for one in said] == [
        ("Is this right?", None),
        ("Yes", "resolve"),
        ("No", "reopen"),
    ]
    assert said[0].state == "open"


async def test_a_shortcut_has_the_comments_of_what_it_leads_to(
    connector: GoogleConnector, google: Google
) -> None:
    page = await connector.comments(CommentQuery(item_id=SHORTCUT, limit=2))
    assert [one.body for one in page.items] == ["Comment 0", "Answer 0 ☂"]
    assert {one.item_id for one in page.items} == {SHORTCUT}
    assert google.asked == [
        "GET /drive/v3/files/1ShortcutToRoadmap0000000000",
        "GET /drive/v3/files/1RoadmapDocument000000000000/comments",
    ]


async def test_folders_have_none(connector: GoogleConnector, google: Google) -> None:
    folder = "drive:folder:1ProjectsFolder0000000000000"
    assert (await connector.comments(CommentQuery(item_id=folder))).items == ()
    to_folder = "drive:shortcut:1ShortcutToFolder00000000000"
    assert (await connector.comments(CommentQuery(item_id=to_folder))).items == ()
    assert google.asked == ["GET /drive/v3/files/1ShortcutToFolder00000000000"]


async def test_the_providers_own_rows_come_along_if_asked_for(connector: GoogleConnector) -> None:
    page = await connector.comments(CommentQuery(item_id=ROADMAP, limit=3, include_raw=True))
    thread, answer, _ = page.items
    assert b'"quotedFileContent"' in bytes(thread.raw)
    assert bytes(answer.raw).startswith(b'{"id":"AR0a"')


async def test_a_file_that_is_gone(connector: GoogleConnector) -> None:
    with pytest.raises(ProviderNotFound):
        await connector.comments(CommentQuery(item_id="drive:file:1Nothing"))


async def test_a_token_of_another_form_is_refused(connector: GoogleConnector) -> None:
    for token in ("x", "-1~", "1.2~"):
        with pytest.raises(InvalidCursor):
            await connector.comments(CommentQuery(item_id=ROADMAP, token=token))
