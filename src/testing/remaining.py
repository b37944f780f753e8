"""The last look at a recording before it is written: what in it is like a secret, or a person's."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.plugins.base import RegexBasedDetector
from detect_secrets.plugins.high_entropy_strings import Base64HighEntropyString

from src.core.logging import redact_text
from src.testing.fieldnames import is_place, is_secret, may_be_noise
from src.testing.packed import NAMES, Way, from_base64, leaves
from src.testing.recorded import Recording
from src.testing.redacting import REDACTED
from src.testing.ways import name_of

_BY_CONTEXT = frozenset(
    {
        *("Artifactory Credentials", "Base64 High Entropy String", "Cloudant Credentials"),
        *("Hex High Entropy String", "IBM Cloud IAM Key", "IBM COS HMAC Credentials"),
        *("NPM tokens", "Public IP (ipv4)", "Secret Keyword", "SoftLayer Credentials"),
    }
)
"""They look at code around a value, or at what may well be known."""

_KNOWN = cast("dict[str, type[RegexBasedDetector]]", get_mapping_from_secret_type_to_class())
_FORMS = tuple(kind() for name, kind in _KNOWN.items() if name not in _BY_CONTEXT)
_MORE_FORMS = re.compile(
    r"(?<![A-Za-z0-9])(?:AIza[\w-]{10}|(?:AKIA|ASIA)[A-Z0-9]{8}|xox[a-z]-[\w-]{8}"
    r"|gl[a-z]{2,5}-[\w-]{12}|[rs]k_(?:live|test)_\w{8}|sk-[\w-]{16}|hooks\.slack\.com/(?:services|workflows)/\w)"
)
"""What those do not know, or know at one length only."""

_EMAIL = re.compile(r"[\w.%+-]+@(?!example\.(?:com|org|net)\b)[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")
_PAIR = re.compile(r"(?<![\w.-])([\w.-]+)=([^&#\s\"'<>]*)")
_STATE = re.compile(r"[a-z_-]{1,24}")
"""A filter's: what protects an authorization is longer, and has digits."""
_WORD = re.compile(r"[A-Za-z0-9+=_-]{24,}")
_KINDS = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"))
_CHANCE = Base64HighEntropyString()
_SHORTEST_MADE = 8


@dataclass(frozen=True, slots=True)
class Remaining:
    """Something that must not be written, and where it stands; never the thing itself."""

    what: str
    where: str
    way: str | None
    """As --redact wants it; None where that cannot lead."""

    @property
    def advice(self) -> str:
        """How to settle it."""
        if self.way is not None:
            return f"Say --redact '{self.way}' to have it replaced."
        return (
            "Name with --redact the field of an answer that it comes from, or record another item."
        )


def remains(
    recording: Recording, is_held: Callable[[str], bool], made: Collection[str] = ()
) -> Remaining | None:
    """The first thing that must not be written; None when all is well.

    Args:
        recording: What was redacted.
        is_held: Whether a text has the credential in it.
        made: What redaction put there: it may look like chance, since it is made by it.
    """
    made = [one for one in made if len(one) >= _SHORTEST_MADE]
    for place, top, document in _documents(recording):
        for way, value in leaves(document):
            what = _what(str(value), top or name_of(way), is_held, made)
            if what is not None:
                shown = ".".join(map(str, way))
                where = f"{place}, {shown}" if shown and NAMES not in way else place
                leads = top is None and bool(way)
                return Remaining(what, where, _pattern(way) if leads else None)
    return None


def _documents(recording: Recording) -> Iterator[tuple[str, str | None, Any]]:
    """Everything that is written: what it is called, the name it stands under, and it."""
    for number, exchange in enumerate(recording.exchanges, 1):
        request, response = exchange.request, exchange.response
        yield f"the path of request {number}", "path", request.path
        yield f"the body of request {number}", None, _body(request)
        yield f"the body of answer {number}", None, _body(response)
        for name, value in response.headers.items():
            yield f"the header {name} of answer {number}", name, value
    yield "the account", None, recording.account
    yield "the config", None, recording.config
    yield "the settings", "settings", recording.settings
    yield "the question", "query", recording.query


def _body(part: Any) -> Any:
    return next((one for one in (part.json, part.text) if one is not msgspec.UNSET), None)


def _what(
    text: str, name: str, is_held: Callable[[str], bool], made: Collection[str]
) -> str | None:
    if is_held(text):
        return "the credential"
    if found := _EMAIL.search(text):
        return f"an e-mail address ({found[0][:2]}…)"
    if _is_secret_like(text, name):
        return "what looks like a secret"
    if _is_chance(text, name, made):
        return "a long word of chance, as secrets are,"
    return None


def _is_secret_like(text: str, name: str) -> bool:
    bare = _PAIR.sub(lambda pair: "place" if _is_harmless(*pair.groups()) else pair[0], text)
    bare = bare.replace(REDACTED, "")
    if is_secret(name) and bare:
        return True
    if any(is_secret(one) and value for one, value in _PAIR.findall(bare)):
        return True
    if redact_text(bare) != bare or _MORE_FORMS.search(text):
        return True
    return any(True for form in _FORMS for _ in form.analyze_string(text))


def _is_harmless(name: str, value: str) -> bool:
    is_state = name.lower() == "state" and _STATE.fullmatch(value) is not None
    return value in {"", REDACTED} or is_state or is_place(name)


def _is_chance(text: str, name: str, made: Collection[str]) -> bool:
    """Whether a word is like a key: long, of all kinds of characters, and not two alike."""
    if may_be_noise(name):
        return False
    bare = _PAIR.sub(lambda pair: "" if may_be_noise(pair[1]) else pair[0], text)
    return any(
        all(kind.search(word) for kind in _KINDS)
        and _CHANCE.calculate_shannon_entropy(word) > _CHANCE.entropy_limit
        and from_base64(word) is None
        and not any(one in text for one in made)
        for word in _WORD.findall(bare)
    )


def _pattern(way: Way) -> str:
    return ".".join("*" if isinstance(step, int) else step for step in way)
