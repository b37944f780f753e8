"""What a manifest must say, checked whole."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from pydantic import BaseModel

from src.connectors.manifest import AuthKind, AuthMethod, Manifest
from src.connectors.registry import LoadedConnector
from src.testing.bench import Bench, expect, load_sandbox
from src.testing.code import path_parameters, read_package

_ACTIVE = re.compile(rb"<script|\son\w+\s*=|javascript:|<foreignObject", re.IGNORECASE)


def folder_of(loaded: LoadedConnector) -> Path:
    """Where a connector's files are."""
    return Path(inspect.getfile(loaded.connector_class)).parent


def check_manifest(bench: Bench, connector_id: str) -> None:
    """Everything of a manifest that can be wrong without the registry seeing it."""
    loaded = bench.loaded
    manifest = loaded.manifest
    folder = folder_of(loaded)
    expect(
        manifest.id == connector_id == folder.name,
        f"id: manifest says {manifest.id!r}, the folder is {folder.name!r}, the suite has"
        f" {connector_id!r}. Use one id for all three.",
    )
    for field in ("name", "description", "category"):
        expect(
            getattr(manifest, field).strip(), f"manifest.{field} is empty: the catalogue shows it"
        )
    for field in ("docs_url", "api_url"):
        expect(
            re.fullmatch(r"https://[a-z0-9.-]+(:\d+)?(/[^\s?#]*)?", getattr(manifest, field)),
            f"manifest.{field} must be an https address without query",
        )
    _check_icon(loaded.icon)
    _check_models(manifest)
    for method in manifest.auth_methods:
        _check_method(manifest, method)
        bench.connector(method=method)
    load_sandbox(loaded)
    _check_patterns(manifest, folder)


def _check_icon(icon: bytes) -> None:
    start = icon.lstrip()[:200].lower()
    expect(
        start.startswith(b"<svg") or (start.startswith(b"<?xml") and b"<svg" in icon.lower()),
        "icon.svg is no SVG: put the provider's mark there as <svg xmlns=…>",
    )
    expect(not _ACTIVE.search(icon), "icon.svg holds script: leave only shapes, browsers show it")


def _check_models(manifest: Manifest) -> None:
    models: dict[str, type[BaseModel]] = {
        "config_model": manifest.config_model,
        "settings_model": manifest.settings_model,
        **{f"checkpoint of {stream.name}": stream.checkpoint for stream in manifest.streams},
    }
    for name, model in models.items():
        expect(
            model.model_config.get("extra") == "forbid",
            f"{name} ({model.__name__}) takes unknown fields: set extra='forbid' in model_config",
        )


def _check_method(manifest: Manifest, method: AuthMethod) -> None:
    names = [field.name for field in method.fields]
    expect(method.label.strip(), f"auth method {method.id}: give it a label, a form shows it")
    expect(len(names) == len(set(names)), f"auth method {method.id} repeats a field")
    if method.kind is AuthKind.API_KEY:
        expect("apiKey" in names, f"auth method {method.id} needs a field apiKey to be usable")
        expect(
            all(field.secret for field in method.fields if field.name in {"apiKey", "apiSecret"}),
            f"auth method {method.id}: apiKey and apiSecret must be secret=True",
        )
    expect(
        method.signs != "header" or method.header.strip(),
        f"auth method {method.id} signs by header: say which in `header`",
    )
    known = {field.alias or name for name, field in manifest.config_model.model_fields.items()}
    for name in names:
        expect(
            not name.startswith("config.") or name.removeprefix("config.") in known,
            f"auth method {method.id} asks for {name}, which config_model does not know",
        )


def _check_patterns(manifest: Manifest, folder: Path) -> None:
    for name, template in path_parameters(read_package(folder)).items():
        expect(
            name in manifest.dialect.path_patterns,
            f"{template} has the parameter {name!r}: say in Dialect.path_patterns what its values"
            " look like",
        )
