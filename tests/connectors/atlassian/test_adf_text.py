"""Documents in words only, and words as documents."""

from typing import Any

import pytest

from src.connectors.atlassian.adf import from_text, to_text
from tests.connectors.atlassian.documents import doc, leaf, link, node, paragraph, text

WORDS: dict[str, tuple[dict[str, Any], str]] = {
    "no markup": (paragraph(text("a*b", "strong"), " c"), "a*b c"),
    "a link": (paragraph(text("a", link("https://x.example"))), "a (https://x.example)"),
    "a link that says it": (
        paragraph(text("https://x.example", link("https://x.example"))),
        "https://x.example",
    ),
    "a list in a list": (
        node("bulletList", node("listItem", paragraph("a"), node("orderedList",
            node("listItem", paragraph("b")), node("listItem", paragraph("c"))))),
        "- a\n1. b\n2. c",
    ),
    "tasks": (
        node("taskList", node("taskItem", text("a"), state="DONE"),
            node("taskList", node("taskItem", text("b")))),
        "[x] a\n[ ] b",
    ),
    "decision": (node("decisionList", node("decisionItem", text("a"))), "<> a"),
    "table": (
        node("table", node("tableRow", node("tableHeader", paragraph("a")),
            node("tableCell", paragraph("b"), paragraph("c")))),
        "a | b c",
    ),
    "code": (node("codeBlock", text("a\n  b")), "a\n  b"),
    "rule": (node("panel", paragraph("a"), {"type": "rule"}, paragraph("b")), "a\n---\nb"),
    "expand": (node("expand", paragraph("a"), title="T"), "T\na"),
    "words of leaves": (
        paragraph(leaf("mention", id="1", text="Mia"), " ", leaf("date", timestamp="0"), " ",
            leaf("status", text="DONE"), " ", leaf("inlineCard", url="https://x.example")),
        "@Mia 1970-01-01 DONE https://x.example",
    ),
    "media": (node("mediaGroup", leaf("media", alt="a.png")), "[file: a.png]"),
    "card": (leaf("blockCard", url="https://x.example"), "https://x.example"),
    "line break": (paragraph("a", {"type": "hardBreak"}, "b"), "a\nb"),
    "unknown": (node("new", node("newer", text("a"))), "a"),
}  # fmt: skip


@pytest.mark.parametrize(("given", "wanted"), WORDS.values(), ids=list(WORDS))
def test_a_document_in_words(given: dict[str, Any], wanted: str) -> None:
    assert to_text(doc(given)) == wanted


def test_a_document_nested_without_end_keeps_its_text() -> None:
    deep: dict[str, Any] = text("bottom")
    for _ in range(50_000):
        deep = {"type": "bulletList", "content": [deep]}
    assert "bottom" in to_text(doc(deep))


def test_text_becomes_paragraphs_and_breaks() -> None:
    assert from_text("one\ntwo\r\n\r\n\n three ") == doc(
        paragraph("one", {"type": "hardBreak"}, "two"), paragraph("three ")
    )


@pytest.mark.parametrize("empty", ["", "\n\n", "  \n \n"])
def test_no_text_is_one_empty_paragraph(empty: str) -> None:
    assert from_text(empty) == {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": []}],
    }
