"""What the changelog tells about breaking differences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from src.api.releases.operations import Finding

UNRELEASED = "Unreleased"
HEADING = "### Breaking"
_TO_SAY = "<what callers do now>"
_SPANS = r"`[^`]+`(?:,\s+`[^`]+`)*"
_LINE = re.compile(
    rf"(?P<ids>{_SPANS})\s+in\s+(?P<operations>{_SPANS}):\s+(?P<says>\S.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Told:
    """A difference as the changelog names it."""

    id: str
    operations: tuple[str, ...]
    says: str


def newest_version(changelog: str) -> str | None:
    """The version of the newest release."""
    found = re.search(r"^## \[(\d[^\]]*)\]", changelog, re.MULTILINE)
    return found[1] if found else None


def problems(changelog: str, findings: Iterable[Finding], version: str = UNRELEASED) -> list[str]:
    """What is missing below a version of the changelog, is wrong, or stands there for nothing."""
    lines = _lines(changelog, version)
    told = {one.id: one for line in lines for one in _told(line)}
    found = {one.id: one for one in findings}
    wrong = [f"Cannot be read: - {line}" for line in lines if not any(_told(line))]
    wrong += [f"No such difference: `{id_}`" for id_ in told.keys() - found.keys()]
    for one in told.values():
        if one.id in found and one.operations != found[one.id].operations:
            wrong.append(f"`{one.id}` is in {_spans(found[one.id].operations)}")
        if _TO_SAY in one.says:
            wrong.append(f"`{one.id}`: say what callers do now.")
    missing = [one for id_, one in found.items() if id_ not in told]
    return sorted(wrong) + [f"Add: {line}" for line in _proposed(missing)]


def _lines(changelog: str, version: str) -> list[str]:
    """The entries of a version below the heading."""
    _, _, rest = changelog.partition(f"\n## [{version}]")
    section = re.split(r"^## \[", rest, maxsplit=1, flags=re.MULTILINE)[0]
    _, _, entries = section.partition(f"{HEADING}\n")
    entries = re.split(r"^### ", entries, maxsplit=1, flags=re.MULTILINE)[0]
    return [" ".join(one.split()) for one in re.split(r"^- ", entries, flags=re.MULTILINE)[1:]]


def _told(line: str) -> Iterator[Told]:
    match = _LINE.fullmatch(line)
    if match is None:
        return
    operations = tuple(sorted(re.findall(r"`([^`]+)`", match["operations"])))
    for id_ in re.findall(r"`([^`]+)`", match["ids"]):
        yield Told(id_, operations, match["says"])


def _proposed(findings: Iterable[Finding]) -> Iterator[str]:
    def together(one: Finding) -> tuple[str, tuple[str, ...]]:
        return one.id.partition(": ")[0], one.operations

    for (_, operations), some in groupby(sorted(findings), key=together):
        yield f"- {_spans(one.id for one in some)} in {_spans(operations)}: {_TO_SAY}"


def _spans(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
