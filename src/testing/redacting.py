"""Takes out of recorded answers what belongs to people and accounts, and keeps their form.

Values are learned first, wherever they stand, and then replaced everywhere, so that what refers to
one another still does: inside of JSON within a text and of base64, too, and percent-encoded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from msgspec import UNSET
from msgspec.structs import replace

from src.testing.fieldnames import is_id, is_number_of_a_person, is_secret
from src.testing.packed import NAMES, Way, unpack
from src.testing.pseudonyms import Pseudonyms
from src.testing.recorded import Exchange, Recording
from src.testing.ways import (
    DEEPEST,
    PERSON,
    Place,
    below,
    inside,
    is_name_of_person,
    is_personal,
    is_secret_at,
    leads,
    places,
)

REDACTED = "redacted"

_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_SHORTEST_WORD = 3
_SHORTEST_ID = 4
_SHORTEST_SECRET_NUMBER = 100_000
_QUERY = re.compile(r"(\?[^\s\"'<>#,]*)")
_FORM = re.compile(r"[\w.$%+\[\]-]+=[^\s?]*")
_PAIR = re.compile(r"(?<![\w.-])([\w.-]+)=([^&#\s\"'<>]*)")
_ENCODED = re.compile(r"(?:[\w.~+-]|%[0-9A-Fa-f]{2})+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SOME_DATE = "1970-01-01"


@dataclass(slots=True)
class Redaction:
    """What is replaced by what; learned from a recording, then applied to it."""

    pseudonyms: Pseudonyms
    hide: Callable[[str], str] = field(default=str, repr=False)
    """A text without the credential, in whatever form it was."""
    ways: Sequence[str] = ()
    """What else to redact: ``items.*.id``, ``**.title``, ``people.{}``; ``*`` is one step, ``**``
    any number, ``{}`` the names of an object's fields."""
    made: set[str] = field(default_factory=set)
    """What stands there instead of values that were named by ``ways``."""
    _words: dict[str, str] = field(default_factory=dict)
    """People and their addresses."""
    _accounts: set[str] = field(default_factory=set)
    _ids: dict[str, str] = field(default_factory=dict)
    """What ``ways`` lead to."""

    def apply(self, recording: Recording, *, account: str) -> Recording:
        """The recording without what must not be known, the name of the account included."""
        self._words[account] = self.pseudonyms.person(account)
        self._accounts.add(account)
        for body in (*_bodies(recording), recording.config):
            for place, value in places(body, Place()):
                self._learn(place, value)
        return replace(
            recording,
            query=self._document(recording.query),
            config=self._document(recording.config),
            settings=self._document(recording.settings),
            account=None if recording.account is None else self._document(recording.account),
            exchanges=[self._exchange(one) for one in recording.exchanges],
        )

    def _learn(self, place: Place, value: Any) -> None:
        if self._is_led_to(place.way):
            self._ids[str(value)] = self._shaped(str(value))
        elif isinstance(value, str) and value:
            for found in _EMAIL.findall(unquote(value)):
                self._words[found] = self.pseudonyms.email(found)
            if (is_personal(place) or is_name_of_person(place, value)) and not _EMAIL.fullmatch(
                value
            ):
                self._words[value] = self._personal(place, value)

    def _personal(self, place: Place, value: str) -> str:
        if not is_number_of_a_person(place.name):
            return self.pseudonyms.person(value)
        if _DATE.match(value):
            return _SOME_DATE + value[len(_SOME_DATE) :]
        return self._shaped(value)

    def _shaped(self, value: str) -> str:
        made = self.pseudonyms.shaped(value)
        self.made.add(made)
        return made

    def _exchange(self, exchange: Exchange) -> Exchange:
        request, response = exchange.request, exchange.response
        return Exchange(
            request=replace(
                request,
                path=self._text(request.path, everywhere=True),
                json=UNSET if request.json is UNSET else self._document(request.json),
                text=self._text(request.text) if isinstance(request.text, str) else UNSET,
            ),
            response=replace(
                response,
                headers={
                    name: self._text(value, everywhere=True)
                    for name, value in response.headers.items()
                },
                json=UNSET if response.json is UNSET else self._document(response.json),
                text=self._text(response.text) if isinstance(response.text, str) else UNSET,
            ),
        )

    def _document(self, document: Any, place: Place | None = None) -> Any:
        place = place or Place()
        match document:
            case dict():
                return {
                    self._field(name, place): self._document(one, below(place, name, document))
                    for name, one in document.items()
                }
            case list() | tuple():
                return [
                    self._document(one, below(place, number, place.owner))
                    for number, one in enumerate(document)
                ]
            case bool() | None:
                return document
            case int() | float():
                return self._number(place, document)
            case _:
                return self._leaf(place, str(document))

    def _field(self, name: str, place: Place) -> str:
        """The name of a field, which may be a person's."""
        if self._is_led_to((*place.way, NAMES)):
            return self._ids.get(name, name)
        is_persons = " " in name or PERSON.search(place.name) is not None
        if is_persons and name in self._words:
            return self._words[name]
        return _EMAIL.sub(lambda found: self._email(found[0]), name)

    def _number(self, place: Place, value: float) -> float:
        changed = self._ids.get(str(value)) if self._is_id(place) else None
        is_secret_number = is_secret(place.name) and abs(value) >= _SHORTEST_SECRET_NUMBER
        if changed is None and (is_secret_number or is_number_of_a_person(place.name)):
            changed = self._shaped(str(value))
        if changed is None:
            return value
        try:
            return type(value)(changed)
        except ValueError:  # One that is written with an exponent.
            return type(value)(0)

    def _leaf(self, place: Place, value: str) -> str:
        if is_secret_at(place.way):
            return REDACTED if value else value
        is_person = value in self._accounts or " " in value or is_personal(place)
        if value in self._words and is_person:
            return self._words[value]
        if value in self._ids and self._is_id(place):
            return self._ids[value]
        packed = unpack(value) if place.depth < DEEPEST else None
        if packed is not None:
            changed = self._document(packed.content, inside(place))
            if changed != packed.content:
                return packed.pack(changed)
        return self._text(value, everywhere=is_id(place.name) or "/" in value)

    def _is_id(self, place: Place) -> bool:
        """Whether a value may be an id that was learned, and no number that happens to be it."""
        return is_id(place.name) or self._is_led_to(place.way)

    def _is_led_to(self, way: Way) -> bool:
        return any(leads(pattern.split("."), way) for pattern in self.ways)

    def _text(self, text: str, *, everywhere: bool = False) -> str:
        """A text with all that is known replaced; short words only where ids are expected."""
        text = self._with_words(self.hide(text), everywhere)
        is_form = "?" not in text and _FORM.fullmatch(text) is not None
        pieces = ["", text] if is_form else _QUERY.split(text)
        for number, piece in enumerate(pieces):
            if number % 2 == 1:
                pieces[number] = _PAIR.sub(self._pair, piece)
            else:
                pieces[number] = self._with_ids(self._decoded(piece, everywhere), everywhere)
        return "".join(pieces)

    def _decoded(self, text: str, everywhere: bool) -> str:
        """A text with what is percent-encoded in it judged by what that means."""

        def judged(found: re.Match[str]) -> str:
            if "%" not in found[0]:
                return found[0]
            plain = unquote(found[0])
            changed = self._with_ids(self._with_words(self.hide(plain), everywhere), everywhere)
            return found[0] if changed == plain else quote(changed, safe="+")

        return _ENCODED.sub(judged, text) if "%" in text else text

    def _with_words(self, text: str, everywhere: bool) -> str:
        is_prose = everywhere or " " in text.strip()
        words = {
            real: other
            for real, other in self._words.items()
            if "@" in real or " " in real or (is_prose and len(real) >= _SHORTEST_WORD)
        }
        return _EMAIL.sub(lambda found: self._email(found[0]), _replaced(text, words))

    def _with_ids(self, text: str, everywhere: bool) -> str:
        long = {real: other for real, other in self._ids.items() if len(real) >= _SHORTEST_ID}
        return _replaced(text, self._ids if everywhere else long)

    def _pair(self, found: re.Match[str]) -> str:
        """A parameter of an address: a page's number is no id, however alike they look."""
        name, value = found[1], found[2]
        if is_secret(name) or name == "key":
            return f"{name}={REDACTED}"
        plain = unquote_plus(value)
        changed = self._with_words(self.hide(plain), everywhere=False)
        changed = self._with_ids(changed, is_id(name))
        return f"{name}={value if changed == plain else quote_plus(changed)}"

    def _email(self, found: str) -> str:
        is_ours = found.endswith("@example.com")
        return found if is_ours else self.pseudonyms.email(found)


def _bodies(recording: Recording) -> Iterator[Any]:
    for exchange in recording.exchanges:
        for body in (exchange.request.json, exchange.response.json):
            if body is not UNSET:
                yield body
    if recording.account is not None:
        yield recording.account


def _replaced(text: str, known: Mapping[str, str]) -> str:
    """All at once: what was put in is not replaced again."""
    if not known:
        return text
    longest_first = sorted(known, key=len, reverse=True)
    anyone = "|".join(map(re.escape, longest_first))
    pattern = rf"(?<![A-Za-z0-9])(?:{anyone})(?![A-Za-z0-9])"
    return re.sub(pattern, lambda found: known[found[0]], text)
