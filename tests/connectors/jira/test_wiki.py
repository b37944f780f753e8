"""Wiki markup of a data center as Markdown."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.connectors.jira.wiki import to_markdown

MARKUP = "hbq123456. *#-_+^~?!|[]{}\\\ncodequotepanelnoformat:=titleA ü"


@pytest.mark.parametrize(
    ("markup", "markdown"),
    [
        ("", ""),
        ("plain", "plain"),
        ("h1. Title", "# Title"),
        ("h6. Deep *b*", "###### Deep **b**"),
        ("h7. No heading", "h7. No heading"),
        ("*bold* and _em_", "**bold** and _em_"),
        ("2*3*4 and a * b * c", "2*3*4 and a * b * c"),
        ("-gone- well-known a - b", "~~gone~~ well-known a - b"),
        ("+new+ C++", "new C++"),
        ("??who??", "_who_"),
        ("{{a *b* c}} *d*", "`a *b* c` **d**"),
        ("[Docs|https://x.example/a?b=c]", "[Docs](https://x.example/a?b=c)"),
        ("[Docs|https://x.example|smart-link]", "[Docs](https://x.example)"),
        ("[https://x.example]", "<https://x.example>"),
        ("[not a link]", "[not a link]"),
        ("[click|javascript:alert(1)]", "click"),
        ("[two words|https://x.example/a b(c)]", "[two words](https://x.example/a%20b%28c%29)"),
        ("!data:text/html,x!", "data:text/html,x"),
        ("!my shot.png!", "![my shot.png](my%20shot.png)"),
        ("[~mia] hello", "@mia hello"),
        ("!shot.png!", "![shot.png](shot.png)"),
        ("!shot.png|width=300!", "![shot.png](shot.png)"),
        ("Wow! Great!", "Wow! Great!"),
        ("{color:red}red{color}", "red"),
        ("a\\\\b", "a  \nb"),
        ("\\{not a macro\\}", "{not a macro}"),
        ("* one\n** two\n*** three", "- one\n  - two\n    - three"),
        ("# one\n## two\n#* three", "1. one\n  1. two\n  - three"),
        ("- one", "- one"),
        ("bq. said", "> said"),
        ("----", "---"),
        ("{quote}\none\ntwo\n{quote}\nthree", "> one\n> two\nthree"),
        ("{quote}one{quote}", "> one"),
        ("{panel:title=Note|borderColor=#ccc}\nx\n{panel}", "> **Note**\n> x"),
        ("{code:java}\nint *a* = 1;\n\nx\n{code}", "```java\nint *a* = 1;\n\nx\n```"),
        ("{code}x{code}", "```\nx\n```"),
        ("{code:title=a b.txt|java}x{code}", "```\nx\n```"),
        ("{noformat}\n*x*\n{noformat}", "```\n*x*\n```"),
        ("{code}\nnever closed", "```\nnever closed\n```"),
        ("||a||b||\n|1|2|", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
        ("|1|2|\n|3|4|", "|  |  |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |"),
        ("|[x|http://y.example]|b|", "|  |  |\n| --- | --- |\n| [x](http://y.example) | b |"),
        ("a\r\nb", "a\nb"),
        ("日本 *太字* 👍", "日本 **太字** 👍"),
    ],
    ids=lambda text: text[:24].encode("unicode_escape").decode(),
)
def test_markup(markup: str, markdown: str) -> None:
    assert to_markdown(markup) == markdown


@settings(deadline=None)
@given(st.text(alphabet=MARKUP, max_size=300))
def test_nothing_crashes_it(markup: str) -> None:
    assert to_markdown(markup).count("```") % 2 == 0 or "`" in markup


@settings(deadline=None)
@given(st.text(alphabet="abc ü日.,;:'\"()/&%$§=", max_size=300))
def test_what_is_no_markup_stays(text: str) -> None:
    assert to_markdown(text) == text


@pytest.mark.parametrize(
    "part",
    [
        *("*", "[", "[~", "[[a|", "[http:", "{{", "!a", "-a", "[a|", "??a", "{color", "|", "\\"),
        *("{quote}", "h1. "),
    ],
)
def test_a_long_text_of_signs_takes_no_long_time(part: str) -> None:
    """A data center may take texts of any length, and may be anybody's."""
    text = part * (500_000 // len(part))
    began = time.process_time()
    to_markdown(text)
    assert time.process_time() - began < 1
