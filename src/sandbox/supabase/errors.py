"""Supabase's errors in its words: of the Management API, of a project's gateway, of PostgREST."""

from typing import Any

from starlette.responses import Response

from src.sandbox.kit import PlainDialect, Refused, json_answer

_WORDS = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden resource",
    404: "Not Found",
    429: "ThrottlerException: Too Many Requests",
}


def error(status: int, message: Any = None, **more: Any) -> Response:
    """Return the Management API's body, which the gateway of a project shares."""
    return json_answer({"message": message or _WORDS.get(status, "Internal error"), **more}, status)


def refused(status: int, message: Any = None, **more: Any) -> Refused:
    """Refuse out of any depth."""
    return Refused(error(status, message, **more))


class DatabaseError(Exception):
    """What PostgreSQL or PostgREST says: a code, a sentence, and perhaps more."""

    def __init__(
        self, code: str, message: str, *, details: str | None = None, hint: str | None = None
    ) -> None:
        """Keep what is said."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details
        self.hint = hint

    def as_rest(self, *, anonymous: bool) -> Response:
        """Return what PostgREST makes of it: "Errors", HTTP status codes."""
        body = {
            "code": self.code,
            "details": self.details,
            "hint": self.hint,
            "message": self.message,
        }
        return json_answer(body, _status(self.code, anonymous=anonymous))

    def as_management(self) -> Response:
        """Return what the Management API makes of it."""
        return error(400, f"Failed to run sql query: ERROR:  {self.code}: {self.message}\n")


_STATUSES = {
    "PGRST103": 416,
    "PGRST106": 406,
    "PGRST116": 406,
    "PGRST202": 404,
    "PGRST205": 404,
    "PGRST301": 401,
    "23503": 409,
    "23505": 409,
    "25006": 405,
    "42883": 404,
    "42P01": 404,
    "57014": 500,
}


def _status(code: str, *, anonymous: bool) -> int:
    if code == "42501":
        return 401 if anonymous else 403
    return _STATUSES.get(code, 400)


class SupabaseDialect(PlainDialect):
    """The wording of the fault layer."""

    def error(self, status: int, message: str | None = None) -> Response:
        """Say it as the Management API does."""
        return error(status, message)

    def rate_limited(self, retry_after: int | None) -> Response:
        """Answer 429 with what is left of the minute, in seconds."""
        answer = error(429)
        answer.headers["x-ratelimit-limit"] = "120"
        answer.headers["x-ratelimit-remaining"] = "0"
        answer.headers["x-ratelimit-reset"] = str(60 if retry_after is None else retry_after)
        return answer
