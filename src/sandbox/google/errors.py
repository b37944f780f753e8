"""Google's two envelopes of refusals, and its words for the faults of the kit.

Drive and Calendar have ``errors``; Gmail has these and a ``status``; Sheets and what else is newer
has ``status`` and ``details``.
"""

from typing import TYPE_CHECKING, Any

import msgspec

from src.sandbox.kit import PlainDialect, Refused, json_answer
from src.sandbox.kit.endless import cursor

if TYPE_CHECKING:
    from starlette.responses import Response

REPEATED = "~!!~AI9FV7RepeatedPage"
"""A token that names the page it stands on; the fault alone gives it out."""

_OK = 200
_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    405: "UNIMPLEMENTED",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_REASONS = {
    400: ("badRequest", "Bad Request"),
    401: ("authError", "Invalid Credentials"),
    403: ("forbidden", "Forbidden"),
    404: ("notFound", "Not Found"),
    405: ("httpMethodNotAllowed", "Method Not Allowed"),
    500: ("internalError", "Internal Error"),
    503: ("backendError", "Backend Error"),
}
_NOT_SIGNED_IN = (
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or"
    " other valid authentication credential. See"
    " https://developers.google.com/identity/sign-in/web/devconsole-project."
)


def legacy(
    status: int,
    reason: str,
    message: str,
    *,
    domain: str = "global",
    parameter: str | None = None,
    word: str | None = None,
) -> "Response":
    """Return the older envelope; `word` is the `status` that Gmail adds."""
    cause = {"message": message, "domain": domain, "reason": reason}
    if parameter is not None:
        cause |= {"location": parameter, "locationType": "parameter"}
    body: dict[str, Any] = {"code": status, "message": message, "errors": [cause]}
    if word is not None:
        body["status"] = word
    return json_answer({"error": body}, status)


def grpc(
    status: int, word: str, message: str, *, reason: str | None = None, domain: str = ""
) -> "Response":
    """Return the newer envelope, with an ErrorInfo where there is a reason."""
    body: dict[str, Any] = {"code": status, "message": message, "status": word}
    if reason is not None:
        info = "type.googleapis.com/google.rpc.ErrorInfo"
        body["details"] = [{"@type": info, "reason": reason, "domain": domain or "googleapis.com"}]
    return json_answer({"error": body}, status)


def bad_request(
    message: str, *, reason: str = "badRequest", parameter: str | None = None
) -> Refused:
    """Refuse a value, as Calendar and Drive do."""
    return Refused(legacy(400, reason, message, parameter=parameter))


def not_found(message: str = "Not Found") -> Refused:
    """Say 404, also for what may not be seen."""
    return Refused(legacy(404, "notFound", message))


def unauthenticated() -> "Response":
    """Refuse a token that is missing, unknown or over."""
    cause = {
        "message": "Invalid Credentials",
        "domain": "global",
        "reason": "authError",
        "location": "Authorization",
        "locationType": "header",
    }
    body = {"code": 401, "message": _NOT_SIGNED_IN, "errors": [cause], "status": "UNAUTHENTICATED"}
    answer = json_answer({"error": body}, 401)
    answer.headers["www-authenticate"] = (
        'Bearer realm="https://accounts.google.com/", error="invalid_token"'
    )
    return answer


def scope_missing(any_of: tuple[str, ...]) -> "Response":
    """Refuse a token whose grant does not hold any of these scopes."""
    message = "Request had insufficient authentication scopes."
    info = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "domain": "googleapis.com",
    }
    cause = {
        "message": "Insufficient Permission",
        "domain": "global",
        "reason": "insufficientPermissions",
    }
    body = {
        "code": 403,
        "message": message,
        "errors": [cause],
        "status": "PERMISSION_DENIED",
        "details": [info],
    }
    answer = json_answer({"error": body}, 403)
    answer.headers["www-authenticate"] = (
        'Bearer realm="https://accounts.google.com/", error="insufficient_scope",'
        f' scope="{" ".join(any_of)}"'
    )
    return answer


def user_limit() -> "Response":
    """Refuse a user who asks too much in a minute."""
    return legacy(403, "userRateLimitExceeded", "User Rate Limit Exceeded", domain="usageLimits")


class GoogleDialect(PlainDialect):
    """Google's words for the faults of the kit."""

    def error(self, status: int, message: str | None = None) -> "Response":
        """Answer in the older envelope."""
        if status == 401:  # noqa: PLR2004  the status itself
            return unauthenticated()
        reason, words = _REASONS.get(status, ("backendError", "Backend Error"))
        return legacy(status, reason, message or words, word=_STATUS.get(status))

    def rate_limited(self, retry_after: int | None) -> "Response":
        """Refuse in the newer envelope; `Retry-After` comes only at times."""
        words = "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user'."
        answer = grpc(429, "RESOURCE_EXHAUSTED", words, reason="RATE_LIMIT_EXCEEDED")
        if retry_after is not None:
            answer.headers["retry-after"] = str(retry_after)
        return answer

    def secondary_limit(self, retry_after: int | None) -> "Response":
        """Refuse with 403, which only its reason tells from a plain no."""
        answer = user_limit()
        if retry_after is not None:
            answer.headers["retry-after"] = str(retry_after)
        return answer

    def primary_limit(self, reset_in: int | None) -> "Response":  # noqa: ARG002
        """Refuse because the project's day is used up; when it ends is not told."""
        words = "Daily Limit Exceeded. The quota will be reset at midnight Pacific Time (PT)."
        return legacy(403, "dailyLimitExceeded", words, domain="usageLimits")

    def repeat_page(self, url: str, answer: "Response") -> "Response":  # noqa: ARG002
        """Give one token again and again, which the lists themselves would not take."""
        body = msgspec.json.decode(answer.body) if answer.status_code == _OK else {}
        if not isinstance(body, dict):
            return answer
        return json_answer(body | {"nextPageToken": REPEATED})

    def lead_on(self, url: str, answer: "Response", number: int) -> "Response":  # noqa: ARG002
        """Give a new token with each page: a last one has no place for it."""
        body = msgspec.json.decode(answer.body) if answer.status_code == _OK else {}
        if not isinstance(body, dict):
            return answer
        return json_answer(body | {"nextPageToken": cursor(number)})


def file_not_found(file_id: str) -> Refused:
    """Say 404 of a file, also of one that the caller may not see."""
    return Refused(legacy(404, "notFound", f"File not found: {file_id}.", parameter="fileId"))


def drive_not_found(drive_id: str) -> Refused:
    """Say 404 of a shared drive, also of one that the caller is not in."""
    words = f"Shared drive not found: {drive_id}"
    return Refused(legacy(404, "notFound", words, parameter="driveId"))
