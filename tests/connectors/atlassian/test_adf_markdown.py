"""Every node and mark of a document as Markdown."""

from typing import Any

import pytest

from src.connectors.atlassian.adf import to_markdown
from tests.connectors.atlassian.documents import doc, leaf, link, node, paragraph, shown, tags, text

NODES: dict[str, tuple[dict[str, Any], str]] = {
    "paragraph": (paragraph("plain"), "plain"),
    "heading": (node("heading", text("Title #"), level=3), "### Title \\#"),
    "heading of nonsense": (node("heading", text("T"), level="x"), "# T"),
    "hard break": (paragraph("a", {"type": "hardBreak"}, "b"), "a\\\nb"),
    "hard break at the end": (paragraph("a", {"type": "hardBreak"}), "a"),
    "blockquote": (node("blockquote", paragraph("a"), paragraph("b")), "> a\n>\n> b"),
    "rule": ({"type": "rule"}, "---"),
    "code": (
        node("codeBlock", text("x = 1\n```"), language="python"),
        "````python\nx = 1\n```\n````",
    ),
    "code of an odd language": (node("codeBlock", text("x"), language="a b\n`"), "```\nx\n```"),
    "bullets": (
        node("bulletList", node("listItem", paragraph("a"), node("bulletList",
            node("listItem", paragraph("b")))), node("listItem", paragraph("c"))),
        "- a\n  - b\n- c",
    ),
    "numbers": (
        node("orderedList", node("listItem", paragraph("a"), node("codeBlock", text("x"))),
            node("listItem", paragraph("b")), order=9),
        "9. a\n\n   ```\n   x\n   ```\n10. b",
    ),
    "tasks": (
        node("taskList", node("taskItem", text("a"), state="DONE"),
            node("taskList", node("taskItem", text("b"), state="TODO"))),
        "- [x] a\n  - [ ] b",
    ),
    "block task": (node("taskList", node("blockTaskItem", paragraph("a"))), "- [ ] a"),
    "decisions": (node("decisionList", node("decisionItem", text("a"))), "- <> a"),
    "panel": (node("panel", paragraph("a"), panelType="error"), "> [!CAUTION]\n> a"),
    "panel of one's own": (node("panel", paragraph("a"), panelType="custom"), "> [!NOTE]\n> a"),
    "empty panel": (node("panel"), ""),
    "expand": (node("expand", paragraph("a"), title="More *"), "**More \\***\n\na"),
    "nested expand": (node("nestedExpand", paragraph("a")), "a"),
    "layout": (node("layoutSection", node("layoutColumn", paragraph("a")),
        node("layoutColumn", paragraph("b"))), "a\n\nb"),
    "file": (node("mediaSingle", leaf("media", type="file", id="1-2", alt="a.png"),
        node("caption", text("c"))), "\\[file: a.png\\]\n\nc"),
    "files": (node("mediaGroup", leaf("media", id="m")), "\\[file: m\\]"),
    "picture elsewhere": (leaf("media", type="external", url="https://x.example/a b", alt="[a]"),
        "![\\[a\\]](https://x.example/a%20b)"),
    "file in a line": (paragraph("see ", leaf("mediaInline", alt="a")), "see \\[file: a\\]"),
    "mention": (paragraph(leaf("mention", id="1", text="@Mia_K")), "@Mia_K"),
    "mention without a name": (paragraph(leaf("mention", id="557:a")), "@557:a"),
    "emoji": (paragraph(leaf("emoji", shortName=":tada:", text="🎉")), "🎉"),
    "emoji without a sign": (paragraph(leaf("emoji", shortName=":acme:")), ":acme:"),
    "date": (paragraph(leaf("date", timestamp="1704067200000")), "2024-01-01"),
    "date before 1970": (paragraph(leaf("date", timestamp="-1")), "1969-12-31"),
    "date of nonsense": (paragraph(leaf("date", timestamp="soon")), "soon"),
    "date out of reach": (paragraph(leaf("date", timestamp="9" * 30)), "9" * 30),
    "status": (paragraph(leaf("status", text="IN *PROGRESS*")), "IN \\*PROGRESS\\*"),
    "placeholder": (paragraph(leaf("placeholder", text="type here")), "type here"),
    "card in a line": (paragraph(leaf("inlineCard", url="https://x.example/_a_")),
        "<https://x.example/_a_>"),
    "card": (leaf("blockCard", url="https://x.example"), "<https://x.example>"),
    "card with data": (leaf("embedCard", data={"url": "https://x.example"}), "<https://x.example>"),
    "card of a script": (leaf("blockCard", url="javascript:alert(1)"), "javascript:alert(1)"),
    "extension": (leaf("extension", text="chart"), "chart"),
    "extension without a word": (leaf("extension", extensionKey="toc"), ""),
    "extension in a line": (paragraph(leaf("inlineExtension", text="x")), "x"),
    "extension with a body": (node("bodiedExtension", paragraph("a")), "a"),
    "extension with frames": (
        node("multiBodiedExtension", node("extensionFrame", paragraph("a"))), "a"),
    "synced block": (node("bodiedSyncBlock", paragraph("a")), "a"),
    "unknown block": (node("fromTheFuture", paragraph("a"), node("alsoNew", text("b"))), "a\n\nb"),
    "unknown in a line": (paragraph("a ", node("new", text("b"))), "a b"),
    "unknown leaf": (leaf("new", text="said"), "said"),
    "text without a paragraph": (node("listItem", text("a"), text("b", "strong")), "a**b**"),
    "nothing": ({"type": "paragraph"}, ""),
}  # fmt: skip


@pytest.mark.parametrize(("given", "wanted"), NODES.values(), ids=list(NODES))
def test_every_node_has_its_markdown(given: dict[str, Any], wanted: str) -> None:
    assert to_markdown(doc(given)) == wanted


MARKS: dict[str, tuple[list[dict[str, Any]], str]] = {
    "strong": ([text("a", "strong")], "**a**"),
    "em": ([text("a", "em")], "*a*"),
    "strike": ([text("a", "strike")], "~~a~~"),
    "code": ([text("a*b", "code")], "`a*b`"),
    "code with a back-tick": ([text("a`b", "code")], "`` a`b ``"),
    "two codes": ([text("a", "code"), text("b", "code")], "`a`<!-- -->`b`"),
    "link": ([text("a]b", link("https://x.example/(a)"))], "[a\\]b](https://x.example/%28a%29)"),
    "link of a script": ([text("a", link("java\nscript:alert(1)"))], "a"),
    "link with a control character": ([text("a", link("\x01javascript:alert(1)"))], "a"),
    "link within the site": ([text("a", link("/wiki/x"))], "[a](/wiki/x)"),
    "link after an exclamation mark": (
        [text("!"), text("a", link("https://x.example"))],
        "!<!-- -->[a](https://x.example)",
    ),
    "space at the edges": ([text("a"), text(" b ", "strong"), text("c")], "a **b** c"),
    "space only": ([text(" ", "strong"), text("a")], "a"),
    "one mark over two texts": ([text("a", "strong"), text("b", "strong", "em")], "**a*b***"),
    "an outer mark that comes later": ([text("a", "em"), text("b", "em", "strong")],
        "*a*<!-- -->***b***"),
    "a sign before a letter": ([text("a.", "strong"), text("b")], "**a.**<!-- -->b"),
    "subscript": ([text("H"), text("2", {"type": "subsup", "attrs": {"type": "sub"}})],
        "H<sub>2</sub>"),
    "superscript": ([text("2", {"type": "subsup", "attrs": {"type": "sup"}})], "<sup>2</sup>"),
    "colour and others": ([text("a", "textColor", "underline", "annotation", "new")], "a"),
}  # fmt: skip


@pytest.mark.parametrize(("given", "wanted"), MARKS.values(), ids=list(MARKS))
def test_every_mark_has_its_markdown(given: list[dict[str, Any]], wanted: str) -> None:
    assert to_markdown(doc(paragraph(*given))) == wanted


@pytest.mark.parametrize(
    "words",
    [
        "# no heading",
        "1. no list\n- nor this\n+ nor this",
        "> no quote",
        "a\n---",
        "a\n===",
        "---",
        "a | b\n--|--\n1 | 2",
        "[x]: https://evil.example",
        "<script>alert(1)</script>",
        "&lt;b&gt; &#65;",
        "***loud*** __and__ ~~gone~~",
        "![p](https://x.example)",
        "```\ncode\n```",
        "\\*",
        "    no code",
        "snake_case_name",
    ],
)
def test_text_stays_text(words: str) -> None:
    markdown = to_markdown(doc(paragraph(words)))
    assert shown(markdown) == " ".join(words.split())
    assert tags(markdown) == {"p"}


def test_a_word_with_underscores_is_not_escaped() -> None:
    assert to_markdown(doc(paragraph("snake_case_name"))) == "snake_case_name"


def cells(kind: str, *words: str, **attrs: Any) -> dict[str, Any]:
    return node("tableRow", *(node(kind, paragraph(word), **attrs) for word in words))


def test_a_table_has_its_header() -> None:
    table = node("table", cells("tableHeader", "A", "B"), cells("tableCell", "a|b", "`c`"))
    assert to_markdown(doc(table)) == "| A | B |\n| --- | --- |\n| a\\|b | \\`c\\` |"
    assert {"table", "th", "td"} <= tags(to_markdown(doc(table)))


def test_a_table_without_a_header_gets_an_empty_one() -> None:
    markdown = to_markdown(doc(node("table", cells("tableCell", "1", "2"))))
    assert markdown == "|  |  |\n| --- | --- |\n| 1 | 2 |"


def test_spans_keep_the_columns() -> None:
    table = node(
        "table",
        node(
            "tableRow",
            node("tableHeader", paragraph("wide"), colspan=2),
            node("tableHeader", paragraph("tall"), rowspan=2),
        ),
        cells("tableCell", "1", "2"),
        cells("tableCell", "3", "4", "5"),
    )
    assert to_markdown(doc(table)).splitlines() == [
        "| wide |  | tall |",
        "| --- | --- | --- |",
        "| 1 | 2 |  |",
        "| 3 | 4 | 5 |",
    ]


def test_a_cell_of_several_blocks_has_one_line() -> None:
    row = node(
        "tableRow",
        node("tableCell", paragraph("a", {"type": "hardBreak"}, "b"), paragraph("c")),
        node("tableCell", node("bulletList", node("listItem", paragraph("d")))),
    )
    assert to_markdown(doc(node("table", row))).splitlines()[2] == "| a<br>b<br>c | - d |"


def test_an_enormous_span_is_no_enormous_table() -> None:
    row = node("tableRow", node("tableCell", paragraph("x"), colspan=10**9, rowspan=10**9))
    assert len(to_markdown(doc(node("table", row, row)))) < 10_000


@pytest.mark.parametrize(
    "words",
    [
        "a" + " " * 200_000 + "b\nc",
        "\n " * 100_000 + "x",
        "- " * 100_000,
        "`" * 200_000,
        "&a" * 100_000,
        "|=" * 100_000 + "x\ny",
    ],
    ids=["spaces", "lines", "dashes", "ticks", "entities", "pipes"],
)
def test_a_long_text_is_read_once(words: str) -> None:
    for marks in ((), ("code",), ("strong",)):
        assert to_markdown(doc(paragraph(text(words, *marks))))


def test_one_wide_row_does_not_widen_all_the_others() -> None:
    wide = cells("tableCell", *(f"w{number}" for number in range(3_000)))
    table = node("table", wide, *(cells("tableCell", "x") for _ in range(3_000)))
    markdown = to_markdown(doc(table))
    assert "w2999" in markdown
    assert len(markdown) < 60_000


def test_a_document_nested_without_end_keeps_its_text() -> None:
    deep: dict[str, Any] = text("bottom")
    for _ in range(50_000):
        deep = {"type": "blockquote", "content": [deep]}
    assert "bottom" in to_markdown(doc(deep))


@pytest.mark.parametrize("absent", [None, "", 3, [], {}, {"type": "doc"}, {"content": None}])
def test_an_absent_document_is_empty(absent: Any) -> None:
    assert to_markdown(absent) == ""
