"""Why the registry refuses a connector, line by line."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from src.connectors.registry import ConnectorLoadError
from src.models.base import complaint
from src.testing.code import CodeFile, read_package
from src.testing.findings import Finding, Source, split
from src.testing.places import Place, argument_places, class_place, error_place, manifest_place

_REMEDIES: tuple[tuple[type[BaseException], str], ...] = (
    (SyntaxError, "Correct the syntax there."),
    (
        ImportError,
        "Correct the import: neighbours in the folder are imported relatively, as in"
        " `from .manifest import MANIFEST`, and packages must be installed.",
    ),
    (ValidationError, "Write a value that the model takes: src/connectors/manifest.py tells."),
    (FileNotFoundError, "Put that file there: a connector needs connector.py and icon.svg."),
    (TypeError, "Define one class with a manifest, and all verbs that its bases promise."),
    (ValueError, "Correct the value in the manifest."),
)
_FIELDS = {"manifest says": "id", "plugin API": "api_version"}
"""What the registry says of single fields, and which they are."""
_OTHERWISE = "Correct it: the service does not start with it."


def refusal_findings(error: ConnectorLoadError, folder: Path) -> list[Finding]:
    """What the registry complains about, each at its line."""
    cause = error.__cause__ or error
    if isinstance(cause, ValidationError):
        return _invalid(cause, folder)
    text = _text(cause)
    what, remedy = split(text, _remedy(cause)) if ". " in text else (text, _remedy(cause))
    return [_finding(_place(cause, folder), what, remedy)]


def sandbox_findings(error: ConnectorLoadError, folder: Path) -> list[Finding]:
    """Why the imitation cannot be loaded: at its line, else where the manifest names it."""
    cause = error.__cause__ or error
    inside = error_place(cause, folder)
    if inside is not None:
        return [_finding(inside, _text(cause), "Correct that line: the suite needs the sandbox.")]
    place = manifest_place(_files(folder), ["sandbox"]) or class_place(folder)
    return [_finding(place, _text(cause), "Name a module that is there, as .module:factory.")]


def import_findings(error: Exception, folder: Path) -> list[Finding]:
    """Why a file with tests cannot be imported."""
    place = error_place(error, folder) or class_place(folder)
    return [_finding(place, str(error), "Correct that file: without its suite nothing is known.")]


def _invalid(error: ValidationError, folder: Path) -> list[Finding]:
    """One for each complaint of a model."""
    call = error_place(error, folder) or class_place(folder)
    places = argument_places(_files(folder), call, error)
    found = []
    for each, place in zip(error.errors(include_url=False), places, strict=True):
        name = ".".join(map(str, (error.title, *each["loc"])))
        found.append(_finding(place, f"{name}: {complaint(each)}", _remedy(error)))
    return found


def _place(error: BaseException, folder: Path) -> Place:
    if isinstance(error, FileNotFoundError) and error.filename:
        return Place(Path(error.filename))
    inside = error_place(error, folder)
    if inside is not None:
        return inside
    named = next((field for words, field in _FIELDS.items() if words in str(error)), None)
    place = None if named is None else manifest_place(_files(folder), [named])
    return place or class_place(folder)


def _files(folder: Path) -> list[CodeFile]:
    """The files that can be read; a broken one must not hide what is wrong with it."""
    try:
        return read_package(folder)
    except (SyntaxError, UnicodeDecodeError):
        return []


def _text(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg}"
    known = isinstance(error, ConnectorLoadError | ImportError | TypeError | ValueError)
    return str(error) if known else f"{type(error).__name__}: {error}"


def _remedy(error: BaseException) -> str:
    found = (text for kind, text in _REMEDIES if isinstance(error, kind))
    return next(found, _OTHERWISE)


def _finding(place: Place, what: str, remedy: str) -> Finding:
    return Finding(
        source=Source.REGISTRY, path=place.path, line=place.line, what=what, remedy=remedy
    )
