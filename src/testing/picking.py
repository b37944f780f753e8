"""What pickers must do: list what can be picked, take back what they gave, and lead to the top."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from src.connectors.base import PicksResources
from src.connectors.manifest import ResourceType
from src.core.errors import CallerError
from src.models.ids import PROVIDER_ID_PATTERN
from src.models.query import ResourceQuery
from src.models.unified import Page, Resource
from src.testing.bench import Bench, expect, refuse
from src.testing.walking import entries, follow, follow_to_the_end

Parents = Mapping[str, str]
"""For each resource type that looks into something, the id of a parent that holds some."""

Verb = Callable[[], Awaitable[object]]

_ID = re.compile(PROVIDER_ID_PATTERN)
_LIMIT = 100
_MOST_PAGES = 20
_LOOKED_INTO = 5


def check_types(bench: Bench, parents: Parents) -> None:
    """Everything about resource types that can be seen without a call."""
    manifest = bench.loaded.manifest
    picks = issubclass(bench.loaded.connector_class, PicksResources)
    expect(
        picks == bool(manifest.resource_types),
        "manifest.resource_types and the class disagree: a connector with resource types derives"
        " from PicksResources, and one that does names them in manifest.resource_types",
    )
    lost = sorted(set(parents) - {kind.name for kind in manifest.resource_types})
    expect(not lost, f"resource_parents names {lost}, which manifest.resource_types lacks")
    for kind in manifest.resource_types:
        expect(kind.label.strip(), f"{kind.name} has no label: a form shows it")
        unknown = sorted(set(kind.scopes) - manifest.scopes.known)
        expect(
            not unknown,
            f"{kind.name} needs {unknown}, which manifest.scopes does not know: write them into"
            " ScopeRules.optional",
        )
        expect(
            kind.filters.model_config.get("extra") == "forbid",
            f"{kind.name}: its filters take unknown fields: set extra='forbid' in model_config",
        )
        expect(
            not kind.needs_parent or kind.name in parents,
            f"{kind.name} needs a parent: name one in resource_parents",
        )


def query_of(kind: ResourceType, parent_id: str | None, limit: int = _LIMIT) -> ResourceQuery:
    """A plain question for resources of a type."""
    return ResourceQuery(type=kind.name, parent_id=parent_id, limit=limit, filters=kind.filters())


def places(kind: ResourceType, parents: Parents) -> list[str | None]:
    """Where resources of a type are looked for: at the top, and below the landmark."""
    top: list[str | None] = [] if kind.needs_parent else [None]
    return [*top, *([parents[kind.name]] if kind.name in parents else [])]


async def check_pages(bench: Bench, kind: ResourceType, parents: Parents, limit: int) -> None:
    """Every list ends, repeats nothing, and holds what its type says."""
    connector = _picker(bench)
    found: list[Resource] = []
    for parent_id in places(kind, parents):
        query = query_of(kind, parent_id, limit)
        listed = entries(await follow_to_the_end(connector.resources, query))
        for one in listed:
            _check_resource(kind, one)
        if parent_id is not None:
            expect(listed, f"{kind.name} finds nothing below {parent_id!r}: name another landmark")
        found += listed
    below = [other for other in bench.loaded.manifest.resource_types if other.parent == kind.name]
    for other in below:
        await _check_taken(connector, other, [one for one in found if one.selectable])
    # What cannot be picked is opened for more of its own type.
    own = [one for one in found if not one.selectable] if below else found
    await _check_taken(connector, kind, own)


async def check_parents(bench: Bench, kind: ResourceType, parents: Parents) -> None:
    """The way from the top: no gap, and it ends at what was asked about."""
    parent_id = parents.get(kind.name)
    if parent_id is None:
        return
    way = await _picker(bench).resource_parents(kind.name, parent_id)
    expect(
        way and way[-1].id == parent_id,
        f"resource_parents({kind.name!r}, {parent_id!r}) must end with {parent_id}",
    )
    expect(
        way[0].parent_id is None,
        f"resource_parents({kind.name!r}, {parent_id!r}) begins with {way[0].id}, which is in"
        f" {way[0].parent_id}: begin at the top",
    )
    for above, one in pairwise(way):
        expect(
            one.parent_id == above.id,
            f"resource_parents({kind.name!r}, {parent_id!r}): {one.id} says it is in"
            f" {one.parent_id}, it comes after {above.id}",
        )


async def search_resources(
    open_bench: Callable[[], Bench], parents: Parents, searches: Sequence[str]
) -> None:
    """A search finds only what is there without it, or is refused as the caller's mistake."""
    for kind in open_bench().loaded.manifest.resource_types:
        parent_id = parents.get(kind.name)
        if parent_id is None:
            continue
        query = query_of(kind, parent_id)
        inside = {(one.id, one.url) for one in entries(await _some(open_bench(), query))}
        for text in searches:
            try:
                pages = await _some(open_bench(), replace(query, q=text))
            except CallerError:
                continue
            strangers = sorted(one.id for one in entries(pages) if (one.id, one.url) not in inside)
            expect(
                not strangers,
                f"q={text!r} found {strangers[:3]} below {parent_id!r}, which are not there: escape"
                " q into the provider's query language, it is data",
            )


def calls(connector: PicksResources, parents: Parents) -> dict[str, Verb]:
    """Each list, ready to be called once."""

    def listing(query: ResourceQuery) -> Verb:
        return lambda: connector.resources(query)

    return {
        f"resources of {kind.name}": listing(query_of(kind, places(kind, parents)[-1]))
        for kind in connector.manifest.resource_types
    }


async def _some(bench: Bench, query: ResourceQuery) -> list[Page[Resource]]:
    return await follow(_picker(bench).resources, query, most=_MOST_PAGES, once=False)


async def _check_taken(
    connector: PicksResources, kind: ResourceType, found: Sequence[Resource]
) -> None:
    """What can be looked into is accepted as it was given."""
    for one in [each for each in found if each.has_children][:_LOOKED_INTO]:
        try:
            await connector.resources(query_of(kind, one.id, 1))
        except CallerError as error:
            refuse(
                f"{kind.name} does not take {one.id}, which was given out with children: {error}"
            )


def _check_resource(kind: ResourceType, one: Resource) -> None:
    expect(
        _ID.fullmatch(one.id),
        f"resource id {one.id!r} is outside {PROVIDER_ID_PATTERN}: encode what does not fit",
    )
    expect(one.type == kind.name, f"{one.id} is of type {one.type!r}, it must be {kind.name!r}")
    expect(one.name.strip(), f"{one.id} has no name: a form shows it")


def _picker(bench: Bench) -> PicksResources:
    connector = bench.connector()
    if not isinstance(connector, PicksResources):
        refuse("derive from PicksResources")
    return connector
