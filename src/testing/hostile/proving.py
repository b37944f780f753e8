"""What an imitation delivers: proved, named and declared as the manifest says, ended in time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping

from src.connectors.base import SubscribesWebhooks
from src.connectors.webhooks import Change, Subscription, WebhookSpec, Wish
from src.services.webhooks.proofs import Incoming, ProofKeys, is_proved
from src.testing.bench import Bench, expect
from src.testing.streams import StreamSample, hand


def check_sent(bench: Bench, spec: WebhookSpec, wish: Wish) -> None:
    """Everything that came is proved as the service will ask, and has the header of its id."""
    keys = ProofKeys(wish.secret, bench.loaded.manifest.sandbox_app)
    for one in bench.delivered:
        headers = {name.lower(): value for name, value in one.headers.items()}
        expect(
            is_proved(spec.proof, keys, Incoming(headers, one.body), time.time),
            f"a delivery is not proved by {spec.proof}, and the service refuses it (its headers:"
            f" {_names(headers)}). Let WebhookSpec.proof say what the provider does, and the"
            " sandbox sign by the secret of the wish, or by the app's",
        )
        expect(
            spec.delivery_id is None or spec.delivery_id.lower() in headers,
            f"a delivery lacks the header {spec.delivery_id} (it has {_names(headers)}). Name in"
            " WebhookSpec.delivery_id the one that is the same when it comes again",
        )


def check_told(spec: WebhookSpec, changes: Iterable[Change]) -> None:
    """What was read is of events and streams that the manifest declares."""
    for change in changes:
        event = spec.event(change.event)
        expect(
            event is not None and change.stream in event.streams,
            f"read() tells of {change.event!r} in {change.stream!r}, which"
            " manifest.webhooks.events does not declare: no webhook would get it",
        )


async def check_ended(
    bench: Bench, connector: SubscribesWebhooks, present: Subscription, sample: StreamSample
) -> None:
    """Once it is ended, the provider tells nothing any more; ending it again is no error."""
    await connector.unsubscribe(present)
    bench.delivered.clear()
    # What was added may not be added again, and of two changes one may change nothing.
    deed = sample.change or sample.add
    for _ in range(2 if sample.change else 1):
        if deed is not None:
            await deed(hand(bench))
    await bench.wires.control("POST", "/deliveries")
    expect(
        not bench.delivered,
        "deliveries still come after unsubscribe(): end at the provider what the handle names",
    )
    await connector.unsubscribe(present)


def _names(headers: Mapping[str, str]) -> str:
    return ", ".join(sorted(headers)) or "none"
