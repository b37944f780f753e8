"""Models to store."""

from datetime import UTC, datetime, timedelta
from typing import Any

from src.db.repositories.job_failures import failure_id
from src.db.repositories.record_values import RecordChange
from src.models.api_key import ApiKey
from src.models.audit import (
    AuditAction,
    AuditAnchor,
    AuditBlock,
    AuditEntry,
    AuditHead,
    Outcome,
)
from src.models.base import to_milliseconds
from src.models.connection import Account, Connection, ConnectionStatus
from src.models.credential import StoredToken
from src.models.idempotency import FirstRequest
from src.models.ids import IdPrefix, new_id
from src.models.job import Job, JobFailure, JobStatus, Schedule, SyncMode
from src.models.principal import Permission, Via
from src.models.record import RecordAction, RecordKind
from src.models.user import User

NOON = datetime(2026, 1, 2, 12, 0, 0, 123000, UTC)
LATER = to_milliseconds(datetime.now(UTC)) + timedelta(hours=1)
"""What expires then, the server does not take away during a test."""

OCTOCAT = Account(id="583231", name="The Octocat")


def minutes(count: float) -> datetime:
    """So many minutes past noon."""
    return NOON + timedelta(minutes=count)


def connection(**fields: Any) -> Connection:
    """A connection of ``acme`` at GitHub, pending unless ``fields`` say otherwise."""
    values: dict[str, Any] = {
        "id": new_id(IdPrefix.CONNECTION),
        "tenant_id": "acme",
        "connector_id": "github",
        "auth_method": "apiKey",
        "origin": "https://api.github.com",
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Connection(**{**values, **fields})


def connected(**fields: Any) -> Connection:
    """The same, connected to the account of octocat."""
    return connection(**{"status": ConnectionStatus.CONNECTED, "account": OCTOCAT, **fields})


def entry(**fields: Any) -> AuditEntry:
    """An entry of the audit log of ``acme``."""
    values: dict[str, Any] = {
        "id": new_id(IdPrefix.AUDIT),
        "tenant_id": "acme",
        "at": NOON,
        "actor": "open",
        "via": Via.OPEN,
        "action": AuditAction.CONNECTION_CREATED,
        "target": "con_1",
        "outcome": Outcome.SUCCESS,
    }
    return AuditEntry(**{**values, **fields})


def block(tenant_id: str, number: int = 1) -> AuditBlock:
    """A block of the chain over the audit log, with one entry."""
    return AuditBlock(
        tenant_id=tenant_id,
        number=number,
        entries=("aud_0000000000000000000000bb",),
        content=b"content",
        previous=b"previous",
        sealed_at=NOON,
        mac=b"mac",
    )


def head(tenant_id: str, number: int = 1) -> AuditHead:
    """The head of a chain that ends with a block."""
    last = AuditAnchor(number=number, hash=b"hash")
    return AuditHead(tenant_id=tenant_id, last=last, mac=b"head %d" % number)


def token(connection_id: str, **fields: Any) -> StoredToken:
    """A sealed credential."""
    return StoredToken(
        **{"connection_id": connection_id, "sealed": b"sealed", "updated_at": NOON, **fields}
    )


def api_key(**fields: Any) -> ApiKey:
    """A key of ``acme``."""
    values: dict[str, Any] = {
        "id": new_id(IdPrefix.KEY),
        "tenant_id": "acme",
        "name": "API Key",
        "digest": b"digest",
        "permissions": frozenset({Permission.BROWSE_READ}),
        "made_by": "platform",
        "created_at": NOON,
    }
    return ApiKey(**{**values, **fields})


def user(**fields: Any) -> User:
    """A user of ``acme``."""
    values: dict[str, Any] = {
        "id": new_id(IdPrefix.USER),
        "tenant_id": "acme",
        "user_id": "ada",
        "email": "ada@example.com",
        "created_at": NOON,
        "updated_at": NOON,
    }
    return User(**{**values, **fields})


def first_request(tenant_id: str = "acme", **fields: Any) -> FirstRequest:
    """A request with an idempotency key, on its way; its id holds the tenant, as hashes do."""
    values: dict[str, Any] = {
        "id": f"{tenant_id}-order-1",
        "turn": "first",
        "body": b"body",
        "until": minutes(5),
        "expires_at": LATER,
    }
    return FirstRequest(**{**values, **fields})


def job(**fields: Any) -> Job:
    """A job of ``acme`` that nobody has worked on."""
    values: dict[str, Any] = {
        "id": new_id(IdPrefix.JOB),
        "tenant_id": "acme",
        "connection_id": "con_1",
        "connector_id": "github",
        "stream": "issues",
        "mode": SyncMode.INCREMENTAL,
        "status": JobStatus.QUEUED,
        "live": True,
        "due_at": NOON,
        "created_at": NOON,
    }
    return Job(**{**values, **fields})


def failure(job_id: str, record_id: str = "1:issue:2", **fields: Any) -> JobFailure:
    """What a job could not read."""
    kind = fields.get("kind", RecordKind.ITEM)
    values: dict[str, Any] = {
        "id": failure_id(job_id, kind, record_id),
        "job_id": job_id,
        "record_id": record_id,
        "kind": kind,
        "code": "forbidden",
        "message": "Forbidden.",
        "at": LATER,
    }
    return JobFailure(**{**values, **fields})


def schedule(**fields: Any) -> Schedule:
    """A schedule of ``acme``."""
    values: dict[str, Any] = {
        "id": new_id(IdPrefix.SCHEDULE),
        "tenant_id": "acme",
        "connection_id": "con_1",
        "connector_id": "github",
        "streams": ("issues",),
        "mode": SyncMode.INCREMENTAL,
        "cron": "0 * * * *",
        "next_run_at": NOON,
        "created_at": NOON,
    }
    return Schedule(**{**values, **fields})


def record_change(record_id: str, **fields: Any) -> RecordChange:
    """A record of a stream that was not there before."""
    values: dict[str, Any] = {
        "record_id": record_id,
        "kind": RecordKind.ITEM,
        "container_id": "1",
        "home_id": "1",
        "data": f'{{"id":"{record_id}"}}'.encode(),
        "hash": b"hash",
        "action": RecordAction.ADDED,
        "fetched_at": NOON,
    }
    return RecordChange(**{**values, **fields})
