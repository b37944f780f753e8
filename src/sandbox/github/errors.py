"""GitHub's errors in GitHub's words, as the REST pages on troubleshooting and limits show them."""

from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from src.sandbox.kit import PlainDialect, Refused, json_answer

if TYPE_CHECKING:
    from src.sandbox.github.budget import Clock

_DOCS = "https://docs.github.com/rest"
_LIMITS = f"{_DOCS}/using-the-rest-api/rate-limits-for-the-rest-api"
_WORDS = {
    400: "Problems parsing JSON",
    401: "Bad credentials",
    403: "Forbidden",
    404: "Not Found",
    429: "Too many requests",
    500: "Server Error",
    502: "Server Error",
    503: "Service unavailable",
    504: "Server Error",
}
_NO_METHOD = 405
_NOT_FOUND = 404
_NO_AGENT = (
    "\r\nRequest forbidden by administrative rules. Please make sure your request has a "
    "User-Agent header (https://docs.github.com/en/rest/overview/resources-in-the-rest-api"
    "#user-agent-required). Check https://developer.github.com for other possible causes.\r\n"
)


def error(status: int, message: str, *, docs: str = _DOCS, **more: Any) -> Response:
    """Return an error body; `status` is repeated in it as a string."""
    content = {"message": message, **more, "documentation_url": docs, "status": str(status)}
    return json_answer(content, status)


def not_found() -> Refused:
    """Say 404, also for what exists but may not be seen."""
    return Refused(error(404, "Not Found"))


def invalid(resource: str, field: str, *, code: str = "invalid", **more: Any) -> Refused:
    """Say 422 with the field at fault."""
    fault = {**more, "resource": resource, "field": field, "code": code}
    return Refused(error(422, "Validation Failed", errors=[fault]))


def unprocessable(message: str) -> Refused:
    """Say 422 where GitHub has a sentence for it instead of a field."""
    return Refused(error(422, message))


def deleted() -> Refused:
    """Say that an issue was deleted, which a 404 would not tell."""
    return Refused(error(410, "This issue was deleted", docs="https://docs.github.com/v3/issues/"))


def issues_disabled() -> Refused:
    """Say that a repository has no issues, which is 410 and not an empty list."""
    docs = "https://docs.github.com/v3/issues/"
    return Refused(error(410, "Issues are disabled for this repo", docs=docs))


def blocked() -> Refused:
    """Say 451, with the notice."""
    notice = "https://github.com/github/dmca/blob/master/2025/01/2025-01-15-takedown.md"
    block = {"reason": "dmca", "created_at": "2025-01-15T10:00:00Z", "html_url": notice}
    return Refused(error(451, "Repository access blocked", block=block))


def moved(location: str) -> Refused:
    """Redirect for good, after a rename or a transfer."""
    docs = f"{_DOCS}/guides/best-practices-for-using-the-rest-api#follow-redirects"
    content = {"message": "Moved Permanently", "url": location, "documentation_url": docs}
    return Refused(json_answer(content, 301, {"location": location}))


def custom(resource: str, message: str, **more: Any) -> Refused:
    """Say 422 with a sentence in the list of errors, where only careful readers find it."""
    fault = {"resource": resource, "code": "custom", **more, "message": message}
    return Refused(error(422, "Validation Failed", errors=[fault]))


def no_branch() -> Refused:
    """Say that there is no such branch."""
    return Refused(error(404, "Branch not found"))


def no_commit(ref: str) -> Refused:
    """Say that a ref leads to nothing."""
    return Refused(error(404, f"No commit found for the ref {ref}"))


def no_target(name: str | None) -> Refused:
    """Say that there is no branch to write to."""
    return Refused(error(404, f"Branch {name} not found"))


def locked() -> Refused:
    """Refuse a comment on a locked conversation."""
    return Refused(error(403, "Unable to create comment because issue is locked."))


def not_json() -> Refused:
    """Refuse a body that is no JSON."""
    return Refused(error(400, "Problems parsing JSON"))


def archived() -> Refused:
    """Refuse to write to an archived repository."""
    return Refused(error(403, "Repository was archived so is read-only."))


def no_permission(permission: str) -> Refused:
    """Refuse a fine-grained token, and name in a header what it would need."""
    answer = error(403, "Resource not accessible by personal access token")
    answer.headers["x-accepted-github-permissions"] = permission
    return Refused(answer)


def no_app_token() -> Refused:
    """Refuse to list installations to a token that is no GitHub App's."""
    message = (
        "You must authenticate with an access token authorized to a GitHub App in order to list "
        "installations"
    )
    docs = f"{_DOCS}/apps/installations#list-app-installations-accessible-to-the-user-access-token"
    return Refused(error(403, message, docs=docs))


def suspended() -> Refused:
    """Refuse to look into a suspended installation."""
    return Refused(error(403, "This installation has been suspended"))


def empty_repository(status: int) -> Refused:
    """Say that nothing was ever committed: 409 to git's addresses, 404 to the contents."""
    words = {409: "Git Repository is empty.", 404: "This repository is empty."}
    return Refused(error(status, words[status]))


def sha_conflict(path: str, sha: str) -> Refused:
    """Refuse to replace a file that is not what the caller believes."""
    docs = f"{_DOCS}/repos/contents#create-or-update-file-contents"
    return Refused(error(409, f"{path} does not match {sha}", docs=docs))


def sha_missing() -> Refused:
    """Refuse to replace a file without being told which version of it."""
    return unprocessable('Invalid request.\n\n"sha" wasn\'t supplied.')


def content_blocked(retry_after: int) -> Response:
    """Refuse a caller who writes too much, which no header tells but Retry-After."""
    sentence = (
        "You have exceeded a secondary rate limit and have been temporarily blocked from content "
        "creation. Please retry your request again later."
    )
    answer = error(403, sentence, docs=f"{_LIMITS}#about-secondary-rate-limits")
    answer.headers["retry-after"] = str(retry_after)
    return answer


def no_agent() -> Response:
    """Refuse a call without User-Agent; the load balancer says so, which speaks no JSON."""
    return Response(_NO_AGENT, 403, media_type="text/html")


def bad_version(version: str) -> Response:
    """Refuse an API version that GitHub does not have."""
    return error(400, f"API version {version!r} is not supported.", docs=f"{_DOCS}/overview")


def limit_exceeded(login: str) -> Response:
    """Refuse because the hour's quota is used up: 403, and only the headers tell the reason."""
    return error(403, f"API rate limit exceeded for user {login}.", docs=_LIMITS)


class GitHubDialect(PlainDialect):
    """GitHub's words for the faults of the kit."""

    def __init__(self, clock: "Clock") -> None:
        """Know the time, because a quota resets at a moment and not after a while."""
        self._clock = clock

    def error(self, status: int, message: str | None = None) -> Response:
        """Answer as GitHub; a wrong method is a 404 there."""
        known = _NOT_FOUND if status == _NO_METHOD else status
        return error(known, message or _WORDS.get(known, "Error"))

    def secondary_limit(self, retry_after: int | None) -> Response:
        """Answer 403 with the quota untouched, and Retry-After only when told."""
        sentence = (
            "You have exceeded a secondary rate limit. Please wait a few minutes before you "
            "try again."
        )
        answer = error(403, sentence, docs=f"{_LIMITS}#about-secondary-rate-limits")
        answer.headers.update(self._quota(remaining=4_990, reset_in=3_600))
        if retry_after is not None:
            answer.headers["retry-after"] = str(retry_after)
        return answer

    def primary_limit(self, reset_in: int | None) -> Response:
        """Answer 403 with nothing remaining and the moment of the reset, without Retry-After."""
        answer = limit_exceeded("ID 1")
        seconds = 3_600 if reset_in is None else reset_in
        answer.headers.update(self._quota(remaining=0, reset_in=seconds))
        return answer

    def _quota(self, *, remaining: int, reset_in: int) -> dict[str, str]:
        return {
            "x-ratelimit-limit": "5000",
            "x-ratelimit-remaining": str(remaining),
            "x-ratelimit-used": str(5_000 - remaining),
            "x-ratelimit-reset": str(int(self._clock()) + reset_in),
            "x-ratelimit-resource": "core",
        }
