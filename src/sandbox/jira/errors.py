"""Jira's refusals in its own form, and its paging for the faults of the kit."""

from typing import TYPE_CHECKING

import msgspec

from src.sandbox.atlassian.errors import AtlassianDialect
from src.sandbox.kit import Refused, json_answer
from src.sandbox.kit.endless import cursor

if TYPE_CHECKING:
    from starlette.responses import Response

_OK = 200
_REPEATED = "Ch0jU3RyaW5nJlFWZz0lSW50JllnPT0="


def error(status: int, *messages: str, **fields: str) -> "Response":
    """Return an error body of Jira's."""
    return json_answer({"errorMessages": [*messages], "errors": fields}, status)


def refused(status: int, *messages: str, **fields: str) -> Refused:
    """Refuse from any depth."""
    return Refused(error(status, *messages, **fields))


def no_issue() -> Refused:
    """Say 404, also for what exists but may not be seen."""
    return refused(404, "Issue does not exist or you do not have permission to see it.")


def no_project(name: str) -> Refused:
    """Say 404 for a project."""
    return refused(404, f"No project could be found with key '{name}'.")


def no_address(path: str) -> Refused:
    """Say that an installation of this kind has no such address."""
    return Refused(json_answer({"message": f"null for uri: {path}", "status-code": 404}, 404))


class JiraDialect(AtlassianDialect):
    """Lets a page of the search name itself as the next one."""

    def repeat_page(self, url: str, answer: "Response") -> "Response":  # noqa: ARG002
        """Give the same token again and again, which the search itself would not take."""
        body = msgspec.json.decode(answer.body) if answer.status_code == _OK else {"issues": []}
        if not isinstance(body, dict):
            return answer
        return json_answer(body | {"nextPageToken": _REPEATED, "isLast": False})

    def lead_on(self, url: str, answer: "Response", number: int) -> "Response":
        """The same with a new token for each page of a search, which has no total."""
        led = super().lead_on(url, answer, number)
        body = msgspec.json.decode(led.body) if led.status_code == _OK else None
        if not isinstance(body, dict) or "issues" not in body or "total" in body:
            return led
        return json_answer(body | {"nextPageToken": cursor(number), "isLast": False})
