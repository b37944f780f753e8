"""How one provider words the trouble that every provider has."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

from src.sandbox.kit import endless
from src.sandbox.kit.answers import json_answer

if TYPE_CHECKING:
    from starlette.responses import Response


class Dialect(Protocol):
    """What the fault layer must know about a provider."""

    def error(self, status: int, message: str | None = None) -> "Response":
        """Return the provider's error body for a status, in its usual words unless told."""
        ...

    def rate_limited(self, retry_after: int | None) -> "Response":
        """Return the plain 429."""
        ...

    def secondary_limit(self, retry_after: int | None) -> "Response":
        """Return the refusal of a caller who is too fast rather than over the quota."""
        ...

    def primary_limit(self, reset_in: int | None) -> "Response":
        """Return the refusal of a caller whose quota is used up."""
        ...

    def repeat_page(self, url: str, answer: "Response") -> "Response":
        """Let a page name itself (`url` is its address) as the next one."""
        ...

    def lead_on(self, url: str, answer: "Response", number: int) -> "Response":
        """Let a page name another (`number`) as the next one, by a token that is new.

        `endless.cursor(number)` is such a token: where it comes back, the first page is asked for.
        """
        ...


class PlainDialect:
    """Wording for a provider without peculiarities, and the base for those that have some."""

    def error(self, status: int, message: str | None = None) -> "Response":
        """Say what the status means."""
        return json_answer({"error": message or HTTPStatus(status).phrase}, status)

    def rate_limited(self, retry_after: int | None) -> "Response":
        """Answer 429 with the seconds to wait, 60 unless told."""
        answer = self.error(429)
        answer.headers["retry-after"] = str(60 if retry_after is None else retry_after)
        return answer

    def secondary_limit(self, retry_after: int | None) -> "Response":
        """Treat every limit alike."""
        return self.rate_limited(retry_after)

    def primary_limit(self, reset_in: int | None) -> "Response":
        """Treat every limit alike."""
        return self.rate_limited(reset_in)

    def repeat_page(self, url: str, answer: "Response") -> "Response":
        """Point the Link header back, which is where most providers keep the next page."""
        answer.headers["link"] = f'<{url}>; rel="next"'
        return answer

    def lead_on(self, url: str, answer: "Response", number: int) -> "Response":
        """Name another page in the Link header, and wherever the body has a usual place for it."""
        return endless.lead_on(url, answer, number)


class Refused(Exception):
    """Carries the provider's answer out of any depth of a route."""

    def __init__(self, answer: "Response") -> None:
        """Hold the answer that the caller is to see."""
        super().__init__(answer.status_code)
        self.answer = answer
