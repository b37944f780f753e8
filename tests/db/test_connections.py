"""Records of connections: written as they are read, listed in order, narrowed by filters."""

import pytest

from src.db.collection import Position
from src.db.repositories.connections import EVERYBODY, ConnectionFilter, Visibility
from src.db.tenant import TenantScope
from src.models.connection import Account, Connection, ConnectionStatus, Health, LastError
from tests.db.records import NOON, OCTOCAT, connected, connection, minutes

ALL = ConnectionFilter()


async def ids(
    scope: TenantScope,
    where: ConnectionFilter = ALL,
    visibility: Visibility = EVERYBODY,
    *,
    limit: int = 50,
    after: Position | None = None,
) -> list[str]:
    found = await scope.connections.list(where, visibility, limit=limit, after=after)
    return [record.id for record in found]


async def test_a_record_is_read_as_it_was_written(acme: TenantScope) -> None:
    record = connected(
        alias="Work",
        user_id="user-1",
        granted_scopes=("repo", "read:org"),
        config={"siteUrl": "https://x.example"},
        settings={"a": [1, {"b": None}]},
        metadata={"team": "münchen 🥨"},
        client_id="id",
        sealed_client_secret=b"sealed",
        failures=2,
        last_error=LastError(code="provider_error", message="away", at=NOON),
        last_used_at=minutes(1),
        token_expires_at=minutes(60),
    )
    await acme.connections.add(record)
    assert await acme.connections.get(record.id) == record


async def test_a_record_with_nothing_but_its_place_is_read_as_it_was_written(
    acme: TenantScope,
) -> None:
    record = connection()
    await acme.connections.add(record)
    assert await acme.connections.get(record.id) == record


async def test_a_record_that_is_not_there_is_none(acme: TenantScope) -> None:
    assert await acme.connections.get("con_000000000000000000000000") is None
    assert await acme.connections.update("con_000000000000000000000000", {"alias": "x"}) is None
    assert await acme.connections.find_account("github", None, "583231") is None
    assert await acme.connections.find_reserved("github", None) is None
    assert await ids(acme) == []


@pytest.mark.parametrize(
    ("owner", "viewer", "sees"),
    [
        (None, None, True),
        ("user-1", None, True),
        (None, "user-1", True),
        ("user-1", "user-1", True),
        ("user-2", "user-1", False),
    ],
)
async def test_a_user_sees_what_is_theirs_and_what_is_shared(
    acme: TenantScope, owner: str | None, viewer: str | None, sees: bool
) -> None:
    record = connection(user_id=owner)
    await acme.connections.add(record)
    visibility = Visibility(user_id=viewer)
    assert (await acme.connections.get(record.id, visibility) is not None) is sees
    assert (await ids(acme, visibility=visibility) == [record.id]) is sees


async def test_records_are_listed_newest_first_page_by_page(acme: TenantScope) -> None:
    # Three of one moment: the id decides.
    records = [connection(created_at=minutes(number // 3)) for number in range(7)]
    for record in records:
        await acme.connections.add(record)
    wanted = sorted(records, key=lambda record: (record.created_at, record.id), reverse=True)
    seen: list[Connection] = []
    while True:
        after = (seen[-1].created_at, seen[-1].id) if seen else None
        page = await acme.connections.list(ALL, EVERYBODY, limit=2, after=after)
        if not page:
            break
        assert len(page) <= 2
        seen += page
    assert seen == wanted


async def test_a_list_is_narrowed_by_each_filter(acme: TenantScope) -> None:
    pending = connection(alias="Home")
    jira = connection(connector_id="jira", alias="Work")
    theirs = connected(user_id="user-1")
    for number, record in enumerate((pending, jira, theirs)):
        await acme.connections.add(record.model_copy(update={"created_at": minutes(-number)}))
    assert await ids(acme) == [pending.id, jira.id, theirs.id]
    assert await ids(acme, ConnectionFilter(connector_id="jira")) == [jira.id]
    connected_ones = ConnectionFilter(status=ConnectionStatus.CONNECTED)
    assert await ids(acme, connected_ones) == [theirs.id]
    assert await ids(acme, ConnectionFilter(user_id="user-1")) == [theirs.id]
    assert await ids(acme, ConnectionFilter(connector_id="jira", user_id="user-1")) == []


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("work", True),
        ("WORK (a+b)", True),
        ("octo", True),
        ("(a+b)", True),
        ("a.b", False),
        (".*", False),
        ("[", False),
        ("$", False),
        ("583231", False),
    ],
)
async def test_a_search_is_plain_text_in_alias_and_account_name(
    acme: TenantScope, q: str, found: bool
) -> None:
    record = connected(alias="Work (a+b)")
    await acme.connections.add(record)
    assert await ids(acme, ConnectionFilter(q=q)) == ([record.id] if found else [])


async def test_a_search_stays_within_what_may_be_seen(acme: TenantScope) -> None:
    theirs = connection(alias="Work", user_id="user-2")
    await acme.connections.add(theirs)
    search = ConnectionFilter(q="work")
    assert await ids(acme, search, Visibility(user_id="user-1")) == []
    assert await ids(acme, search, after=(minutes(-1), "con_")) == []
    assert await ids(acme, search, after=(minutes(1), "con_")) == [theirs.id]


async def test_the_record_of_an_account_is_the_living_one(acme: TenantScope) -> None:
    gone = ConnectionStatus.DISCONNECTED
    older = connected(status=gone, updated_at=minutes(1))
    newer = connected(status=gone, updated_at=minutes(2))
    for record in (older, newer):
        await acme.connections.add(record)
    assert await acme.connections.find_account("github", None, OCTOCAT.id) == newer
    living = connected(updated_at=minutes(0))
    await acme.connections.add(living)
    assert await acme.connections.find_account("github", None, OCTOCAT.id) == living


async def test_the_record_of_an_account_belongs_to_connector_and_user(acme: TenantScope) -> None:
    shared, own = connected(), connected(user_id="user-1")
    for record in (shared, own):
        await acme.connections.add(record)
    assert await acme.connections.find_account("github", None, OCTOCAT.id) == shared
    assert await acme.connections.find_account("github", "user-1", OCTOCAT.id) == own
    assert await acme.connections.find_account("github", "user-2", OCTOCAT.id) is None
    assert await acme.connections.find_account("jira", None, OCTOCAT.id) is None
    assert await acme.connections.find_account("github", None, "1") is None


async def test_a_reserved_record_is_found_by_connector_and_user(acme: TenantScope) -> None:
    reserved = connection(reserved=True, user_id="user-1")
    for record in (reserved, connection(user_id="user-1"), connection()):
        await acme.connections.add(record)
    assert await acme.connections.find_reserved("github", "user-1") == reserved
    assert await acme.connections.find_reserved("github", None) is None
    assert await acme.connections.find_reserved("jira", "user-1") is None


async def test_an_update_sets_what_it_names_and_the_time(acme: TenantScope) -> None:
    record = connection(alias="Old", metadata={"a": 1})
    await acme.connections.add(record)
    changed = await acme.connections.update(record.id, {"alias": "New", "settings": {"b": 2}})
    assert changed is not None
    assert changed.updated_at > record.updated_at
    assert changed == record.model_copy(
        update={"alias": "New", "settings": {"b": 2}, "updated_at": changed.updated_at}
    )
    assert await acme.connections.get(record.id) == changed


async def test_failures_in_a_row_are_counted_until_a_call_goes_well(acme: TenantScope) -> None:
    record = connected()
    await acme.connections.add(record)
    error = LastError(code="provider_error", message="away", at=NOON)
    healths: list[Health] = []
    for _ in range(3):
        await acme.connections.count_failure(record.id, error.model_dump())
        found = await acme.connections.get(record.id)
        assert found is not None
        assert found.last_error == error
        healths.append(found.health)
    assert healths == [Health.DEGRADED, Health.DEGRADED, Health.FAILING]
    await acme.connections.note_success(record.id, minutes(5))
    assert await acme.connections.get(record.id) == record.model_copy(
        update={"last_used_at": minutes(5)}
    )


async def test_an_account_that_was_renamed_is_found_by_its_id(acme: TenantScope) -> None:
    record = connected()
    await acme.connections.add(record)
    renamed = Account(id=OCTOCAT.id, name="mona")
    await acme.connections.update(record.id, {"account": renamed.model_dump(by_alias=True)})
    found = await acme.connections.find_account("github", None, OCTOCAT.id)
    assert found is not None
    assert found.account == renamed
