"""The text of a mail, and what is attached to it."""

import base64
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.connectors.google.gmail.mime import DEEPEST, LONGEST, MOST_PARTS, contents
from src.connectors.google.gmail.schemas import Body, Header, Part


def part(kind: str, text: str | bytes = "", *inner: Part, **more: Any) -> Part:
    content = text.encode() if isinstance(text, str) else text
    data = base64.urlsafe_b64encode(content).decode()
    headers = [
        Header(name.replace("_", "-"), value) for name, value in more.pop("head", {}).items()
    ]
    body = Body(len(content), data=data) if not inner else None
    return Part(mime_type=kind, headers=headers, body=body, parts=list(inner), **more)


def multi(kind: str, *inner: Part) -> Part:
    return Part(mime_type=f"multipart/{kind}", parts=list(inner))


def flowed(text: str, rest: str = "") -> str:
    given = {"Content_Type": f"text/plain; format=flowed{rest}"}
    return contents(part("text/plain", text, head=given)).read()


PLAIN, HTML = part("text/plain", "plain"), part("text/html", "<p>html</p>")
BLANK = part("text/plain", " \n")


@pytest.mark.parametrize(
    ("payload", "text"),
    [
        (None, ""),
        (PLAIN, "plain"),
        (HTML, "html"),
        (multi("alternative", PLAIN, HTML), "plain"),
        (multi("alternative", HTML, PLAIN), "plain"),
        (multi("alternative", BLANK, HTML), "html"),
        (multi("alternative", BLANK), ""),
        (multi("alternative"), ""),
        (multi("alternative", PLAIN, multi("related", HTML)), "plain"),
        (multi("alternative", multi("related", HTML)), "html"),
        (multi("mixed", PLAIN, HTML), "plain\n\nhtml"),
        (multi("mixed", multi("alternative", PLAIN, HTML), PLAIN), "plain\n\nplain"),
        (multi("x-unknown", PLAIN), "plain"),
        (part("TEXT/PLAIN", "capitals"), "capitals"),
        (part("", "without a kind"), "without a kind"),
        (part("application/json", "{}"), ""),
    ],
)
def test_which_parts_are_the_text(payload: Part | None, text: str) -> None:
    assert contents(payload).read() == text


@pytest.mark.parametrize(
    ("one", "name", "inline"),
    [
        (part("text/plain", "x", filename="note.txt"), "note.txt", False),
        (part("image/png", "x", filename="=?utf-8?Q?=C3=A4.png?="), "ä.png", False),
        (part("image/png", "x", head={"Content_ID": "<logo>"}), None, True),
        (part("text/html", "x", head={"Content_Disposition": " Attachment"}), None, False),
        (
            part("image/png", "x", filename="a", head={"Content_Disposition": "inline; x"}),
            "a",
            True,
        ),
        (
            part("message/rfc822", "", part("text/plain", "x", head={"Subject": "Inner"})),
            "Inner",
            False,
        ),
        (part("message/rfc822", "", PLAIN), None, False),
        (part("text/calendar", "x"), None, False),
    ],
)
def test_what_is_attached_is_listed_and_no_text(one: Part, name: str | None, inline: bool) -> None:
    found = contents(multi("mixed", PLAIN, one))
    assert found.read() == "plain"
    assert [(each["name"], each["inline"]) for each in found.attachments] == [(name, inline)]


def test_what_is_attached_to_an_alternative_that_is_not_chosen_is_listed() -> None:
    picture = part("image/png", "x", filename="logo.png")
    found = contents(multi("alternative", PLAIN, multi("related", HTML, picture)))
    assert found.read() == "plain"
    assert [one["name"] for one in found.attachments] == ["logo.png"]


def test_a_text_that_is_kept_apart_is_read_when_it_was_fetched() -> None:
    apart = Part(mime_type="text/plain", body=Body(9, attachment_id="A1"))
    found = contents(multi("alternative", apart, HTML))
    assert [one.attachment_id for one in found.texts] == ["A1"]
    assert found.read() == ""
    assert found.read({"A1": base64.b64encode(b"long text").decode()}) == "long text"


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("one \ntwo\nthree", "one two\nthree"),
        ("one \r\ntwo\r\n", "one two"),
        ("> a \n> b\nc", "> a b\nc"),
        ("> a \n>> b", "> a \n>> b"),
        (" >not quoted", ">not quoted"),
        ("a \n-- \nBen", "a \n-- \nBen"),
    ],
)
def test_flowed_lines_are_put_together(source: str, text: str) -> None:
    assert flowed(source) == text


def test_flowed_lines_lose_their_space_where_the_sender_says_so() -> None:
    assert flowed("日本 \n語", "; delsp=yes") == "日本語"


def test_a_very_long_text_is_cut_between_characters() -> None:
    text = contents(part("text/plain", "ü" * LONGEST * 4)).read()
    assert text == "ü" * LONGEST


def test_nesting_and_numbers_are_bounded() -> None:
    deep = PLAIN
    for _ in range(DEEPEST):
        deep = multi("mixed", deep)
    assert contents(deep).read() == "plain"
    assert contents(multi("mixed", deep)).read() == ""
    wide = multi("mixed", *(PLAIN for _ in range(MOST_PARTS + 5)))
    assert len(contents(wide).texts) == MOST_PARTS - 1
    alternatives = multi("alternative", *(multi("mixed", HTML, HTML) for _ in range(400)))
    assert contents(alternatives).parts > MOST_PARTS
    long = contents(multi("mixed", part("text/plain", "x" * LONGEST), PLAIN)).read()
    assert len(long) == LONGEST


_KINDS = st.sampled_from(
    [
        "text/plain",
        "text/html",
        "multipart/alternative",
        "multipart/mixed",
        "multipart/related",
        "message/rfc822",
        "image/png",
        "TEXT/plain",
        "multipart/",
        "nonsense",
    ]
)
_LEAVES = st.builds(
    Part,
    mime_type=_KINDS,
    filename=st.none() | st.text(max_size=5),
    headers=st.lists(
        st.builds(
            Header,
            st.sampled_from(["Content-Type", "Content-Disposition", "Subject", "Content-ID"]),
            st.text(max_size=20) | st.just("text/plain; charset=utf-16; format=flowed"),
        ),
        max_size=3,
    ),
    body=st.none()
    | st.builds(
        Body,
        size=st.integers(),
        data=st.none()
        | st.text(max_size=20)
        | st.binary(max_size=20).map(lambda b: base64.b64encode(b).decode()),
        attachment_id=st.none() | st.text(max_size=5),
    ),
)
_PARTS = st.recursive(
    _LEAVES,
    lambda inner: st.builds(Part, mime_type=_KINDS, parts=st.lists(inner, max_size=4)),
    max_leaves=20,
)


@settings(max_examples=80, deadline=None)
@given(_PARTS)
def test_no_mail_makes_it_fail(payload: Part) -> None:
    found = contents(payload)
    text = found.read({one.attachment_id or "": "eA" for one in found.texts})
    assert isinstance(text, str)
    assert len(text) <= LONGEST
    assert "\x00" not in text
    assert "\r" not in text


def test_all_texts_together_are_bounded() -> None:
    """A mail of many long parts takes no longer than one of them."""
    filling = f"<!--{'x' * 300_000}-->"
    many = multi("mixed", *(part("text/html", f"<p>{n}</p>{filling}") for n in range(30)))
    assert contents(many).read().split() == ["0", "1", "2", "3", "4"]
