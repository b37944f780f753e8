"""Where in a connector's files something stands, read from their syntax trees."""

from __future__ import annotations

import ast
import inspect
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

from pydantic import ValidationError

from src.testing.code import CodeFile

Step = str | int
_BEGINNING = 1


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file."""

    path: Path
    line: int = _BEGINNING


def class_place(folder: Path) -> Place:
    """The class of the connector in a folder that may be too broken to import."""
    path = folder / "connector.py"
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return Place(path)
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.bases]
    named = [node for node in classes if node.name.endswith("Connector")]
    return Place(path, (named or classes)[-1].lineno) if classes else Place(path)


def verb_place(kind: type, verb: str, folder: Path) -> Place:
    """Where a class, or a base of it in the same folder, defines a verb; else the class."""
    for owner in kind.__mro__:
        defined = vars(owner).get(verb)
        function = getattr(defined, "__func__", defined)
        code = getattr(inspect.unwrap(function), "__code__", None) if function else None
        if isinstance(code, CodeType) and Path(code.co_filename).is_relative_to(folder):
            return Place(Path(code.co_filename), code.co_firstlineno)
    return class_place(folder)


def manifest_place(files: Sequence[CodeFile], steps: Sequence[Step]) -> Place | None:
    """The value that a path leads to: ``("auth_methods", 0, "label")``, or as deep as it goes."""
    for file in files:
        for node in ast.walk(file.tree):
            if isinstance(node, ast.Call) and _name(node.func) == "Manifest":
                return _led(files, file, node, steps)
    return None


def _led(files: Sequence[CodeFile], file: CodeFile, node: ast.expr, steps: Sequence[Step]) -> Place:
    """The place of a value below an expression; names are followed to where they are given."""
    place = Place(file.path, node.lineno)
    for step in steps:
        file, node = _given(files, file, node)
        below = _below(files, file, node, step)
        if below is None:
            break
        file, node = below
        place = Place(file.path, node.lineno)
    return place


def _below(
    files: Sequence[CodeFile], file: CodeFile, node: ast.expr, step: Step
) -> tuple[CodeFile, ast.expr] | None:
    """What a step leads to: an argument, a place in a list, what has this id or name there."""
    match node, step:
        case ast.Call(keywords=keywords), str():
            found = [(file, one.value) for one in keywords if one.arg == step]
        case ((ast.Tuple(elts=elements) | ast.List(elts=elements)), int()):
            found = [(file, one) for one in elements[step : step + 1]]
        case ((ast.Tuple(elts=elements) | ast.List(elts=elements)), str()):
            known = (_given(files, file, one) for one in elements)
            found = [(other, one) for other, one in known if _is_called(one, step)]
        case _:
            found = []
    return found[0] if found else None


def _is_called(node: ast.expr, name: str) -> bool:
    """Whether a constructor is given this id or name."""
    return isinstance(node, ast.Call) and any(
        one.arg in {"id", "name"} and _constant(one.value) == name for one in node.keywords
    )


def _constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _given(files: Sequence[CodeFile], file: CodeFile, node: ast.expr) -> tuple[CodeFile, ast.expr]:
    """The value of a module's name, in this file or in the one that it is imported from."""
    if not isinstance(node, ast.Name):
        return file, node
    for other in (file, *(one for one in files if one is not file)):
        for name, value in _assigned(other.tree):
            if name == node.id:
                return other, value
    return file, node


def _assigned(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                yield name, value
            case _:
                pass


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def error_place(error: BaseException, folder: Path) -> Place | None:
    """The innermost line of the connector that an error went through."""
    causes = list(_causes(error))
    for cause in reversed(causes):
        if isinstance(cause, SyntaxError) and cause.filename:
            return Place(Path(cause.filename), cause.lineno or _BEGINNING)
        frames = traceback.extract_tb(cause.__traceback__)
        inside = [one for one in frames if Path(one.filename).is_relative_to(folder)]
        if inside:
            return Place(Path(inside[-1].filename), inside[-1].lineno or _BEGINNING)
    return None


def argument_places(files: Sequence[CodeFile], call: Place, error: ValidationError) -> list[Place]:
    """For each complaint about a model that is made at ``call``, where its argument is given."""
    made: list[tuple[CodeFile, ast.expr]] = [
        (file, node)
        for file in files
        if file.path == call.path
        for node in ast.walk(file.tree)
        if isinstance(node, ast.Call) and _covers(node, call.line, error.title)
    ]
    steps: list[list[Any]] = [list(each["loc"]) for each in error.errors(include_url=False)]
    if not made:
        return [call for _ in steps]
    file, node = made[-1]
    return [_led(files, file, node, each) for each in steps]


def _covers(node: ast.Call, line: int, title: str) -> bool:
    return _name(node.func) == title and node.lineno <= line <= (node.end_lineno or node.lineno)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__
