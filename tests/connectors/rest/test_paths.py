"""A value never becomes another endpoint."""

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.connectors.rest.paths import render
from src.core.errors import ValidationFailed

ANYTHING = {"a": re.compile(r"(?s).*"), "b": re.compile(r"(?s).*")}


@pytest.mark.parametrize(
    ("template", "values", "path"),
    [
        ("/user", {}, "/user"),
        ("/repos/{a}", {"a": "x"}, "/repos/x"),
        ("/repos/{a}", {"a": 7}, "/repos/7"),
        ("/repos/{a}/issues/{b}", {"a": "x", "b": "y"}, "/repos/x/issues/y"),
        ("/{a}-{b}", {"a": "x", "b": "y"}, "/x-y"),
        ("/repos/{a}", {"a": "a/b"}, "/repos/a%2Fb"),
        ("/repos/{a}", {"a": "a?b=c#d"}, "/repos/a%3Fb%3Dc%23d"),
        ("/repos/{a}", {"a": "%2e%2e"}, "/repos/%252e%252e"),
        ("/repos/{a}", {"a": "..."}, "/repos/..."),
        ("/repos/{a}", {"a": "a b+c"}, "/repos/a%20b%2Bc"),
        ("/repos/{a}", {"a": "ü/日"}, "/repos/%C3%BC%2F%E6%97%A5"),
        ("/repos/{a}", {"a": "a\\b"}, "/repos/a%5Cb"),
        ("/files/{a...}", {"a": "src/main file.py"}, "/files/src/main%20file.py"),
        ("/files/{a...}", {"a": "a/.hidden/..."}, "/files/a/.hidden/..."),
        ("/files/{a...}/raw", {"a": "x"}, "/files/x/raw"),
    ],
)
def test_values_are_encoded(template: str, values: dict[str, str | int], path: str) -> None:
    assert render(template, values, ANYTHING) == path


@pytest.mark.parametrize("template", ["/x/{a}", "/x/{a...}"])
@pytest.mark.parametrize(
    "value", ["", ".", "..", "\x00", "a\nb", "a\rb", "a\tb", "\x7f", "\x85", "\ud800"]
)
def test_values_that_could_change_the_path_are_refused(template: str, value: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        render(template, {"a": value}, ANYTHING)
    assert caught.value.details["errors"][0]["field"] == "a"


@pytest.mark.parametrize("value", ["a/../b", "../a", "a/..", "a//b", "/a", "a/", "a/./b", "a/\n"])
def test_no_segment_of_a_long_value_climbs(value: str) -> None:
    with pytest.raises(ValidationFailed):
        render("/x/{a...}", {"a": value}, ANYTHING)


@pytest.mark.parametrize("template", ["/x/{a}", "/x/{a...}"])
@pytest.mark.parametrize("value", ["a/../b", "../a", "a/..", "a/./b", "..\\a", "a\\..\\b/c"])
def test_no_server_that_decodes_before_it_looks_can_be_led_elsewhere(
    template: str, value: str
) -> None:
    """Some proxies read ``%2F..%2F`` as they read ``/../``."""
    with pytest.raises(ValidationFailed):
        render(template, {"a": value}, ANYTHING)


@pytest.mark.parametrize("value", ["x1", "1x", "1\n", "१", "12345", " 1", "1 "])
def test_the_pattern_must_match_whole(value: str) -> None:
    with pytest.raises(ValidationFailed):
        render("/x/{a}", {"a": value}, {"a": re.compile(r"[0-9]{1,4}")})


@pytest.mark.parametrize(
    "template", ["x/{a}", "", "//host/{a}", "/x?y={a}", "/x#{a}", "/x/{A}", "/x/{a", "/x/a}", "/{}"]
)
def test_what_is_no_template_is_our_bug(template: str) -> None:
    with pytest.raises(ValueError, match="not a path template"):
        render(template, {"a": "x"}, ANYTHING)


@pytest.mark.parametrize(("values", "patterns"), [({}, ANYTHING), ({"a": "x"}, {})])
def test_a_parameter_needs_a_value_and_a_pattern(
    values: dict[str, str], patterns: dict[str, re.Pattern[str]]
) -> None:
    with pytest.raises(ValueError, match="a needs a value and a pattern"):
        render("/x/{a}", values, patterns)


@given(st.text(), st.text())
def test_a_value_never_changes_the_number_of_segments(first: str, second: str) -> None:
    try:
        path = render("/x/{a}/y/{b}", {"a": first, "b": second}, ANYTHING)
    except ValidationFailed:
        return
    assert path.isascii()
    assert not set(path) & set("?#\\ ")
    _, x, a, y, b = path.split("/")
    assert (x, y) == ("x", "y")
    assert (unquote(a), unquote(b)) == (first, second)
    assert not {a, b} & {"", ".", ".."}


@given(st.text())
def test_a_long_value_has_the_segments_that_it_shows(value: str) -> None:
    try:
        path = render("/x/{a...}", {"a": value}, ANYTHING)
    except ValidationFailed:
        return
    assert [unquote(part) for part in path.split("/")[2:]] == value.split("/")
    assert not {"", ".", ".."} & set(path.split("/")[2:])
