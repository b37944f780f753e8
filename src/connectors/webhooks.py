"""Webhooks of providers: what a connector declares of them, and what it reads out of a delivery.

A delivery is never trusted for its content. It is checked by the declared proof, turned into
changes ("this record of this stream"), and each change is fetched with the connection's own
credential. Where nothing proves who sent it (``AddressOnly``), it is not even more than that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from pydantic import SecretStr


class AddressOf(StrEnum):
    """What has an address of ours to itself."""

    WEBHOOK = "webhook"
    """Each webhook: a tenant's own (GitHub, Google, Supabase)."""
    APP = "app"
    """An OAuth app: what is meant for all of its connections comes to one address (Jira, Strava,
    Garmin), and each webhook is a membership."""


class MadeBy(StrEnum):
    """Who sets a webhook up at the provider."""

    CONNECTION = "connection"
    """We, with the connection's credential, once for each webhook."""
    APP = "app"
    """We, as the OAuth app, once for all of its webhooks: the first makes it, the last ends it.
    ``rest`` then signs with client id and secret as parameters, and there is no account."""
    HAND = "hand"
    """A person, at the provider's own pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """An HMAC over the raw body, with the secret that the provider got for this webhook."""

    header: str
    prefix: str = ""
    algorithm: Literal["sha256", "sha512"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedToken:
    """A JWT (HS256, no other) in ``Authorization``, made with the client secret of the app.

    What it tells of its times must lie within a day.
    """

    expires: bool = True
    """Whether it must tell its end (``exp``); False where the provider documents none."""
    issued_by_app: bool = False
    """Whether its ``iss`` must be the client id of the app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretHeader:
    """A header that repeats the secret that the provider got for this webhook."""

    header: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressOnly:
    """Nothing but the address, which nobody can guess."""

    client_id_header: str | None = None
    """A header that must name the client id of the app; it proves nothing, and sorts out slips."""


Proof = Signature | SignedToken | SecretHeader | AddressOnly


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """A GET by which the provider asks whether the address is ours; parameters of its query."""

    value: str
    """The one to be given back."""
    proof: str | None = None
    """The one that must hold the secret that the provider got."""
    answer: Literal["json", "text"] = "json"
    """As a JSON object under the name of ``value``, or as plain text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent:
    """Something that a webhook can be for; callers name it in ``events``."""

    name: str
    description: str
    streams: tuple[str, ...]
    """The streams whose records it changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSpec:
    """The webhooks of a provider."""

    events: tuple[WebhookEvent, ...]
    proof: Proof
    address: AddressOf = AddressOf.WEBHOOK
    made_by: MadeBy = MadeBy.CONNECTION
    delivery_id: str | None = None
    """The header with the id of a delivery, the same when it is sent again. Without it, and without
    ``Reading.delivery_id``, none is known to have come before, and is followed once more: that
    costs a request and changes nothing."""
    headers: tuple[str, ...] = ()
    """Headers that ``read`` needs; it sees no others, so that no proof reaches it."""
    container: Literal["required", "optional", "none"] = "none"
    """Whether a webhook is for one container."""
    scopes: tuple[str, ...] = ()
    """What the grant needs to set one up."""
    auth_methods: tuple[str, ...] | None = None
    """Ids of the auth methods whose connections can have one; None = all."""
    challenge: Challenge | None = None
    instructions: str = ""
    """For ``HAND``: what the person has to do, in a sentence or two."""

    def __post_init__(self) -> None:
        """Refuse what cannot work.

        Raises:
            ValueError: Two of the declarations contradict each other.
        """
        names = [event.name for event in self.events]
        if not names or len(names) != len(set(names)):
            raise ValueError("webhooks must name events, each once")
        own_address = self.address is AddressOf.WEBHOOK
        if own_address and self.made_by is MadeBy.APP:
            raise ValueError("webhooks made by the app share its address: address=AddressOf.APP")
        if own_address and isinstance(self.proof, SignedToken | AddressOnly):
            # Both hang on the app; without an app of its own an address has a secret of its own.
            raise ValueError("an address of its own is proved by a signature or a secret header")
        if self.made_by is MadeBy.HAND and not self.instructions:
            raise ValueError("webhooks set up by hand need instructions")

    def event(self, name: str) -> WebhookEvent | None:
        """The event with this name."""
        return next((event for event in self.events if event.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be set up at the provider. The address is a secret, too."""

    webhook_id: str
    """Ours; it may go into names at the provider."""
    url: SecretStr
    secret: SecretStr
    """For the signature, the header or the challenge."""
    events: tuple[str, ...]
    container_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What was set up at the provider."""

    handle: Mapping[str, Any]
    """The provider's own ids, as JSON: whatever ending or renewing it takes."""
    keys: tuple[str, ...] = ()
    """By what deliveries to a shared address name this one; without any, by the account's id."""
    expires_at: datetime | None = None
    """As the provider told; it is renewed at four fifths of its life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What came in, its proof checked and left out. Header names are lower case."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those that the spec names."""
    handle: Mapping[str, Any] = field(default_factory=dict)
    """Of the subscription that the address belongs to, once it is known: so at an address of its
    own, and at one that the app made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What has changed: a record, or something that only an incremental run of the stream finds."""

    event: str
    """The one of the spec's that it belongs to; webhooks for others do not get it."""
    stream: str
    record_id: str | None = None
    """None = run the stream incrementally (Google tells no more)."""
    container_id: str | None = None
    """Where the record is, if the delivery says so."""
    ticket: SecretStr | None = None
    """What ``follow`` needs besides, and nobody may see (Garmin's path with its pull token). Kept
    sealed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a delivery tells some of those whom its address belongs to."""

    changes: tuple[Change, ...] = ()
    key: str | None = None
    """Whom: webhooks with this key (``Subscription.keys``, else the account's id). None = all of
    the address; only for an address of its own."""
    doubts_grant: bool = False
    """The user has taken back the grant, or part of it: so it is said. The provider is asked
    (``identify``), and what it answers counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read out of a delivery; without notices there was nothing for us (a ping)."""

    notices: tuple[Notice, ...] = ()
    delivery_id: str | None = None
    """Where the spec's header does not tell it."""
