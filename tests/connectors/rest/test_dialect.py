"""What a provider's dialect may tell besides its answers."""

from dataclasses import replace

import httpx
import msgspec
import pytest

from src.connectors.rest.client import List
from src.connectors.rest.errors import Refusal, Verdict
from src.connectors.rest.paginators import SinglePage
from src.core.errors import ProviderConflict, ProviderRejected
from src.models.query import PageQuery
from src.models.unified import Container
from tests.connectors.rest.conftest import DIALECT, TOKEN, Call


class Thing(msgspec.Struct):
    id: int


THINGS = List("/things", Thing, SinglePage())


def to_container(thing: Thing) -> Container:
    return Container(id=str(thing.id), type="thing", name="x")


@pytest.mark.parametrize(("prefix", "kind"), [("opaque-", "opaque"), ("other-", None)])
async def test_the_kind_of_a_credential_is_told_without_a_call(
    over: Call, prefix: str, kind: str | None
) -> None:
    dialect = replace(
        DIALECT, credential_kind=lambda token: "opaque" if token.startswith(prefix) else None
    )
    client, provider = over(httpx.Response(500), dialect=dialect)
    assert await client.credential_kind() == kind
    assert provider.requests == []


async def test_without_a_rule_a_credential_has_no_kind(over: Call) -> None:
    client, _ = over(httpx.Response(500))
    assert await client.credential_kind() is None


@pytest.mark.parametrize("partial", [True, False])
async def test_a_list_that_the_headers_call_partial_is_truncated(over: Call, partial: bool) -> None:
    dialect = replace(DIALECT, is_partial=lambda headers: "x-partial" in headers)
    headers = {"x-partial": "1"} if partial else {}
    client, _ = over(httpx.Response(200, json=[{"id": 1}], headers=headers), dialect=dialect)
    page = await client.page(THINGS, to_container, PageQuery())
    assert page.truncated is partial
    assert len(page.items) == 1


async def test_a_refusal_may_say_in_a_sentence_what_to_do(over: Call) -> None:
    told = Refusal(Verdict.CONFLICT, sentence="Read it again.")
    dialect = replace(DIALECT, classify=lambda _: told)
    client, _ = over(httpx.Response(409, json={"message": "stale"}), dialect=dialect)
    with pytest.raises(ProviderConflict) as caught:
        await client.call("GET", "/x")
    assert caught.value.message == "Read it again."
    assert caught.value.details["message"] == "stale"


async def test_a_reason_never_shows_the_credential(over: Call) -> None:
    told = Refusal(Verdict.REJECTED, reason=f"{TOKEN} is too short " + "x" * 1000)
    dialect = replace(DIALECT, classify=lambda _: told)
    client, _ = over(httpx.Response(422), dialect=dialect)
    with pytest.raises(ProviderRejected) as caught:
        await client.call("GET", "/x")
    reason = caught.value.details["reason"]
    assert reason.startswith("*** is too short")
    assert len(reason) <= 300
