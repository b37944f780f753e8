"""Changes that are answered with nothing."""

import httpx
import pytest

from src.core.errors import ProviderUnavailable, UnreadableAnswer
from tests.connectors.rest.conftest import Call


async def test_a_change_sends_its_body_and_answers_nothing(over: Call) -> None:
    client, provider = over(httpx.Response(204))
    await client.change("PUT", "/things/{name}", json={"a": 1}, name="x")
    (request,) = provider.requests
    assert (request.method, request.url.path) == ("PUT", "/v3/things/x")
    assert request.content == b'{"a":1}'


@pytest.mark.parametrize("content", [b"[]", b'{"ok":true}', b"<html>We are back soon</html>"])
async def test_an_answer_where_none_belongs_is_no_success(over: Call, content: bytes) -> None:
    client, _ = over(httpx.Response(200, content=content))
    with pytest.raises(UnreadableAnswer):
        await client.change("PUT", "/things", json={})


async def test_a_change_is_not_sent_again_after_an_outage(over: Call) -> None:
    client, provider = over(httpx.Response(503))
    with pytest.raises(ProviderUnavailable):
        await client.change("PUT", "/things", json={})
    assert len(provider.requests) == 1
