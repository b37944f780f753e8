"""Mails sent, read, found, labelled."""

import base64
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from src.connectors.google import scopes
from src.connectors.google.connector import GoogleConnector
from src.connectors.google.gmail.tools import SendEmail
from src.connectors.google.gmail.writing import raw_mail
from src.connectors.google.manifest import MANIFEST
from src.core.errors import (
    InsufficientScope,
    ProviderNotFound,
    ProviderRejected,
    ProviderUnavailable,
    ValidationFailed,
)
from src.models.query import CommentQuery
from src.models.unified import Page
from tests.connectors.google.conftest import READER, Google, Open
from tests.connectors.google.gmail.test_thread import IDS, PLAN

SEND = "POST /gmail/v1/users/me/messages/send"


async def run(connector: GoogleConnector, name: str, **arguments: Any) -> Any:
    tool = MANIFEST.tool(name)
    assert tool is not None
    content = msgspec.json.encode(arguments)
    return await tool.run(connector, tool.arguments.model_validate_json(content, strict=True))


async def answer_of(connector: GoogleConnector, name: str, **arguments: Any) -> Any:
    """As a caller gets it."""
    return msgspec.to_builtins(await run(connector, name, **arguments))


def mail_of(**more: Any) -> EmailMessage:
    """What would be sent, read by the standard library."""
    given = {"to": ["ben@example.com"], "subject": "Hello", "body": "Dear Ben", **more}
    raw = raw_mail(SendEmail.model_validate(given))
    mail = message_from_bytes(base64.urlsafe_b64decode(raw), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def content_of(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text


@pytest.mark.parametrize(
    ("name", "needed", "read_only"),
    [
        ("gmail_send_email", scopes.GMAIL_SEND, False),
        ("gmail_read_email", scopes.GMAIL_READ, True),
        ("gmail_search", scopes.GMAIL_READ, True),
        ("gmail_modify_labels", scopes.GMAIL_MODIFY, False),
    ],
)
def test_each_needs_the_smallest_scope(name: str, needed: str, read_only: bool) -> None:
    tool = MANIFEST.tool(name)
    assert tool is not None
    assert (tool.scopes, tool.read_only) == ((needed,), read_only)


def test_a_mail_is_written_as_it_was_meant() -> None:
    mail = mail_of(
        to=["Ben Ruíz <ben@example.com>", '"Doe, Jane" <jane@example.org>', "x@müller.example"],
        cc=["team@example.com"],
        bcc=["boss@example.com"],
        subject="Grüße ☂ an alle, " * 10,
        body="Zeile eins\nZeile zwei ☂\n",
        html="<p>Zeile</p>",
        reply_to="ann+answers@example.com",
    )
    assert [(one.display_name, one.addr_spec) for one in mail["To"].addresses] == [
        ("Ben Ruíz", "ben@example.com"),
        ("Doe, Jane", "jane@example.org"),
        ("", "x@xn--mller-kva.example"),
    ]
    assert mail["Cc"] == "team@example.com"
    assert mail["Bcc"] == "boss@example.com"
    assert mail["Subject"] == "Grüße ☂ an alle, " * 10
    assert mail["Reply-To"] == "ann+answers@example.com"
    assert mail.get_content_type() == "multipart/alternative"
    assert content_of(mail, "plain").splitlines() == ["Zeile eins", "Zeile zwei ☂"]
    assert content_of(mail, "html").strip() == "<p>Zeile</p>"
    # Whoever the account is, Gmail writes it.
    assert mail["From"] is None


def test_an_answer_names_what_it_answers_once() -> None:
    mail = mail_of(in_reply_to="<b@x.y>", references=["<a@x.y>", "<b@x.y>"], thread="19bc")
    assert mail["In-Reply-To"] == "<b@x.y>"
    assert mail["References"] == "<a@x.y> <b@x.y>"


ENCODED = ["=?utf-8?q?=0d=0aBcc:_e@x.yz?=", "=?UTF-8*en?B?DQpCY2M6IGVAeC55eg==?=", "=??Q?=0D=0A"]
"""The standard library unpacks these on the way out, line ends and all."""


@pytest.mark.parametrize(
    "bad", ["\r\n", "\n", "\r", "\x00", "\x0b", "\x85", "\u2028", "\x1b", *ENCODED]
)
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", "Hello{}Bcc: evil@example.com"),
        ("to", ["Ben{}Bcc: evil@example.com <ben@example.com>"]),
        ("to", ["ben@example.com{}Bcc: evil@example.com"]),
        ("cc", ["ben@exa{}mple.com"]),
        ("bcc", ["{}ben@example.com"]),
        ("reply_to", "ben@example.com{}X: y"),
        ("in_reply_to", "<a@b{}X: y>"),
        ("in_reply_to", "<{}@b>"),
        ("references", ["<a@b.c>{}Bcc: evil@example.com"]),
    ],
)
def test_no_value_can_begin_another_header(bad: str, field: str, value: Any) -> None:
    fill = value.format(bad) if isinstance(value, str) else [one.format(bad) for one in value]
    more = {"in_reply_to": "<a@b.c>"} if field == "references" else {}
    with pytest.raises(ValidationFailed) as caught:
        mail_of(**{**more, field: fill})
    assert caught.value.details["errors"][0]["field"].startswith(f"arguments.{field}")


@settings(max_examples=60, deadline=None)
@given(
    st.text(max_size=60),
    st.text(max_size=60),
    st.one_of(st.text(min_size=3, max_size=40), st.text(max_size=20).map("{} <b@x.yz>".format)),
)
def test_whatever_is_written_has_these_headers_and_no_others(
    subject: str, body: str, to: str
) -> None:
    try:
        mail = mail_of(subject=subject, body=body, to=[to])
    except (ValidationFailed, ValidationError):
        return
    names = [name.lower() for name in mail.keys()]  # noqa: SIM118  a name may come twice
    assert sorted(names) == sorted(
        ["to", "subject", "content-type", "content-transfer-encoding", "mime-version"]
    )
    assert len(mail["To"].addresses) == 1
    assert mail.defects == []


@pytest.mark.parametrize(
    "address",
    [
        "ben",
        "@example.com",
        "ben@",
        "a@b",
        "a b@example.com",
        "a@example.com, b@example.com",
        "a@example.com;",
        "<a@example.com",
        "a@exa_mple.com",
        "a@-x.de",
        "a..b@x.de",
        "a@x..de",
        "Ann (x) <>",
        "ü@example.com",
        "a@b@c.de <d@e.fg> x",
        "(" * 300,
        f"{'a' * 65}@x.de",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        mail_of(to=["ok@example.com", address])
    assert caught.value.details["errors"][0]["field"] == "arguments.to.1"


async def test_a_mail_is_sent_in_one_request(connector: GoogleConnector, google: Google) -> None:
    sent = await answer_of(
        connector,
        "gmail_send_email",
        to=["Ben Ruíz <ben@example.com>"],
        subject="Re: Quarterly plan",
        body="Grüße",
        thread=f"gmail:thread:{PLAN}",
        in_reply_to="<x@mail.example.com>",
    )
    assert google.asked == [SEND]
    assert sent == {
        "id": "gmail:message:19bd000000000000",
        "threadId": f"gmail:thread:{PLAN}",
        "labels": ["SENT"],
    }
    page = await connector.comments(CommentQuery(item_id=sent["threadId"], limit=100))
    assert page.items[-1].body == "Grüße"
    read = await answer_of(connector, "gmail_read_email", message=sent["id"])
    assert read["subject"] == "Re: Quarterly plan"
    assert read["from"]["email"] == "ann@example.com"


async def test_an_answer_needs_to_say_to_what(connector: GoogleConnector, google: Google) -> None:
    for more in ({"thread": PLAN}, {"references": ["<a@b.c>"]}):
        with pytest.raises(ValidationFailed):
            await run(connector, "gmail_send_email", to=["a@b.de"], subject="x", body="y", **more)
    with pytest.raises(ValidationFailed):
        await run(
            connector,
            "gmail_send_email",
            to=["a@b.de"],
            subject="x",
            body="y",
            thread="gmail:message:19bc",
            in_reply_to="<a@b.c>",
        )
    assert google.asked == []


async def test_a_mail_is_not_sent_twice(connector: GoogleConnector, google: Google) -> None:
    await google.fault({"kind": "server_error", "method": "POST"})
    with pytest.raises(ProviderUnavailable):
        await run(connector, "gmail_send_email", to=["a@b.de"], subject="x", body="y")
    assert google.asked == [SEND]


async def test_a_mail_is_read_with_all_that_an_answer_needs(
    connector: GoogleConnector, google: Google
) -> None:
    read = await answer_of(connector, "gmail_read_email", message=f"gmail:message:{IDS['related']}")
    assert read["body"] == "With a picture"
    assert [one["name"] for one in read["attachments"]] == [
        "logo.png",
        "Ängebot 2026.pdf",
        "note.txt",
    ]
    assert read["messageId"] == f"<{IDS['related']}@mail.example.com>"
    assert read["threadId"] == f"gmail:thread:{IDS['related']}"
    assert read["references"] == []
    assert read["to"] == [{"name": "Ann Müller", "email": "ann@example.com"}]
    assert read["date"] == "2026-01-15T08:00:00.000Z"
    assert len(google.asked) == 1
    assert (await answer_of(connector, "gmail_read_email", message=IDS["long"]))["body"].startswith(
        "All of"
    )


@pytest.mark.parametrize(
    "value", ["gmail:thread:19bc", "gmail:label:INBOX", "../labels", "XYZ", " "]
)
async def test_what_is_no_mail_cannot_be_read(
    connector: GoogleConnector, google: Google, value: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        await run(connector, "gmail_read_email", message=value)
    assert caught.value.details["errors"][0]["field"] == "arguments.message"
    assert google.asked == []


async def test_a_mail_that_is_not_there(connector: GoogleConnector) -> None:
    with pytest.raises(ProviderNotFound):
        await run(connector, "gmail_read_email", message="19bc00000000ffff")


async def test_mails_are_found_in_gmails_own_language(
    connector: GoogleConnector, google: Google
) -> None:
    page = await run(
        connector,
        "gmail_search",
        query="from:ben@example.com {subject:invoice subject:report}",
        limit=3,
    )
    assert isinstance(page, Page)
    assert len(page.items) == 3
    assert len(google.asked) == 4
    asked = google.network.requests
    assert asked[0].url.params["q"] == "from:ben@example.com {subject:invoice subject:report}"
    assert {one.url.params["format"] for one in asked[1:]} == {"metadata"}
    told = msgspec.to_builtins(page.items[0])
    assert told["id"].startswith("gmail:message:")
    assert "body" not in told
    following = await run(
        connector,
        "gmail_search",
        query="from:ben@example.com {subject:invoice subject:report}",
        limit=3,
        cursor=page.next_token,
    )
    assert {one.id for one in following.items}.isdisjoint(one.id for one in page.items)


@pytest.mark.parametrize(
    ("arguments", "subjects"),
    [
        ({"query": "won"}, []),
        ({"query": "won", "include_spam_trash": True}, ["You won"]),
        ({"label": "gmail:label:Label_3", "query": "report"}, None),
        ({"label": "SPAM", "include_spam_trash": True}, ["You won"]),
        ({"query": "subject:nowhere"}, []),
        ({"label": "gmail:label:Label_7"}, []),
    ],
)
async def test_where_mails_are_looked_for(
    connector: GoogleConnector, arguments: dict[str, Any], subjects: list[str] | None
) -> None:
    page = await run(connector, "gmail_search", **arguments)
    if subjects is None:
        assert page.items
        assert all("Label_3" in one.labels for one in page.items)
    else:
        assert [one.subject for one in page.items] == subjects


async def test_a_mail_is_marked_archived_and_labelled_in_one_request(
    connector: GoogleConnector, google: Google
) -> None:
    mail = IDS["plain"]
    changed = await answer_of(
        connector,
        "gmail_modify_labels",
        id=f"gmail:message:{mail}",
        add_labels=["gmail:label:Label_2", "STARRED"],
        remove_labels=["gmail:label:Label_5"],
        mark_as="unread",
        archive=True,
    )
    assert changed == {"id": f"gmail:message:{mail}", "labels": ["Label_2", "STARRED", "UNREAD"]}
    assert google.asked == [f"POST /gmail/v1/users/me/messages/{mail}/modify"]
    read = await answer_of(connector, "gmail_modify_labels", id=mail, mark_as="read")
    assert read["labels"] == ["Label_2", "STARRED"]


async def test_all_mails_of_a_thread_are_changed_together(
    connector: GoogleConnector, google: Google
) -> None:
    changed = await answer_of(
        connector, "gmail_modify_labels", id=f"gmail:thread:{PLAN}", archive=True
    )
    assert changed == {"id": f"gmail:thread:{PLAN}", "labels": ["Label_1", "SENT", "DRAFT"]}
    assert google.asked == [f"POST /gmail/v1/users/me/threads/{PLAN}/modify"]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({}, "arguments"),
        ({"add_labels": []}, "arguments"),
        ({"add_labels": ["INBOX"], "archive": True}, "arguments"),
        ({"add_labels": ["gmail:label:a/b"]}, "arguments.add_labels.0"),
        ({"remove_labels": ["INBOX", "x y"]}, "arguments.remove_labels.1"),
        ({"id": "gmail:label:INBOX", "archive": True}, "arguments.id"),
    ],
)
async def test_a_change_of_nothing_or_of_no_label_is_refused(
    connector: GoogleConnector, google: Google, arguments: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationFailed) as caught:
        await run(connector, "gmail_modify_labels", **{"id": "19bc", **arguments})
    assert caught.value.details["errors"][0]["field"] == field
    assert google.asked == []


async def test_a_label_that_is_not_there(connector: GoogleConnector) -> None:
    with pytest.raises(ProviderRejected) as caught:
        await run(connector, "gmail_modify_labels", id=IDS["plain"], add_labels=["Label_99"])
    assert caught.value.details["message"] == "Invalid label: Label_99"


async def test_a_reader_is_told_which_scope_is_missing(open_with: Open) -> None:
    reader = open_with(READER)
    with pytest.raises(InsufficientScope) as caught:
        await run(reader, "gmail_send_email", to=["a@b.de"], subject="x", body="y")
    assert caught.value.details["missingScopes"] == [scopes.GMAIL_SEND]
    with pytest.raises(InsufficientScope) as caught:
        await run(reader, "gmail_modify_labels", id=IDS["plain"], mark_as="read")
    assert caught.value.details["missingScopes"] == [scopes.GMAIL_MODIFY]


@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        (scopes.GMAIL_READ, {scopes.GMAIL_SEND, scopes.GMAIL_MODIFY}),
        (scopes.GMAIL_SEND, {scopes.GMAIL_READ, scopes.GMAIL_MODIFY}),
        (scopes.GMAIL_MODIFY, set()),
        (scopes.GMAIL_ALL, set()),
    ],
)
def test_wider_scopes_do_for_narrower_ones(
    open_with: Open, granted: str, missing: set[str]
) -> None:
    connector = open_with(granted=(granted,))
    needed = (scopes.GMAIL_READ, scopes.GMAIL_SEND, scopes.GMAIL_MODIFY)
    assert set(connector.missing_scopes(*needed)) == missing
