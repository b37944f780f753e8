"""What a manifest must say, checked whole."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from src.connectors.manifest import AuthKind, AuthMethod, Manifest
from src.connectors.registry import LoadedConnector
from src.testing.bench import Bench, expect, load_sandbox
from src.testing.code import names_given, path_parameters, read_package
from src.testing.findings import Finding, Source
from src.testing.places import Place, Step, class_place, manifest_place

_ACTIVE = re.compile(rb"<script|\son\w+\s*=|javascript:|<foreignObject", re.IGNORECASE)
_ADDRESS = re.compile(r"https://[a-z0-9.-]+(:\d+)?(/[^\s?#]*)?")
_ICON = "icon.svg"
_ANYTHING = ("a/b?c#d%2e ", "a?b#c%2e ")
_ENDLESS = 1_000


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that a manifest says wrongly, by the way to it."""

    steps: tuple[Step, ...]
    what: str
    remedy: str
    place: Place | None = None
    """Where it stands, if that is not in the manifest."""


def folder_of(loaded: LoadedConnector) -> Path:
    """Where a connector's files are."""
    return Path(inspect.getfile(loaded.connector_class)).parent


def check_manifest(bench: Bench, connector_id: str) -> None:
    """Everything of a manifest that can be wrong without the registry seeing it."""
    loaded = bench.loaded
    expect(
        loaded.manifest.id == connector_id,
        f"id: manifest says {loaded.manifest.id!r}, the suite has {connector_id!r}. Use one id.",
    )
    found = manifest_findings(loaded)
    expect(not found, "\n".join(f"{one.what}: {one.remedy}" for one in found))
    for method in loaded.manifest.auth_methods:
        bench.connector(method=method)
    load_sandbox(loaded)


def manifest_findings(loaded: LoadedConnector) -> list[Finding]:
    """What is wrong in a manifest that the registry takes, each at its line."""
    folder = folder_of(loaded)
    files = read_package(folder)
    found: list[Finding] = []
    for lack in (*_icon(loaded.icon), *_lacks(loaded.manifest, folder)):
        place = manifest_place(files, lack.steps) or class_place(folder)
        if lack.steps == (_ICON,):
            place = Place(folder / _ICON)
        place = lack.place or place
        found.append(
            Finding(
                source=Source.MANIFEST,
                path=place.path,
                line=place.line,
                what=lack.what,
                remedy=lack.remedy,
            )
        )
    return found


def _lacks(manifest: Manifest, folder: Path) -> Iterator[Lack]:
    if manifest.id != folder.name and manifest.id != folder.name.removesuffix("_connector"):
        what = f"id: manifest says {manifest.id!r}, the folder is {folder.name!r}"
        yield Lack(("id",), what, "use one id for both")
    for field in ("name", "description", "category"):
        if not getattr(manifest, field).strip():
            yield Lack((field,), f"manifest.{field} is empty", "the catalogue shows it: name it")
    # That of ``transport = "tcp"`` is no web address, and the registry has seen it.
    for field in ("docs_url", *(("api_url",) if manifest.transport == "http" else ())):
        if not _ADDRESS.fullmatch(getattr(manifest, field)):
            what = f"manifest.{field} must be an https address without query"
            yield Lack((field,), what, "leave out what stands behind the path")
    yield from _models(manifest)
    for method in manifest.auth_methods:
        yield from _method(manifest, method)
    yield from _patterns(manifest, folder)
    yield from _wide(manifest)
    yield from _scopes(manifest)


def _icon(icon: bytes) -> Iterator[Lack]:
    start = icon.lstrip()[:200].lower()
    if not (start.startswith(b"<svg") or (start.startswith(b"<?xml") and b"<svg" in icon.lower())):
        yield Lack((_ICON,), "icon.svg is no SVG", "put the provider's mark there as <svg xmlns=…>")
    if _ACTIVE.search(icon):
        yield Lack((_ICON,), "icon.svg holds script", "leave only shapes, browsers show it")


def _models(manifest: Manifest) -> Iterator[Lack]:
    models: dict[tuple[Step, ...], type[BaseModel]] = {
        ("config_model",): manifest.config_model,
        ("settings_model",): manifest.settings_model,
        **{
            ("streams", stream.name, "checkpoint"): stream.checkpoint for stream in manifest.streams
        },
    }
    for steps, model in models.items():
        if model.model_config.get("extra") != "forbid":
            name = steps[0] if len(steps) == 1 else f"checkpoint of {steps[1]}"
            what = f"{name} ({model.__name__}) takes unknown fields"
            yield Lack(steps, what, "set extra='forbid' in model_config")


def _method(manifest: Manifest, method: AuthMethod) -> Iterator[Lack]:
    names = [field.name for field in method.fields]
    at: tuple[Step, ...] = ("auth_methods", method.id)
    who = f"auth method {method.id}"
    if not method.label.strip():
        yield Lack((*at, "label"), f"{who} has no label", "give it a label, a form shows it")
    if len(names) != len(set(names)):
        yield Lack((*at, "fields"), f"{who} repeats a field", "leave each of them once")
    if method.kind is AuthKind.API_KEY:
        if "apiKey" not in names:
            what = f"{who} needs a field apiKey to be usable"
            yield Lack((*at, "fields"), what, "add KeyField(name='apiKey', …, secret=True)")
        if any(not one.secret for one in method.fields if one.name in {"apiKey", "apiSecret"}):
            what = f"{who}: apiKey and apiSecret must be secret=True"
            yield Lack((*at, "fields"), what, "set it, or forms show what is typed")
    if method.signs == "header" and not method.header.strip():
        yield Lack((*at, "header"), f"{who} signs by header", "say which in `header`")
    yield from _config_fields(manifest, names, at)


def _config_fields(manifest: Manifest, names: list[str], at: tuple[Step, ...]) -> Iterator[Lack]:
    known = {field.alias or name for name, field in manifest.config_model.model_fields.items()}
    for name in names:
        if name.startswith("config.") and name.removeprefix("config.") not in known:
            what = f"auth method {at[1]} asks for {name}, which config_model does not know"
            yield Lack((*at, "fields"), what, "add that field to the model, or take it out here")


def _patterns(manifest: Manifest, folder: Path) -> Iterator[Lack]:
    files, patterns = read_package(folder), manifest.dialect.path_patterns
    given = names_given(files)
    for name, one in path_parameters(files).items():
        if name in patterns:
            continue
        what = f"{one.template} has the parameter {name!r}"
        remedy = "say in Dialect.path_patterns what its values look like"
        if name in given:
            yield Lack(("dialect", "path_patterns"), what, remedy)
            continue
        known = f"write one that there is ({', '.join(sorted(patterns))}), or " if patterns else ""
        remedy = f"{known}hand it in, and {remedy}"
        place = Place(one.path, one.line)
        yield Lack(("dialect",), f"{what}, and no value is handed in for it", remedy, place)


def _wide(manifest: Manifest) -> Iterator[Lack]:
    """Patterns that take texts of any kind and length: what a caller sends is not looked at."""
    for name, pattern in manifest.dialect.path_patterns.items():
        if any(pattern.fullmatch(text * _ENDLESS) for text in _ANYTHING):
            what = f"Dialect.path_patterns[{name!r}] ({pattern.pattern}) takes anything"
            remedy = "say what the provider's ids look like, and how long they are: [0-9]{1,18}"
            yield Lack(("dialect", "path_patterns"), what, remedy)


def _scopes(manifest: Manifest) -> Iterator[Lack]:
    """Scopes that nobody could be asked for: what needs one would be refused for ever."""
    hooks = manifest.webhooks
    needed: list[tuple[tuple[Step, ...], tuple[str, ...]]] = [
        *((("streams", one.name), one.scopes) for one in manifest.streams),
        *((("tools", one.name), one.scopes) for one in manifest.tools),
        *((("resource_types", one.name), one.scopes) for one in manifest.resource_types),
        *(((("webhooks",), hooks.scopes),) if hooks else ()),
    ]
    known = manifest.scopes.known
    for at, scopes in needed:
        for scope in sorted(set(scopes) - known):
            what = (
                f"{' '.join(map(str, at))} needs the scope {scope!r}, which manifest.scopes lacks"
            )
            remedy = "write it as the provider does, or name it in ScopeRules (optional=…)"
            yield Lack((*at, "scopes"), what, remedy)
