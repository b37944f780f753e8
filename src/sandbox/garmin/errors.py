"""Garmin's errors in its words: of Garmin Connect, and of the Wellness API."""

from starlette.responses import Response

from src.sandbox.kit import PlainDialect, Refused, json_answer

_CONNECT = {
    400: ("BadRequestException", "HTTP 400 Bad Request"),
    401: ("NotAuthorizedException", "HTTP 401 Unauthorized"),
    403: ("ForbiddenException", "HTTP 403 Forbidden"),
    404: ("NotFoundException", "HTTP 404 Not Found"),
    429: ("TooManyRequestsException", "HTTP 429 Too Many Requests"),
}
_LONG = 60


def error(status: int, message: str | None = None) -> Response:
    """Return the body of a service behind Garmin Connect."""
    name, words = _CONNECT.get(status, ("InternalServerException", f"HTTP {status}"))
    return json_answer({"message": message or words, "error": name}, status)


def refused(status: int, message: str | None = None) -> Refused:
    """Refuse out of any depth."""
    return Refused(error(status, message))


def wellness(status: int, message: str) -> Refused:
    """Refuse as the Wellness API does."""
    return Refused(json_answer({"errorMessage": message}, status))


class GarminDialect(PlainDialect):
    """The wording of the fault layer."""

    def error(self, status: int, message: str | None = None) -> Response:
        """Say it as Garmin Connect does."""
        return error(status, message)

    def rate_limited(self, retry_after: int | None) -> Response:
        """Answer 429, with the wait that the Personal API tells."""
        answer = error(429)
        answer.headers["retry-after"] = str(_LONG if retry_after is None else retry_after)
        return answer

    def repeat_page(self, url: str, answer: Response) -> Response:  # noqa: ARG002
        """Nothing names a next page here: the page comes as it is."""
        return answer
