"""Why a connector cannot be loaded, in a sentence that leads to the place."""

from __future__ import annotations

import traceback
from pathlib import Path

from pydantic import ValidationError


def reason(error: BaseException, module_name: str, folder: Path | None) -> str:
    """What is wrong, with file and line where an error of the connector's own code has one."""
    if isinstance(error, SyntaxError):
        return f"{error.filename}, line {error.lineno}: {error.msg}"
    if isinstance(error, ModuleNotFoundError) and f"{module_name}.".startswith(f"{error.name}."):
        return f"there is no module {error.name}"
    place = _place(error, folder)
    return f"{place}{_said(error, is_own=bool(place))}"


def _said(error: BaseException, *, is_own: bool) -> str:
    if isinstance(error, ModuleNotFoundError) and error.name is not None:
        package = error.name.partition(".")[0]
        return f"it needs the package {package!r}, which is not installed ({error})"
    if isinstance(error, ValidationError):
        return _fields(error)
    if isinstance(error, SystemExit):
        return f"it ends the process when it is imported ({error.code})"
    return f"{type(error).__name__}: {error}" if is_own else str(error)


def _place(error: BaseException, folder: Path | None) -> str:
    """The last line of the connector's own that led to the error."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        one for one in frames if folder is not None and Path(one.filename).is_relative_to(folder)
    ]
    return f"{own[-1].filename}, line {own[-1].lineno}: " if own else ""


def _fields(error: ValidationError) -> str:
    """What a model refuses, field by field."""
    parts = []
    for one in error.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in one["loc"])
        parts.append(f"{name}: {one['msg']}" if name else one["msg"].removeprefix("Value error, "))
    return f"{error.title}: {'; '.join(parts)}"
