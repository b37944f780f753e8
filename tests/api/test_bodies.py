"""Bodies that are none: every route that takes one refuses them alike."""

import json
from typing import Any

import httpx
import pytest

from tests.api.answers import data_of, error_of
from tests.api.operations import EVERY, NO_ENDPOINT, NO_JOB, NO_KEY, NO_SCHEDULE, Operation
from tests.conftest import TOKEN

WITH_BODY = [operation for operation in EVERY if operation.sample.body is not None]
WITHOUT_BODY = [operation for operation in EVERY if operation.sample.body is None]
ABSENT = "con_0123456789abcdef01234567"

every_body = pytest.mark.parametrize("operation", WITH_BODY, ids=lambda one: one.id)


JSON_KINDS = ("application/json; charset=utf-8", "application/vnd.x+json")
OTHER_KINDS = (
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "text/json",
    "application/jsonp",
    "nonsense",
)
UNREADABLE: dict[str, bytes] = {
    "no json": b"{",
    "text": b"hello",
    "two values": b"{}{}",
    "trailing comma": b'{"a":1,}',
    "single quotes": b"{'a':1}",
    "not utf-8": b'{"alias":"\xff\xfe"}',
    "overlong utf-8": b'{"alias":"\xc0\xaf"}',
    "latin-1": '{"alias":"größe"}'.encode("latin-1"),
    "nul": b"\x00",
    "blank": b"   ",
    "empty": b"",
    "utf-16": '{"alias":"x"}'.encode("utf-16"),
    "utf-32 without a mark": '{"alias":"x"}'.encode("utf-32-le"),
    "deep array": b"[" * 100_000,
    "deep closed array": b"[" * 100_000 + b"]" * 100_000,
    "deep object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a number of five thousand digits": b'{"metadata":{"n":' + b"9" * 5000 + b"}}",
}
NO_OBJECTS = ("null", "[]", "[{}]", '"text"', "5", "true", "NaN")
STRANGE_MEMBERS = (
    '"surprise": 1',
    '"surprise": null',
    '"sur\\u0000prise": 1',
    '"\\ud800": 1',
    '"__proto__": {}',
    '"workspaceId": "\\ud800"',
    '"workspaceId": "acme", "workspaceId": 5',
    '"workspaceId": 1e400',
)
OTHER_TYPES: tuple[Any, ...] = (5, 1.5, True, [], {"a": 1}, "\ud800", "\x00")


def path_of(operation: Operation) -> str:
    """The path with ids in it."""
    ids = {
        "connection_id": ABSENT,
        "endpoint_id": NO_ENDPOINT,
        "item_id": "x",
        "job_id": NO_JOB,
        "key_id": NO_KEY,
        "schedule_id": NO_SCHEDULE,
    }
    return operation.path.format(connector_id="github", resource_type="x", tool="x", **ids)


async def send(
    client: httpx.AsyncClient,
    operation: Operation,
    content: bytes | str | None,
    kind: str | None = "application/json",
) -> httpx.Response:
    """Send a body to a route."""
    headers = {"Content-Type": kind} if kind else {}
    return await client.request(
        operation.method, path_of(operation), content=content, headers=headers
    )


def test_the_walk_has_bodies_to_try() -> None:
    assert len(WITH_BODY) >= 12
    assert {operation.method for operation in WITH_BODY} == {"POST", "PATCH"}


@every_body
async def test_what_is_no_json_is_a_bad_request(
    client: httpx.AsyncClient, operation: Operation
) -> None:
    for content in filter(None, UNREADABLE.values()):
        error_of(await send(client, operation, content), 400, "bad_request")


@every_body
async def test_another_content_type_is_a_bad_request(
    client: httpx.AsyncClient, operation: Operation
) -> None:
    content = json.dumps({**(operation.sample.body or {}), "workspaceId": "acme"})
    for kind in (*OTHER_KINDS, None):
        error_of(await send(client, operation, content, kind), 400, "bad_request")


@every_body
async def test_what_is_no_object_is_refused(
    client: httpx.AsyncClient, operation: Operation
) -> None:
    for content in NO_OBJECTS:
        error = error_of(await send(client, operation, content), 422, "validation_error")
        assert error["details"]["errors"] == [{"field": "body", "message": "must be a JSON object"}]


@every_body
async def test_a_body_is_absent_only_where_it_may_be(
    client: httpx.AsyncClient, operation: Operation
) -> None:
    for content in (None, b""):
        for kind in ("application/json", None):
            answer = await send(client, operation, content, kind)
            if operation.sample.needs_body:
                error_of(answer, 400, "bad_request")
            else:
                error_of(answer, 404, "not_found")
            documented = operation.spec["requestBody"].get("required", False)
            assert documented is operation.sample.needs_body


@every_body
async def test_an_object_with_a_strange_member_is_refused(
    client: httpx.AsyncClient, operation: Operation
) -> None:
    rest = json.dumps(operation.sample.body)[1:]
    for member in STRANGE_MEMBERS:
        answer = await send(client, operation, "{" + member + "," + rest)
        error_of(answer, 422, "validation_error")


@every_body
async def test_a_member_that_stands_twice_is_refused(
    client: httpx.AsyncClient, operation: Operation
) -> None:
    whole = json.dumps(operation.sample.body)
    answer = await send(client, operation, whole[:-1] + ',"alias":"a","alias":"a"}')
    problem = {"field": "alias", "message": "is given twice"}
    assert problem in error_of(answer, 422, "validation_error")["details"]["errors"]


@every_body
async def test_no_field_coerces_a_value_of_another_type(
    client: httpx.AsyncClient, operation: Operation
) -> None:
    body = operation.sample.body or {}
    for name, good in body.items():
        for value in OTHER_TYPES:
            if type(value) is type(good) and isinstance(value, bool | dict):
                continue
            answer = await send(client, operation, json.dumps({**body, name: value}))
            error_of(answer, 422, "validation_error")


@pytest.mark.parametrize("kind", JSON_KINDS)
async def test_kinds_of_json_are_read(client: httpx.AsyncClient, kind: str) -> None:
    client.headers.pop("X-Tenant-Id")
    content = json.dumps({"credentials": {"apiKey": TOKEN}, "workspaceId": "acme"})
    answer = await client.post(
        "/api/connectors/github/validate", content=content, headers={"Content-Type": kind}
    )
    assert data_of(answer)["valid"] is True


@pytest.mark.parametrize("operation", WITHOUT_BODY, ids=lambda one: one.id)
async def test_a_body_where_none_belongs_is_not_read(
    client: httpx.AsyncClient, operation: Operation
) -> None:
    without = await client.request(operation.method, path_of(operation))
    for content in (b"{", b"[" * 100_000, b"\xff", b'{"workspaceId":"globex"}'):
        answer = await send(client, operation, content)
        assert answer.status_code == without.status_code < 500
