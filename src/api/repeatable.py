"""Routes that create, made safe to repeat with ``Idempotency-Key``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import Response

from src.api.envelope import ok
from src.api.errors import STATUS_BY_CODE
from src.core.errors import AppError, CallerError, ErrorCode
from src.models.principal import Caller
from src.services.idempotency import Answer, Idempotency

IDEMPOTENCY_KEY = b"idempotency-key"
_TOLD_AGAIN = {"Idempotent-Replayed": "true"}

Work = Callable[[], Awaitable[Response]]


async def once(
    idempotency: Idempotency,
    caller: Caller,
    request: tuple[str, tuple[str, str], bytes],
    work: Work,
) -> Response:
    """Do the work, unless it was done before: then its answer again.

    Args:
        idempotency: Where first answers are kept.
        caller: Who asks.
        request: The key, method and path, and all that the request says, as it came.
        work: What answers the request.
    """
    first = await idempotency.begin(caller, *request)
    if isinstance(first, Answer):
        return _again(first)
    try:
        response = await work()
    except AppError as error:
        status = STATUS_BY_CODE[error.code]
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
            await idempotency.give_up(caller, first)
        else:
            await idempotency.keep(caller, first, _refusal(status, error))
        raise
    except BaseException:
        await idempotency.give_up(caller, first)
        raise
    data = msgspec.json.decode(bytes(response.body))["data"]
    await idempotency.keep(caller, first, Answer(response.status_code, data))
    return response


class RepeatedRefusal(CallerError):
    """The refusal that the first request met, told again: its code is of the day, not the class."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        super().__init__(told["message"], details=told["details"])
        self.code = ErrorCode(told["code"])  # type: ignore[misc]


def _refusal(status: int, error: AppError) -> Answer:
    told = {"code": error.code.value, "message": error.message, "details": error.details}
    return Answer(status, error=told)


def _again(answer: Answer) -> Response:
    """The first answer.

    Raises:
        RepeatedRefusal: It was a refusal.
    """
    if answer.error is not None:
        raise RepeatedRefusal(answer.error)
    response = ok(answer.data, answer.status)
    response.headers.update(_TOLD_AGAIN)
    return response
