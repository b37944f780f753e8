"""Sync tokens: what has changed in a calendar since a list was read to its end.

Source: developers.google.com/workspace/calendar/api/guides/sync.
"""

from typing import TYPE_CHECKING, Any

from src.sandbox.google import errors
from src.sandbox.google.calendar.call import Call, invalid_page
from src.sandbox.google.calendar.seed import Calendar
from src.sandbox.google.tokens import decoded, encoded, question_of, read_token
from src.sandbox.kit import Refused

if TYPE_CHECKING:
    from starlette.responses import Response

_ALONE = ("iCalUID", "orderBy", "q", "timeMin", "timeMax", "updatedMin")
"""What cannot be asked along with a token."""


def about(calendar: Calendar) -> dict[str, Any]:
    """Return what every list of events tells of its calendar."""
    return {
        "summary": calendar.summary,
        "timeZone": calendar.zone,
        "accessRole": calendar.role,
    }


def sync_token(call: Call, number: int) -> str:
    """Return a token for what happens from a number of the log on."""
    return encoded(f"{number}:{question_of(call.request)}".encode()) + "="


async def list_changed(call: Call, calendar: Calendar) -> "Response":
    """Answer with a page of what has changed; what is gone comes as cancelled."""
    for name in _ALONE:
        if name in call.params:
            words = f"Sync token cannot be used with {name}."
            raise errors.bad_request(words, parameter=name)
    text = (decoded(call.params["syncToken"].rstrip("=")) or b"").decode("ascii", "replace")
    number, _, question = text.partition(":")
    if question != question_of(call.request):
        raise errors.bad_request("Invalid sync token value.", parameter="syncToken")
    log = call.log(calendar)
    found = await log.since(number)
    if found is None:
        words = "Sync token is no longer valid, a full sync is required."
        raise Refused(
            errors.legacy(410, "fullSyncRequired", words, domain="calendar", parameter="syncToken")
        )
    newest = {name: at for at, name in found}
    changed = sorted(
        (one for one in await call.events(calendar) if one["id"] in newest),
        key=lambda event: newest[event["id"]],
    )
    token = read_token(call.request, invalid_page())
    begun = token.kept if token else await log.end()
    return call.page(
        changed,
        most=2_500,
        kind="calendar#events",
        keys=[newest[event["id"]] for event in changed],
        kept=begun,
        feed_end=sync_token(call, begun),
        **about(calendar),
    )
