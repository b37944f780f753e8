"""What the name of a field, or of a parameter, says about its value."""

from __future__ import annotations

import re
from functools import lru_cache

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_DRESSING = frozenset({"value", "hash", "raw", "text", "plain", "encrypted", "base64"})
"""Last words that change nothing: a ``password_hash`` is a password."""

_SECRET_END = re.compile(r"(?:tokens?|secrets?|pwd|passwd|connectionstring)$")
_SECRET_PART = re.compile(r"passw|passphrase|passcode|authorization|cookie|signature|credential")
_SECRET_WORDS = frozenset({"pass", "pwd", "pw", "sig", "jwt", "pat", "otp"})
_SECRET_NAMES = frozenset({"code", "sid", "pin", "dsn"})
_LOWER_KEY = re.compile(
    r"(?:access|account|api|app|auth|client|crypt|encryption|license|master|private|secret|server"
    r"|service|session|shared|signing|storage|webhook)keys?$"
)
"""Where a name has no seams between its words; a ``monkey`` is none."""

_KEYS_OF_THINGS = frozenset(
    {
        *("board", "category", "container", "entity", "epic", "external", "field", "foreign"),
        *("group", "issue", "item", "label", "lang", "language", "object", "option", "order"),
        *("page", "parent", "partition", "primary", "project", "property", "public", "record"),
        *("resource", "row", "sort", "space", "status", "task", "translation", "type", "unique"),
    }
)
"""What a ``…_key`` names and does not open."""

PLACES = frozenset(
    {
        *("pagetoken", "nextpagetoken", "prevpagetoken", "previouspagetoken", "pagingtoken"),
        *("paginationtoken", "nexttoken", "prevtoken", "previoustoken", "cursortoken"),
        *("synctoken", "nextsynctoken", "deltatoken", "nextdeltatoken", "skiptoken"),
        *("continuetoken", "continuationtoken", "nextcontinuationtoken", "startpagetoken"),
        *("newstartpagetoken", "resumetoken", "scrolltoken", "nextrecordskey", "startkey"),
    }
)
"""Names of places in a list, without separators: these, and none that are like them."""

_PLACE_WORDS = frozenset(
    {
        *("after", "before", "bookmark", "checkpoint", "continue", "continuation", "cursor"),
        *("delta", "marker", "next", "offset", "page", "position", "prev", "previous", "since"),
    }
)
_ID_WORDS = frozenset(
    {"id", "ids", "uid", "uuid", "gid", "guid", "key", "sha", "hash", "etag", "digest", "number"}
)
_PERSONAL_NAME = re.compile(
    r"^(?:preferred|display|full|first|last|given|family|middle|nick|real|user|short|author|owner)"
    r"names?$"
    r"|^(?:login|surname|forename|e?mail|emailaddress)$|^street"
)
_PERSONAL_NUMBER = re.compile(
    r"(?:^|home|work|cell)(?:tele|mobile)?phone|^mobile|^birth|^dob$|^fax"
)
_ID_KEY = re.compile(r"(?:^|_)id$|Id$|^key$|^number$")


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    found = [one.lower() for one in _WORDS.findall(name)]
    while len(found) > 1 and found[-1] in _DRESSING:
        found.pop()
    return tuple(found)


def is_place(name: str) -> bool:
    """Whether a value says where in a list one is, though its name is like a secret's."""
    return "".join(_words(name)) in PLACES


def may_be_noise(name: str) -> bool:
    """Whether a value may look like chance without being a secret: an id, a hash, a place."""
    words = [one.lower() for one in _WORDS.findall(name)]
    return is_place(name) or (bool(words) and words[-1] in _PLACE_WORDS | _ID_WORDS)


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether a value opens something, by what its name ends with."""
    words = _words(name)
    if not words or is_place(name):
        return False
    whole, last = "".join(words), words[-1]
    if whole in _SECRET_NAMES or last in _SECRET_WORDS:
        return True
    if _SECRET_END.search(whole) or _SECRET_PART.search(whole):
        return True
    return _is_secret_key(words)


def _is_secret_key(words: tuple[str, ...]) -> bool:
    is_qualified = len(words) > 1 and words[-1] in {"key", "keys"}
    if is_qualified and words[-2] not in _KEYS_OF_THINGS:
        return True
    return _LOWER_KEY.search("".join(words)) is not None


def is_of_a_person(name: str) -> bool:
    """Whether a value names a person, or says how to reach one."""
    whole = _joined(name)
    return bool(_PERSONAL_NAME.search(whole) or _PERSONAL_NUMBER.search(whole))


def is_number_of_a_person(name: str) -> bool:
    """Whether a value is a person's number or date: a phone's, of birth."""
    return _PERSONAL_NUMBER.search(_joined(name)) is not None


def is_id(name: str) -> bool:
    """Whether a value names a thing."""
    return _ID_KEY.search(name) is not None


def _joined(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()
