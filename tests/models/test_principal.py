"""Who is calling, and what they may do."""

import pytest

from src.models.principal import (
    ALL_PERMISSIONS,
    OPEN_PERMISSIONS,
    Caller,
    Permission,
    Principal,
    Via,
)


def principal(*permissions: Permission, user_id: str | None = None) -> Principal:
    return Principal("acme", Via.API_KEY, frozenset(permissions), user_id)


def test_a_permission_is_held_or_not() -> None:
    caller = principal(Permission.BROWSE_READ)
    assert [each for each in Permission if caller.may(each)] == [Permission.BROWSE_READ]


@pytest.mark.parametrize("permission", list(Permission))
def test_an_administrator_may_do_everything(permission: Permission) -> None:
    assert principal(Permission.ADMIN).may(permission)


def test_open_mode_may_neither_read_tokens_nor_administer() -> None:
    assert frozenset({"tokens:read", "admin"}) == ALL_PERMISSIONS - OPEN_PERMISSIONS


def test_acting_for_a_user_is_being_that_user_and_no_administrator() -> None:
    acting = principal(Permission.ADMIN, Permission.BROWSE_READ).acting_for("user-1")
    assert acting == principal(Permission.BROWSE_READ, user_id="user-1")
    assert not acting.may(Permission.TOKENS_READ)


def test_the_actor_is_the_user_or_else_the_way_in() -> None:
    assert principal().actor == "api_key"
    assert principal(user_id="user-1").actor == "user-1"


def test_a_caller_is_a_principal_in_one_request() -> None:
    caller = Caller(principal(user_id="user-1"), request_id="req_1", ip="203.0.113.9")
    assert (caller.tenant_id, caller.user_id) == ("acme", "user-1")
