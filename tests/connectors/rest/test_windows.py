"""Pages that are cut here."""

import pytest

from src.connectors.rest.windows import cut, window, windowed
from src.core.errors import InvalidCursor
from src.models.query import PageQuery


def test_a_whole_list_is_handed_out_page_by_page() -> None:
    token, pages = None, []
    while not pages or token is not None:
        page = windowed("abcde", PageQuery(limit=2, token=token))
        pages.append("".join(page.items))
        token = page.next_token
    assert pages == ["ab", "cd", "e"]


@pytest.mark.parametrize(("rows", "more"), [("cd", None), ("cde", "4")])
def test_one_row_more_than_asked_for_tells_of_a_next_page(rows: str, more: str | None) -> None:
    page = cut(rows, PageQuery(limit=2, token="2"))
    assert ("".join(page.items), page.next_token) == ("cd", more)


@pytest.mark.parametrize("token", ["-1", "1.5", "a", " 1", "१", "²", "9" * 10])
def test_a_token_of_another_list_is_refused(token: str) -> None:
    with pytest.raises(InvalidCursor):
        window(PageQuery(token=token))
