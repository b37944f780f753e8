"""One thread: its first mail with text and attachments, and the later ones as comments."""

import pytest

from src.connectors.google.connector import GoogleConnector
from src.connectors.rest.paginators import walk
from src.core.errors import ProviderNotFound, ValidationFailed
from src.models.query import CommentQuery, ItemQuery, OneItemQuery
from src.models.unified import Comment, Item
from src.sandbox.google.gmail.odd import ODD
from src.sandbox.google.gmail.seed import mails_of
from tests.connectors.google.conftest import Google

HTML_TEXT = """Dear Ann,

please see the page (https://example.com/a?b=1&c=2).
Fish & chips

- one
- two"""
IDS = dict(zip((odd.name for odd in ODD), (mail.id for mail in mails_of("ann")), strict=False))
PLAN = next(mail.thread for mail in mails_of("ann") if mail.subject == "Quarterly plan")


async def read(connector: GoogleConnector, name: str) -> Item:
    return await connector.item(OneItemQuery(item_id=f"gmail:thread:{IDS[name]}"))


async def said(connector: GoogleConnector, thread: str, limit: int = 100) -> list[Comment]:
    query = CommentQuery(item_id=f"gmail:thread:{thread}", limit=limit)
    return [one for page in await walk(query, connector.comments) for one in page.items]


@pytest.mark.parametrize(
    ("name", "body", "attachments"),
    [
        ("plain", "Just text,\nof two lines.", []),
        ("html", HTML_TEXT, []),
        ("alternative", "The plain one", []),
        ("blank", HTML_TEXT, []),
        ("related", "With a picture", ["logo.png", "Ängebot 2026.pdf", "note.txt"]),
        ("latin", "Grüße aus Köln", []),
        ("windows", "“Quotes” for 5 €", []),
        ("japanese", "こんにちは", []),
        ("unknown", "Grüße", []),
        ("wrong", "Grüße", []),
        (
            "flowed",
            "This is a long paragraph that was wrapped.\n\n> quoted text\n-- \nBen",
            [],
        ),
        ("deep", "", []),
        ("empty", "", []),
        ("unpadded", "no padding", []),
        ("broken", "borderline", []),
        ("forwarded", "See below.", ["The mail within"]),
        ("invite", "You are invited", [None, "invite.ics"]),
        ("signed", "Signed words", ["smime.p7s"]),
        ("report", "It could not be delivered.", [None]),
        ("nothing", "", []),
        ("file", "", ["only.zip"]),
        ("nul", "abc", []),
    ],
)
async def test_every_odd_mail_is_read(
    connector: GoogleConnector,
    google: Google,
    name: str,
    body: str,
    attachments: list[str | None],
) -> None:
    item = await read(connector, name)
    assert item.body == body
    assert item.body_format == "text"
    assert [one["name"] for one in item.fields["attachments"]] == attachments
    assert len(google.asked) == 1


@pytest.mark.parametrize(
    ("name", "title", "author"),
    [
        ("encoded", "Grüße – encoded Köln", ("Müller, Ben", "ben@example.com")),  # noqa: RUF001
        ("subjectless", "(no subject)", ("Ben Ruíz", "ben@example.com")),
        ("folded", "folded subject of three lines", ("Ben Ruíz", "ben@example.com")),
        ("anonymous", "anonymous mail", None),
        ("unquoted", "unquoted mail", ("Müller, Ben", "ben@example.com")),
    ],
)
async def test_heads(
    connector: GoogleConnector, name: str, title: str, author: tuple[str, str] | None
) -> None:
    item = await read(connector, name)
    assert item.title == title
    assert (item.author and (item.author.name, item.author.email)) == author


async def test_a_group_names_nobody(connector: GoogleConnector) -> None:
    assert (await read(connector, "group")).fields["to"] == []


async def test_a_long_text_is_fetched_by_itself(connector: GoogleConnector, google: Google) -> None:
    item = await read(connector, "long")
    assert item.body == "All of a very long text. " * 400
    assert len(google.asked) == 2


async def test_an_attachment_says_what_it_is(connector: GoogleConnector) -> None:
    logo, offer, note = (await read(connector, "related")).fields["attachments"]
    assert offer["id"].startswith("ANGjdJ")
    assert (offer["mimeType"], offer["size"], offer["inline"]) == ("application/pdf", 8, False)
    assert (logo["inline"], logo["contentId"], logo["partId"]) == (True, "logo.png@mail", "0.1.1")
    assert note["inline"] is False


async def test_a_thread_is_where_it_is_looked_for_first(connector: GoogleConnector) -> None:
    by_title = {}
    for q in ("plan", "archived", "notice number 7"):
        page = await connector.items(ItemQuery(container_id="gmail:mailbox", q=q, limit=1))
        item = await connector.item(OneItemQuery(item_id=page.items[0].id))
        by_title[item.title] = item.container_id
    assert by_title == {
        "Quarterly plan": "gmail:label:INBOX",
        "Archived invoice": "gmail:mailbox",
        "Notice 7": "gmail:label:Label_6",
    }


async def test_later_mails_are_comments_the_oldest_first(
    connector: GoogleConnector, google: Google
) -> None:
    comments = await said(connector, PLAN)
    assert len(comments) == 29
    assert len(google.asked) == 1
    assert [one.created_at for one in comments] == sorted(one.created_at or "" for one in comments)
    first = comments[0]
    assert first.body == "Thought 2 about the plan.\n\n> what was said before"
    assert first.author is not None
    assert first.author.name == "Ann Müller"
    assert first.fields["to"] == [{"name": "Ben Ruíz", "email": "ben@example.com"}]
    assert [one["email"] for one in first.fields["cc"]] == ["cloe@example.com", "team@example.com"]
    assert first.fields["labels"] == ["SENT"]
    assert [one.type for one in comments] == ["message"] * 28 + ["draft"]


async def test_answers_hang_below_what_they_answer(connector: GoogleConnector) -> None:
    """What answers the first mail answers the item itself."""
    comments = await said(connector, PLAN)
    assert comments[0].parent_id is None
    assert comments[1].parent_id == comments[0].id
    assert comments[2].parent_id is None
    assert comments[3].parent_id == comments[2].id


async def test_pages_of_comments_agree_with_the_whole(
    connector: GoogleConnector, google: Google
) -> None:
    whole = await said(connector, PLAN)
    google.forget()
    paged = await said(connector, PLAN, limit=10)
    assert [one.id for one in paged] == [one.id for one in whole]
    assert [one.parent_id for one in paged] == [one.parent_id for one in whole]
    assert len(google.asked) == 3


async def test_a_single_mail_has_no_comments(connector: GoogleConnector) -> None:
    assert await said(connector, IDS["plain"]) == []


async def test_the_payload_of_comments_comes_along(connector: GoogleConnector) -> None:
    query = CommentQuery(item_id=f"gmail:thread:{PLAN}", limit=2, include_raw=True)
    page = await connector.comments(query)
    assert len(page.items) == 2
    assert b'"payload"' in bytes(page.items[0].raw)  # type: ignore[arg-type]


async def test_a_thread_that_is_not_there(connector: GoogleConnector) -> None:
    with pytest.raises(ProviderNotFound):
        await connector.item(OneItemQuery(item_id="gmail:thread:19bc00000000ffff"))
    with pytest.raises(ProviderNotFound):
        await said(connector, "19bc00000000ffff")


@pytest.mark.parametrize(
    "item", ["gmail:thread:", "gmail:thread:XYZ", "gmail:message:XYZ", "gmail"]
)
async def test_an_item_that_is_no_id_of_ours_is_refused(
    connector: GoogleConnector, google: Google, item: str
) -> None:
    with pytest.raises(ValidationFailed):
        await connector.item(OneItemQuery(item_id=item))
    with pytest.raises(ValidationFailed):
        await connector.comments(CommentQuery(item_id=item))
    assert google.asked == []
