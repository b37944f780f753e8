"""The moves of a connection's status, as the contract draws them, and its health."""

from itertools import product

import pytest
from pydantic import ValidationError

from src.models.connection import (
    MOVES,
    ConnectionStatus,
    Health,
    health_after,
    sources_of,
)
from tests.db.records import connection

Status = ConnectionStatus

DRAWN = {
    ("pending", "connected"),
    ("connected", "expired"),
    ("connected", "reauth_required"),
    ("expired", "reauth_required"),
    ("expired", "connected"),
    ("reauth_required", "connected"),
    ("disconnected", "connected"),
    ("pending", "disconnected"),
    ("connected", "disconnected"),
    ("expired", "disconnected"),
    ("reauth_required", "disconnected"),
}


@pytest.mark.parametrize(("source", "target"), list(product(Status, Status)))
def test_a_status_moves_only_as_it_is_drawn(
    source: ConnectionStatus, target: ConnectionStatus
) -> None:
    assert (target in MOVES[source]) is ((source.value, target.value) in DRAWN)
    assert (source in sources_of(target)) is (source is target or target in MOVES[source])


@pytest.mark.parametrize(
    ("failures", "health"),
    [
        (0, Health.OK),
        (1, Health.DEGRADED),
        (2, Health.DEGRADED),
        (3, Health.FAILING),
        (99, Health.FAILING),
    ],
)
def test_the_health_follows_failures_in_a_row(failures: int, health: Health) -> None:
    assert health_after(failures) is health
    assert connection(failures=failures).health is health


def test_a_new_connection_is_pending_and_well() -> None:
    new = connection()
    assert (new.status, new.health) == (Status.PENDING, Health.OK)


def test_a_connection_does_not_change_and_takes_no_unknown_field() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        connection().alias = "x"
    with pytest.raises(ValidationError, match="accessToken"):
        connection(accessToken="ghp_x")
