"""Strava's errors in its words."""

from typing import Any

from starlette.responses import Response

from src.sandbox.kit import PlainDialect, Refused, json_answer

_WORDS = {
    400: "Bad Request",
    401: "Authorization Error",
    403: "Forbidden",
    404: "Resource Not Found",
    429: "Rate Limit Exceeded",
    500: "Internal Server Error",
}
_ENTRIES = {
    401: ("Athlete", "access_token", "invalid"),
    404: ("resource", "path", "invalid"),
    429: ("Application", "rate limit", "exceeded"),
}


def entry(resource: str, field: str, code: str) -> dict[str, str]:
    """Return one entry of `errors`."""
    return {"resource": resource, "field": field, "code": code}


def error(status: int, *entries: dict[str, str], message: str | None = None) -> Response:
    """Return the body that every error has."""
    known = _ENTRIES.get(status)
    found = list(entries) or ([entry(*known)] if known else [])
    body: dict[str, Any] = {"message": message or _WORDS.get(status, "error"), "errors": found}
    return json_answer(body, status)


def refused(status: int, *entries: dict[str, str], message: str | None = None) -> Refused:
    """Refuse out of any depth."""
    return Refused(error(status, *entries, message=message))


def scope_missing(scope: str) -> Refused:
    """Refuse for a scope: with the status of a bad token."""
    return refused(401, entry("AccessToken", f"{scope}_permission", "missing"))


def hidden() -> Refused:
    """Refuse what belongs to somebody else: without a body."""
    return Refused(Response(status_code=404))


def over_limit() -> Response:
    """Refuse as recorded: `errors` is a text."""
    body = {"errors": "Rate Limit Exceeded", "status": 429, "message": "Too Many Requests"}
    return json_answer(body, 429)


class StravaDialect(PlainDialect):
    """The wording of the fault layer."""

    def error(self, status: int, message: str | None = None) -> Response:
        """Say it as Strava does."""
        return error(status, message=message)

    def secondary_limit(self, retry_after: int | None) -> Response:  # noqa: ARG002  is not told
        """Answer 429 as Strava does: without a time."""
        answer = over_limit()
        answer.headers.update(
            {"x-ratelimit-limit": "200,2000", "x-ratelimit-usage": "201,900"},
        )
        return answer

    def primary_limit(self, retry_after: int | None) -> Response:  # noqa: ARG002  is not told
        """Answer 429 for a day that is used up."""
        answer = error(429)
        answer.headers.update(
            {"x-ratelimit-limit": "200,2000", "x-ratelimit-usage": "12,2001"},
        )
        return answer
