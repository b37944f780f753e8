"""Names of people: API v2 answers ids only, so each page asks once for all of its authors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from msgspec.structs import replace

from src.connectors.confluence.paging import Told
from src.connectors.confluence.schemas import Results, User
from src.connectors.rest.client import RestClient
from src.connectors.rest.decoding import decode
from src.core.errors import InsufficientScope
from src.models.unified import Comment, Item, Page, Person

T = TypeVar("T", Item, Comment)
MOST_PEOPLE = 250
"""Whom one request may ask for."""


def to_person(user: User, told: Told) -> Person:
    """A user; one who left is called what Confluence calls them (``Former user``)."""
    picture = user.profile_picture.path if user.profile_picture else None
    return Person(
        id=user.account_id,
        name=user.display_name or user.public_name or user.account_id,
        email=user.email or None,
        avatar_url=told.picture(picture),
    )


class Names:
    """Names of people over many pages: nobody is asked for twice."""

    def __init__(self, rest: RestClient, told: Told) -> None:
        self._rest = rest
        self._told = told
        self._known: dict[str | None, Person] = {}
        self._asked: set[str] = set()

    async def given(self, entries: tuple[T, ...]) -> tuple[T, ...]:
        """Entries whose authors have names, where the grant allows to know them."""
        new = [one for one in _unnamed(entries) if one not in self._asked]
        for start in range(0, len(new), MOST_PEOPLE):
            found = await _find(self._rest, new[start : start + MOST_PEOPLE], self._told)
            self._known.update(found)
        self._asked.update(new)
        return tuple(_with_name(entry, self._known) for entry in entries)


async def named_page(rest: RestClient, page: Page[T], told: Told) -> Page[T]:
    """A page whose authors have names."""
    return replace(page, items=await named(rest, page.items, told))


async def named(rest: RestClient, entries: tuple[T, ...], told: Told) -> tuple[T, ...]:
    """Entries whose authors have names, where the grant allows to know them."""
    people = await _find(rest, _unnamed(entries), told)
    return tuple(_with_name(entry, people) for entry in entries)


def _unnamed(entries: Iterable[Item | Comment]) -> list[str]:
    authors = (entry.author for entry in entries)
    ids = (one.id for one in authors if one and one.id and one.name == one.id)
    return list(dict.fromkeys(ids))


def _with_name(entry: T, people: dict[str | None, Person]) -> T:
    known = people.get(entry.author.id) if entry.author else None
    return entry if known is None else replace(entry, author=known)


async def _find(rest: RestClient, ids: list[str], told: Told) -> dict[str | None, Person]:
    if not ids:
        return {}
    try:
        response = await rest.call(
            "POST", "/wiki/api/v2/users-bulk", json={"accountIds": ids}, repeatable=True
        )
    except InsufficientScope:
        # A token that may read pages but no names (read:user:confluence) still reads the pages.
        return {}
    found = decode(response.content, Results[User])
    return {user.account_id: to_person(user, told) for user in found.results}
