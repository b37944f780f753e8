"""Whether the database is there, as the driver's own heartbeats tell it."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping
from typing import Any

from pymongo.errors import NetworkTimeout, OperationFailure
from pymongo.monitoring import (
    ServerHeartbeatFailedEvent,
    ServerHeartbeatListener,
    ServerHeartbeatStartedEvent,
    ServerHeartbeatSucceededEvent,
)

from src.core.logging import get_logger
from src.db.errors import is_unnamed

# A monitor's connection may be cut while the server is well: the driver tries again at once.
FAILURES_OF_AN_ABSENT = 2
MONGOS = "isdbgrid"

REFUSALS = {
    13: "the server of MONGODB_URL asks for a user with rights: put user and password into it, "
    "and give the user readWrite on MONGODB_DB",
    18: "the server refuses the user name or the password of MONGODB_URL: correct them, "
    "or its authSource",
}
FAILURES = (
    (
        r"\[Errno -\d+\]|getaddrinfo|nodename nor servname",
        "a host name of MONGODB_URL is not known here: correct it",
    ),
    (
        r"SSL handshake failed|certificate verify failed",
        "TLS with the server of MONGODB_URL fails: correct tls and tlsCAFile in it, "
        "or the server's certificate",
    ),
)
NO_ANSWER = (
    "no server answers at the address of MONGODB_URL: start MongoDB there, or correct the address"
)
TOO_SLOW = "the server of MONGODB_URL does not answer in time: look at its load and its log"
NOT_INITIATED = (
    "the server of MONGODB_URL waits for its replica set: run rs.initiate() in mongosh, once"
)
STAND_ALONE = (
    "the server is not a member of a replica set: start it with --replSet, "
    "then run rs.initiate() in mongosh, once"
)
OTHER_SET = (
    "the server of MONGODB_URL belongs to another replica set than MONGODB_URL names: "
    "correct its replicaSet"
)
NAMED_ELSEWHERE = (
    "the members of the replica set have host names that cannot be reached from here: correct "
    "them in rs.conf(), or add directConnection=true to MONGODB_URL"
)
NO_SERVICE_RECORD = (
    "the DNS names no servers for the mongodb+srv:// address of MONGODB_URL: correct its host "
    "name, or name the servers with mongodb://"
)
NO_PRIMARY = (
    "no member of the replica set of MONGODB_URL takes writes: look at rs.status() in mongosh"
)

log = get_logger(__name__)

Address = tuple[str, int | None]
Answer = Mapping[str, Any]


class Presence(ServerHeartbeatListener):
    """Logs once that the database is lost and once that it is found; knows why it is away."""

    def __init__(self, replica_set: str | None) -> None:
        self._replica_set = replica_set
        self._lock = threading.Lock()  # the driver has a thread for each server
        self._answers: dict[Address, Answer | Exception] = {}
        self._failures: dict[Address, int] = {}
        self._writable: set[Address] = set()
        self._has_been_here = False
        self._lost_at: float | None = None
        self._is_over = False

    def end(self) -> None:
        """The client is about to close: its servers are not lost."""
        with self._lock:
            self._is_over = True

    def started(self, event: ServerHeartbeatStartedEvent) -> None:
        """Nothing is known yet."""

    def succeeded(self, event: ServerHeartbeatSucceededEvent) -> None:
        """A server has told its state."""
        address, hello = event.connection_id, event.reply
        with self._lock:
            self._failures.pop(address, None)
            self._answers[address] = hello.document
            if not hello.is_writable:
                self._writable.discard(address)
            elif hello.replica_set_name:
                # A set has one primary; its former members may never be asked again.
                self._writable = {address}
                self._answers = {address: hello.document}
            else:
                self._writable.add(address)
            self._tell("no member takes writes")

    def failed(self, event: ServerHeartbeatFailedEvent) -> None:
        """A server has not answered."""
        address = event.connection_id
        with self._lock:
            self._answers[address] = event.reply
            self._failures[address] = self._failures.get(address, 0) + 1
            if self._failures[address] >= FAILURES_OF_AN_ABSENT:
                self._writable.discard(address)
            self._tell(str(event.reply).partition(" (configured timeouts")[0])

    def _tell(self, reason: str) -> None:
        if self._is_over:
            return
        if self._writable:
            if self._lost_at is not None:
                away = time.monotonic() - self._lost_at
                log.warning("database.found", seconds_away=round(away, 1))
            self._has_been_here, self._lost_at = True, None
        elif self._has_been_here and self._lost_at is None:
            self._lost_at = time.monotonic()
            log.warning("database.lost", reason=reason)

    def explain(self, failure: BaseException | None) -> str:
        """What is wrong and what to do about it, without the address.

        Args:
            failure: Why the driver's last operation failed.
        """
        if isinstance(failure, OperationFailure) and failure.code in REFUSALS:
            return REFUSALS[failure.code]
        if is_unnamed(failure):
            return NO_SERVICE_RECORD
        with self._lock:
            answers = list(self._answers.values())
        told = [answer for answer in answers if not isinstance(answer, Exception)]
        errors = [str(answer) for answer in answers if isinstance(answer, Exception)]
        if told:
            return self._explain_state(told, failure, is_reachable=not errors)
        for pattern, sentence in FAILURES:
            if any(re.search(pattern, error) for error in errors):
                return sentence
        return NO_ANSWER

    def _explain_state(
        self, told: list[Answer], failure: BaseException | None, *, is_reachable: bool
    ) -> str:
        """Why servers that answer cannot be used."""
        sets = {answer.get("setName") for answer in told}
        if any(answer.get("isreplicaset") for answer in told):
            return NOT_INITIATED
        if sets == {None} and self._replica_set:
            return STAND_ALONE
        if self._replica_set and self._replica_set not in sets:
            return OTHER_SET
        if any(answer.get("primary") for answer in told) and not is_reachable:
            return NAMED_ELSEWHERE
        return TOO_SLOW if isinstance(failure, NetworkTimeout) else NO_PRIMARY
