"""What happens at Strava while streams are read."""

from src.sandbox.strava.seed.activities import COUNT, FIRST
from src.testing import Hand, StreamSample


async def _uploaded(hand: Hand) -> str:
    """Late: it began two weeks before the latest that is known."""
    fields = {"name": "Forgotten", "start_date": "2025-10-05T06:30:00Z"}
    await hand.switch("PUT", f"/activities/{FIRST + COUNT}", fields)
    return f"activity:{FIRST + COUNT}"


async def _renamed(hand: Hand) -> str:
    await hand.switch("PUT", f"/activities/{FIRST + 3}", {"name": "Renamed"})
    return f"activity:{FIRST + 3}"


async def _deleted(hand: Hand, record_id: str) -> None:
    await hand.switch("DELETE", f"/activities/{record_id.removeprefix('activity:')}")


async def _given_away(hand: Hand, record_id: str) -> None:
    await hand.switch("DELETE", f"/gear/{record_id.removeprefix('gear:')}")


# Only an empty page is the end of Strava's list, behind the one that repeats the last row, which is
# looked at once more then.
ACTIVITIES = StreamSample(add=_uploaded, change=_renamed, delete=_deleted, requests=4)
GEAR = StreamSample(delete=_given_away)
