"""Whatever a document holds: nothing raises, no word is lost, and text never becomes markup."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from src.connectors.atlassian.adf import from_text, to_markdown, to_text
from tests.connectors.atlassian.documents import doc, link, paragraph, shown, tags, text

TYPES = [
    *("doc", "paragraph", "heading", "blockquote", "panel", "expand", "nestedExpand", "rule"),
    *("layoutSection", "layoutColumn", "bulletList", "orderedList", "listItem", "taskList"),
    *("taskItem", "blockTaskItem", "decisionList", "decisionItem", "codeBlock", "table"),
    *("tableRow", "tableHeader", "tableCell", "mediaSingle", "mediaGroup", "media", "mediaInline"),
    *("caption", "blockCard", "embedCard", "inlineCard", "extension", "inlineExtension"),
    *("bodiedExtension", "multiBodiedExtension", "extensionFrame", "syncBlock", "hardBreak"),
    *("bodiedSyncBlock", "placeholder", "mention", "emoji", "date", "status", "text", "newer"),
]
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "text", "marks", "attrs", "content", "version"]),
            inner | st.sampled_from([*TYPES, "link", "strong", "em", "code", "subsup"]),
            max_size=5,
        )
    ),
    max_leaves=30,
)
SIGNS = st.text(alphabet="ab1 *_`[]()<>!~|#+-=.&;:\\\n\t/\"'é山", max_size=25)
WORD = st.text(alphabet="abcdefghij", min_size=3, max_size=8)
MARKS = st.lists(
    st.sampled_from(["strong", "em", "strike", "underline", "code"])
    | st.just(link("https://x.example/a_b")),
    max_size=3,
    unique_by=str,
)


def nodes(words: st.SearchStrategy[str]) -> st.SearchStrategy[dict[str, Any]]:
    leaves = st.builds(text, words)
    containers = st.sampled_from([kind for kind in TYPES if kind not in NO_CONTENT])
    return st.recursive(
        leaves,
        lambda inner: st.builds(
            lambda kind, content: {"type": kind, "content": content},
            containers,
            st.lists(inner, min_size=1, max_size=4),
        ),
        max_leaves=12,
    )


NO_CONTENT = {
    *("text", "hardBreak", "rule", "media", "mediaInline", "blockCard", "embedCard", "inlineCard"),
    *("inlineExtension", "placeholder", "mention", "emoji", "date", "status"),
}


def words_of(node: dict[str, Any]) -> list[str]:
    if node["type"] == "text":
        return [node["text"]]
    return [word for one in node["content"] for word in words_of(one)]


@settings(max_examples=150, deadline=None)
@given(JSON)
def test_nothing_raises_on_anything_that_json_can_hold(value: Any) -> None:
    assert isinstance(to_markdown(value), str)
    assert isinstance(to_text(value), str)


@settings(max_examples=150, deadline=None)
@given(nodes(WORD))
def test_every_word_is_kept_whatever_it_stands_in(node: dict[str, Any]) -> None:
    for written in (to_markdown(doc(node)), to_text(doc(node))):
        for word in words_of(node):
            assert word in written


@settings(max_examples=150, deadline=None)
@given(st.lists(SIGNS, min_size=1, max_size=3))
def test_text_is_shown_as_it_is_and_never_becomes_markup(parts: list[str]) -> None:
    markdown = to_markdown(doc(paragraph(*parts)))
    assert shown(markdown) == " ".join("".join(parts).split())
    assert tags(markdown) <= {"p"}


def shown_and_said(parts: list[tuple[str, list[Any]]]) -> tuple[str, str]:
    markdown = to_markdown(doc(paragraph(*(text(words, *marks) for words, marks in parts))))
    return "".join(shown(markdown).split()), "".join("".join(words for words, _ in parts).split())


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(SIGNS, MARKS), min_size=1, max_size=2))
def test_marked_text_is_shown_as_it_is(parts: list[tuple[str, list[Any]]]) -> None:
    seen, said = shown_and_said(parts)
    assert seen == said


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(SIGNS, MARKS), min_size=1, max_size=5))
def test_marked_words_are_shown_as_they_are(parts: list[tuple[str, list[Any]]]) -> None:
    # More than two runs of marks side by side cannot all be told apart without a space.
    seen, said = shown_and_said([(f" a{words}a ", marks) for words, marks in parts])
    assert seen == said


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60))
def test_plain_text_survives_a_round_trip(words: str) -> None:
    document = from_text(words)
    assert to_text(document).split() == words.split()
    assert all(
        one["text"]
        for block in document["content"]
        for one in block["content"]
        if one["type"] == "text"
    )
