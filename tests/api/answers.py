"""How tests read an answer: each look checks the whole envelope first."""

import re
from typing import Any

import httpx

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
PAGE_KEYS = {"items", "nextCursor", "hasMore", "truncated"}


def data_of(answer: httpx.Response, status: int = 200) -> Any:
    """The data of a success."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"ok", "data", "error"}
    assert body["ok"] is True
    assert body["error"] is None
    _check_headers(answer)
    return body["data"]


def items_of(answer: httpx.Response) -> list[dict[str, Any]]:
    """The items of a page."""
    page = data_of(answer)
    assert set(page) == PAGE_KEYS
    assert page["hasMore"] is (page["nextCursor"] is not None)
    items: list[dict[str, Any]] = page["items"]
    return items


def error_of(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The error of a failure."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) == {"ok", "data", "error"}
    assert body["ok"] is False
    assert body["data"] is None
    error: dict[str, Any] = body["error"]
    assert set(error) == {"code", "message", "details", "requestId"}
    assert error["code"] == code
    assert error["message"]
    assert isinstance(error["details"], dict)
    _check_headers(answer)
    assert error["requestId"] == answer.headers["X-Request-Id"]
    return error


def wrong_fields(answer: httpx.Response) -> list[str]:
    """The fields that a 422 names."""
    details = error_of(answer, 422, "validation_error")["details"]
    return [problem["field"] for problem in details["errors"]]


def _check_headers(answer: httpx.Response) -> None:
    assert answer.headers["Content-Type"] == "application/json"
    assert REQUEST_ID.fullmatch(answer.headers["X-Request-Id"])
