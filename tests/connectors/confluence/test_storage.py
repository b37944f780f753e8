"""Confluence's storage format: elements, macros, and what is no storage at all."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.connectors.atlassian.adf import to_markdown, to_text
from src.connectors.confluence.storage import from_storage
from src.connectors.confluence.storage.reader import DEEPEST_ELEMENT, MOST_CHARACTERS, MOST_ELEMENTS
from src.sandbox.confluence.seed.bodies import MACROS


def markdown(storage: str) -> str:
    return to_markdown(from_storage(storage))


def macro(name: str, *parts: str) -> str:
    inner = "".join(parts)
    return f'<ac:structured-macro ac:name="{name}">{inner}</ac:structured-macro>'


def parameter(name: str, value: str) -> str:
    return f'<ac:parameter ac:name="{name}">{value}</ac:parameter>'


def rich(body: str) -> str:
    return f"<ac:rich-text-body>{body}</ac:rich-text-body>"


def plain(body: str) -> str:
    return f"<ac:plain-text-body><![CDATA[{body}]]></ac:plain-text-body>"


USER = '<ri:user ri:account-id="557058:a-b"/>'
PAGE = '<ri:page ri:space-key="X" ri:content-title="Other &amp; page"/>'
FILE = '<ri:attachment ri:filename="a.png"/>'
ADDRESS = '<ri:url ri:value="https://x.example/z.png"/>'

CASES = {
    "paragraphs": ("<p>a</p><p>b</p>", "a\n\nb"),
    "headings": ("<h1>a</h1><h6>b</h6>", "# a\n\n###### b"),
    "marks": ("<p><strong>a</strong> <em>b</em> <del>c</del> <u>d</u></p>", "**a** *b* ~~c~~ d"),
    "sub and sup": ("<p>H<sub>2</sub>O<sup>+</sup></p>", "H<sub>2</sub>O<sup>+</sup>"),
    "code": ("<p><code>a*b</code></p>", "`a*b`"),
    "entities of HTML": ("<p>a&nbsp;b &uuml;&mdash;&lt;x&gt; &amp;amp;</p>", "a b ü—\\<x> \\&amp;"),
    "entity nobody knows": ("<p>a &nothing; b</p>", "a \\&nothing; b"),
    "numeric entity": ("<p>&#128512;&#x41;</p>", "😀A"),
    "text that looks like markup": ("<p># a *b* [c]</p>", "\\# a \\*b\\* \\[c\\]"),
    "line break": ("<p>a<br/>b</p>", "a\\\nb"),
    "rule": ("<p>a</p><hr/>", "a\n\n---"),
    "quote": ("<blockquote><p>a</p></blockquote>", "> a"),
    "link": ('<p><a href="https://x.example/?a=1&amp;b">t</a></p>', "[t](https://x.example/?a=1&b)"),
    "link of a script": ('<p><a href="javascript:alert(1)">t</a></p>', "t"),
    "list of bare items": ("<ul><li>a</li><li><p>b</p><ol><li>c</li></ol></li></ul>",
        "- a\n- b\n  1. c"),
    "preformatted": ("<pre>a  <b>b</b>\n c</pre>", "```\na  b\n c\n```"),
    "table": ("<table><tbody><tr><th>A</th></tr><tr><td>a|b</td></tr></tbody></table>",
        "| A |\n| --- |\n| a\\|b |"),
    "table with spans": ('<table><tr><td rowspan="2">a</td><td>b</td></tr><tr><td>c</td></tr>'
        "</table>", "|  |  |\n| --- | --- |\n| a | b |\n|  | c |"),
    "layout": ("<ac:layout><ac:layout-section><ac:layout-cell><p>a</p></ac:layout-cell>"
        "<ac:layout-cell><p>b</p></ac:layout-cell></ac:layout-section></ac:layout>", "a\n\nb"),
    "code macro": (macro("code", parameter("language", "java"), plain("if (a > b && c) {}")),
        "```java\nif (a > b && c) {}\n```"),
    "code macro with a title": (macro("code", parameter("title", "T"), plain("x")),
        "T\n\n```\nx\n```"),
    "CDATA in two parts": (macro("code", "<ac:plain-text-body><![CDATA[a]]]]><![CDATA[>b]]>"
        "</ac:plain-text-body>"), "```\na]]>b\n```"),
    "noformat": (macro("noformat", plain("a")), "```\na\n```"),
    "unknown macro with plain text": (macro("mermaid", plain("graph TD")), "```\ngraph TD\n```"),
    "info": (macro("info", rich("<p>a</p>")), "> [!NOTE]\n> a"),
    "warning with a title": (macro("warning", parameter("title", "T"), rich("<p>a</p>")),
        "> [!WARNING]\n> **T**\n>\n> a"),
    "expand": (macro("expand", parameter("title", "T"), rich("<p>a</p>")), "**T**\n\na"),
    "status": (f"<p>is {macro('status', parameter('title', 'DONE'))}</p>", "is DONE"),
    "issue": (macro("jira", parameter("key", "OPS-1"), parameter("serverId", "x")), "OPS-1"),
    "macro without content": (f"<p>a</p>{macro('toc', parameter('maxLevel', '3'))}", "a"),
    "unknown macro with content": (macro("excerpt", parameter("hidden", "true"), rich("<p>a</p>")),
        "a"),
    "macro in a macro": (macro("panel", rich(macro("info", rich("<p>a</p>")))),
        "> [!NOTE]\n> > [!NOTE]\n> > a"),
    "macro within a paragraph": (f"<p>a {macro('code', plain('b'))} c</p>",
        "a\n\n```\nb\n```\n\nc"),
    "file macro": (macro("view-file", parameter("name", FILE)), "\\[file: a.png\\]"),
    "address macro": (macro("widget", parameter("url", ADDRESS)), "<https://x.example/z.png>"),
    "mention": (f"<p>a <ac:link>{USER}</ac:link> b</p>", "a @557058:a-b b"),
    "link to a page": (f"<p><ac:link>{PAGE}</ac:link> b</p>", "Other & page b"),
    "link with its own text": (f"<p><ac:link>{PAGE}<ac:plain-text-link-body><![CDATA[<a> b]]>"
        "</ac:plain-text-link-body></ac:link></p>", "\\<a> b"),
    "link with rich text": (
        f"<p><ac:link>{PAGE}<ac:link-body><em>a</em></ac:link-body></ac:link></p>", "*a*"),
    "link to an anchor": ('<p><ac:link ac:anchor="Top"/></p>', "Top"),
    "image attached": (f"<p>a <ac:image>{FILE}</ac:image></p>", "a \\[file: a.png\\]"),
    "image elsewhere": (f'<ac:image ac:alt="z">{ADDRESS}</ac:image>',
        "![z](https://x.example/z.png)"),
    "image with a caption": (f"<ac:image>{FILE}<ac:caption><p>c</p></ac:caption></ac:image>",
        "\\[file: a.png\\]\n\nc"),
    "tasks": ("<ac:task-list><ac:task><ac:task-id>7</ac:task-id><ac:task-status>complete"
        "</ac:task-status><ac:task-body>a</ac:task-body></ac:task><ac:task><ac:task-status>"
        "incomplete</ac:task-status><ac:task-body><span>b</span></ac:task-body></ac:task>"
        "</ac:task-list>", "- [x] a\n- [ ] b"),
    "emoticons": ('<p><ac:emoticon ac:name="x" ac:emoji-fallback="🎉"/><ac:emoticon '
        'ac:name="tick"/></p>', "🎉:tick:"),
    "date": ('<p>on <time datetime="2024-01-02"/></p>', "on 2024-01-02"),
    "placeholder": ("<p>a<ac:placeholder>type</ac:placeholder></p>", "a"),
    "inline comment": ('<p>a<ac:inline-comment-marker ac:ref="1">b</ac:inline-comment-marker>c</p>',
        "abc"),
    "panel of a document": ('<ac:adf-extension><ac:adf-node type="panel"><ac:adf-attribute '
        'key="panel-type">error</ac:adf-attribute><ac:adf-content><p>a</p></ac:adf-content>'
        "</ac:adf-node><ac:adf-fallback><p>a</p></ac:adf-fallback></ac:adf-extension>",
        "> [!CAUTION]\n> a"),
    "what only styles": ("<style>p {}</style><script>x</script><p>a</p>", "a"),
    "text alone": ("a", "a"),
    "nothing": ("", ""),
}  # fmt: skip


@pytest.mark.parametrize(("storage", "wanted"), CASES.values(), ids=list(CASES))
def test_every_element_has_its_markdown(storage: str, wanted: str) -> None:
    assert markdown(storage) == wanted


MALFORMED = {
    "a sign that is no entity": "<p>kept</p><p>one & two</p><p>three</p>",
    "not closed": "<p>kept <b>one two three",
    "closed too often": "kept</b></p></x> one two three",
    "a declaration of entities": '<!DOCTYPE x [<!ENTITY a "b">]><p>kept one two three</p>',
    "a control character": "<p>kept one\x01 two three</p>",
    "an attribute without quotes": "<p class=a>kept</p> one two three",
    "CDATA without an end": "<p>kept</p> <![CDATA[one two three",
    "half of a character": "<p>kept \ud83d one two three</p>",
}


@pytest.mark.parametrize("storage", MALFORMED.values(), ids=list(MALFORMED))
def test_what_is_malformed_keeps_its_words(storage: str) -> None:
    written = markdown(storage)
    for word in ("kept", "one", "two", "three"):
        assert word in written


def test_entities_are_never_expanded_into_more() -> None:
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><p>&b;&b;</p>'
    )
    assert "aaaaaaaaaa" * 2 not in markdown(bomb)
    assert len(markdown(bomb)) < 2 * len(bomb)


def test_nothing_is_fetched(tmp_path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not to be read")
    written = markdown(f'<!DOCTYPE x [<!ENTITY a SYSTEM "{secret.as_uri()}">]><p>&a;</p>')
    assert "not to be read" not in written


@pytest.mark.parametrize(
    "storage",
    ["<" * 100_000, "<p " * 100_000, "&" * 100_000, "<b>" * 20_000 + "a", "<p>a</p>" * 30_000],
    ids=["brackets", "tags", "signs", "depth", "elements"],
)
def test_what_is_huge_is_read_once(storage: str) -> None:
    assert markdown(storage)


def test_beyond_the_limits_only_words_are_kept() -> None:
    many = "<p>a</p>" * MOST_ELEMENTS + "<h1>last</h1>"
    assert markdown(many).endswith(" last")
    assert len(markdown("b" * (MOST_CHARACTERS + 10))) == MOST_CHARACTERS


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab <>/&;![]CDATAp\"'=:ac-\n\x00é", max_size=80))
def test_nothing_raises(storage: str) -> None:
    assert isinstance(markdown(storage), str)


PIECES = [
    "<p>",
    "</p>",
    "<ul>",
    "<li>",
    "</li>",
    "</ul>",
    "<b>",
    "</b>",
    "<ri:user/>",
    "<br/>",
    " ",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.from_regex(r"[a-j]{3,8}", fullmatch=True)))
def test_every_word_is_kept(parts: list[str]) -> None:
    written = to_text(from_storage("".join(parts)))
    for part in parts:
        assert part.startswith("<") or part.strip() in written


def test_the_page_of_every_macro() -> None:
    body = markdown(MACROS)
    assert "recently" not in body
    assert "type here" not in body
    assert body.count("Once only") == 1


@pytest.mark.parametrize(
    "storage",
    ["<q>" * 9_000 + "&nbsp;" * 100_000 + "</q>" * 9_000, "a<q>" * 9_000 + "&nbsp;" * 100_000],
    ids=["closed", "with text, never closed"],
)
def test_what_is_nested_without_end_takes_no_long_time(storage: str) -> None:
    began = time.process_time()
    from_storage(storage)
    assert time.process_time() - began < 2


def test_what_lies_too_deep_keeps_its_text() -> None:
    depth = DEEPEST_ELEMENT + 1
    written = to_text(from_storage(f"<p>top</p>{'<q>' * depth}bottom{'</q>' * depth}<p>after</p>"))
    assert [word for word in ("top", "bottom", "after") if word not in written] == []
