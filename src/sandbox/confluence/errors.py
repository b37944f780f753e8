"""Confluence's refusals: v2 lists them, v1 wraps them, the gateway has a form of its own."""

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import msgspec

from src.sandbox.atlassian.errors import AtlassianDialect
from src.sandbox.confluence.paging import cursor_at
from src.sandbox.kit import Refused, json_answer, replace_body
from src.sandbox.kit.endless import cursor, with_params

if TYPE_CHECKING:
    from starlette.responses import Response

_GATEWAYS = frozenset({401})
_CODES = {
    400: "INVALID_REQUEST_PARAMETER",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    409: "CONFLICT",
    413: "PAYLOAD_TOO_LARGE",
    500: "INTERNAL_SERVER_ERROR",
    503: "SERVICE_UNAVAILABLE",
}
_TITLES = {403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 500: "Internal error"}


def answer_v2(status: int, title: str | None = None, detail: str | None = None) -> "Response":
    """Return an error as API v2 words it."""
    error = {
        "status": status,
        "code": _CODES.get(status, "ERROR"),
        "title": title or _TITLES.get(status, "Error"),
        "detail": detail,
    }
    return json_answer({"errors": [error]}, status)


def v2(status: int, title: str | None = None, detail: str | None = None) -> Refused:
    """Refuse as API v2 does."""
    return Refused(answer_v2(status, title, detail))


def v1(status: int, message: str) -> Refused:
    """Refuse as API v1 does."""
    data: dict[str, Any] = {"authorized": True, "valid": True, "errors": [], "successful": True}
    return Refused(json_answer({"statusCode": status, "data": data, "message": message}, status))


class ConfluenceDialect(AtlassianDialect):
    """The words for the faults of the kit."""

    def error(self, status: int, message: str | None = None) -> "Response":
        """Answer 401 as the gateway, and the rest as API v2."""
        if status in _GATEWAYS:
            return super().error(status, message)
        return answer_v2(status, message)

    def repeat_page(self, url: str, answer: "Response") -> "Response":
        """Let the next page be this one."""
        parts = urlsplit(url)
        if "/wiki/" not in parts.path:
            return answer
        query = dict(parse_qsl(parts.query))
        query.setdefault("cursor", cursor_at(0))
        start = parts.path.index("/wiki/")
        path = parts.path[start:]
        if "/rest/api/" in path:
            path = path.removeprefix("/wiki")
        body = msgspec.json.decode(bytes(answer.body))
        if not isinstance(body, dict) or "results" not in body:
            return answer
        body["_links"]["next"] = f"{path}?{urlencode(query)}"
        return replace_body(answer, msgspec.json.encode(body))

    def lead_on(self, url: str, answer: "Response", number: int) -> "Response":
        """Let the next page be this one by another name."""
        return self.repeat_page(with_params(url, cursor=cursor(number)), answer)
