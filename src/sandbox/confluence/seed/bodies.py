"""Bodies of pages: storage with every macro, documents with every node."""

from typing import Any

MACROS = """<h1>Deploying &amp; rolling back</h1>
<p>Hello&nbsp;<strong>bold</strong>, <em>leaning</em>, <u>under</u>, <s>gone</s>, a*b_c &uuml;ber \
<a href="https://example.com/a?b=1&amp;c=2">a link</a><br/>next line with <code>x = [1]</code></p>
<ac:layout><ac:layout-section ac:type="two_equal"><ac:layout-cell><p><span \
style="color: rgb(255,0,0);">Left cell</span></p></ac:layout-cell><ac:layout-cell><p>Right \
cell</p></ac:layout-cell></ac:layout-section></ac:layout>
<p><ac:structured-macro ac:name="recently-updated" ac:schema-version="1"><ac:parameter \
ac:name="max">5</ac:parameter></ac:structured-macro></p>
<ac:structured-macro ac:name="toc"/>
<ac:structured-macro ac:name="code"><ac:parameter ac:name="language">python</ac:parameter>\
<ac:plain-text-body><![CDATA[if a > b and c < d:
    print("&nbsp; ```")]]></ac:plain-text-body></ac:structured-macro>
<ac:structured-macro ac:name="info"><ac:parameter ac:name="title">Heads up</ac:parameter>\
<ac:rich-text-body><p>An informative panel</p></ac:rich-text-body></ac:structured-macro>
<ac:structured-macro ac:name="warning"><ac:rich-text-body><p>A warning</p></ac:rich-text-body>\
</ac:structured-macro>
<ac:structured-macro ac:name="expand"><ac:parameter ac:name="title">Click me</ac:parameter>\
<ac:rich-text-body><p>Hidden words</p></ac:rich-text-body></ac:structured-macro>
<ac:structured-macro ac:name="jira"><ac:parameter ac:name="key">OPS-42</ac:parameter>\
</ac:structured-macro>
<p>Ask <ac:link><ri:user ri:account-id="5fc9e78d2730d800760becc4"/></ac:link>, see <ac:link>\
<ri:page ri:content-title="Runbook"/></ac:link> or <ac:link><ri:page ri:content-title="Runbook"/>\
<ac:plain-text-link-body><![CDATA[the <other> one]]></ac:plain-text-link-body></ac:link>.</p>
<ac:image ac:alt="diagram"><ri:attachment ri:filename="a.png"/></ac:image>
<ac:image><ri:url ri:value="https://example.com/z.png"/></ac:image>
<ac:task-list><ac:task><ac:task-id>1</ac:task-id><ac:task-status>complete</ac:task-status>\
<ac:task-body><span class="placeholder-inline-tasks">Write it</span></ac:task-body></ac:task>\
<ac:task><ac:task-id>2</ac:task-id><ac:task-status>incomplete</ac:task-status><ac:task-body>Read \
it</ac:task-body></ac:task></ac:task-list>
<p><ac:emoticon ac:name="smile" ac:emoji-shortname=":smile:" ac:emoji-fallback="😀"/> <time \
datetime="2024-01-02"/> <ac:placeholder>type here</ac:placeholder> <ac:structured-macro \
ac:name="status"><ac:parameter ac:name="title">IN PROGRESS</ac:parameter></ac:structured-macro></p>
<table><tbody><tr><th>Name</th><th><p>Owner</p></th></tr><tr><td>a|b</td><td><ul><li>x<ul>\
<li>y</li></ul></li></ul></td></tr></tbody></table>
<pre>as  it
 is</pre>
<ac:adf-extension><ac:adf-node type="panel"><ac:adf-attribute key="panel-type">note\
</ac:adf-attribute><ac:adf-content><p>Once only</p></ac:adf-content></ac:adf-node>\
<ac:adf-fallback><p>Once only</p></ac:adf-fallback></ac:adf-extension>
<p>An <ac:inline-comment-marker ac:ref="c0ffee">anchored</ac:inline-comment-marker> word</p>
"""

_DEEP = 90

Node = dict[str, Any]


def text(words: str, *marks: Node) -> Node:
    """Return a text node."""
    return {"type": "text", "text": words, **({"marks": list(marks)} if marks else {})}


def paragraph(*content: Node) -> Node:
    """Return a paragraph."""
    return {"type": "paragraph", "content": list(content)}


def document(*content: Node) -> Node:
    """Return a document."""
    return {"type": "doc", "version": 1, "content": list(content)}


def simple(words: str) -> tuple[str, Node]:
    """Return a body of one paragraph in both representations."""
    safe = words.replace("&", "&amp;").replace("<", "&lt;")
    return f"<p>{safe}</p>", document(paragraph(text(words)))


def _item(*content: Node) -> Node:
    return {"type": "listItem", "content": list(content)}


EVERY_NODE = document(
    {"type": "heading", "attrs": {"level": 2}, "content": [text("Release plan")]},
    paragraph(
        text("Ask "),
        {"type": "mention", "attrs": {"id": "5fc9e78d2730d800760becc4", "text": "@Ben Ruíz"}},
        text(" before "),
        {"type": "date", "attrs": {"timestamp": "1704067200000"}},
        text(" "),
        {"type": "emoji", "attrs": {"shortName": ":tada:", "text": "🎉"}},
        {"type": "status", "attrs": {"text": "DONE", "color": "green"}},
        {"type": "hardBreak"},
        text("bold", {"type": "strong"}),
        text(" and code", {"type": "code"}),
        text(" link", {"type": "link", "attrs": {"href": "https://example.com"}}),
    ),
    {
        "type": "panel",
        "attrs": {"panelType": "warning"},
        "content": [paragraph(text("Careful [here] *now*"))],
    },
    {
        "type": "bulletList",
        "content": [_item(paragraph(text("one"))), _item(paragraph(text("two")))],
    },
    {"type": "orderedList", "attrs": {"order": 3}, "content": [_item(paragraph(text("three")))]},
    {
        "type": "taskList",
        "content": [{"type": "taskItem", "attrs": {"state": "DONE"}, "content": [text("did it")]}],
    },
    {
        "type": "decisionList",
        "content": [{"type": "decisionItem", "content": [text("we ship")]}],
    },
    {"type": "codeBlock", "attrs": {"language": "sh"}, "content": [text("make deploy")]},
    {"type": "blockquote", "content": [paragraph(text("quoted"))]},
    {
        "type": "expand",
        "attrs": {"title": "More"},
        "content": [paragraph(text("unfolded"))],
    },
    {
        "type": "table",
        "content": [
            {
                "type": "tableRow",
                "content": [
                    {"type": "tableHeader", "content": [paragraph(text("Name"))]},
                    {"type": "tableHeader", "content": [paragraph(text("Owner"))]},
                ],
            },
            {
                "type": "tableRow",
                "content": [
                    {"type": "tableCell", "content": [paragraph(text("a|b"))]},
                    {"type": "tableCell", "content": [paragraph(text("Mia"))]},
                ],
            },
        ],
    },
    {
        "type": "mediaSingle",
        "content": [{"type": "media", "attrs": {"type": "file", "id": "m-1", "alt": "plan.png"}}],
    },
    {"type": "blockCard", "attrs": {"url": "https://example.com/card"}},
    {"type": "rule"},
    {
        "type": "bodiedExtension",
        "attrs": {"extensionKey": "excerpt"},
        "content": [paragraph(text("an excerpt"))],
    },
    {"type": "extension", "attrs": {"extensionKey": "toc"}},
)


def nested() -> Node:
    """Return a document nested more deeply than anybody writes."""
    node = paragraph(text("at the very bottom"))
    for _ in range(_DEEP):
        node = {"type": "blockquote", "content": [node]}
    return document(node)
