"""HTML of mails and invitations as plain text."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.connectors.google.html import LONGEST, MOST_MARKUP, to_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", ""),
        ("plain  words\n here", "plain words here"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("a<br><br>b", "a\n\nb"),
        ("<div>a</div><div>b<div>c</div></div>", "a\nb\nc"),
        ("<h1>Title</h1>text", "Title\n\ntext"),
        ("<ul><li>one<li>two</ul>after", "- one\n- two\n\nafter"),
        ("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two"),
        ("<ul><li>a<ol><li>b</li></ol></li><li>c</li></ul>", "- a\n1. b\n- c"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><th>c</th></tr></table>", "a b\nc"),
        ("x<hr>y", "x\n\n---\n\ny"),
        ("said<blockquote>older<blockquote>oldest</blockquote></blockquote>new", None),
        ("<pre>  a\n   b</pre>", "  a\n   b"),
        ("1 < 2 &amp;&lt;b&gt; &nbsp;&euro;&#x263a;&#9786; &unknown;", "1 < 2 &<b> €☺☺ &unknown;"),
        ("<b>bo</b>ld <i>x</i>", "bold x"),
        ("<IMG ALT='a logo' SRC=x> here", "a logo here"),
        ('<img data-alt="no" alt="yes">', "yes"),
        ("<p title='a > b'>c</p>", "c"),
        ("<a href='https://x.test/?a=1&amp;b=2'>there</a>!", "there (https://x.test/?a=1&b=2)!"),
        ("<a href=https://x.test>https://x.test/</a>", "https://x.test/"),
        ("<a href='mailto:a@b.c'>a@b.c</a>", "a@b.c"),
        ("<a href='mailto:a@b.c'>Ann</a>", "Ann (a@b.c)"),
        ("<a href='javascript:alert(1)'>click</a>", "click"),
        ("<a href='https://x.test'><img src=y></a>", ""),
        ("<a data-href='https://x.test'>no</a>", "no"),
        ("<a href='https://x.test'>never closed", "never closed (https://x.test)"),
        ("a<!-- b --><!-- c > d -->e<!>f<?php g ?>h", "aefh"),
        ("a<!-->b", "ab"),
        ("<style>p {}</style>a<SCRIPT>b < c</script >d<title>e</title>", "ad"),
        ("<script/>shown", "shown"),
        ("a<script>never closed <b>c</b>", "a"),
        ("a<!-- never closed <b>c</b>", "a"),
        ("a<b never closed", "a"),
        ('a<p class="never closed>b</p>', "a\n\nb"),
        ("</p></ul></blockquote></pre>a", "a"),
        ("<div style='DISPLAY : none'>hidden<div>too</div></div>shown", "shown"),
        ("<span style='display:none'>hidden</span><br>shown", "shown"),
        ("<br style='display:none'>shown", "shown"),
        ("<3 <> < a", "<3 <> < a"),
    ],
)
def test_what_a_reader_would_see(source: str, text: str | None) -> None:
    expected = "said\n\n> older\n\n> > oldest\n\nnew" if text is None else text
    assert to_text(source) == expected


def test_ends_of_lines_mean_something_where_they_are_kept() -> None:
    assert to_text("a\nb <b>c</b>\n\nd", keep_lines=True) == "a\nb c\n\nd"


_NEVER_CLOSED = ["<!--", "<a ", '<a "', "<a href='", "<![CDATA[", "<script>"]
_MANY = ["<div><ul><li>", "&", "</", "<p style=display:none>", "<blockquote>", "<", "<p>a</p>\n"]


@pytest.mark.parametrize("piece", _NEVER_CLOSED)
def test_what_is_never_closed_is_looked_for_once(piece: str) -> None:
    """Again at each of them would take minutes."""
    began = time.process_time()
    to_text(piece * (LONGEST // len(piece)))
    assert time.process_time() - began < 1.5


@pytest.mark.parametrize("piece", [*_MANY, "<a href=http://x>y"])
def test_much_markup_takes_no_more_than_its_length(piece: str) -> None:
    began = time.process_time()
    to_text(piece * (LONGEST // len(piece)))
    assert time.process_time() - began < 4


def test_too_much_markup_keeps_its_text() -> None:
    text = to_text("<b>x</b>" * MOST_MARKUP + "<i>the end</i>")
    assert text.startswith("xxx")
    assert text.endswith("x the end")


def test_what_is_too_long_is_cut() -> None:
    assert len(to_text("a" * (LONGEST + 10))) == LONGEST


_PIECES = st.sampled_from(
    [
        "<",
        ">",
        "</",
        "/>",
        "<!--",
        "-->",
        "'",
        "=",
        "&",
        ";",
        "a",
        "p",
        "ul",
        "li",
        "script",
        "style",
        "pre",
        "blockquote",
        "href",
        "http://x",
        "display:none",
    ]
) | st.sampled_from(['"', "\n", " ", "\x00", "\ud800"])


@settings(max_examples=80, deadline=None)
@given(st.one_of(st.text(), st.lists(_PIECES).map("".join)))
def test_it_never_fails_and_never_grows_much(source: str) -> None:
    text = to_text(source)
    assert len(text) <= 24 * len(source) + 10
    assert text == text.strip("\n")
