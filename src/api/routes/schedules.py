"""Schedules: listed and deleted here; jobs are asked for with one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from src.api.deps import CallerDep, ContainerDep, needs
from src.api.envelope import Envelope, ListOf, ok, ok_list
from src.api.paging import Paging
from src.api.routing import Route
from src.api.schemas.base import Query as NoQuery
from src.api.schemas.jobs import ScheduleDeletedOut, ScheduleId, ScheduleOut, SchedulesQuery
from src.core.errors import ErrorCode
from src.models.job import Schedule
from src.models.principal import Permission

router = APIRouter(prefix="/schedules", tags=["jobs"], route_class=Route)


@router.get(
    "",
    response_model=Envelope[ListOf[ScheduleOut]],
    operation_id="listSchedules",
    **needs(Permission.JOBS_READ, ErrorCode.INVALID_CURSOR, ErrorCode.CREDENTIALS_UNREADABLE),
)
async def list_schedules(
    caller: CallerDep, container: ContainerDep, query: Annotated[SchedulesQuery, Query()]
) -> Response:
    """Schedules of connections that the caller may see, newest first."""
    paging = Paging(container.cursors, "schedules", caller, query)
    found = await container.schedules.list(
        caller, query.connection_id, limit=query.limit + 1, after=paging.position()
    )
    shown, cursor = paging.cut(found, _position)
    return ok_list([ScheduleOut.of(schedule) for schedule in shown], next_cursor=cursor)


def _position(schedule: Schedule) -> tuple[datetime, str]:
    return schedule.created_at, schedule.id


@router.delete(
    "/{schedule_id}",
    response_model=Envelope[ScheduleDeletedOut],
    operation_id="deleteSchedule",
    **needs(Permission.JOBS_WRITE, ErrorCode.NOT_FOUND),
)
async def delete_schedule(
    schedule_id: Annotated[ScheduleId, Path(description="A schedule's id.")],
    caller: CallerDep,
    container: ContainerDep,
    _: Annotated[NoQuery, Query()],
) -> Response:
    """End a schedule; a job that it has begun goes on."""
    await container.schedules.delete(caller, schedule_id)
    return ok(ScheduleDeletedOut(schedule_id=schedule_id))
