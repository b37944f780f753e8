"""How Strava says no. Source: developers.strava.com/docs/reference, "Fault" and "Error"."""

from __future__ import annotations

import re

import msgspec

from src.connectors.rest.errors import Refusal, Verdict
from src.connectors.strava.limits import exhausted
from src.connectors.strava.schemas import Problem, Problems
from src.core.errors import LimitOf
from src.core.outbound import Response

CAP = (
    "This Strava app may not connect any more athletes. A new app is for its owner alone; Strava's"
    " API settings raise it to ten athletes, and more need a review by Strava. Or connect with an"
    " app of your own."
)
INACTIVE = "This Strava app is not active: since June 2026 its owner needs a Strava subscription."
SUBSCRIPTION = "Strava gives this to athletes with a subscription only."
ENDED = "Strava no longer gives this to apps."

_PERMISSION = "_permission"
_LIMIT_OF_ATHLETES = re.compile(r"(?i:limit of .{0,20}athletes|athletes? (?:limit|capacity))")


def classify(response: Response) -> Refusal | None:
    """Tell what the common table cannot."""
    match response.status:
        case 401:
            return _unauthorized(response)
        case 402:
            return Refusal(Verdict.FORBIDDEN, sentence=SUBSCRIPTION)
        case 403:
            return _forbidden(response)
        case 429:
            # Nothing says how long: the limits begin anew with the clock.
            window = exhausted(response.headers)
            return Refusal(Verdict.LIMITED, window=window, limit_of=LimitOf.CONNECTION)
        case _:
            return None


def _unauthorized(response: Response) -> Refusal | None:
    """A missing scope, an address that has ended, or a token that is over."""
    found = _problems(response)
    scopes = [
        one.field.removesuffix(_PERMISSION)
        for one in found
        if one.field and one.field.endswith(_PERMISSION) and one.code == "missing"
    ]
    if scopes:
        return Refusal(Verdict.SCOPE, missing_scopes=tuple(dict.fromkeys(scopes)))
    if any((one.resource, one.field) == ("Application", "internal") for one in found):
        return Refusal(Verdict.FORBIDDEN, sentence=ENDED)
    return None


def _forbidden(response: Response) -> Refusal | None:
    if _LIMIT_OF_ATHLETES.search(response.content[:1000].decode("utf-8", "replace")):
        return Refusal(Verdict.FORBIDDEN, reason="athlete_limit", sentence=CAP)
    if any((one.resource, one.code) == ("Application", "Inactive") for one in _problems(response)):
        return Refusal(Verdict.FORBIDDEN, reason="app_inactive", sentence=INACTIVE)
    return None


def _problems(response: Response) -> list[Problem]:
    """The entries of ``errors``; none where it is a text, as of some refusals, or no JSON."""
    try:
        told = msgspec.json.decode(response.content, type=Problems)
        return msgspec.convert(told.errors, list[Problem])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return []
