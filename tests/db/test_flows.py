"""States and sessions of connect flows: found by hash, used once, and gone with time."""

import asyncio
from datetime import timedelta

from src.db.client import Mongo
from src.db.flows import ConnectSessions, OAuthStates
from src.models.base import now
from src.models.connect_session import ConnectSession
from src.models.connection import AppLevel, GrantedTo
from src.models.oauth_state import OAuthState, Starter
from src.models.principal import Via

GRANTED_TO = GrantedTo(level=AppLevel.TENANT, client_id="app", token_origin="https://a.example")


def state(state_hash: str, connection_id: str | None = None, **more: object) -> OAuthState:
    given = {
        "state_hash": state_hash,
        "tenant_id": "acme",
        "starter": Starter(via=Via.OPEN),
        "connector_id": "github",
        "method": "oauth2",
        "granted_to": GRANTED_TO,
        "redirect_uri": "https://a.example/callback",
        "requested_scopes": ("repo",),
        "config": {},
        "sealed": b"sealed",
        "connection_id": connection_id,
        "expires_at": now() + timedelta(minutes=10),
        **more,
    }
    return OAuthState.model_validate(given)


async def test_a_state_is_found_until_it_is_taken_and_by_one_alone(mongo: Mongo) -> None:
    states = OAuthStates(lambda: mongo.database)
    kept = state("one")
    await states.put(kept)
    assert await states.find("one", now()) == kept
    assert await states.find("other", now()) is None
    assert await states.find("one", kept.expires_at) is None
    taken = await asyncio.gather(*(states.take("one") for _ in range(8)))
    assert sorted(taken) == [False] * 7 + [True]


async def test_of_many_starts_for_a_connection_one_stays_for_each_tenant(mongo: Mongo) -> None:
    states = OAuthStates(lambda: mongo.database)
    await states.put(state("theirs", "con_1", tenant_id="globex"))
    await asyncio.gather(*(states.put(state(f"state-{n}", "con_1")) for n in range(8)))
    live = [name for n in range(8) if await states.find(name := f"state-{n}", now())]
    assert len(live) == 1
    await states.drop("acme", "con_1")
    assert await states.find(live[0], now()) is None
    assert await states.find("theirs", now()) is not None


async def test_a_session_is_opened_by_one_alone(mongo: Mongo) -> None:
    sessions = ConnectSessions(lambda: mongo.database)
    end = now() + timedelta(minutes=30)
    await sessions.add(ConnectSession(tenant_id="acme", token_hash="token", expires_at=end))
    opened = await asyncio.gather(*(sessions.open("token", f"c{n}", now()) for n in range(8)))
    (session,) = [one for one in opened if one is not None]
    assert session.cookie_hash is not None
    assert await sessions.find(session.cookie_hash, now()) == session
    assert await sessions.find(session.cookie_hash, end) is None


async def test_the_database_removes_what_is_over(mongo: Mongo) -> None:
    for name in ("oauth_states", "connect_sessions"):
        index = (await mongo.database[name].index_information())["until"]
        assert index["expireAfterSeconds"] == 0


async def test_every_query_of_a_flow_uses_an_index(mongo: Mongo) -> None:
    for name, where in [
        ("oauth_states", {"stateHash": "one", "expiresAt": {"$gt": now()}}),
        ("oauth_states", {"tenantId": "acme", "connectionId": "con_1", "named": True}),
        ("connect_sessions", {"tokenHash": "t", "cookieHash": None, "expiresAt": {"$gt": now()}}),
        ("connect_sessions", {"cookieHash": "c", "expiresAt": {"$gt": now()}}),
        ("connections", {"grantHash": "h", "live": True, "_id": {"$ne": "con_1"}}),
        ("connections", {"selectionUntil": {"$lte": now()}, "status": "pending"}),
    ]:
        plan = await mongo.database[name].find(where).explain()
        assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"]), where
