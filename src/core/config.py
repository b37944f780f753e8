"""Every setting, read once from the environment and ``.env`` (contract §7)."""

from __future__ import annotations

import json
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from src.core.security import origin_of
from src.models.principal import Permission

SHORTEST_ADMIN_KEY = 16
SHORTEST_JWT_SECRET = 32
LOCKED_OUT = (
    "AUTH_REQUIRED=true, but neither ADMIN_API_KEY nor JWT_JWKS_URL nor JWT_SECRET is set: nobody "
    "can make a first API key, and without one every call is refused. Set ADMIN_API_KEY (at least "
    f"{SHORTEST_ADMIN_KEY} characters), or AUTH_REQUIRED=false for development."
)


def _strings(value: Any) -> Any:
    """Read ``a,b`` as well as ``["a","b"]``."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _is_web_address(text: str) -> bool:
    """Whether this is an http or https address with a host and a possible port."""
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_base(text: str) -> bool:
    """Whether this is a web address that ends with its host and port."""
    if not _is_web_address(text):
        return False
    parts = urlsplit(text)
    return not (parts.path.strip("/") or parts.query or parts.fragment or parts.username)


def _is_origin(text: str) -> bool:
    """Whether a browser would send exactly this as ``Origin``."""
    try:
        return text == origin_of(text)
    except ValueError:
        return False


def _is_key_set_address(text: str) -> bool:
    return _is_web_address(text) and not urlsplit(text).username


def _is_broker_address(text: str) -> bool:
    """Whether this is the address of a Redis."""
    try:
        parts = urlsplit(text)
        return parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _web_address(text: str) -> str:
    parts = urlsplit(text) if _is_web_address(text) else None
    if parts is None or parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be an http or https address without user name and query")
    return text


def _is_tcp_address(text: str) -> bool:
    """Whether this is ``tcp://``, a host and a port, and nothing else."""
    try:
        parts = urlsplit(text)
        return bool(parts.port) and text == f"tcp://{parts.hostname}:{parts.port}"
    except ValueError:
        return False


def _provider_address(text: str) -> str:
    """Which of the two it must be is the connector's to say."""
    return text if _is_tcp_address(text) else _web_address(text)


Strings = Annotated[list[str], NoDecode, BeforeValidator(_strings)]
Network = IPv4Network | IPv6Network


class ConnectorOverrides(BaseModel):
    """What the operator sets for one connector: the platform's app and other addresses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    api_url: Annotated[str, AfterValidator(_provider_address)] | None = None
    client_id: str | None = Field(default=None, pattern=r"^[\x21-\x7e]{1,256}$")
    client_secret: SecretStr | None = None
    consumer_key: str | None = Field(default=None, pattern=r"^[\x21-\x7e]{1,256}$")
    consumer_secret: SecretStr | None = None
    scopes: Strings | None = None
    authorize_url: Annotated[str, AfterValidator(_web_address)] | None = None
    token_url: Annotated[str, AfterValidator(_web_address)] | None = None
    revoke_url: Annotated[str, AfterValidator(_web_address)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        moved = self.authorize_url is not None
        faults = {
            "CLIENT_ID and CLIENT_SECRET go together": (self.client_id is None)
            != (self.client_secret is None),
            "CONSUMER_KEY and CONSUMER_SECRET go together": (self.consumer_key is None)
            != (self.consumer_secret is None),
            "AUTHORIZE_URL and TOKEN_URL go together": moved != (self.token_url is not None),
            "REVOKE_URL goes with AUTHORIZE_URL and TOKEN_URL": self.revoke_url is not None
            and not moved,
            "with API_URL, CLIENT_ID needs AUTHORIZE_URL and TOKEN_URL": self.api_url is not None
            and self.client_id is not None
            and not moved,
        }
        if found := [sentence for sentence, wrong in faults.items() if wrong]:
            raise ValueError("; ".join(found))
        return self


class Settings(BaseSettings):
    """The configuration of one process; frozen, so that nothing changes behind anybody's back."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    environment: Literal["development", "production"] = "development"
    app_name: str = "Connectors"
    app_description: str = "One API over the accounts of your customers."
    app_version: str = "0.1.0"
    api_prefix: str = Field(default="/api", pattern=r"^(/[A-Za-z0-9._-]+)+$")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_json: bool = False

    cors_allow_origins: Strings = []
    cors_allow_headers: Strings = ["*"]
    cors_allow_methods: Strings = ["*"]

    mongodb_url: SecretStr = SecretStr("")
    mongodb_db: str = Field(default="connectors", pattern=r"^[A-Za-z0-9_-]{1,38}$")
    data_dir: Path = Path(".data")
    encryption_key: SecretStr = SecretStr("")

    auth_required: bool = False
    admin_api_key: SecretStr = SecretStr("")
    jwt_jwks_url: str = ""
    jwt_secret: SecretStr = SecretStr("")
    jwt_issuer: str = ""
    jwt_audience: str = ""
    jwt_tenant_claim: str = "tenant_id"
    jwt_roles_claim: str = "roles"
    role_permissions: Annotated[
        dict[str, frozenset[Permission]], NoDecode, BeforeValidator(_json)
    ] = {}
    rate_limit_per_minute: int = Field(default=0, ge=0)
    rate_limit_per_hour: int = Field(default=0, ge=0)
    trusted_proxies: Annotated[list[Network], NoDecode, BeforeValidator(_strings)] = []
    metrics_enabled: bool = False
    worker_metrics_port: int = Field(default=0, ge=0, le=65535)

    public_url: str = "http://localhost:8000"
    return_url_allowlist: Strings = []
    connectors: dict[str, ConnectorOverrides] = {}
    connector_paths: Annotated[list[Path], NoDecode, BeforeValidator(_strings)] = []
    allow_private_provider_hosts: bool = False
    allow_private_webhook_hosts: bool = False
    provider_timeout_seconds: float = Field(default=20.0, gt=0, le=120)
    audit_retention_days: int = Field(default=0, ge=0, le=36500)
    events_retention_days: int = Field(default=30, ge=7, le=365)
    hook_deliveries_retention_days: int = Field(default=7, ge=1, le=90)
    conditional_cache_mb: int = Field(default=32, ge=0, le=1024)
    keep_alive_per_minute: int = Field(default=60, ge=0, le=6000)
    request_read_timeout_seconds: float = Field(default=30.0, gt=0, le=600)
    shutdown_delay_seconds: float = Field(default=0.0, ge=0, le=60)
    shutdown_timeout_seconds: int = Field(default=30, ge=1, le=600)
    sandbox: bool = False

    jobs_broker_url: SecretStr = SecretStr("")
    jobs_slice_seconds: float = Field(default=30.0, gt=0, le=600)
    jobs_lease_seconds: float = Field(default=15.0, ge=1, le=600)
    records_deleted_retention_days: int = Field(default=30, ge=0, le=36500)
    records_retention_days: int = Field(default=0, ge=0, le=36500)
    jobs_per_process: int = Field(default=8, ge=1, le=256)
    jobs_at_once: int = Field(default=64, ge=1, le=100_000)
    jobs_at_once_per_tenant: int = Field(default=8, ge=1, le=100_000)
    jobs_at_once_per_connector: int = Field(default=32, ge=1, le=100_000)

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [*self._faults(), *(self.production_faults() if self.production else ())]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _faults(self) -> list[str]:
        admin_key = self.admin_api_key.get_secret_value()
        faults = {
            f"ADMIN_API_KEY must have at least {SHORTEST_ADMIN_KEY} characters": bool(admin_key)
            and len(admin_key) < SHORTEST_ADMIN_KEY,
            "ADMIN_API_KEY must be ASCII": not admin_key.isascii(),
            "PUBLIC_URL must be an http or https address without a path": not _is_base(
                self.public_url
            ),
            "RETURN_URL_ALLOWLIST must hold origins, such as https://app.example.com": not all(
                map(_is_origin, self.return_url_allowlist)
            ),
            "CORS_ALLOW_ORIGINS must hold origins, such as https://app.example.com": not all(
                origin == "*" or _is_origin(origin) for origin in self.cors_allow_origins
            ),
            "JOBS_BROKER_URL must look like redis://user:password@host:6379/0": bool(
                self.jobs_broker_url.get_secret_value()
            )
            and not _is_broker_address(self.jobs_broker_url.get_secret_value()),
            **self._jwt_faults(),
            "WORKER_METRICS_PORT needs METRICS_ENABLED=true": bool(self.worker_metrics_port)
            and not self.metrics_enabled,
            "CORS_ALLOW_ORIGINS=* needs AUTH_REQUIRED=true": "*" in self.cors_allow_origins
            and not self.auth_required,
        }
        return [sentence for sentence, wrong in faults.items() if wrong]

    def _jwt_faults(self) -> dict[str, bool]:
        secret = self.jwt_secret.get_secret_value()
        return {
            "JWT_JWKS_URL and JWT_SECRET exclude each other": bool(self.jwt_jwks_url and secret),
            "JWT needs JWT_ISSUER and JWT_AUDIENCE": self.reads_jwt
            and not (self.jwt_issuer and self.jwt_audience),
            f"JWT_SECRET must have at least {SHORTEST_JWT_SECRET} characters": bool(secret)
            and len(secret) < SHORTEST_JWT_SECRET,
            "JWT_JWKS_URL must be an http or https address without user name": bool(
                self.jwt_jwks_url
            )
            and not _is_key_set_address(self.jwt_jwks_url),
        }

    def production_faults(self) -> list[str]:
        """What ``ENVIRONMENT=production`` refuses of these settings, or would."""
        faults = {
            "AUTH_REQUIRED=true": not self.auth_required,
            "ENCRYPTION_KEY": not self.encryption_key.get_secret_value(),
            "MONGODB_URL": not self.mongodb_url.get_secret_value(),
            "an https PUBLIC_URL": not self.public_url.startswith("https://"),
            "SANDBOX=false": self.sandbox,
            "CORS_ALLOW_ORIGINS without *": "*" in self.cors_allow_origins,
            "an https JWT_JWKS_URL": bool(self.jwt_jwks_url)
            and not self.jwt_jwks_url.startswith("https://"),
        }
        return [f"ENVIRONMENT=production needs {need}" for need, wrong in faults.items() if wrong]

    @property
    def reads_jwt(self) -> bool:
        """Whether callers may prove themselves with a token of the host application."""
        return bool(self.jwt_jwks_url or self.jwt_secret.get_secret_value())

    @property
    def locks_everybody_out(self) -> bool:
        """Whether callers must prove themselves, and nobody can begin to."""
        has_admin = bool(self.admin_api_key.get_secret_value())
        return self.auth_required and not has_admin and not self.reads_jwt

    @property
    def production(self) -> bool:
        """Whether the strict rules hold."""
        return self.environment == "production"
