"""Settings: what the environment says, and what a start refuses (contract §7)."""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from src.core.config import ConnectorOverrides, Settings

KEY = "k" * 16
PRODUCTION = {
    "ENVIRONMENT": "production",
    "AUTH_REQUIRED": "true",
    "ENCRYPTION_KEY": "some-key",
    "MONGODB_URL": "mongodb://db.internal/?replicaSet=rs0",
    "PUBLIC_URL": "https://connect.example.com",
}

NAMED = {"JWT_ISSUER": "https://host.example", "JWT_AUDIENCE": "connectors"}
KEY_SET = {"JWT_JWKS_URL": "https://host.example/keys"}
SHARED = {"JWT_SECRET": "s" * 32}

DEFAULTS: dict[str, object] = {
    "environment": "development",
    "app_name": "Connectors",
    "app_description": "One API over the accounts of your customers.",
    "app_version": "0.1.0",
    "api_prefix": "/api",
    "log_level": "INFO",
    "log_json": False,
    "cors_allow_origins": [],
    "cors_allow_headers": ["*"],
    "cors_allow_methods": ["*"],
    "mongodb_url": SecretStr(""),
    "mongodb_db": "connectors",
    "data_dir": Path(".data"),
    "encryption_key": SecretStr(""),
    "auth_required": False,
    "admin_api_key": SecretStr(""),
    "jwt_jwks_url": "",
    "jwt_secret": SecretStr(""),
    "jwt_issuer": "",
    "jwt_audience": "",
    "jwt_tenant_claim": "tenant_id",
    "jwt_roles_claim": "roles",
    "role_permissions": {},
    "rate_limit_per_minute": 0,
    "rate_limit_per_hour": 0,
    "trusted_proxies": [],
    "metrics_enabled": False,
    "worker_metrics_port": 0,
    "public_url": "http://localhost:8000",
    "return_url_allowlist": [],
    "connectors": {},
    "connector_paths": [],
    "allow_private_provider_hosts": False,
    "allow_private_webhook_hosts": False,
    "sandbox": False,
    "provider_timeout_seconds": 20.0,
    "audit_retention_days": 0,
    "events_retention_days": 30,
    "hook_deliveries_retention_days": 7,
    "conditional_cache_mb": 32,
    "keep_alive_per_minute": 60,
    "request_read_timeout_seconds": 30.0,
    "shutdown_delay_seconds": 0.0,
    "shutdown_timeout_seconds": 30,
    "jobs_broker_url": SecretStr(""),
    "jobs_slice_seconds": 30.0,
    "jobs_lease_seconds": 15.0,
    "records_deleted_retention_days": 30,
    "records_retention_days": 0,
    "jobs_per_process": 8,
    "jobs_at_once": 64,
    "jobs_at_once_per_tenant": 8,
    "jobs_at_once_per_connector": 32,
}


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().partition("__")[0] in Settings.model_fields:
            monkeypatch.delenv(name)


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Settings out of these environment variables alone."""

    def settings(**environment: str) -> Settings:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return Settings(_env_file=None)

    return settings


def complaint(read: Any, **environment: str) -> str:
    with pytest.raises(ValidationError) as refused:
        read(**environment)
    return str(refused.value)


@pytest.mark.parametrize(("field", "default"), DEFAULTS.items())
@pytest.mark.parametrize("present", [False, True], ids=["absent", "empty"])
def test_a_setting_that_is_absent_or_empty_has_its_default(
    read: Any, field: str, default: object, present: bool
) -> None:
    settings = read(**({field.upper(): ""} if present else {}))
    assert getattr(settings, field) == default


def test_the_table_of_defaults_knows_every_setting() -> None:
    assert DEFAULTS.keys() == Settings.model_fields.keys()


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("ENVIRONMENT", "development", "development"),
        ("APP_NAME", "Acme Connect", "Acme Connect"),
        ("APP_DESCRIPTION", "Ours", "Ours"),
        ("APP_VERSION", "2.0.1", "2.0.1"),
        ("API_PREFIX", "/v1/connect", "/v1/connect"),
        ("LOG_LEVEL", "DEBUG", "DEBUG"),
        ("LOG_JSON", "true", True),
        ("CORS_ALLOW_ORIGINS", "https://a.example", ["https://a.example"]),
        ("CORS_ALLOW_HEADERS", "X-A, X-B", ["X-A", "X-B"]),
        ("CORS_ALLOW_METHODS", '["GET", "POST"]', ["GET", "POST"]),
        ("MONGODB_URL", "mongodb://db", SecretStr("mongodb://db")),
        ("MONGODB_DB", "elsewhere", "elsewhere"),
        ("DATA_DIR", "/var/lib/connectors", Path("/var/lib/connectors")),
        ("ENCRYPTION_KEY", "one,two", SecretStr("one,two")),
        ("AUTH_REQUIRED", "1", True),
        ("ADMIN_API_KEY", KEY, SecretStr(KEY)),
        ("JWT_TENANT_CLAIM", "org", "org"),
        ("JWT_ROLES_CLAIM", "groups", "groups"),
        ("ROLE_PERMISSIONS", '{"boss": ["admin"]}', {"boss": frozenset({"admin"})}),
        ("RATE_LIMIT_PER_MINUTE", "60", 60),
        ("RATE_LIMIT_PER_HOUR", "1000", 1000),
        ("TRUSTED_PROXIES", "10.0.0.0/8, ::1", [ip_network("10.0.0.0/8"), ip_network("::1")]),
        ("METRICS_ENABLED", "true", True),
        ("PUBLIC_URL", "https://connect.example.com/", "https://connect.example.com/"),
        ("ALLOW_PRIVATE_PROVIDER_HOSTS", "yes", True),
        ("PROVIDER_TIMEOUT_SECONDS", "3.5", 3.5),
        ("CONNECTOR_PATHS", "/opt/a, more/b", [Path("/opt/a"), Path("more/b")]),
        ("REQUEST_READ_TIMEOUT_SECONDS", "0.5", 0.5),
        ("SHUTDOWN_DELAY_SECONDS", "2.5", 2.5),
        ("SHUTDOWN_TIMEOUT_SECONDS", "60", 60),
        ("SANDBOX", "true", True),
        ("JOBS_BROKER_URL", "rediss://:word@queue/3", SecretStr("rediss://:word@queue/3")),
        ("JOBS_PER_PROCESS", "2", 2),
        ("JOBS_AT_ONCE", "500", 500),
        ("JOBS_AT_ONCE_PER_TENANT", "3", 3),
        ("JOBS_AT_ONCE_PER_CONNECTOR", "30", 30),
    ],
)
def test_the_environment_sets_each_setting(read: Any, name: str, text: str, value: object) -> None:
    assert getattr(read(**{name: text}), name.lower()) == value


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("https://a.example,https://b.example", ["https://a.example", "https://b.example"]),
        (" https://a.example , https://b.example ,", ["https://a.example", "https://b.example"]),
        ('["https://a.example","https://b.example"]', ["https://a.example", "https://b.example"]),
        ("https://a.example", ["https://a.example"]),
        ("[]", []),
    ],
)
def test_a_list_in_a_dotenv_file_may_be_commas_or_json(
    tmp_path: Path, text: str, origins: list[str]
) -> None:
    (tmp_path / ".env").write_text(f"CORS_ALLOW_ORIGINS={text}\n", encoding="utf-8")
    assert Settings(_env_file=tmp_path / ".env").cors_allow_origins == origins


def test_a_dotenv_file_may_hold_what_is_not_ours_and_the_environment_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("NODE_ENV=test\nAPP_NAME=File\nLOG_JSON=\n", encoding="utf-8")
    monkeypatch.setenv("APP_NAME", "Environment")
    settings = Settings(_env_file=tmp_path / ".env")
    assert (settings.app_name, settings.log_json) == ("Environment", False)


def test_the_settings_of_a_connector_are_nested(read: Any) -> None:
    settings = read(
        CONNECTORS__GITHUB__API_URL="http://10.0.0.5:3000/api/v3", CONNECTORS__JIRA__ENABLED="false"
    )
    assert settings.connectors == {
        "github": ConnectorOverrides(api_url="http://10.0.0.5:3000/api/v3"),
        "jira": ConnectorOverrides(enabled=False),
    }


def test_a_connector_that_speaks_no_http_may_be_moved_by_host_and_port(read: Any) -> None:
    settings = read(CONNECTORS__POSTGRESQL__API_URL="tcp://db.internal:5432")
    assert settings.connectors["postgresql"].api_url == "tcp://db.internal:5432"


def test_a_consumer_key_goes_with_its_secret(read: Any) -> None:
    said = complaint(read, CONNECTORS__GARMIN__CONSUMER_KEY="key")
    assert "CONSUMER_KEY and CONSUMER_SECRET go together" in said
    both = {"CONSUMER_KEY": "key", "CONSUMER_SECRET": "quiet-secret"}
    settings = read(**{f"CONNECTORS__GARMIN__{name}": text for name, text in both.items()})
    assert settings.connectors["garmin"].consumer_key == "key"
    assert "quiet-secret" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ENVIRONMENT", "staging"),
        ("API_PREFIX", "api"),
        ("API_PREFIX", "/api/"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_JSON", "perhaps"),
        ("CORS_ALLOW_ORIGINS", "[not json"),
        ("CORS_ALLOW_ORIGINS", "[1]"),
        ("MONGODB_DB", "a.b"),
        ("ROLE_PERMISSIONS", '{"boss": ["everything"]}'),
        ("ROLE_PERMISSIONS", "boss"),
        ("RATE_LIMIT_PER_MINUTE", "-1"),
        ("TRUSTED_PROXIES", "proxy.example.com"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("PROVIDER_TIMEOUT_SECONDS", "0"),
        ("PROVIDER_TIMEOUT_SECONDS", "121"),
        ("REQUEST_READ_TIMEOUT_SECONDS", "0"),
        ("REQUEST_READ_TIMEOUT_SECONDS", "601"),
        ("SHUTDOWN_DELAY_SECONDS", "-1"),
        ("SHUTDOWN_TIMEOUT_SECONDS", "0"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_the_name_of_its_setting(
    read: Any, name: str, text: str
) -> None:
    assert name.lower() in complaint(read, **{name: text})


@pytest.mark.parametrize(
    "address",
    [
        "localhost:8000",
        "ftp://connect.example.com",
        "https://",
        "https://connect.example.com/base",
        "https://connect.example.com?x=1",
        "https://connect.example.com#top",
        "https://user:pass@connect.example.com",
        "http://[::1",
        "http://localhost:99999",
        "http://localhost:eight",
    ],
)
def test_a_malformed_public_url_is_refused_in_a_sentence(read: Any, address: str) -> None:
    said = complaint(read, PUBLIC_URL=address)
    assert "PUBLIC_URL must be an http or https address without a path" in said


def test_workers_have_a_page_of_metrics_only_where_there_are_metrics(read: Any) -> None:
    told = complaint(read, WORKER_METRICS_PORT="9464")
    assert "WORKER_METRICS_PORT needs METRICS_ENABLED=true" in told
    assert read(WORKER_METRICS_PORT="9464", METRICS_ENABLED="true").worker_metrics_port == 9464


@pytest.mark.parametrize(
    "address", ["queue", "queue:6379", "amqp://word@queue", "redis://", "redis://word@queue:x"]
)
def test_what_is_no_address_of_a_redis_is_refused_without_being_told(
    read: Any, address: str
) -> None:
    told = complaint(read, JOBS_BROKER_URL=address)
    assert "JOBS_BROKER_URL must look like redis://" in told
    assert "word@" not in told.replace("password@", "")


@pytest.mark.parametrize(
    "address",
    [
        "api.github.com",
        "ftp://github",
        "http://[::1",
        "https://",
        "tcp://db.internal",
        "tcp://db.internal:0",
        "tcp://user:word@db.internal:5432",
        "tcp://db.internal:5432/shop",
    ],
)
def test_a_malformed_provider_address_is_refused_by_name(read: Any, address: str) -> None:
    said = complaint(read, CONNECTORS__GITHUB__API_URL=address)
    assert "connectors.github.api_url" in said
    assert "must be an http or https address" in said


def test_an_unknown_setting_of_a_connector_is_refused(read: Any) -> None:
    assert "connectors.github.api_ulr" in complaint(
        read, CONNECTORS__GITHUB__API_ULR="https://github.example"
    )


@pytest.mark.parametrize(
    "origin",
    [
        "app.example.com",
        "https://app.example.com/",
        "HTTPS://app.example.com",
        "http://[::1",
        "null",
    ],
)
def test_an_origin_that_no_browser_sends_is_refused(read: Any, origin: str) -> None:
    said = complaint(read, CORS_ALLOW_ORIGINS=f"https://fine.example,{origin}")
    assert "CORS_ALLOW_ORIGINS must hold origins" in said


def test_every_origin_may_call_only_where_a_key_is_asked_for(read: Any) -> None:
    assert "CORS_ALLOW_ORIGINS=* needs AUTH_REQUIRED=true" in complaint(
        read, CORS_ALLOW_ORIGINS="*"
    )
    assert read(CORS_ALLOW_ORIGINS="*", AUTH_REQUIRED="true").cors_allow_origins == ["*"]


def test_a_short_admin_key_is_refused_without_being_told(read: Any) -> None:
    assert "must be ASCII" in complaint(read, ADMIN_API_KEY="schlüssel" * 3)
    said = complaint(read, ADMIN_API_KEY="hunter2-hunter2")
    assert "ADMIN_API_KEY must have at least 16 characters" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("environment", [{}, PRODUCTION], ids=["development", "production"])
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({**NAMED, **KEY_SET, **SHARED}, "JWT_JWKS_URL and JWT_SECRET exclude each other"),
        ({**KEY_SET}, "JWT needs JWT_ISSUER and JWT_AUDIENCE"),
        ({**SHARED, "JWT_ISSUER": "https://host.example"}, "JWT needs JWT_ISSUER and JWT_AUDIENCE"),
        ({**KEY_SET, "JWT_AUDIENCE": "us"}, "JWT needs JWT_ISSUER and JWT_AUDIENCE"),
        ({**NAMED, "JWT_SECRET": "hunter2"}, "JWT_SECRET must have at least 32 characters"),
        ({**NAMED, "JWT_JWKS_URL": "host.example"}, "JWT_JWKS_URL must be an http or https"),
        ({**NAMED, "JWT_JWKS_URL": "https://me@host.example"}, "without user name"),
    ],
)
def test_what_would_make_tokens_unsafe_is_refused(
    read: Any, environment: dict[str, str], change: dict[str, str], fault: str
) -> None:
    said = complaint(read, **{**environment, **change})
    assert fault in said
    assert "hunter2" not in said


@pytest.mark.parametrize("way", [KEY_SET, SHARED], ids=["key set", "secret"])
def test_tokens_are_read_one_way_or_the_other(read: Any, way: dict[str, str]) -> None:
    settings = read(**{**PRODUCTION, **NAMED, **way})
    assert settings.reads_jwt
    assert not settings.locks_everybody_out


def test_whom_nobody_can_let_in_is_locked_out(read: Any) -> None:
    assert read(AUTH_REQUIRED="true").locks_everybody_out
    assert not read(AUTH_REQUIRED="true", ADMIN_API_KEY=KEY).locks_everybody_out
    assert not read(AUTH_REQUIRED="false").locks_everybody_out


def test_production_starts_with_everything_that_it_needs(read: Any) -> None:
    assert read(**PRODUCTION).production
    assert not read(ENVIRONMENT="development").production


@pytest.mark.parametrize(
    ("change", "need"),
    [
        ({"AUTH_REQUIRED": "false"}, "AUTH_REQUIRED=true"),
        ({"ENCRYPTION_KEY": ""}, "ENCRYPTION_KEY"),
        ({"MONGODB_URL": ""}, "MONGODB_URL"),
        ({"PUBLIC_URL": "http://connect.example.com"}, "an https PUBLIC_URL"),
        ({"SANDBOX": "true"}, "SANDBOX=false"),
        ({"CORS_ALLOW_ORIGINS": "*"}, "CORS_ALLOW_ORIGINS without *"),
        ({**NAMED, "JWT_JWKS_URL": "http://host.example/keys"}, "an https JWT_JWKS_URL"),
    ],
)
def test_production_refuses_to_start_without_one_thing_and_names_it(
    read: Any, change: dict[str, str], need: str
) -> None:
    said = complaint(read, **{**PRODUCTION, **change})
    assert said.count("ENVIRONMENT=production needs") == 1
    assert f"ENVIRONMENT=production needs {need}" in said


def test_production_names_everything_that_is_missing_at_once(read: Any) -> None:
    said = complaint(read, ENVIRONMENT="production", SANDBOX="true", CORS_ALLOW_ORIGINS="*")
    for need in (
        "AUTH_REQUIRED=true",
        "ENCRYPTION_KEY",
        "MONGODB_URL",
        "an https PUBLIC_URL",
        "SANDBOX=false",
        "CORS_ALLOW_ORIGINS without *",
    ):
        assert f"ENVIRONMENT=production needs {need}" in said


def test_settings_do_not_change(read: Any) -> None:
    settings = read(CONNECTORS__GITHUB__ENABLED="true")
    with pytest.raises(ValidationError, match="frozen"):
        settings.sandbox = True
    with pytest.raises(ValidationError, match="frozen"):
        settings.connectors["github"].enabled = False


def test_no_secret_shows_in_what_is_printed(read: Any) -> None:
    settings = read(
        MONGODB_URL="mongodb://user:hunter2@db",
        ENCRYPTION_KEY="hunter2",
        ADMIN_API_KEY="hunter2" * 3,
        JWT_SECRET="hunter2" * 5,
        **NAMED,
    )
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert "hunter2" not in shown


def test_no_value_shows_in_a_refusal(read: Any) -> None:
    said = complaint(
        read, ENVIRONMENT="production", MONGODB_URL="mongodb://user:hunter2@db", SANDBOX="true"
    )
    assert "hunter2" not in said
