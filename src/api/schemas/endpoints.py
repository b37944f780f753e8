"""Bodies of the routes about webhook endpoints."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from src.api.schemas.base import Body, Moment, PageQuery, Reply, Text
from src.db.repositories.events import DeliveryFilter
from src.models.base import Timestamp
from src.models.event import (
    Attempt,
    Delivery,
    DeliveryStatus,
    Endpoint,
    EndpointStop,
    EventType,
)
from src.models.ids import IdPrefix
from src.services.endpoints.addresses import LONGEST
from src.services.endpoints.endpoints import MOST_REPLAYED, MadeEndpoint, NewEndpoint


def _once_each(events: list[EventType]) -> list[EventType]:
    if len(set(events)) < len(events):
        raise ValueError("must not name one twice")
    return events


EndpointId = Annotated[str, StringConstraints(pattern=IdPrefix.ENDPOINT.pattern)]
DeliveryId = Annotated[str, StringConstraints(pattern=IdPrefix.DELIVERY.pattern)]
Address = Annotated[str, StringConstraints(pattern=rf"^[\x21-\x7e]{{1,{LONGEST}}}$")]
Events = Annotated[
    list[Annotated[EventType, Field(strict=False)]],
    AfterValidator(_once_each),
    Field(min_length=1, description="What the endpoint is told of."),
]


class NewEndpointBody(Body):
    """What an endpoint is to be."""

    url: Address = Field(description="A public https address; redirects are not followed.")
    events: Events
    description: Text | None = None
    enabled: bool = True

    def to_new(self) -> NewEndpoint:
        """What the service takes."""
        return NewEndpoint(
            url=self.url,
            events=tuple(self.events),
            description=self.description,
            enabled=self.enabled,
        )


class EndpointBody(Body):
    """What is to be changed; `description` can be cleared with null."""

    url: Address = Field(default_factory=str, description="A public https address.")
    events: Events = Field(default_factory=list)
    description: Text | None = None
    enabled: bool = Field(
        default=True,
        description="Switched off it is sent nothing. What happens meanwhile is kept as `dead` and "
        "can be replayed.",
    )


class ReplayBody(Body):
    """Which deliveries: one, or those of events from a time to another, both included."""

    delivery_id: DeliveryId | None = None
    from_: Moment | None = Field(default=None, alias="from")
    to: Moment | None = None
    status: Annotated[DeliveryStatus, Field(strict=False)] | None = Field(
        default=None, description="With `from` and `to`: only those that are in this status."
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        is_range = self.from_ is not None and self.to is not None
        is_partly = self.from_ is not None or self.to is not None or self.status is not None
        if (self.delivery_id is None) != is_range or (self.delivery_id and is_partly):
            raise ValueError("must hold either deliveryId, or from and to")
        if self.from_ is not None and self.to is not None and self.to < self.from_:
            raise ValueError("from must not be after to")
        return self

    def to_filter(self) -> DeliveryFilter:
        """What the service takes."""
        return DeliveryFilter(
            delivery_id=self.delivery_id, since=self.from_, until=self.to, status=self.status
        )


class DeliveriesQuery(PageQuery):
    """What the list of deliveries takes."""

    status: DeliveryStatus | None = None
    type: EventType | None = None

    def to_filter(self) -> DeliveryFilter:
        """What the service takes."""
        return DeliveryFilter(status=self.status, type=self.type)


class EndpointOut(Reply):
    """An endpoint, without its secret."""

    id: str
    url: str
    events: list[EventType]
    description: str | None
    enabled: bool
    stopped_by: EndpointStop | None = Field(description="Why it is switched off.")
    failures: int = Field(description="Attempts in a row that failed.")
    failing_since: Timestamp | None
    paused_until: Timestamp | None = Field(description="Nothing is sent before.")
    former_secret_until: Timestamp | None = Field(
        description="Until when the secret before the last rotation signs, too."
    )
    created_at: Timestamp
    updated_at: Timestamp

    @classmethod
    def of(cls, endpoint: Endpoint) -> Self:
        """From the record."""
        return cls(**_shown(endpoint))


class MadeEndpointOut(EndpointOut):
    """An endpoint with its new secret; the only answer that ever shows it."""

    secret: str

    @classmethod
    def made(cls, made: MadeEndpoint) -> Self:
        """From what was made."""
        return cls(**_shown(made.endpoint), secret=made.secret.get_secret_value())


class RepeatedEndpointOut(EndpointOut):
    """The answer again, for the same `Idempotency-Key`: the secret is left out."""

    secret_shown: Literal[False]


def _shown(endpoint: Endpoint) -> dict[str, Any]:
    """The fields that an answer has, the secret not among them."""
    return {
        "former_secret_until": endpoint.former_until,
        **endpoint.model_dump(
            exclude={"tenant_id", "sealed_secret", "sealed_former_secret", "former_until"}
        ),
    }


class DeletedEndpointOut(Reply):
    """An endpoint that is sent nothing any more."""

    endpoint_id: str


class AttemptOut(Reply):
    """One request to the endpoint."""

    at: Timestamp
    duration_ms: int
    status: int | None = Field(description="The HTTP status; null = no whole answer came.")
    error: str | None = Field(
        description="Null = taken. `refused` (a status other than 2xx), `unreachable`, `timeout`, "
        "`answer_too_large` or `address_refused`."
    )

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        """From the record."""
        return cls(**attempt.model_dump())


class DeliveryOut(Reply):
    """One event for the endpoint, with what was tried."""

    id: str
    event_id: str = Field(description="`webhook-id` of every attempt.")
    type: EventType
    status: DeliveryStatus
    attempts: list[AttemptOut] = Field(description="The latest 30, oldest first.")
    next_attempt_at: Timestamp | None
    created_at: Timestamp = Field(description="When it happened.")
    finished_at: Timestamp | None

    @classmethod
    def of(cls, delivery: Delivery) -> Self:
        """From the record."""
        is_pending = delivery.status is DeliveryStatus.PENDING
        return cls(
            id=delivery.id,
            event_id=delivery.event_id,
            type=delivery.type,
            status=delivery.status,
            attempts=[AttemptOut.of(attempt) for attempt in delivery.attempts],
            next_attempt_at=delivery.due_at if is_pending else None,
            created_at=delivery.created_at,
            finished_at=delivery.finished_at,
        )


class ReplayedOut(Reply):
    """What is told again."""

    replayed: int = Field(
        description=f"How many deliveries begin again, at most {MOST_REPLAYED}: ask for a shorter"
        " range then."
    )
