"""Refusals of the gateway before the products, and of the limits that both share."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from starlette.responses import Response

from src.sandbox.kit import PlainDialect, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable

_WORDS = {401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed"}


def gateway(status: int, message: str | None = None) -> Response:
    """Refuse in the gateway's form, which is not the products'."""
    return json_answer({"code": status, "message": message or _WORDS.get(status, "Error")}, status)


def text_unauthorized() -> Response:
    """Refuse a credential on a site's own address, which speaks plain text."""
    words = "Client must be authenticated to access this resource."
    return Response(words, 401, media_type="text/plain;charset=UTF-8")


def scope_does_not_match() -> Response:
    """Refuse because the token lacks a scope: 401, although no fresh token would help."""
    return gateway(401, "Unauthorized; scope does not match")


def limited(product: str, reason: str, headers: "dict[str, str]") -> Response:
    """Refuse because of a limit; the reason says which of the three it is."""
    answer = json_answer({"code": 429, "message": "Rate limit exceeded"}, 429)
    answer.headers.update({"ratelimit-reason": f"{product}-{reason}", **headers})
    return answer


def reset_text(moment: datetime) -> str:
    """Write a reset as Atlassian does: ISO 8601, in minutes."""
    return moment.strftime("%Y-%m-%dT%H:%MZ")


class AtlassianDialect(PlainDialect):
    """The words of the gateway for the faults of the kit; a product adds its own paging."""

    def __init__(self, product: str, clock: "Callable[[], float]") -> None:
        """Know the time, because a quota resets at a moment."""
        self._product = product
        self._clock = clock

    def error(self, status: int, message: str | None = None) -> Response:
        """Answer as the gateway."""
        return gateway(status, message)

    def rate_limited(self, retry_after: int | None) -> Response:
        """Refuse a burst with the seconds to wait."""
        wait = {"retry-after": str(5 if retry_after is None else retry_after)}
        return limited(self._product, "burst-based", wait)

    def secondary_limit(self, retry_after: int | None) -> Response:
        """Refuse a burst, with the seconds to wait only when told."""
        wait = {} if retry_after is None else {"retry-after": str(retry_after)}
        return limited(self._product, "burst-based", wait)

    def primary_limit(self, reset_in: int | None) -> Response:
        """Refuse because the app's points are spent: the reset, and no Retry-After."""
        now = datetime.fromtimestamp(self._clock(), UTC)
        # Written in minutes, so the next one: a reset is never told too early.
        reset = now + timedelta(seconds=60 + (3_600 if reset_in is None else reset_in))
        return limited(
            self._product,
            "quota-global-based",
            {
                "x-ratelimit-limit": "65000",
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": reset_text(reset),
                "x-ratelimit-nearlimit": "true",
            },
        )
