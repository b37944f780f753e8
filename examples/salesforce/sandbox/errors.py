"""Salesforce's errors in its words: a list with one entry."""

from typing import Any

import msgspec
from starlette.responses import PlainTextResponse, Response

from src.sandbox.kit import PlainDialect, Refused, json_answer, replace_body

_WORDS = {
    400: ("MALFORMED_QUERY", "unexpected token"),
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("INSUFFICIENT_ACCESS", "insufficient access rights on object id"),
    404: ("NOT_FOUND", "The requested resource does not exist"),
    405: ("METHOD_NOT_ALLOWED", "HTTP Method not allowed."),
    503: ("SERVER_UNAVAILABLE", "Server is temporarily unavailable"),
}
_OTHERWISE = ("UNKNOWN_EXCEPTION", "An unexpected error occurred.")
LIMIT = ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def error(status: int, code: str | None = None, message: str | None = None) -> Response:
    """Return the body that every error of the API has."""
    usual_code, usual = _WORDS.get(status, _OTHERWISE)
    body: list[dict[str, Any]] = [{"message": message or usual, "errorCode": code or usual_code}]
    return json_answer(body, status)


def refused(status: int, code: str | None = None, message: str | None = None) -> Refused:
    """Refuse out of any depth."""
    return Refused(error(status, code, message))


def bad_token(word: str = "Bad_OAuth_Token") -> Refused:
    """Refuse as the address of userinfo does: a plain text."""
    return Refused(PlainTextResponse(word, 403))


def over_limit(retry_after: int | None = None) -> Response:
    """Refuse a request more than the org has."""
    answer = error(403, *LIMIT)
    if retry_after is not None:
        answer.headers["retry-after"] = str(retry_after)
    return answer


class SalesforceDialect(PlainDialect):
    """The wording of the fault layer."""

    def error(self, status: int, message: str | None = None) -> Response:
        """Say it as Salesforce does."""
        return error(status, message=message)

    def rate_limited(self, retry_after: int | None) -> Response:
        """Answer 403, which is what Salesforce has in place of 429."""
        return over_limit(60 if retry_after is None else retry_after)

    def repeat_page(self, url: str, answer: Response) -> Response:
        """Let a batch name itself as the one behind it."""
        body = msgspec.json.decode(bytes(answer.body))
        if not isinstance(body, dict) or "records" not in body:
            return answer
        itself = "/services" + url.partition("/services")[2]
        again = {**body, "done": False, "nextRecordsUrl": itself}
        return replace_body(answer, msgspec.json.encode(again))
