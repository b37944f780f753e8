"""Looking at the settings alone: names, contradictions, and what production would refuse."""

from __future__ import annotations

import difflib
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from src.connectors.manifest import AuthKind, Manifest
from src.connectors.registry import ConnectorRegistry
from src.core.config import LOCKED_OUT, ConnectorOverrides, Settings
from src.services.encryption import KEY_FILE
from src.services.maintenance.findings import Finding, fine, note, problem, warning

_LIKENESS = 0.85
_FOREIGN = frozenset({"BACKUP_PASSPHRASE"})
_SHARED_BITS = stat.S_IRWXG | stat.S_IRWXO
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


def check_names(environment: Iterable[str], env_file: Iterable[str]) -> Iterator[Finding]:
    """Names that are meant to be settings and are none."""
    known = {name.upper() for name in Settings.model_fields}
    in_file = set(env_file)
    for name in sorted({*environment, *in_file}):
        upper = name.upper()
        if upper in known | _FOREIGN or upper.startswith("CONNECTORS__"):
            continue
        like = difflib.get_close_matches(upper, known, n=1, cutoff=_LIKENESS)
        if like or name in in_file:
            meant = f"Did you mean {like[0]}? " if like else ""
            yield warning(name, "No setting has this name.", f"{meant}See the table in README.md.")


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Settings that can be read and contradict each other, or what they are for."""
    given = sorted(name.upper() for name in settings.model_fields_set)
    yield fine("settings", f"Valid; given: {', '.join(given) or 'none'}.")
    if settings.locks_everybody_out:
        yield problem("ADMIN_API_KEY", "Every call is refused.", LOCKED_OUT)
    yield from _check_production(settings)
    yield from _check_public_url(settings)
    yield from _check_key(settings)
    if not settings.mongodb_url.get_secret_value():
        yield note(
            "MONGODB_URL",
            "The embedded MongoDB is used, which is for development.",
            "Set MONGODB_URL to a replica set that is backed up.",
        )


def _check_production(settings: Settings) -> Iterator[Finding]:
    if not settings.production:
        for fault in settings.production_faults():
            text = f"{fault}; this is development."
            yield note("ENVIRONMENT", text, "Change it before you set ENVIRONMENT=production.")
        return
    yield fine("ENVIRONMENT", "The strict rules of production hold.")
    if settings.log_level == "DEBUG":
        yield warning("LOG_LEVEL", "DEBUG tells much of every call.", "Set LOG_LEVEL=INFO.")
    if settings.allow_private_provider_hosts:
        yield warning(
            "ALLOW_PRIVATE_PROVIDER_HOSTS",
            "Addresses that tenants give may lie in your own network.",
            "Set it to false, and name single addresses with CONNECTORS__<ID>__API_URL.",
        )
    if settings.allow_private_webhook_hosts:
        yield warning(
            "ALLOW_PRIVATE_WEBHOOK_HOSTS",
            "Tenants' webhook endpoints may lie in your own network.",
            "Set it to false.",
        )


def _check_public_url(settings: Settings) -> Iterator[Finding]:
    host = urlsplit(settings.public_url).hostname or ""
    if host in _LOCAL and (settings.production or settings.auth_required):
        make = problem if settings.production else warning
        yield make(
            "PUBLIC_URL",
            f"Providers and browsers would be sent to {settings.public_url}.",
            "Set PUBLIC_URL to the address at which callers reach the service.",
        )
    elif not settings.auth_required and host not in _LOCAL:
        yield warning(
            "AUTH_REQUIRED",
            f"Open mode behind {settings.public_url}: whoever reaches it may do nearly everything.",
            "Set AUTH_REQUIRED=true and ADMIN_API_KEY.",
        )


def _check_key(settings: Settings) -> Iterator[Finding]:
    if settings.encryption_key.get_secret_value():
        return
    path = settings.data_dir / KEY_FILE
    if settings.mongodb_url.get_secret_value():
        yield warning(
            "ENCRYPTION_KEY",
            f"The key of a shared database lies in one machine's {path}.",
            "Put its content into ENCRYPTION_KEY, and a copy where your secrets are kept.",
        )
    if path.exists() and path.stat().st_mode & _SHARED_BITS:
        yield problem("ENCRYPTION_KEY", f"Others may read {path}.", f"Run: chmod 600 {path}")


def check_connectors(settings: Settings, registry: ConnectorRegistry) -> Iterator[Finding]:
    """What each connector lacks to be used."""
    overrides: Mapping[str, ConnectorOverrides] = settings.connectors
    for name in overrides:
        if name not in registry:
            yield problem(
                f"CONNECTORS__{name.upper()}",
                "There is no such connector.",
                f"The connectors are: {', '.join(sorted(registry))}.",
            )
    for name, loaded in sorted(registry.items()):
        yield _check_connector(loaded.manifest, overrides.get(name), settings)


def _check_connector(
    manifest: Manifest, own: ConnectorOverrides | None, settings: Settings
) -> Finding:
    subject = f"connector {manifest.id}"
    if own is not None and not own.enabled:
        return note(subject, "Switched off for all tenants.", "Unset its ENABLED to offer it.")
    kinds = {method.kind for method in manifest.auth_methods}
    has_app = own is not None and own.client_id is not None
    if AuthKind.OAUTH2 in kinds and not (has_app or settings.sandbox):
        prefix = f"CONNECTORS__{manifest.id.upper()}__"
        return note(
            subject,
            "There is no OAuth app of the platform: only tenants with an app of their own can use "
            "OAuth.",
            f"Register an app at the provider with the callback "
            f"{settings.public_url.rstrip('/')}{settings.api_prefix}/connectors/{manifest.id}"
            f"/connect/callback, and set {prefix}CLIENT_ID and {prefix}CLIENT_SECRET.",
        )
    return fine(subject, f"Version {manifest.version}, ready.")


def env_file_names(path: Path) -> list[str]:
    """The names that a ``.env`` file sets."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    pairs = [line.removeprefix("export ").partition("=") for line in map(str.strip, lines)]
    return [name.strip() for name, equals, _ in pairs if equals and not name.startswith("#")]
