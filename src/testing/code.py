"""The lint: what a connector's code must not hold, read from its syntax tree.

Reasons are in ``docs/architecture.md``, "An adapter is data plus a few verbs".
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FORBIDDEN_MODULES = {
    "httpx": "call the provider through self.rest",
    "aiohttp": "call the provider through self.rest",
    "requests": "call the provider through self.rest",
    "urllib3": "call the provider through self.rest",
    "urllib.request": "call the provider through self.rest",
    "http.client": "call the provider through self.rest",
    "socket": "call the provider through self.rest",
    "tenacity": "self.rest tries again by itself",
    "time": "take moments from the query or the provider",
    "asyncio": "verbs await one call after the other",
    "os": "configuration comes in as self.config",
}
_CLOCKS = {"now", "utcnow", "today"}
_PATH_ARGUMENT = {"get": 0, "one": 0, "find_one": 0, "below": 0, "call": 1, "write": 1, "change": 1}
_MOVES = {"at", "below", "saying"}
"""What makes one REST client of another."""
_PARAMETER = re.compile(r"\{([a-z_][a-z0-9_]*)(?:\.\.\.)?\}")


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a connector."""

    path: Path
    tree: ast.Module
    comments: frozenset[int]
    """Lines that hold a comment."""

    def at(self, node: ast.expr | ast.stmt, advice: str) -> str:
        """A finding with its place."""
        return f"{self.path.name}:{node.lineno}: {advice}"


def read_package(folder: Path) -> list[Source]:
    """Every Python file below a folder."""
    return [_read(path) for path in sorted(folder.rglob("*.py"))]


def _read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = frozenset(token.start[0] for token in tokens if token.type == tokenize.COMMENT)
    return Source(path, ast.parse(text), comments)


def findings(sources: list[Source]) -> list[str]:
    """What is wrong, each with its place and what to do instead."""
    found: list[str] = []
    for source in sources:
        for node in ast.walk(source.tree):
            found += _imports(source, node)
            found += _clock(source, node)
            found += _header(source, node)
            found += _path(source, node)
            found += _handler(source, node)
    return found


def path_parameters(sources: list[Source]) -> dict[str, str]:
    """Every parameter of every path template, with the template."""
    return {
        name: template
        for source in sources
        for node in ast.walk(source.tree)
        for argument in _path_arguments(node)
        if (template := _literal(source, argument)) is not None
        for name in _PARAMETER.findall(template)
    }


def _imports(source: Source, node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.level == 0:
        names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    else:
        return
    for forbidden, advice in _FORBIDDEN_MODULES.items():
        if any(name == forbidden or name.startswith(f"{forbidden}.") for name in names):
            yield source.at(node, f"do not import {forbidden}: {advice}")


def _clock(source: Source, node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        owner = ast.unparse(node.func.value).rpartition(".")[2]
        if node.func.attr in _CLOCKS and owner in {"datetime", "date"}:
            yield source.at(node, "do not read the clock: take moments from the query")


def _header(source: Source, node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        name = node.value.strip().lower()
        if name == "authorization" or name.startswith("authorization:"):
            yield source.at(node, "do not write an Authorization header: self.rest signs by itself")


def _path(source: Source, node: ast.AST) -> Iterator[str]:
    for argument in _path_arguments(node):
        if _literal(source, argument) is None:
            yield source.at(
                argument,
                "write the path as a literal template ('/things/{id}') and hand its values in as"
                " keywords: a path that is put together lets an id become another endpoint",
            )


def _handler(source: Source, node: ast.AST) -> Iterator[str]:
    if not isinstance(node, ast.Try) or not node.handlers:
        return
    if not any(_is_rest_call(inner) for part in node.body for inner in ast.walk(part)):
        return
    last = max(handler.end_lineno or handler.lineno for handler in node.handlers)
    if source.comments.isdisjoint(range(node.lineno - 1, last + 1)):
        yield source.at(
            node,
            "do not catch errors of the provider: let them pass, or name the provider's quirk that"
            " needs it in a comment here",
        )


def _path_arguments(node: ast.AST) -> list[ast.expr]:
    """The path of a call to the REST client, or of a ``List``."""
    if not isinstance(node, ast.Call):
        return []
    position = _path_position(node)
    if position is None:
        return []
    named = [keyword.value for keyword in node.keywords if keyword.arg == "path"]
    return named or node.args[position : position + 1]


def _path_position(call: ast.Call) -> int | None:
    if isinstance(call.func, ast.Name):
        return 0 if call.func.id == "List" else None
    if isinstance(call.func, ast.Attribute) and _is_rest(call.func.value):
        return _PATH_ARGUMENT.get(call.func.attr)
    return None


def _is_rest_call(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and _is_rest(node.func.value)
    )


def _is_rest(node: ast.expr) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in _MOVES and _is_rest(node.func.value)
    return (isinstance(node, ast.Attribute) and node.attr == "rest") or (
        isinstance(node, ast.Name) and node.id == "rest"
    )


def _literal(source: Source, argument: ast.expr) -> str | None:
    """The text of a path: written in place, or a constant of the same module."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    if not isinstance(argument, ast.Name):
        return None
    given = [
        statement.value
        for statement in source.tree.body
        if isinstance(statement, ast.Assign)
        and any(isinstance(name, ast.Name) and name.id == argument.id for name in statement.targets)
    ]
    texts = [value.value for value in given if isinstance(value, ast.Constant)]
    is_constant = len(given) == len(texts) == 1 and argument.id.isupper()
    return texts[0] if is_constant and isinstance(texts[0], str) else None
