"""Athletes, their gear and their clubs."""

from typing import Any

import msgspec

Row = dict[str, Any]


class Athlete(msgspec.Struct, frozen=True):
    """Somebody with an account."""

    id: int
    username: str | None
    firstname: str | None
    lastname: str | None
    profile: str
    bikes: tuple[str, ...] = ()
    shoes: tuple[str, ...] = ()
    clubs: tuple[int, ...] = ()

    def summary(self) -> Row:
        """Return what every token may see."""
        return {
            "id": self.id,
            "username": self.username,
            "resource_state": 2,
            "firstname": self.firstname,
            "lastname": self.lastname,
            "profile": self.profile,
            "premium": True,
            "created_at": "2017-11-16T01:56:45Z",
            "updated_at": "2026-09-06T03:28:39Z",
        }


def _gear(own: str, name: str, brand: str, model: str, **more: Any) -> Row:
    usual: Row = {
        "id": own,
        "primary": False,
        "name": name,
        "nickname": "",
        "resource_state": 3,
        "retired": False,
        "distance": 0,
        "converted_distance": 0.0,
        "brand_name": brand,
        "model_name": model,
        "description": None,
    }
    return {**usual, **more}


GEAR: dict[str, Row] = {
    one["id"]: one
    for one in (
        _gear(
            "b16988545",
            "Trek 450",
            "Trek",
            "450",
            primary=True,
            nickname="Rusty",
            distance=1_234_567,
            frame_type=3,
            description="For the road.",
            weight=9.0,
        ),
        _gear("b9007199254740997", "Hauler", "", "", frame_type=2, distance=88_000.5, weight=14.2),
        _gear(
            "g20051782",
            "Adidas Ultraboost 5X",
            "Adidas",
            "Ultraboost 5X",
            primary=True,
            distance=452_834,
            notification_distance=800_000,
        ),
        _gear(
            "g3423618",
            "Adidas Supernova ST",
            "Adidas",
            "Supernova ST",
            retired=True,
            distance=966_309,
            description="Marathon 2018.",
            notification_distance=0,
        ),
        _gear("g26020551", "Saucony Guide", "Saucony", "Guide", distance=12_000),
    )
}
_TOLD = ("id", "primary", "name", "nickname", "retired", "distance", "converted_distance")


def gear_summary(own: str) -> Row:
    """Return gear as it stands in an athlete: without brand and model."""
    return {"resource_state": 2, **{name: GEAR[own][name] for name in _TOLD}}


def _club(own: int, name: str, url: str, sport: str, **more: Any) -> Row:
    return {
        "id": own,
        "resource_state": 2,
        "name": name,
        "profile": "avatar/club/large.png",
        "sport_type": sport,
        "activity_types": ["Run", "TrailRun"] if sport == "running" else ["Ride"],
        "city": "New York",
        "state": "New York",
        "country": "United States",
        "private": False,
        "member_count": 93,
        "url": url,
        **more,
    }


CLUBS: dict[int, Row] = {
    one["id"]: one
    for one in (
        _club(108605, "NYC Runners", "nyc-runners", "running"),
        _club(9007199254740999, "Bridge & Tunnel", "", "cycling", private=True, city=None),
        _club(198580, "Elsewhere", "elsewhere", "cycling", member_count=1),
    )
}
DESCRIPTIONS = {108605: "We run on Tuesdays."}

DANA = Athlete(
    26462176,
    "dana",
    "Dana",
    "Ashton",
    "https://dgalywyr863hv.cloudfront.net/pictures/athletes/26462176/large.jpg",
    bikes=("b16988545", "b9007199254740997"),
    shoes=("g20051782", "g3423618", "g26020551"),
    clubs=(108605, 9007199254740999, 198580),
)
RIO = Athlete(9007199254740995, "rio", None, None, "avatar/athlete/large.png")
ATHLETES = (DANA, RIO)


def athlete_of(own: str) -> Athlete | None:
    """Find an athlete."""
    return next((one for one in ATHLETES if str(one.id) == own), None)
