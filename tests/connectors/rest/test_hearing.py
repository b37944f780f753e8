"""What stands beside the rows of a page, told before they are mapped."""

import httpx
import pytest

from src.connectors.rest.client import List
from src.connectors.rest.decoding import Fragment
from src.connectors.rest.paginators import SinglePage
from src.models.query import PageQuery
from src.models.unified import Container
from tests.connectors.rest.conftest import Call


class Row(Fragment):
    id: str


@pytest.mark.parametrize("include_raw", [False, True])
async def test_the_whole_answer_is_told_before_a_row_is_mapped(
    over: Call, *, include_raw: bool
) -> None:
    client, _ = over(httpx.Response(200, json=[{"id": "a"}, {"id": "b"}]))
    told: list[int] = []

    def mapping(row: Row) -> Container:
        return Container(id=row.id, type="t", name=f"{row.id} of {told[0]}")

    page = await client.page(
        List("/rows", Row, SinglePage()),
        mapping,
        PageQuery(include_raw=include_raw),
        hears=lambda rows: told.append(len(rows)),
    )
    assert [one.name for one in page.items] == ["a of 2", "b of 2"]
    assert told == [2]
