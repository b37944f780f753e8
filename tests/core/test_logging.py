"""The log: one chain for structlog and the standard library, and no secret in any line."""

import logging
import time
from typing import Any

import pytest
from cryptography.fernet import Fernet

from src.core.logging import bind_log_context, get_logger, redact_text
from tests.core.conftest import StartLog

get_stdlib_logger = logging.getLogger  # noqa: TID251  the library itself is under test

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c2VyLTEifQ.c2lnbmF0dXJlLW9mLXRoaXM"
SECRETS = {
    "classic GitHub token": "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "GitHub app token": "ghs_16C7e42F292c6912E7710c838347Ae178B4a",
    "OAuth GitHub token": "gho_16C7e42F292c6912E7710c838347Ae178B4a",
    "user-to-server GitHub token": "ghu_16C7e42F292c6912E7710c838347Ae178B4a",
    "GitHub refresh token": "ghr_16C7e42F292c6912E7710c838347Ae178B4a",
    "GitHub token in capitals": "GHP_16C7E42F292C6912E7710C838347AE178B4A",
    "fine-grained GitHub token": "github_pat_11ABCDEFG0abcdefghij_KLMNOPQRSTUVWXYZ",
    "our API key": "uck_65f0c1_9f8e7d6c5b4a",
    "Atlassian token": "ATATT3xFfGF0abcdefghijkl=ABCDEF01",
    "Google token": "ya29.a0AfH6SMBabcdefghijkl",
    "Supabase token": "sbp_0102030405060708090a",
    "Supabase secret key": "sb_secret_0102030405060708090a",
    "webhook secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "JWT": JWT,
    "Fernet token": Fernet(Fernet.generate_key()).encrypt(b"inside").decode(),
}
SENTENCES = {
    "bearer": ("Authorization: Bearer Zm9vYmFyYmF6cXV4", "Zm9vYmFyYmF6cXV4"),
    "lower-case bearer": ("authorization: bearer Zm9vYmFyYmF6cXV4", "Zm9vYmFyYmF6cXV4"),
    "basic": ("Authorization: Basic dXNlcjpodW50ZXIy", "dXNlcjpodW50ZXIy"),
    "GitHub's token scheme": ("Authorization: token 0123456789abcdef", "0123456789abcdef"),
    "user info": ("cannot reach mongodb://user:hunter2@db:27017/x", "hunter2"),
    "user info with @": ("cannot reach mongodb://user:hunter2@hunter2@db/x", "hunter2"),
    "user info of several hosts": ("mongodb+srv://user:hunter2@a.db,b.db/?x=y", "hunter2"),
    "query parameter": ("GET https://x.example/a?access_token=hunter2&page=2", "hunter2"),
    "second parameter": ("GET /callback?page=2&code=hunter2", "hunter2"),
    "session parameter": ("GET /connect?session=hunter2 HTTP/1.1", "hunter2"),
    "address of a webhook": ("POST /api/hooks/whk_65f0c1/hunter2 HTTP/1.1", "hunter2"),
    "odd address of a webhook": ("404 /api//hooks//whk_65f0c1//hunter2?x=1", "hunter2"),
    "whole address of a webhook": ("posted to https://x.example/v1/hooks/whk_1/hunter2", "hunter2"),
    "form body": ("client_secret=hunter2&grant_type=refresh_token", "hunter2"),
    "JSON body": ('{"access_token": "hunter2", "expires_in": 10}', "hunter2"),
    "dict in a text": ("got {'refresh_token': 'hunter2'}", "hunter2"),
}
SECRET_NAMES = [
    "authorization",
    "Cookie",
    "set-cookie",
    "password",
    "passwd",
    "client_secret",
    "clientSecret",
    "access_token",
    "accessToken",
    "refresh_token",
    "api_key",
    "apiKey",
    "X-Api-Key",
    "private_key",
    "encryption_key",
    "credential",
    "credentials",
    "code_verifier",
    "session",
    "signature",
    "_password",
]


def test_an_event_is_one_json_line_with_level_logger_and_time(start_log: StartLog) -> None:
    log = start_log()
    get_logger("src.somewhere").info("connection.created", connection_id="con_1", ms=1.5)
    (line,) = log.lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "connection.created",
        "level": "info",
        "logger": "src.somewhere",
        "connection_id": "con_1",
        "ms": 1.5,
    }


def test_a_record_of_the_standard_library_goes_the_same_way(start_log: StartLog) -> None:
    log = start_log()
    bind_log_context(request_id="req_1")
    get_stdlib_logger("uvicorn.error").warning("port %d is taken", 8000)
    (line,) = log.lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "port 8000 is taken",
        "level": "warning",
        "logger": "uvicorn.error",
        "request_id": "req_1",
    }


def test_bound_context_appears_in_every_event(start_log: StartLog) -> None:
    log = start_log()
    bind_log_context(request_id="req_1")
    bind_log_context(tenant="acme", connector="github", connection="con_1")
    get_logger("a").info("one.done")
    get_logger("b").info("two.done", tenant="globex")
    one, two = log.lines()
    context = {"request_id": "req_1", "connector": "github", "connection": "con_1"}
    assert {**one, **context, "tenant": "acme"} == one
    assert {**two, **context, "tenant": "globex"} == two


def test_events_below_the_level_are_dropped(start_log: StartLog) -> None:
    log = start_log("WARNING")
    get_logger("a").info("one.done")
    get_stdlib_logger("b").info("two.done")
    get_logger("a").warning("three.done")
    assert [line["event"] for line in log.lines()] == ["three.done"]


def test_a_logger_that_was_used_before_obeys_the_level_of_now(start_log: StartLog) -> None:
    used = get_logger("test")
    for level, said in (("INFO", ["info"]), ("CRITICAL", []), ("DEBUG", ["debug", "info"])):
        log = start_log(level)
        used.debug("item.seen")
        used.info("item.seen")
        assert [line["level"] for line in log.lines()] == said


def test_the_servers_own_access_log_is_silent(start_log: StartLog) -> None:
    log = start_log()
    get_stdlib_logger("uvicorn.access").warning("GET /?session=x")
    assert log.text() == ""


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_field_with_a_secret_name_is_masked(start_log: StartLog, name: str) -> None:
    log = start_log()
    get_logger("a").info("thing.done", **{name: "hunter2"})
    assert log.lines()[0][name] == "***"


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS.keys())
def test_a_secret_is_masked_inside_any_text(start_log: StartLog, secret: str) -> None:
    log = start_log()
    get_logger("a").info("thing.done", detail=f"it was '{secret}', they said")
    get_logger("a").info("thing.done " + secret)
    get_stdlib_logger("b").warning("with %s", secret)
    field, event, record = log.lines()
    assert field["detail"] == "it was '***', they said"
    assert event["event"] == "thing.done ***"
    assert record["event"] == "with ***"


@pytest.mark.parametrize(("text", "secret"), SENTENCES.values(), ids=SENTENCES.keys())
def test_a_secret_is_known_by_the_words_around_it(text: str, secret: str) -> None:
    masked = redact_text(text)
    assert secret not in masked
    assert "***" in masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (
            "GET https://x.example/a?access_token=hunter2&page=2 failed",
            "GET https://x.example/a?access_token=***&page=2 failed",
        ),
        ("mongodb://user:hunter2@db:27017/x", "mongodb://***@db:27017/x"),
        ("Authorization: Bearer abcdefgh12", "Authorization: Bearer ***"),
        ('{"accessToken": "hunter2", "n": 1}', '{"accessToken": "***", "n": 1}'),
        ("GET /callback?code=hunter2&state=hunter2", "GET /callback?code=***&state=***"),
        ("GET /?hub.mode=ask&hub.verify_token=hunter2", "GET /?hub.mode=ask&hub.verify_token=***"),
        ("POST /?client_secret=hunter2&page=2", "POST /?client_secret=***&page=2"),
    ],
)
def test_what_surrounds_a_secret_stays_readable(text: str, masked: str) -> None:
    assert redact_text(text) == masked


def test_secrets_are_masked_however_deep_they_lie(start_log: StartLog) -> None:
    log = start_log()
    token = SECRETS["classic GitHub token"]
    get_logger("a").info(
        "thing.done",
        request={"headers": {"Authorization": "x", "Accept": "y"}, "tags": [token, ("a", token)]},
        seen={token},
        raw=token.encode(),
        error=ValueError(f"bad {token}"),
    )
    (line,) = log.lines()
    assert line["request"] == {
        "headers": {"Authorization": "***", "Accept": "y"},
        "tags": ["***", ["a", "***"]],
    }
    assert line["seen"] == ["***"]
    assert line["raw"] == "b'***'"
    assert line["error"] == "bad ***"


def test_what_lies_too_deep_to_be_looked_at_is_masked(start_log: StartLog) -> None:
    log = start_log()
    deep: dict[str, Any] = {"value": "harmless"}
    for _ in range(10):
        deep = {"inner": deep}
    get_logger("a").info("thing.done", deep=deep)
    written = log.text()
    assert "thing.done" in written
    assert "harmless" not in written


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "console"])
@pytest.mark.parametrize("get", [get_logger, get_stdlib_logger], ids=["structlog", "stdlib"])
def test_an_exception_is_logged_without_its_secrets(
    start_log: StartLog, get: Any, as_json: bool
) -> None:
    log = start_log(as_json=as_json)
    token = SECRETS["classic GitHub token"]
    try:
        fail_with(f"refused {token}")
    except RuntimeError:
        get("a").exception("thing.failed")
    written = log.text()
    assert "ValueError: refused ***" in written
    assert "RuntimeError: cannot reach mongodb://***@db" in written
    assert "in fail_with" in written
    assert token not in written
    assert "hunter2" not in written


def fail_with(message: str) -> None:
    cause = ValueError(message)
    raise RuntimeError("cannot reach mongodb://user:hunter2@db") from cause


def test_the_console_masks_too_and_shows_the_context(start_log: StartLog) -> None:
    log = start_log(as_json=False)
    bind_log_context(request_id="req_1")
    get_logger("a").info("thing.done", password="hunter2", note=f"Bearer {JWT}", count=3)
    get_stdlib_logger("b").warning("with %s", JWT)
    first, second = log.text().splitlines()
    for part in ("thing.done", "request_id=req_1", "password=***", "note='Bearer ***'", "count=3"):
        assert part in first
    for part in ("with ***", "request_id=req_1"):
        assert part in second


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "console"])
def test_a_line_break_cannot_forge_an_event(start_log: StartLog, as_json: bool) -> None:
    log = start_log(as_json=as_json)
    get_logger("a").info("thing.done", path="/x\n2026-01-01 [info] forged")
    assert len(log.text().splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("token_expires_at", "2026-01-01T00:00:00.000Z"),
        ("tokenExpiresAt", "2026-01-01T00:00:00.000Z"),
        ("token_type", "bearer"),
        ("has_refresh_token", True),
        ("path", "/api/connections/con_65f0c1a2b3c4d5e6f7a8b9c0/token"),
        ("url", "https://api.github.com/repos/octocat/hello?page=2&per_page=50"),
        ("email", "octocat@github.com"),
        ("text", "the eyJ prefix, a basic idea, gho and ghp_ alone"),
        ("message", "apiKey: must not be empty; clientSecret: write-only"),
        ("code", "credentials_unreadable"),
        ("connection_id", "con_65f0c1a2b3c4d5e6f7a8b9c0"),
        ("key_fingerprint", "9f8e7d6c5b4a3210"),
        ("count", 0),
        ("nothing", None),
        ("ok", False),
        ("names", ["a", "b"]),
    ],
)
def test_a_harmless_field_stays_as_it_is(start_log: StartLog, name: str, value: object) -> None:
    log = start_log()
    get_logger("a").info("thing.done", **{name: value})
    assert log.lines()[0][name] == value


@pytest.mark.parametrize("part", ["-eyJ", "eyJ-", "eyJaaaaaaaa.", "://a", "token ", '"token":'])
def test_a_text_made_to_stall_the_masking_takes_no_long_time(part: str) -> None:
    text = f"token=1 {part * (400_000 // len(part))}"
    began = time.process_time()
    redact_text(text)
    assert time.process_time() - began < 1
