"""Strava: the activities, routes, gear and clubs of one athlete."""

from __future__ import annotations

from functools import partial
from typing import cast

from src.connectors.base import (
    BrowsesComments,
    Identity,
    PicksResources,
    refuse_filters,
)
from src.connectors.rest.client import List
from src.connectors.rest.windows import windowed
from src.connectors.strava import schemas
from src.connectors.strava.gear import GearFilters, list_gear, pick_gear
from src.connectors.strava.ids import (
    ACTIVITIES,
    CLUBS,
    GEAR,
    ROUTES,
    container_of,
    item_id,
    parse_item,
)
from src.connectors.strava.manifest import MANIFEST
from src.connectors.strava.mapping import (
    to_account,
    to_activity,
    to_club,
    to_comment,
    to_containers,
    to_gear,
    to_route,
)
from src.connectors.strava.paging import BY_NUMBER, ByLastCursor
from src.connectors.strava.schemas import Activity, Athlete, Club, Gear, Route
from src.connectors.strava.scopes import ACTIVITIES as ACTIVITY_SCOPE
from src.connectors.strava.scopes import PROFILE, READ
from src.connectors.strava.streams import Streams
from src.core.errors import UnsupportedFilter, ValidationFailed
from src.models.query import (
    CommentQuery,
    ContainerQuery,
    ItemQuery,
    OneItemQuery,
    ResourceQuery,
)
from src.models.unified import Comment, Container, Item, Page, Resource

OWN_ACTIVITIES = List("/athlete/activities", Activity, BY_NUMBER)
OWN_ROUTES = List("/athletes/{athlete}/routes", Route, BY_NUMBER)
OWN_CLUBS = List("/athlete/clubs", Club, BY_NUMBER)
COMMENTS = List("/activities/{activity}/comments", schemas.Comment, ByLastCursor())

_WHY = "Strava lists by start, the newest first, and has no search and no order by change."
_SCOPES = {ACTIVITIES: ACTIVITY_SCOPE, GEAR: PROFILE, ROUTES: READ, CLUBS: READ}


class StravaConnector(BrowsesComments, PicksResources, Streams):
    """One athlete's account."""

    manifest = MANIFEST

    async def identify(self) -> Identity:
        """The athlete; what was granted, Strava tells at the redirect only."""
        return Identity(to_account(await self._athlete()))

    async def _athlete(self) -> Athlete:
        return await self.rest.get("/athlete", Athlete)

    async def containers(self, query: ContainerQuery) -> Page[Container]:
        """The feed of activities, routes, gear and clubs; nothing is below them."""
        refuse_filters(query, "type", "q", why="There are four containers, each of its own type.")
        if query.parent_id is not None:
            container_of(query.parent_id, "parentId")
            return Page(items=())
        return windowed(to_containers(await self._athlete()), query)

    async def items(self, query: ItemQuery) -> Page[Item]:
        """Activities, the newest first; routes, gear or clubs."""
        refuse_filters(
            query, "parent_id", "type", "state", "status", "q", "updated_since", "sort", why=_WHY
        )
        container = container_of(query.container_id, "containerId")
        if query.include_body and container != ROUTES:
            raise UnsupportedFilter(
                "include", "Strava's lists leave descriptions out: read them item by item."
            )
        self.need_scopes(_SCOPES[container])
        match container:
            case "activities":
                mapping = partial(to_activity, owner=self.account)
                return await self.rest.page(OWN_ACTIVITIES, mapping, query)
            case "routes":
                return await self._routes(query)
            case "gear":
                return await list_gear(self.rest, query)
            case _:
                return await self.rest.page(OWN_CLUBS, to_club, query)

    async def _routes(self, query: ItemQuery) -> Page[Item]:
        owner = self.account or to_account(await self._athlete())
        mapping = partial(to_route, owner=owner, include_body=query.include_body)
        return await self.rest.page(OWN_ROUTES, mapping, query, at={"athlete": owner.id})

    async def item(self, query: OneItemQuery) -> Item:
        """One activity with its description, device and calories; a route, gear, or a club."""
        kind, own = parse_item(query.item_id, "itemId")
        one, raw = self.rest.one, query.include_raw
        match kind:
            case "activity":
                self.need_scopes(ACTIVITY_SCOPE)
                mapping = partial(to_activity, owner=self.account, whole=True)
                # Each effort on each segment would make a long answer much longer.
                params = {"include_all_efforts": "false"}
                path = "/activities/{activity}"
                return await one(path, Activity, mapping, raw=raw, params=params, activity=own)
            case "route":
                of_route = partial(to_route, owner=self.account, include_body=True)
                return await one("/routes/{route}", Route, of_route, raw=raw, route=own)
            case "gear":
                of_gear = partial(to_gear, whole=True)
                return await one("/gear/{gear}", Gear, of_gear, raw=raw, gear=own)
            case _:
                of_club = partial(to_club, whole=True)
                return await one("/clubs/{club}", Club, of_club, raw=raw, club=own)

    async def comments(self, query: CommentQuery) -> Page[Comment]:
        """The comments of an activity, in Strava's order; nothing else has any."""
        kind, own = parse_item(query.item_id, "itemId")
        if kind != "activity":
            return Page(items=())
        self.need_scopes(ACTIVITY_SCOPE)
        mapping = partial(to_comment, activity=item_id(kind, own))
        return await self.rest.page(COMMENTS, mapping, query, at={"activity": own})

    async def resources(self, query: ResourceQuery) -> Page[Resource]:
        """Bikes and shoes."""
        _refuse_parent(query.parent_id)
        self.need_scopes(PROFILE)
        filters = cast("GearFilters", query.filters)
        return await pick_gear(self.rest, query, q=query.q, filters=filters)

    async def resource_parents(
        self,
        resource_type: str,  # noqa: ARG002  gear is all that there is
        parent_id: str,
    ) -> tuple[Resource, ...]:
        """Gear lies in nothing."""
        _refuse_parent(parent_id)
        return ()


def _refuse_parent(parent_id: str | None) -> None:
    if parent_id is not None:
        raise ValidationFailed([("parentId", "gear lies in nothing: leave it out")])
