"""The driver's failures in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dns.exception import DNSException
from pymongo.errors import (
    BulkWriteError,
    ConfigurationError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    WTimeoutError,
)

from src.core.errors import ServiceUnavailable

RETRY_AFTER_SECONDS = 2.0
_LOCKED_OUT = frozenset({13, 18})
"""The server's codes for a user without rights, and for a wrong name or password."""
_LEAVING = frozenset({91, 189, 10107, 11600, 11602, 13435, 13436})
"""Its codes for a server that shuts down, or is no longer the primary."""
_DUPLICATE = 11000


class Duplicate(Exception):
    """A unique index already holds this value."""


def is_unnamed(error: BaseException | None) -> bool:
    """Whether the DNS has no servers for a ``mongodb+srv`` address; each operation asks anew."""
    return isinstance(error, ConfigurationError) and isinstance(error.__cause__, DNSException)


@contextmanager
def translated(*outage_labels: str) -> Iterator[None]:
    """Name an absent database and a duplicate; everything else is a bug and stays one.

    Args:
        outage_labels: Labels of the driver that mean an outage here.
    """
    try:
        yield
    except DuplicateKeyError as error:
        raise Duplicate(str((error.details or {}).get("keyPattern", ""))) from error
    except PyMongoError as error:
        if isinstance(error, BulkWriteError) and _is_duplicate(error):
            raise Duplicate(str(error.details["writeErrors"][0].get("keyPattern", ""))) from error
        outage = isinstance(error, ConnectionFailure | ExecutionTimeout | WTimeoutError)
        outage = outage or is_unnamed(error)
        refused = isinstance(error, OperationFailure) and error.code in _LOCKED_OUT | _LEAVING
        if outage or refused or error.timeout or any(map(error.has_error_label, outage_labels)):
            raise ServiceUnavailable(
                "The database is away. Try again in a moment.", retry_after=RETRY_AFTER_SECONDS
            ) from error
        raise


def _is_duplicate(error: BulkWriteError) -> bool:
    """Whether that is all that kept documents out."""
    codes = {one["code"] for one in error.details.get("writeErrors", ())}
    return codes == {_DUPLICATE}
