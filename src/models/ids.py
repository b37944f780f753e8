"""Our own identifiers: a prefix that says what it names, and 24 hexadecimal digits."""

from __future__ import annotations

import re
import secrets
import time
from enum import StrEnum

PROVIDER_ID_PATTERN = r"^[A-Za-z0-9._~:@-]{1,512}$"
"""Every provider id we emit or accept (contract §1)."""

TENANT_ID_PATTERN = r"^[A-Za-z0-9._:@-]{1,128}$"
USER_ID_PATTERN = r"^[\x21-\x7E]{1,256}$"
"""A host application's own id of its end user: opaque, printable, no spaces."""

_DIGITS = re.compile(r"[0-9a-f]{24}")


class IdPrefix(StrEnum):
    """What an id names."""

    CONNECTION = "con"
    AUDIT = "aud"
    REQUEST = "req"
    KEY = "key"
    USER = "usr"
    JOB = "job"
    SCHEDULE = "sch"
    WEBHOOK = "whk"
    ENDPOINT = "whe"
    EVENT = "evt"
    DELIVERY = "dlv"

    @property
    def pattern(self) -> str:
        """The pattern of ids with this prefix."""
        return rf"^{self.value}_[0-9a-f]{{24}}$"

    def owns(self, value: str) -> bool:
        """Whether ``value`` is a well-formed id of this kind."""
        prefix, _, digits = value.partition("_")
        return prefix == self.value and _DIGITS.fullmatch(digits) is not None


def new_id(prefix: IdPrefix) -> str:
    """Make an id: four bytes of time, so that ids sort roughly by age, and eight random bytes."""
    return f"{prefix.value}_{int(time.time()):08x}{secrets.token_hex(8)}"
