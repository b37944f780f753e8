"""Sealed credentials and settings of connectors: one each, written over, never mixed up."""

import asyncio

import pytest

from src.db.tenant import TenantScope
from src.models.connector_settings import ConnectorSettings
from tests.db.conftest import ScopeOf
from tests.db.records import minutes, token


async def test_a_credential_is_read_as_it_was_written(acme: TenantScope) -> None:
    stored = token(
        "con_1",
        sealed=b"\x00\xffsealed",
        token_type="basic",
        has_refresh_token=True,
        scopes=("repo",),
        expires_at=minutes(60),
    )
    assert await acme.tokens.put(stored) == stored
    assert await acme.tokens.get("con_1") == stored


async def test_a_new_credential_takes_the_place_of_the_old_one_and_counts_on(
    acme: TenantScope,
) -> None:
    await acme.tokens.put(token("con_1", scopes=("repo",)))
    await acme.tokens.put(token("con_1", scopes=("repo",)))
    third = token("con_1", sealed=b"third")
    assert await acme.tokens.put(third) == third.model_copy(update={"version": 3})
    assert await acme.tokens.get("con_1") == third.model_copy(update={"version": 3})


async def test_each_connection_has_its_own_credential(acme: TenantScope) -> None:
    await acme.tokens.put(token("con_1"))
    second = await acme.tokens.put(token("con_2", sealed=b"second"))
    assert await acme.tokens.delete("con_1")
    assert await acme.tokens.get("con_1") is None
    assert await acme.tokens.get("con_2") == second


async def test_a_deletion_says_whether_there_was_something_to_destroy(acme: TenantScope) -> None:
    await acme.tokens.put(token("con_1"))
    assert await acme.tokens.delete("con_1") is True
    assert await acme.tokens.delete("con_1") is False


async def test_credentials_that_are_stored_at_once_become_one(scope_of: ScopeOf) -> None:
    """On the real server only: the imitation does not run at the same time."""
    tokens = scope_of("acme").tokens
    stored = await asyncio.gather(*(tokens.put(token("con_1")) for _ in range(8)))
    assert sorted(one.version for one in stored) == list(range(1, 9))


async def test_settings_are_read_as_they_were_written(acme: TenantScope) -> None:
    put = await acme.connector_settings.put(
        "github",
        {
            "enabled": False,
            "clientId": "id",
            "sealedClientSecret": b"sealed",
            "scopes": ["repo"],
            "config": {"a": 1},
        },
    )
    assert put == ConnectorSettings(
        connector_id="github",
        enabled=False,
        client_id="id",
        sealed_client_secret=b"sealed",
        scopes=("repo",),
        config={"a": 1},
        updated_at=put.updated_at,
    )
    assert await acme.connector_settings.get("github") == put


async def test_settings_that_are_not_named_are_kept(acme: TenantScope) -> None:
    first = await acme.connector_settings.put("github", {"clientId": "id", "config": {"a": 1}})
    second = await acme.connector_settings.put("github", {"config": {"b": 2}})
    assert (second.client_id, second.config) == ("id", {"b": 2})
    assert second.updated_at >= first.updated_at


async def test_settings_are_listed_by_connector(acme: TenantScope) -> None:
    assert await acme.connector_settings.list() == []
    assert await acme.connector_settings.get("github") is None
    for connector_id in ("jira", "github"):
        await acme.connector_settings.put(connector_id, {"enabled": True})
    found = await acme.connector_settings.list()
    assert [settings.connector_id for settings in found] == ["github", "jira"]


@pytest.mark.parametrize("repeat", range(3))
async def test_settings_that_are_set_at_once_become_one(scope_of: ScopeOf, repeat: int) -> None:
    """On the real server only: the imitation does not run at the same time."""
    settings = scope_of("acme").connector_settings
    fields = ({"enabled": False}, {"clientId": "id"}, {"scopes": ["repo"]}, {"config": {"a": 1}})
    await asyncio.gather(*(settings.put("github", each) for each in fields))
    (stored,) = await settings.list()
    assert (stored.enabled, stored.client_id) == (False, "id")
    assert (stored.scopes, stored.config) == (("repo",), {"a": 1})
