"""The envelope around any content: the same content comes out, and nothing beside it."""

import json
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import Response
from hypothesis import given
from hypothesis import strategies as st

from src.api.envelope import ok, ok_list
from src.api.errors import PROBLEM_TYPE, STATUS_BY_CODE, error_response
from src.api.schemas.platform import AliveOut
from src.core.errors import AppError, ErrorCode, ValidationFailed, all_errors
from src.models.unified import Comment, Container, Item, Person

MEMBERS = ("type", "title", "status", "detail", "instance", "code")
"""What problem details hold themselves."""

texts = st.text(max_size=60)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
contents = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=10,
)
objects = st.dictionaries(texts, contents, max_size=4)
persons = st.builds(Person, name=texts, id=st.none() | texts, email=st.none() | texts)
items = st.builds(
    Item,
    id=texts,
    type=texts,
    container_id=texts,
    title=texts,
    body=st.none() | texts,
    author=st.none() | persons,
    assignees=st.lists(persons, max_size=2).map(tuple),
    labels=st.lists(texts, max_size=3).map(tuple),
    size=st.none() | st.integers(),
    fields=objects,
)
kinds = st.sampled_from([kind for kind in all_errors() if kind.__init__ is AppError.__init__])
comments = st.builds(Comment, id=texts, item_id=texts, body=texts, body_format=st.just("text"))
containers = st.builds(Container, id=texts, type=texts, name=texts, description=texts)


def read(answer: Response) -> dict[str, Any]:
    """The body as a strict reader of JSON sees it."""

    def unknown(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len(dict(pairs)) == len(pairs), "a key stands there twice"
        return dict(pairs)

    text = bytes(answer.body).decode("utf-8", "strict")
    content = json.loads(text, parse_constant=unknown, object_pairs_hook=once)
    assert list(content) == ["ok", "data", "error"]
    assert answer.headers["Content-Length"] == str(len(answer.body))
    assert answer.headers["Content-Type"] == "application/json"
    return dict(content)


def plain(value: Any) -> Any:
    """What a struct of ours is as JSON, told by somebody else than its writer."""
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.fields(value)
        pairs = {field.encode_name: getattr(value, field.name) for field in fields}
        return {name: plain(part) for name, part in pairs.items() if part is not msgspec.UNSET}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    return value


@given(st.lists(items | comments | containers, max_size=4), st.none() | texts, st.booleans())
def test_any_page_comes_out_as_it_went_in(
    page: list[Item | Comment | Container], cursor: str | None, truncated: bool
) -> None:
    content = read(ok_list(page, next_cursor=cursor, truncated=truncated))
    assert content == {
        "ok": True,
        "data": {
            "items": plain(page),
            "nextCursor": cursor,
            "hasMore": cursor is not None,
            "truncated": truncated,
        },
        "error": None,
    }


@given(items)
def test_any_item_comes_out_as_it_went_in(item: Item) -> None:
    assert read(ok(item)) == {"ok": True, "data": plain(item), "error": None}


@given(texts, texts, st.floats(allow_nan=False, allow_infinity=False))
def test_any_model_comes_out_as_it_went_in(name: str, version: str, seconds: float) -> None:
    model = AliveOut(name=name, version=version, status="ok", uptime_seconds=seconds)
    written = {"name": name, "version": version, "status": "ok", "uptimeSeconds": seconds}
    assert read(ok(model)) == {"ok": True, "data": written, "error": None}


def scope(request_id: str, **headers: str) -> dict[str, Any]:
    """A request as the server hands it on."""
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "headers": pairs, "state": {"request_id": request_id}}


@given(kinds, texts, objects, texts)
def test_any_error_tells_its_code_message_and_details(
    kind: type[AppError], message: str, details: dict[str, Any], request_id: str
) -> None:
    answer = error_response(kind(message, details=details), scope(request_id))
    told = {
        "code": kind.code.value,
        "message": message,
        "details": details,
        "requestId": request_id,
    }
    assert read(answer) == {"ok": False, "data": None, "error": told}
    assert answer.status_code == STATUS_BY_CODE[kind.code]


@given(st.lists(st.tuples(texts, texts), min_size=1, max_size=4))
def test_any_invalid_field_is_told_with_what_is_wrong(problems: list[tuple[str, str]]) -> None:
    error = read(error_response(ValidationFailed(problems), scope("req_1")))["error"]
    errors = [{"field": field, "message": message} for field, message in problems]
    assert error["details"] == {"errors": errors}
    assert error["code"] == ErrorCode.VALIDATION_ERROR


@given(kinds, texts, objects | st.dictionaries(st.sampled_from(MEMBERS), contents), texts)
def test_any_details_leave_the_members_of_problem_details_alone(
    kind: type[AppError], message: str, details: dict[str, Any], request_id: str
) -> None:
    error = kind(message, details=details)
    answer = error_response(error, scope(request_id, accept=PROBLEM_TYPE))
    problem = json.loads(bytes(answer.body))
    status = STATUS_BY_CODE[kind.code]
    assert problem == {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": message,
        "instance": request_id,
        "code": kind.code.value,
        "details": details,
    }
    assert answer.status_code == status
