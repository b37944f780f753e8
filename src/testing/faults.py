"""What a provider can do to us, and which error must come of it."""

from __future__ import annotations

import base64
import traceback
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any

from src.connectors.base import (
    BaseConnector,
    BrowsesComments,
    BrowsesContainers,
    BrowsesItems,
    PicksResources,
    RunsTools,
)
from src.core.errors import (
    AppError,
    CredentialRefused,
    ProviderForbidden,
    ProviderNotFound,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
    UnreadableAnswer,
)
from src.models.query import CommentQuery, ContainerQuery, ItemQuery, OneItemQuery
from src.testing.bench import DEADLINE, Bench, captured_logs, expect, refuse, told
from src.testing.picking import Parents, calls
from src.testing.tools import Samples, runs

SHORT_DEADLINE = 0.02


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault of the imitation, and the class of error that it must become."""

    name: str
    error: type[AppError]
    fault: dict[str, Any] = field(default_factory=dict)
    deadline: float = DEADLINE
    retry_after: float | None = None
    echo: bool = False

    @property
    def halves(self) -> bool:
        """Whether it cuts an answer in two without breaking off."""
        return self.fault.get("kind") == "truncated_json"


TROUBLES = (
    Trouble("401", CredentialRefused, {"kind": "unauthorized"}),
    Trouble("403", ProviderForbidden, {"kind": "forbidden"}),
    Trouble("404", ProviderNotFound, {"kind": "not_found"}),
    Trouble("429", RateLimited, {"kind": "rate_limited", "retry_after": 70}, retry_after=70),
    Trouble("too fast", RateLimited, {"kind": "secondary_limit", "retry_after": 80}),
    Trouble("quota used up", RateLimited, {"kind": "primary_limit", "retry_after": 90}),
    Trouble("500", ProviderUnavailable, {"kind": "server_error", "status": 500}),
    Trouble("503", ProviderUnavailable, {"kind": "server_error", "status": 503}),
    Trouble("slow", ProviderTimeout, {"kind": "slow", "delay": 30}, deadline=SHORT_DEADLINE),
    Trouble("cut", ProviderUnavailable, {"kind": "cut"}),
    Trouble("not JSON", UnreadableAnswer, {"kind": "not_json"}),
    Trouble("half of the JSON", UnreadableAnswer, {"kind": "truncated_json"}),
    Trouble("another type", UnreadableAnswer, {"kind": "wrong_type"}),
    Trouble("huge", UnreadableAnswer, {"kind": "huge", "size": 17 * 2**20}),
    Trouble("redirect to another host", UnreadableAnswer, {"kind": "redirect_outside"}),
    Trouble("echo of the credential", ProviderRejected, echo=True),
)

Verb = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Landmarks:
    """What the imitation is known to hold."""

    container: str
    item: str
    tools: Samples
    resource_parents: Parents
    lists_bodies: bool
    beyond: Collection[str] = ()


def verbs(connector: BaseConnector, landmarks: Landmarks) -> dict[str, Verb]:
    """Every verb that the connector has, ready to be called once."""
    found: dict[str, Verb] = {"identify": connector.identify}
    found |= browsing(connector, landmarks)
    if isinstance(connector, PicksResources):
        found |= calls(connector, landmarks.resource_parents)
    if isinstance(connector, RunsTools):
        found |= runs(connector, landmarks.tools)
    return {name: verb for name, verb in found.items() if name.split()[-1] not in landmarks.beyond}


def beyond(connector: BaseConnector, landmarks: Landmarks) -> dict[str, Verb]:
    """Those that this way to authorize does not open."""
    return {
        name: verb
        for name, verb in verbs(connector, replace(landmarks, beyond=())).items()
        if name.split()[-1] in landmarks.beyond
    }


def browsing(connector: BaseConnector, landmarks: Landmarks) -> dict[str, Verb]:
    """Those of unified browsing; items come with their bodies where the provider gives them."""
    container, item = landmarks.container, landmarks.item
    found: dict[str, Verb] = {}
    if isinstance(connector, BrowsesContainers):
        found["containers"] = lambda: connector.containers(ContainerQuery())
    if isinstance(connector, BrowsesItems):
        found["items"] = lambda: connector.items(
            ItemQuery(container_id=container, include_body=landmarks.lists_bodies)
        )
        found["item"] = lambda: connector.item(OneItemQuery(item_id=item))
    if isinstance(connector, BrowsesComments):
        found["comments"] = lambda: connector.comments(CommentQuery(item_id=item))
    return found


async def check_answers(bench: Bench, name: str, verb: Verb) -> None:
    """A verb answers when nothing is wrong."""
    try:
        await verb()
    except (ProviderNotFound, ProviderForbidden, ProviderRejected) as error:
        refuse(
            f"{name} fails though nothing is wrong ({told(error)}; {bench.wires.answered})."
            " Correct the path there, or name in the suite what the sandbox has; what else the"
            " suite finds is told when this answers"
        )


async def check_trouble(bench: Bench, trouble: Trouble, landmarks: Landmarks) -> None:
    """Every verb, struck by one trouble: the right error, and no secret anywhere."""
    await bench.fault(**trouble.fault)
    bench.wires.echoing = trouble.echo
    connector = bench.connector(deadline=trouble.deadline)
    for name, verb in verbs(connector, landmarks).items():
        with captured_logs() as logs:
            error = await _error_of(verb)
        if error is None and trouble.halves and bench.wires.bodies[-1].is_empty:
            # A change that is answered with nothing: half of it is nothing, too.
            continue
        _check_class(name, error, trouble)
        if trouble.retry_after is not None:
            expect(
                isinstance(error, AppError) and error.retry_after == trouble.retry_after,
                f"{name}: the provider asks for {trouble.retry_after:g} seconds in Retry-After;"
                " keep them in the error.",
            )
        for place, text in {"error": everything(error), "log": "\n".join(logs)}.items():
            for secret in bench.secrets():
                expect(
                    not holds(text, secret),
                    f"{name}, {trouble.name}: the {place} holds the credential. Never put request"
                    " headers or a provider's answer into messages, details or logs.",
                )
    await bench.fault()
    bench.wires.echoing = False


async def _error_of(verb: Verb) -> BaseException | None:
    try:
        await verb()
    except Exception as error:  # noqa: BLE001  whatever comes is what the check looks at
        return error
    return None


def _check_class(name: str, error: BaseException | None, trouble: Trouble) -> None:
    if error is None:
        refuse(
            f"{name} hides a failure ({trouble.name}): let the error pass, an empty answer is a lie"
        )
    expect(
        isinstance(error, trouble.error),
        f"{name}: {trouble.name} became {type(error).__name__} ({error}), it must become"
        f" {trouble.error.__name__}. Read the provider's statuses in Dialect.classify, and let"
        " mappings raise ValueError for values that they cannot read.",
    )


def everything(error: BaseException | None) -> str:
    """All that a log or an answer could show of an error, its causes included."""
    if error is None:
        return ""
    details = getattr(error, "details", {})
    return "".join([*traceback.format_exception(error), repr(error), repr(details)])


def holds(text: str, secret: str) -> bool:
    """Whether a secret stands in a text, plain or in base64."""
    encoded = base64.b64encode(secret.encode()).decode().rstrip("=")
    return secret in text or encoded in text
