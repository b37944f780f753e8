"""Structured logging: structlog and the standard library through one chain, secrets masked.

Events are ``noun.verb_in_past_tense`` with fields. Request id, tenant, connector and connection are
bound to the request by whoever learns them first.
"""

from __future__ import annotations

import logging
import logging.config
import re
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, ClassVar, TextIO, cast

import msgspec
import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

MASK = "***"

_SECRET_NAME = re.compile(
    r"authorization|cookie|passw|secret|token|(api|private|encryption)[_-]?key|credential"
    r"|verifier|\bsession\b|signature",
    re.IGNORECASE,
)
_NOT_SECRET_NAMES = frozenset(
    {"token_expires_at", "tokenExpiresAt", "token_type", "has_refresh_token", "max_tokens"}
)
_SECRET_VALUE = re.compile(
    r"""(?ix)
      (?P<scheme>\b(?:bearer|basic|token)\s+)[A-Za-z0-9._~+/=-]{8,}
    | \b(?:gh[pousr]_|github_pat_|uck_|whsec_|sb_secret_|sbp_|ya29\.|ATATT)[\w.=-]{4,}
    | \beyJ[A-Za-z0-9_.-]{16,}
    | \bgAAAAA[A-Za-z0-9_=-]{20,}
    | (?P<hook>/hooks/+[^/?\#\s"]+/+)[^/?\#\s"]+
    | (?P<userinfo>://)[^/?\#\s"]+(?=@)
    | (?P<parameter>[?&;](?:code|key|session|state|signature|[\w.-]*(?:token|secret))=)[^&\s"']+
    | (?P<field>\b(?:access_?token|refresh_?token|id_?token|client_?secret|code_?verifier|api_?key
        |password)(?:["']\s*:\s*["']|\s*=\s*["']?))[^\s"'&;,}]+
    """,
)
_HINTS = (
    *("=", "://", "/hooks/", "bearer", "basic", "token", "secret", "verifier", "key", "password"),
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "uck_", "whsec_", "sb_", "sbp_"),
    *("ya29.", "atatt", "eyj", "gaaaaa"),
)
"""Every secret that the pattern finds has one of these; most texts of a log have none."""

_DEEPEST = 6
_NUMBERS = (int, float, type(None))
_NOTHING: Mapping[str, Any] = {}
_context: ContextVar[dict[str, Any]] = ContextVar("log_context")
"""One dictionary per request, shared by the tasks that it starts."""

_OF_STRUCTLOG = frozenset({"_record", "_from_structlog"})


def redact_text(text: str) -> str:
    """Mask whatever looks like a secret inside a text."""
    return _SECRET_VALUE.sub(_masked, text) if _has_hint(text) else text


def _masked(match: re.Match[str]) -> str:
    kept = (match["scheme"], match["hook"], match["userinfo"], match["parameter"], match["field"])
    return next(filter(None, kept), "") + MASK


def _redact_value(value: object, depth: int) -> object:
    match value:
        case str():
            return redact_text(value)
        case None | bool() | int() | float():
            return value
        case Mapping() if depth < _DEEPEST:
            return {
                key: MASK if _is_secret_name(str(key)) else _redact_value(inner, depth + 1)
                for key, inner in value.items()
            }
        case list() | tuple() | set() | frozenset() if depth < _DEEPEST:
            return [_redact_value(inner, depth + 1) for inner in value]
        case _:
            return redact_text(str(value)) if depth < _DEEPEST else MASK


@lru_cache(maxsize=4096)
def _is_secret_name(name: str) -> bool:
    return name not in _NOT_SECRET_NAMES and _SECRET_NAME.search(name) is not None


def _is_plain(event: EventDict) -> bool:
    """Whether one look at all of it shows that there is nothing to mask, as in most events."""
    texts = []
    for name, value in event.items():
        if isinstance(value, str):
            texts.append(value)
        elif not isinstance(value, _NUMBERS):
            return False
        if _is_secret_name(name):
            return False
    return not _has_hint("\n".join(texts))


def _has_hint(text: str) -> bool:
    return any(map(text.casefold().__contains__, _HINTS))


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Mask fields with secret names, and secrets inside any text, exceptions included."""
    if _is_plain(event):
        return event
    meta = {key: value for key, value in event.items() if key in _OF_STRUCTLOG}
    return {**cast("EventDict", _redact_value(event, 0)), **meta}


def _add_context(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """What is known of the present request, under what the event itself says."""
    for name, value in _context.get(_NOTHING).items():
        event.setdefault(name, value)
    return event


def _to_json(event: EventDict, **_: object) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()


_processors: list[Processor] = []
"""One list for good, since loggers that were used before hold on to it."""

_loggers: list[FilteringBoundLogger] = []
"""Those of modules, which keep the level that they were first used at until they forget it."""


class _Lines:
    """Writes each line whole to standard error, as it was when logging was configured."""

    stream: ClassVar[TextIO] = sys.stderr

    def __init__(self, name: str) -> None:
        self.name = name

    def msg(self, line: str) -> None:
        """Write one line."""
        self.stream.write(f"{line}\n")
        self.stream.flush()

    debug = info = warning = error = critical = exception = msg


def configure_logging(level: str, *, as_json: bool) -> None:
    """Send structlog and the standard library through the same processors to standard error."""
    shared: list[Processor] = [
        _add_context,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
        structlog.processors.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(serializer=_to_json)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "chain": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        renderer,
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "chain"}},
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "uvicorn": {"handlers": [], "propagate": True},
                "uvicorn.error": {"handlers": [], "propagate": True},
                # Our own access log says more, without query strings.
                "uvicorn.access": {"handlers": [], "propagate": False, "level": "WARNING"},
                "pymongo": {"level": "WARNING"},
                "asyncio": {"level": "WARNING"},
                "taskiq": {"level": "WARNING"},
            },
        }
    )
    _Lines.stream = sys.stderr
    _processors[:] = [*shared, renderer]
    structlog.configure(
        processors=_processors,
        logger_factory=_Lines,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    for logger in _loggers:
        # What structlog has put there on first use.
        vars(logger).pop("bind", None)


def get_logger(name: str) -> FilteringBoundLogger:
    """The logger of a module."""
    logger: FilteringBoundLogger = structlog.get_logger(name)
    _loggers.append(logger)
    return logger


def begin_log_context(**fields: Any) -> None:
    """Begin a request: these fields, and no others, are added to its events."""
    _context.set(fields)


def bind_log_context(**fields: Any) -> None:
    """Add fields to every event of the present request."""
    known = _context.get(None)
    if known is None:
        _context.set(fields)
    else:
        known.update(fields)
