"""What is found wrong with a connector: where, what, and what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

_AFTER_COLON = re.compile(r"(?<=\S): (?=[a-z`])")
_NEXT_SENTENCE = re.compile(r"\. (?=[A-Z`])")
_SHORTEST_REMEDY = 12


class Source(StrEnum):
    """Who found it."""

    REGISTRY = "registry"
    """The service would refuse to start."""
    MANIFEST = "manifest"
    CODE = "code"
    SUITE = "suite"
    """A check of ``ConnectorConformance``."""
    TESTS = "tests"
    """One of the connector's own tests."""
    TIME = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, at its place."""

    source: Source
    path: Path
    line: int
    what: str
    remedy: str
    check: str = ""
    """The check or test that found it, where it was one."""

    @property
    def advice(self) -> str:
        """The remedy as a sentence."""
        return _sentence(self.remedy)

    def __str__(self) -> str:
        return f"{self.path.name}:{self.line}: {self.what}: {self.remedy}"


def split(message: str, otherwise: str) -> tuple[str, str]:
    """What a message of a check complains about, and what it says to do."""
    line, broken, rest = message.partition("\n")
    if broken:
        what, remedy = split(line.rstrip(":"), otherwise)
        return f"{what}:\n{rest}", remedy
    for cut, length in _ends(message):
        what, remedy = message[:cut], message[cut + length :]
        if " " in what and len(remedy) >= _SHORTEST_REMEDY and _is_closed(what):
            return what, remedy
    return message.rstrip("."), otherwise


def _ends(message: str) -> list[tuple[int, int]]:
    """Where a complaint may end, and how long what ends it is: the first sentence, else a colon."""
    sentences = [(found.start(), 2) for found in _NEXT_SENTENCE.finditer(message)]
    colons = [(found.start(), 2) for found in _AFTER_COLON.finditer(message)]
    return sentences + colons[::-1]


def _is_closed(text: str) -> bool:
    """Whether no bracket or quotation is open at its end."""
    return text.count("(") == text.count(")") and text.count("`") % 2 == 0


def _sentence(text: str) -> str:
    whole = text.strip().rstrip(".")
    return f"{whole[:1].upper()}{whole[1:]}."
