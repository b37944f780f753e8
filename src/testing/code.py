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

from src.testing.findings import Finding, Source

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
_BESIDE = {"sandbox.py", "sandbox", "tests", "build"}
"""The imitation plays the provider, with its clock and its headers; tests play anybody."""
_READ_BY_PEOPLE = {"print", "log", "logger", "logging", "warnings"}
_CLOCKS = {"now", "utcnow", "today"}
_PATH_ARGUMENT = {"get": 0, "one": 0, "find_one": 0, "below": 0, "call": 1, "write": 1, "change": 1}
_MOVES = {"at", "below", "saying"}
"""What makes one REST client of another."""
_PARAMETER = re.compile(r"\{([a-z_][a-z0-9_]*)(?:\.\.\.)?\}")


@dataclass(frozen=True, slots=True)
class CodeFile:
    """One file of a connector."""

    path: Path
    tree: ast.Module
    comments: frozenset[int]
    """Lines that hold a comment."""

    def at(self, node: ast.expr | ast.stmt, what: str, remedy: str) -> Finding:
        """A finding at its line."""
        return Finding(
            source=Source.CODE, path=self.path, line=node.lineno, what=what, remedy=remedy
        )


def read_package(folder: Path) -> list[CodeFile]:
    """Every Python file below a folder, but for what only stands beside the connector."""
    paths = (path.relative_to(folder) for path in sorted(folder.rglob("*.py")))
    return [_read(folder / path) for path in paths if path.parts[0] not in _BESIDE]


def _read(path: Path) -> CodeFile:
    text = path.read_text(encoding="utf-8")
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = frozenset(token.start[0] for token in tokens if token.type == tokenize.COMMENT)
    return CodeFile(path, ast.parse(text), comments)


def findings(files: list[CodeFile]) -> list[Finding]:
    """What is wrong, each with its place and what to do instead."""
    found: list[Finding] = []
    for file in files:
        for node in ast.walk(file.tree):
            found += _imports(file, node)
            found += _clock(file, node)
            found += _header(file, node)
            found += _path(file, node)
            found += _handler(file, node)
            found += _shown(file, node)
    return found


@dataclass(frozen=True, slots=True)
class Parameter:
    """One of a path template."""

    name: str
    template: str
    path: Path
    line: int


def path_parameters(files: list[CodeFile]) -> dict[str, Parameter]:
    """Every parameter of every path template, and where it stands first."""
    found: dict[str, Parameter] = {}
    for file in files:
        for node in ast.walk(file.tree):
            for argument in _path_arguments(node):
                template = _literal(file, argument)
                for name in _PARAMETER.findall(template or ""):
                    one = Parameter(name, template or "", file.path, argument.lineno)
                    found.setdefault(name, one)
    return found


def names_given(files: list[CodeFile]) -> set[str]:
    """Every name by which a value can be handed to a path: keywords, and keys of mappings."""
    nodes = [node for file in files for node in ast.walk(file.tree)]
    keywords = {node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg}
    keys = [key for node in nodes if isinstance(node, ast.Dict) for key in node.keys]
    return keywords | {
        key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def _imports(file: CodeFile, node: ast.AST) -> Iterator[Finding]:
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom) and node.level == 0:
        names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    else:
        return
    for forbidden, advice in _FORBIDDEN_MODULES.items():
        if any(name == forbidden or name.startswith(f"{forbidden}.") for name in names):
            yield file.at(node, f"do not import {forbidden}", advice)


def _clock(file: CodeFile, node: ast.AST) -> Iterator[Finding]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        owner = ast.unparse(node.func.value).rpartition(".")[2]
        if node.func.attr in _CLOCKS and owner in {"datetime", "date"}:
            yield file.at(node, "do not read the clock", "take moments from the query")


def _header(file: CodeFile, node: ast.AST) -> Iterator[Finding]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        name = node.value.strip().lower()
        if name == "authorization" or name.startswith("authorization:"):
            yield file.at(node, "do not write an Authorization header", "self.rest signs by itself")


def _path(file: CodeFile, node: ast.AST) -> Iterator[Finding]:
    for argument in _path_arguments(node):
        if _literal(file, argument) is None:
            yield file.at(
                argument,
                "a path that is put together lets an id become another endpoint",
                "write the path as a literal template ('/things/{id}') and hand its values in as"
                " keywords",
            )


def _handler(file: CodeFile, node: ast.AST) -> Iterator[Finding]:
    if not isinstance(node, ast.Try) or not node.handlers:
        return
    if not any(_is_rest_call(inner) for part in node.body for inner in ast.walk(part)):
        return
    last = max(handler.end_lineno or handler.lineno for handler in node.handlers)
    if file.comments.isdisjoint(range(node.lineno - 1, last + 1)):
        yield file.at(
            node,
            "do not catch errors of the provider",
            "let them pass, or name the provider's quirk that needs it in a comment here",
        )


def _shown(file: CodeFile, node: ast.AST) -> Iterator[Finding]:
    """What people read: output, lines of a log, errors, texts that are put together."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
        yield file.at(node, "do not print", "the service writes its own log; take it out")
    if not _is_shown(node):
        return
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute) and inner.attr == "get_secret_value":
            yield file.at(
                inner,
                "a secret is put where it can be read",
                "hand it in json, params or headers of self.rest, and leave it out of texts",
            )


def _is_shown(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        owner = node.func.value if isinstance(node.func, ast.Attribute) else node.func
        return isinstance(owner, ast.Name) and owner.id in _READ_BY_PEOPLE
    return isinstance(node, ast.Raise)


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


def _literal(file: CodeFile, argument: ast.expr) -> str | None:
    """The text of a path: written in place, or a constant of the same module."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    if not isinstance(argument, ast.Name):
        return None
    given = [
        statement.value
        for statement in file.tree.body
        if isinstance(statement, ast.Assign)
        and any(isinstance(name, ast.Name) and name.id == argument.id for name in statement.targets)
    ]
    texts = [value.value for value in given if isinstance(value, ast.Constant)]
    is_constant = len(given) == len(texts) == 1 and argument.id.isupper()
    return texts[0] if is_constant and isinstance(texts[0], str) else None
