"""Looking at what the service depends on: database, keys, clock, and its own public address."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta

from src.core.config import Settings
from src.core.errors import ServiceUnavailable
from src.core.outbound import Outbound, OutboundError, Request
from src.db.client import Mongo
from src.db.due_jobs import DueJobs
from src.db.maintenance.condition import Condition, Server
from src.db.platform import PlatformStore
from src.db.presence import STAND_ALONE
from src.db.schema import SchemaStore
from src.models.base import now
from src.services.encryption import Encryption
from src.services.maintenance.findings import Finding, fine, note, problem, warning
from src.services.maintenance.rotation import Keys
from src.services.migrations import MIGRATIONS

_MOST_SKEW = timedelta(seconds=2)
_LONGEST_UNSEALED = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(minutes=5)
_OLDEST_SERVER = 5
_URL_SECONDS = 5.0


async def check_database(mongo: Mongo, encryption: Encryption) -> AsyncIterator[Finding]:
    """The server, the schema, the key and the audit log."""
    condition = Condition(mongo.database)
    try:
        server = await condition.server()
    except ServiceUnavailable as outage:
        yield problem("database", "It does not answer.", f"{mongo.trouble(outage)}.")
        return
    for finding in _check_server(server):
        yield finding
    yield await _check_schema(mongo, condition)
    async for finding in _check_keys(mongo, encryption):
        yield finding
    oldest = await condition.oldest_unsealed()
    if oldest is not None and now() - oldest > _LONGEST_UNSEALED:
        yield warning(
            "audit log",
            f"Entries since {oldest:%Y-%m-%d %H:%M} UTC wait for a block.",
            "A running service seals them within seconds: is one running? If so, run "
            "`python -m src.cli audit verify`, and look for audit_chain.broken in its log.",
        )
    async for finding in _check_jobs(mongo):
        yield finding


async def _check_jobs(mongo: Mongo) -> AsyncIterator[Finding]:
    waiting = await DueJobs(lambda: mongo.database).count(now())
    if waiting.since is not None and now() - waiting.since > _LONGEST_WAIT:
        yield warning(
            "jobs",
            f"One has waited since {waiting.since:%Y-%m-%d %H:%M} UTC, and nobody works on it.",
            "Is a worker running (`python -m src.cli worker`; without JOBS_BROKER_URL the API "
            "itself)? If so, all are busy: start more.",
        )


def _check_server(server: Server) -> list[Finding]:
    found = []
    if server.replica_set is None:
        found.append(problem("replica set", "The server stands alone.", f"{STAND_ALONE}."))
    else:
        found.append(fine("replica set", server.replica_set))
    if int(server.version.partition(".")[0]) < _OLDEST_SERVER:
        text = f"MongoDB {server.version} is too old."
        found.append(problem("database", text, "Use MongoDB 6.0 or newer."))
    else:
        found.append(fine("database", f"MongoDB {server.version} answers."))
    seconds = server.clock_ahead.total_seconds()
    if abs(server.clock_ahead) > _MOST_SKEW:
        text = f"The database's clock is {seconds:+.1f} s from this machine's."
        found.append(warning("clock", text, "Let both follow a time server (NTP)."))
    else:
        found.append(fine("clock", f"{seconds:+.1f} s between the database and this machine."))
    return found


async def _check_schema(mongo: Mongo, condition: Condition) -> Finding:
    version = await SchemaStore(mongo.database).version()
    if version > len(MIGRATIONS):
        return problem(
            "schema",
            f"The database has version {version}, this service knows {len(MIGRATIONS)}.",
            "Use the newer version of the service.",
        )
    if version < len(MIGRATIONS):
        text = f"Version {version} of {len(MIGRATIONS)}."
        return note("schema", text, "The next start of the service migrates it.")
    if missing := await condition.missing_indexes():
        text = f"Indexes are missing: {', '.join(missing)}."
        return warning("schema", text, "The next start of the service makes them.")
    return fine("schema", f"Version {version}, all indexes are there.")


async def _check_keys(mongo: Mongo, encryption: Encryption) -> AsyncIterator[Finding]:
    root = await PlatformStore(mongo.database).root()
    if root is None:
        yield note("key", "No service has started on this database yet.", "Start one.")
        return
    if encryption.key_of(root.sealed) is None:
        yield problem(
            "key",
            f"The database was sealed with the key {root.fingerprint}; present are "
            f"{', '.join(encryption.fingerprints)}.",
            "Put the former ENCRYPTION_KEY back.",
        )
        return
    former, lost = 0, 0
    for use in await Keys(mongo.database, encryption).report(most_named=0):
        former += use.count if use.fingerprint and not use.is_newest else 0
        lost += use.count if use.fingerprint is None else 0
    if lost:
        yield problem(
            "key",
            f"{lost} secrets open with none of the present keys.",
            "`python -m src.cli keys report` names them: put their key back, or connect anew.",
        )
    if former:
        yield warning(
            "key",
            f"{former} secrets are still sealed with a former key.",
            "Run `python -m src.cli keys rotate` before you take that key away.",
        )
    elif len(encryption.fingerprints) > 1:
        text = "Everything is sealed with the first of several keys."
        yield note("key", text, "The others may be taken out of ENCRYPTION_KEY.")
    elif not lost:
        yield fine("key", f"{encryption.fingerprint} seals everything.")


async def check_public_url(settings: Settings, outbound: Outbound) -> Finding:
    """Whether the service answers where callers are told to find it."""
    url = settings.public_url.rstrip("/") + "/"
    try:
        answer = await outbound.send(
            Request("GET", url), operator_address=True, deadline=_URL_SECONDS, max_bytes=65536
        )
    except OutboundError as error:
        return warning(
            "PUBLIC_URL", f"{url}: {error}.", "Start the service, or correct PUBLIC_URL."
        )
    try:
        name = json.loads(answer.content)["data"]["name"]
    except (ValueError, KeyError, TypeError):
        name = None
    if name != settings.app_name:
        return warning("PUBLIC_URL", f"{url} is answered by another program.", "Correct it.")
    return fine("PUBLIC_URL", f"{url} is this service.")
