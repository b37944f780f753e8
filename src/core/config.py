"""Every setting, read once from the environment and ``.env`` (contract §7)."""

from __future__ import annotations

import json
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

SHORTEST_ADMIN_KEY = 16
LOCKED_OUT = (
    "AUTH_REQUIRED=true, but ADMIN_API_KEY is not set, so that every call is refused. Set "
    f"ADMIN_API_KEY (at least {SHORTEST_ADMIN_KEY} characters), or AUTH_REQUIRED=false for "
    "development."
)


def _strings(value: Any) -> Any:
    """Read ``a,b`` as well as ``["a","b"]``."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


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


def _web_address(text: str) -> str:
    parts = urlsplit(text) if _is_web_address(text) else None
    if parts is None or parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("must be an http or https address without user name and query")
    return text


Strings = Annotated[list[str], NoDecode, BeforeValidator(_strings)]


class ConnectorOverrides(BaseModel):
    """What the operator sets for one connector: the platform's app and other addresses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    api_url: Annotated[str, AfterValidator(_web_address)] | None = None


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

    public_url: str = "http://localhost:8000"
    connectors: dict[str, ConnectorOverrides] = {}
    connector_paths: Annotated[list[Path], NoDecode, BeforeValidator(_strings)] = []
    allow_private_provider_hosts: bool = False
    provider_timeout_seconds: float = Field(default=20.0, gt=0, le=120)
    conditional_cache_mb: int = Field(default=32, ge=0, le=1024)
    request_read_timeout_seconds: float = Field(default=30.0, gt=0, le=600)
    shutdown_delay_seconds: float = Field(default=0.0, ge=0, le=60)
    shutdown_timeout_seconds: int = Field(default=30, ge=1, le=600)
    sandbox: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        problems = [*self._faults(), *(self._production_faults() if self.production else ())]
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
            "CORS_ALLOW_ORIGINS must hold origins, such as https://app.example.com": not all(
                origin == "*" or _is_origin(origin) for origin in self.cors_allow_origins
            ),
            "CORS_ALLOW_ORIGINS=* needs AUTH_REQUIRED=true": "*" in self.cors_allow_origins
            and not self.auth_required,
        }
        return [sentence for sentence, wrong in faults.items() if wrong]

    def _production_faults(self) -> list[str]:
        faults = {
            "AUTH_REQUIRED=true": not self.auth_required,
            "ENCRYPTION_KEY": not self.encryption_key.get_secret_value(),
            "MONGODB_URL": not self.mongodb_url.get_secret_value(),
            "an https PUBLIC_URL": not self.public_url.startswith("https://"),
            "SANDBOX=false": self.sandbox,
            "CORS_ALLOW_ORIGINS without *": "*" in self.cors_allow_origins,
        }
        return [f"ENVIRONMENT=production needs {need}" for need, wrong in faults.items() if wrong]

    @property
    def locks_everybody_out(self) -> bool:
        """Whether callers must prove themselves, and nobody can begin to."""
        return self.auth_required and not self.admin_api_key.get_secret_value()

    @property
    def production(self) -> bool:
        """Whether the strict rules hold."""
        return self.environment == "production"
