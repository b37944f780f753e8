"""Names for people and things that must not be known: the same one each time, with one key.

A key and not a plain hash: whoever knows a person's e-mail could look for its hash.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

_FIRST = (
    *("Alex", "Ariel", "Bela", "Casey", "Chris", "Dana", "Devon", "Eden", "Elis", "Frankie"),
    *("Gale", "Harper", "Imani", "Jamie", "Jesse", "Jordan", "Kai", "Kim", "Lee", "Lou"),
    *("Marion", "Max", "Mika", "Morgan", "Nico", "Noor", "Pat", "Quinn", "Remy", "Robin"),
    *("Rowan", "Sam", "Sasha", "Shay", "Sidney", "Sky", "Toni", "Val", "Wren", "Yael"),
)
_LAST = (
    *("Adler", "Bauer", "Bell", "Brook", "Castle", "Cooper", "Dale", "Dove", "Elm", "Field"),
    *("Finch", "Ford", "Glover", "Grove", "Hale", "Heath", "Hill", "Iver", "Jay", "Kerr"),
    *("Lake", "Lane", "Linden", "Marsh", "Meadow", "Moore", "North", "Oak", "Park", "Poole"),
    *("Reed", "Rivers", "Rowe", "Stone", "Thorn", "Vale", "Ward", "West", "Wood", "York"),
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_TRIES = 1_000


@dataclass(slots=True)
class Pseudonyms:
    """Makes them from a key; within one run no two things get the same one."""

    key: bytes = field(repr=False)
    _taken: dict[str, str] = field(default_factory=dict)

    def person(self, real: str) -> str:
        """A name of two words for a name, one word with hyphens for what is written so."""
        if " " not in real.strip():
            return self._unique(real, self._login)
        return self._unique(real, self._name)

    def email(self, real: str) -> str:
        """An address that nobody has."""
        return f"{self._unique(real.lower(), self._login)}@example.com"

    def shaped(self, real: str) -> str:
        """Letters for letters, digits for digits, all else as it is: an id stays an id."""
        return self._unique(real, self._scrambled)

    def _unique(self, real: str, make: Callable[[bytes, str], str]) -> str:
        for number in range(_TRIES):
            made = make(self._bytes(f"{number}:{real}", len(real)), real)
            if made != real and self._taken.setdefault(made, real) == real:
                return made
        return make(self._bytes(real, len(real)), real)

    def _name(self, noise: bytes, _: str) -> str:
        return f"{_FIRST[noise[0] % len(_FIRST)]} {_LAST[noise[1] % len(_LAST)]}"

    def _login(self, noise: bytes, _: str) -> str:
        return f"{self._name(noise, '').lower().replace(' ', '-')}-{noise[2] % 90 + 10}"

    def _scrambled(self, noise: bytes, real: str) -> str:
        return "".join(map(_alike, real, noise, range(len(real))))

    def _bytes(self, text: str, length: int) -> bytes:
        seed = hmac.digest(self.key, text.encode(), "sha256")
        return hashlib.shake_256(seed).digest(max(length, 3))


def _alike(character: str, noise: int, place: int) -> str:
    if character.isdigit():
        # A number must not begin with a zero.
        return _DIGITS[1:][noise % 9] if place == 0 else _DIGITS[noise % 10]
    if character.isalpha():
        letter = _LETTERS[noise % len(_LETTERS)]
        return letter.upper() if character.isupper() else letter
    return character
