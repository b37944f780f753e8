"""One type or function, as Markdown."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TypeGuard

from griffe import (
    Attribute,
    Class,
    Docstring,
    DocstringSectionKind,
    ExprCall,
    ExprKeyword,
    Function,
    Module,
    ParameterKind,
    Parameters,
)

_TESTS = "test_"
_PLAIN = {"ABC", "BaseModel", "Exception", "Model", "Protocol", "StrEnum", "Struct", "Unified"}
_REQUIRED = "required"
_UNTOLD = {"model_config"}
_FIELDS = {"Field", "field"}
_MADE = {"dict": "{}", "list": "[]"}
_LIMITS = ("pattern", "ge", "le", "min_length", "max_length")


def entry(module: Module, name: str) -> Iterator[str]:
    """The lines on one name of a module."""
    found = module.members[name]
    if found.is_alias:
        raise ValueError(f"{module.name} only imports {name}: name its own module")
    yield f"### `{name}`"
    yield ""
    if isinstance(found, Class):
        yield from _class(found)
    elif isinstance(found, Function):
        yield from _block(found.docstring, f"`{_signature(found)}`")
    elif isinstance(found, Attribute):
        yield from _block(found.docstring, f"`{name} = {_one_line(found.value)}`")


def public_names(module: Module) -> list[str]:
    """What a module has for others, in its order."""
    return [
        name
        for name, member in module.members.items()
        if not name.startswith("_") and not member.is_alias and _is_told(member)
    ]


def _is_told(member: object) -> bool:
    if isinstance(member, Attribute):
        return member.docstring is not None or _is_alternative(member)
    return isinstance(member, Class | Function)


def _is_alternative(member: Attribute) -> bool:
    """Whether it names several types: ``A | B`` or ``Literal``."""
    return bool(re.match(r"Literal\[|[A-Z]\w+ \| ", str(member.value)))


def _class(found: Class) -> Iterator[str]:
    bases = [str(base) for base in found.bases]
    known = [base for base in bases if base not in _PLAIN and not base.startswith("Generic")]
    yield from _block(found.docstring, f"Is a {_spans(known)}." if known else "")
    members = [one for name, one in found.members.items() if not name.startswith("_")]
    if "StrEnum" in bases:
        yield from _values(found)
    else:
        yield from _fields([one for one in members if _is_field(one)])
    verbs = [one for one in members if isinstance(one, Function) or _is_property(one)]
    for verb in verbs:
        if not verb.name.startswith(_TESTS):
            yield from _verb(verb)
    yield from _checks([verb for verb in verbs if verb.name.startswith(_TESTS)])


def _checks(checks: list[Function | Attribute]) -> Iterator[str]:
    """The tests of a suite."""
    if not checks:
        return
    yield "| check | |"
    yield "|---|---|"
    for check in checks:
        yield f"| `{check.name}` | {_text(check.docstring)} |"
    yield ""


def _is_field(member: object) -> TypeGuard[Attribute]:
    return (
        isinstance(member, Attribute)
        and member.annotation is not None
        and not _is_property(member)
        and member.name not in _UNTOLD
    )


def _is_property(member: object) -> TypeGuard[Attribute]:
    return isinstance(member, Attribute) and "property" in member.labels


def _values(found: Class) -> Iterator[str]:
    """The values of an enumeration."""
    members = [one for one in found.members.values() if isinstance(one, Attribute)]
    values = [one for one in members if one.value is not None and not _is_property(one)]
    yield "| name | value | |"
    yield "|---|---|---|"
    for one in values:
        yield f"| `{one.name}` | {_span(str(one.value).strip(chr(34)))} | {_text(one.docstring)} |"
    yield ""


def _fields(fields: list[Attribute]) -> Iterator[str]:
    if not fields:
        return
    yield "| field | type | default | |"
    yield "|---|---|---|---|"
    for one in fields:
        kind = re.sub(r"(?:ClassVar|InstanceOf)\[(.*?)\]", r"\1", _one_line(one.annotation))
        yield (f"| `{one.name}` | {_span(kind)} | {_default(one)} | {_text(one.docstring)} |")
    yield ""


def _default(one: Attribute) -> str:
    """What a field is without being set, and the limits of what it may be set to."""
    value = one.value
    if value is None:
        return _REQUIRED
    if not isinstance(value, ExprCall) or str(value.function).rpartition(".")[2] not in _FIELDS:
        return _span(_one_line(value))
    given = {part.name: part.value for part in value.arguments if isinstance(part, ExprKeyword)}
    parts = [_span(str(given["default"]))] if "default" in given else []
    if "default_factory" in given:
        parts.append(
            _span(_MADE.get(str(given["default_factory"]), f"{given['default_factory']}()"))
        )
    limits = {name: _known(one, given[name]) for name in _LIMITS if name in given}
    told = [_span(f"{name} {limit}") for name, limit in limits.items()]
    return ", ".join([*(parts or [_REQUIRED]), *told])


def _known(one: Attribute, value: object) -> str:
    """What a constant of the module stands for."""
    constant = one.module.members.get(str(value))
    text = str(constant.value) if isinstance(constant, Attribute) else str(value)
    return str(ast.literal_eval(text)) if text.startswith(("'", "r'")) else text


def _verb(verb: Function | Attribute) -> Iterator[str]:
    if isinstance(verb, Function):
        yield f"- `{_signature(verb)}`{_ended(verb)}"
    else:
        yield f"- `{verb.name}: {_one_line(verb.annotation)}`{_ended(verb)}"
    yield ""


def _ended(verb: Function | Attribute) -> str:
    """What a verb does and raises, behind its name."""
    said = list(_paragraphs(verb.docstring))
    text = "\n\n  ".join(said)
    return f"\\\n  {text}" if text else ""


def _signature(function: Function) -> str:
    before = "".join(f"{label} " for label in ("classmethod", "async") if label in function.labels)
    shown = [*_parameters(function.parameters)]
    answer = f" -> {_one_line(function.returns)}" if function.returns is not None else ""
    return f"{before}{function.name}({', '.join(shown)}){answer}"


def _parameters(parameters: Parameters) -> Iterator[str]:
    starred = False
    for one in parameters:
        if one.name in {"self", "cls"}:
            continue
        stars = {ParameterKind.var_positional: "*", ParameterKind.var_keyword: "**"}.get(one.kind)
        if one.kind is ParameterKind.keyword_only and not starred:
            starred = True
            yield "*"
        starred = starred or stars == "*"
        kind = f": {_one_line(one.annotation)}" if one.annotation is not None else ""
        default = f" = {_one_line(one.default)}" if one.default is not None and not stars else ""
        yield f"{stars or ''}{one.name}{kind}{default}"


def _block(docstring: Docstring | None, before: str) -> Iterator[str]:
    for paragraph in (before, *_paragraphs(docstring)):
        if paragraph:
            yield paragraph
            yield ""


def _paragraphs(docstring: Docstring | None) -> Iterator[str]:
    """What a docstring says, and what may be raised."""
    if docstring is None:
        return
    for part in docstring.parse("google", warnings=False):
        if part.kind is DocstringSectionKind.text:
            for paragraph in re.split(r"\n\s*\n", part.value):
                yield _prose(paragraph)
        elif part.kind is DocstringSectionKind.raises:
            raised = (f"`{one.annotation}`: {_prose(one.description)}" for one in part.value)
            yield f"Raises {' '.join(raised)}"
        elif part.kind is DocstringSectionKind.parameters:
            yield " ".join(f"`{one.name}`: {_prose(one.description)}" for one in part.value)


def _text(docstring: Docstring | None) -> str:
    """A docstring as one cell of a table."""
    return _cell(" ".join(_paragraphs(docstring)))


def _prose(text: str) -> str:
    return " ".join(text.replace("``", "`").split())


def _one_line(value: object) -> str:
    return " ".join(str(value).split())


def _span(text: str) -> str:
    return f"`{_cell(text)}`" if text else ""


def _spans(words: list[str]) -> str:
    return ", ".join(_span(word) for word in words)


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
