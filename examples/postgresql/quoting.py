"""How names and searches become part of SQL. Values never do: they are parameters.

Source: postgresql.org/docs, "Identifiers and Key Words", "Pattern Matching".
"""

from __future__ import annotations

_MOST_BYTES = 63


def identifier(name: str) -> str:
    """A name that was read from the catalogue, quoted.

    Raises:
        ValueError: No name of PostgreSQL's looks so.
    """
    if not 0 < len(name.encode()) <= _MOST_BYTES or "\x00" in name:
        raise ValueError("no name of PostgreSQL's")
    return '"' + name.replace('"', '""') + '"'


def containing(text: str) -> str:
    r"""A pattern for ``LIKE … ESCAPE '\'`` that finds a text wherever it stands."""
    for special in ("\\", "%", "_"):
        text = text.replace(special, f"\\{special}")
    return f"%{text}%"
