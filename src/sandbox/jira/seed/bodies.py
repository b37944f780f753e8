"""Texts of issues and comments, as documents for the cloud and as wiki markup for a data center."""

from typing import Any

Node = dict[str, Any]
_FILE = "0b8c7b1e-4e4f-4c62-9b76-6f0d0a2f8a11"


def text(words: str, *marks: Node | str) -> Node:
    """Return a text with marks."""
    node: Node = {"type": "text", "text": words}
    if marks:
        node["marks"] = [{"type": one} if isinstance(one, str) else one for one in marks]
    return node


def node(kind: str, *content: Node | str, **attrs: Any) -> Node:
    """Return a node; plain strings become texts."""
    made: Node = {"type": kind}
    if attrs:
        made["attrs"] = attrs
    if content:
        made["content"] = [text(one) if isinstance(one, str) else one for one in content]
    return made


def document(*content: Node) -> Node:
    """Return a whole document."""
    return {"type": "doc", "version": 1, "content": [*content]}


def _paragraph(*content: Node | str) -> Node:
    return node("paragraph", *content)


def _link(words: str, href: str) -> Node:
    return text(words, {"type": "link", "attrs": {"href": href}})


def _item(*content: Node | str) -> Node:
    return node("listItem", _paragraph(*content))


def _cell(kind: str, words: str) -> Node:
    return node(kind, _paragraph(words))


EVERY_NODE = document(
    node("heading", "Everything that a document can hold", level=1),
    _paragraph(
        "Plain, ",
        text("strong", "strong"),
        ", ",
        text("em", "em"),
        ", ",
        text("code", "code"),
        ", ",
        text("strike", "strike"),
        ", ",
        text("underline", "underline"),
        ", ",
        text("sub", {"type": "subsup", "attrs": {"type": "sub"}}),
        ", ",
        text("red", {"type": "textColor", "attrs": {"color": "#ff5630"}}),
        ", ",
        _link("a link", "https://example.com/a?b=c"),
        node("hardBreak"),
        "after a break ",
        node("mention", id="5b10a2844c20165700ede21g", text="@Mia Krystof", accessLevel=""),
        " ",
        node("emoji", shortName=":grinning:", text="😀"),
        " ",
        node("date", timestamp="1582152559000"),
        " ",
        node("status", text="In review", color="yellow"),
        " ",
        node("inlineCard", url="https://acme.atlassian.net/browse/EX-1"),
        " ",
        node("placeholder", text="fill me in"),
    ),
    node(
        "bulletList",
        _item("one"),
        node("listItem", _paragraph("two"), node("bulletList", _item("inner"))),
    ),
    node("orderedList", _item("third"), _item("fourth"), order=3),
    node(
        "taskList",
        node("taskItem", "to do", localId="t1", state="TODO"),
        node("taskItem", "done", localId="t2", state="DONE"),
        localId="list",
    ),
    node(
        "decisionList",
        node("decisionItem", "we decided", localId="d1", state="DECIDED"),
        localId="d",
    ),
    node("blockquote", _paragraph("quoted words")),
    node("panel", _paragraph("a warning"), panelType="warning"),
    node("expand", _paragraph("hidden at first"), title="Details"),
    node("codeBlock", "def f(x):\n    return x | 1", language="python"),
    node("rule"),
    node(
        "table",
        node("tableRow", _cell("tableHeader", "Name"), _cell("tableHeader", "Value")),
        node("tableRow", _cell("tableCell", "alpha"), _cell("tableCell", "1")),
        isNumberColumnEnabled=False,
        layout="default",
    ),
    node(
        "mediaSingle",
        node("media", id=_FILE, type="file", collection="", alt="shot.png"),
        layout="center",
    ),
    node("mediaGroup", node("media", id=_FILE, type="file", collection="")),
    node("blockCard", url="https://example.com/card"),
    node("embedCard", url="https://example.com/embed", layout="wide"),
    node(
        "layoutSection",
        node("layoutColumn", _paragraph("left"), width=50),
        node("layoutColumn", _paragraph("right"), width=50),
    ),
    node("extension", extensionType="com.example", extensionKey="chart", text="a chart"),
    node("bodiedExtension", _paragraph("inside an extension"), extensionType="x", extensionKey="y"),
    node("somethingNew", _paragraph("from the future")),
)
EVERY_MARKUP = """h1. Everything that markup can hold
Plain, *strong*, _em_, {{code}}, -strike-,
[a link|https://example.com/a?b=c] [~mia] !shot.png|thumbnail!
* one
** inner
# third
bq. quoted words
{panel:title=Note}
a warning
{panel}
{code:python}
def f(x):
    return x | 1
{code}
----
||Name||Value||
|alpha|1|
"""
_WORDS = (
    "The theme is dark although the setting says light.",
    "Steps: open the page, scroll, wait. Expected: nothing happens.",
    "Größe und Maß stimmen nicht: 日本語のテキスト, emoji 👩‍👩‍👧, RTL שלום.",
    "See the log; it says timeout after 30 s.",
    "As a user I want to export everything to CSV.",
)


def generic(number: int) -> Node:
    """Return one of many bodies of an ordinary kind."""
    return document(
        _paragraph(_WORDS[number % len(_WORDS)], " ", text(f"case {number}", "strong")),
        node(
            "bulletList",
            _item(f"first {number}"),
            _item("second ", _link("docs", "https://x.example")),
        ),
        node("codeBlock", f"trace {number}\n  at line {number % 97}", language="text"),
    )


def generic_markup(number: int) -> str:
    """Return the same in wiki markup."""
    return (
        f"{_WORDS[number % len(_WORDS)]} *case {number}*\n\n* first {number}\n"
        f"* second [docs|https://x.example]\n{{code:text}}\ntrace {number}\n{{code}}"
    )


def adf(body: Any) -> Node | None:
    """Return a body as a document: a seeded one by its number or name, a written one as it is."""
    if body == "every":
        return EVERY_NODE
    if isinstance(body, int):
        return generic(body)
    return document(_paragraph(body)) if isinstance(body, str) and body else body or None


def markup(body: Any) -> str | None:
    """Return a body in wiki markup."""
    if body == "every":
        return EVERY_MARKUP
    return generic_markup(body) if isinstance(body, int) else body


def plain(body: Any) -> str:
    """Return the words of a body, for the search."""
    if isinstance(body, int):
        return f"{_WORDS[body % len(_WORDS)]} case {body}"
    return str(body) if body else ""
