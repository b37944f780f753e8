"""The audit log: written once, read newest first."""

from datetime import datetime
from typing import Any

import pytest

from src.db.errors import Duplicate
from src.db.repositories.audit_logs import AuditFilter
from src.db.tenant import TenantScope
from src.models.audit import AuditAction, AuditEntry, Outcome
from src.models.principal import Via
from tests.db.records import entry, minutes

ALL = AuditFilter()


async def test_an_entry_is_read_as_it_was_written(acme: TenantScope) -> None:
    written = entry(
        user_id="user-1",
        request_id="req_1",
        ip="203.0.113.9",
        via=Via.PLATFORM,
        outcome=Outcome.FAILURE,
        details={"fields": ["alias"], "deep": {"a": None}},
    )
    await acme.audit_logs.append(written)
    assert await acme.audit_logs.list(ALL, limit=10) == [written]


async def test_an_entry_is_written_once(acme: TenantScope) -> None:
    written = entry()
    await acme.audit_logs.append(written)
    with pytest.raises(Duplicate):
        await acme.audit_logs.append(written.model_copy(update={"target": "con_2"}))
    assert await acme.audit_logs.list(ALL, limit=10) == [written]


async def test_entries_are_listed_newest_first_page_by_page(acme: TenantScope) -> None:
    # Three of one moment: the id decides.
    entries = [entry(at=minutes(number // 3)) for number in range(7)]
    for each in entries:
        await acme.audit_logs.append(each)
    seen: list[AuditEntry] = []
    while True:
        after = (seen[-1].at, seen[-1].id) if seen else None
        page = await acme.audit_logs.list(ALL, limit=2, after=after)
        if not page:
            break
        assert len(page) <= 2
        seen += page
    assert seen == sorted(entries, key=lambda each: (each.at, each.id), reverse=True)


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"action": AuditAction.CONNECTION_REVOKED}, {"action": AuditAction.CONNECTION_REVOKED}),
        ({"actor": "user-1"}, {"actor": "user-1"}),
        ({"target": "con_2"}, {"target": "con_2"}),
        ({"at": minutes(5)}, {"since": minutes(5)}),
        ({"at": minutes(5)}, {"since": minutes(4), "until": minutes(6)}),
        ({"at": minutes(-5)}, {"until": minutes(-4)}),
        ({"actor": "user-1", "target": "con_2"}, {"actor": "user-1", "target": "con_2"}),
    ],
)
async def test_a_list_is_narrowed_by_each_filter(
    acme: TenantScope, fields: dict[str, Any], where: dict[str, Any]
) -> None:
    wanted = entry(**fields)
    for each in (wanted, entry(), entry(at=minutes(1))):
        await acme.audit_logs.append(each)
    assert await acme.audit_logs.list(AuditFilter(**where), limit=10) == [wanted]


@pytest.mark.parametrize(
    ("since", "until", "found"),
    [
        (minutes(0), None, True),
        (minutes(0.01), None, False),
        (None, minutes(0), False),
        (None, minutes(0.01), True),
        (minutes(0), minutes(0), False),
    ],
)
async def test_a_span_holds_its_beginning_and_not_its_end(
    acme: TenantScope, since: datetime | None, until: datetime | None, found: bool
) -> None:
    await acme.audit_logs.append(entry())
    listed = await acme.audit_logs.list(AuditFilter(since=since, until=until), limit=10)
    assert len(listed) == int(found)


async def test_a_filter_and_a_position_hold_together(acme: TenantScope) -> None:
    entries = [entry(at=minutes(number), actor=f"user-{number % 2}") for number in range(6)]
    for each in entries:
        await acme.audit_logs.append(each)
    first, second = await acme.audit_logs.list(AuditFilter(actor="user-1"), limit=2)
    assert [first, second] == [entries[5], entries[3]]
    rest = await acme.audit_logs.list(
        AuditFilter(actor="user-1"), limit=9, after=(second.at, second.id)
    )
    assert rest == [entries[1]]
