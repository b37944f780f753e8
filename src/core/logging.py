"""Structured logging: structlog and the standard library through one chain, secrets masked.

Events are ``noun.verb_in_past_tense`` with fields. Request id, tenant, connector and connection are
bound as context variables by whoever learns them first.
"""

from __future__ import annotations

import logging
import logging.config
import re
from collections.abc import Mapping
from typing import Any, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

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
    | \beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*
    | \bgAAAAA[A-Za-z0-9_=-]{20,}
    | (?P<userinfo>://)[^/?\#\s"]+(?=@)
    | (?P<parameter>[?&;](?:code|key|token|session|state|signature)=)[^&\s"']+
    | (?P<field>\b(?:access_?token|refresh_?token|id_?token|client_?secret|code_?verifier|api_?key
        |password)(?:["']\s*:\s*["']|\s*=\s*["']?))[^\s"'&;,}]+
    """,
)
_DEEPEST = 6
_OF_STRUCTLOG = frozenset({"_record", "_from_structlog"})


def redact_text(text: str) -> str:
    """Mask whatever looks like a secret inside a text."""

    def masked(match: re.Match[str]) -> str:
        kept = (match["scheme"], match["userinfo"], match["parameter"], match["field"])
        return next(filter(None, kept), "") + MASK

    return _SECRET_VALUE.sub(masked, text)


def _redact_value(value: object, depth: int) -> object:
    match value:
        case str():
            return redact_text(value)
        case Mapping() if depth < _DEEPEST:
            return {
                key: MASK if _is_secret_name(str(key)) else _redact_value(inner, depth + 1)
                for key, inner in value.items()
            }
        case list() | tuple() | set() | frozenset() if depth < _DEEPEST:
            return [_redact_value(inner, depth + 1) for inner in value]
        case None | bool() | int() | float():
            return value
        case _:
            return redact_text(str(value)) if depth < _DEEPEST else MASK


def _is_secret_name(name: str) -> bool:
    return name not in _NOT_SECRET_NAMES and _SECRET_NAME.search(name) is not None


def redact(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Mask fields with secret names, and secrets inside any text, exceptions included."""
    meta = {key: value for key, value in event.items() if key in _OF_STRUCTLOG}
    return {**cast("EventDict", _redact_value(event, 0)), **meta}


def configure_logging(level: str, *, as_json: bool) -> None:
    """Send structlog and the standard library through the same processors to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redact,
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer()
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
            },
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def bind_log_context(**fields: Any) -> None:
    """Add fields to every event of the present request."""
    structlog.contextvars.bind_contextvars(**fields)
