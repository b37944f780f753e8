"""Where values stand in a recorded document, and what that says about them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from src.testing.fieldnames import is_of_a_person, is_secret
from src.testing.packed import NAMES, Way, unpack

DEEPEST = 4
"""Texts in texts are looked into so far."""

PERSON = re.compile(
    r"user|author|owner|creator|assign|report|member|sender|actor|lead|person|people|athlete|editor"
    r"|updated_?by|created_?by|modified_?by|from|by$|^me$|account",
    re.IGNORECASE,
)
_PEOPLE = re.compile(
    r"(?:assignee|attendee|author|contact|contributor|member|owner|participant|person|reviewer|user"
    r"|people|_by|By)s?$"
)
"""Fields whose own fields may be named after people."""

_FULL_NAME = re.compile(r"[^\W\d_a-z][\w.'-]*(?: [\w.'-]+){1,3}")
_SIGNS_OF_A_PERSON = frozenset(
    {"email", "login", "username", "displayname", "accountid", "avatar_url", "avatarurl", "avatar"}
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands."""

    way: Way = ()
    """From the top of the body, as authors say it."""
    owner: Mapping[str, Any] = field(default_factory=dict)
    """The object that it belongs to."""
    depth: int = 0
    """In how many texts."""

    @property
    def name(self) -> str:
        """The key that a value, or the list that it is in, stands under."""
        return name_of(self.way)


def places(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    """Every value, and every name of a person's or of an unknown field, with its place."""
    match value:
        case dict():
            for name, one in value.items():
                yield below(place, NAMES, value), name
                yield from places(one, below(place, name, value))
        case list() | tuple():
            for number, one in enumerate(value):
                yield from places(one, below(place, number, place.owner))
        case bool() | None:
            pass
        case str():
            yield place, value
            packed = unpack(value) if place.depth < DEEPEST else None
            if packed is not None:
                yield from places(packed.content, inside(place))
        case _:
            yield place, value


def below(place: Place, step: str | int, owner: Mapping[str, Any]) -> Place:
    """One step further down."""
    return Place((*place.way, step), owner, place.depth)


def inside(place: Place) -> Place:
    """The same, in a text that stands there."""
    return Place(place.way, place.owner, place.depth + 1)


def name_of(way: Way) -> str:
    """The key that a value, or the list that it is in, stands under."""
    return next((step for step in reversed(way) if isinstance(step, str)), "")


def is_personal(place: Place) -> bool:
    """Whether a value names a person: by its key, or as the ``name`` of what looks like one."""
    name = place.name
    if name == NAMES:
        return False
    if is_of_a_person(name):
        return True
    if name != "name":
        return False
    has_signs = any(key.lower().replace("_", "") in _SIGNS_OF_A_PERSON for key in place.owner)
    return has_signs or bool(PERSON.search(name_of(place.way[:-1])))


def is_name_of_person(place: Place, value: str) -> bool:
    """Whether it is the name of a field, and a person's."""
    is_name = place.name == NAMES and _FULL_NAME.fullmatch(value) is not None
    return is_name and _PEOPLE.search(name_of(place.way[:-1])) is not None


def is_secret_at(way: Way) -> bool:
    """Whether a value is a secret, or a part of one."""
    steps = [step for step in way if isinstance(step, str)]
    if not steps:
        return False
    return is_secret(steps[-1]) or any(
        is_secret(step) and len(step) > len("code") for step in steps
    )


def leads(pattern: Sequence[str], way: Way) -> bool:
    """Whether a pattern describes a way."""
    if not pattern:
        return not way
    if pattern[0] == "**":
        return any(leads(pattern[1:], way[start:]) for start in range(len(way) + 1))
    is_step = bool(way) and (str(way[0]) == pattern[0] or (pattern[0] == "*" and way[0] != NAMES))
    return is_step and leads(pattern[1:], way[1:])
