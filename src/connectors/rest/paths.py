"""Paths are templates: a caller's id must never become another endpoint.

``/repos/{owner}/{repo}`` names its parameters; ``{path...}`` is one that spans several segments.
Every value is checked against the manifest's pattern of its name and percent-encoded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote

from src.core.errors import ValidationFailed

_PARAMETER = re.compile(r"\{([a-z_][a-z0-9_]*)(\.\.\.)?\}")
_UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and halves of characters, which UTF-8 cannot write."""

_SEPARATORS = re.compile(r"[/\\]")
_DOTS = frozenset({".", ".."})


class UnfitId(ValidationFailed):
    """An id is outside the pattern of the parameter that it was to fill."""

    def __init__(self, parameter: str, value: str, field: str | None = None) -> None:
        super().__init__([(field or parameter, "not an id of this provider")])
        self.parameter = parameter
        self.value = value

    def in_field(self, field: str) -> UnfitId:
        """The same, by the name that the caller knows."""
        return UnfitId(self.parameter, self.value, field)


@lru_cache(maxsize=1024)
def _parts(template: str) -> tuple[tuple[str, str, bool], ...]:
    """Literal text, parameter name and whether it spans segments, in order."""
    if not template.startswith("/") or template.startswith("//") or set("?#") & set(template):
        raise ValueError(f"not a path template: {template!r}")
    parts: list[tuple[str, str, bool]] = []
    position = 0
    for match in _PARAMETER.finditer(template):
        parts.append((template[position : match.start()], match[1], bool(match[2])))
        position = match.end()
    literal = template[position:]
    if "{" in literal or "}" in literal or any("{" in text or "}" in text for text, _, _ in parts):
        raise ValueError(f"not a path template: {template!r}")
    return (*parts, (literal, "", False))


def render(
    template: str, values: Mapping[str, str | int], patterns: Mapping[str, re.Pattern[str]]
) -> str:
    """Fill a template.

    Args:
        template: The path, with a parameter for each part that varies.
        values: One for each parameter.
        patterns: By parameter name, what a value must match whole.

    Raises:
        UnfitId: A value is outside its pattern or could change the path.
        ValueError: The template is malformed, or a parameter has no value or no pattern.
    """
    rendered: list[str] = []
    for literal, name, spans in _parts(template):
        rendered.append(literal)
        if not name:
            continue
        if name not in values or name not in patterns:
            raise ValueError(f"{template}: {name} needs a value and a pattern")
        rendered.append(_encoded(name, str(values[name]), patterns[name], spans=spans))
    return "".join(rendered)


def _encoded(name: str, value: str, pattern: re.Pattern[str], *, spans: bool) -> str:
    segments = value.split("/") if spans else [value]
    # Encoded ones count as well: some servers decode a path before they look for dots in it.
    climbs = not _DOTS.isdisjoint(_SEPARATORS.split(value))
    if climbs or "" in segments or _UNFIT.search(value) or pattern.fullmatch(value) is None:
        raise UnfitId(name, value)
    return "/".join(quote(part, safe="") for part in segments)
