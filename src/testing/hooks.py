"""What a connector makes of deliveries that nobody has thought of: anybody may send them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

from src.connectors.base import ReceivesWebhooks
from src.connectors.webhooks import AddressOf, Delivery, Reading, WebhookSpec
from src.core.errors import UnreadableAnswer
from src.testing.bench import Bench, expect

_ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 2**70),
    *("", "x", "../..", "\u0000"),
    *([], {}, [{}], {"id": {}}),
)
_WORDS = (
    *("id", "type", "table", "schema", "record", "object_type", "owner_id", "updates", "issue"),
    *("comment", "repository", "pull_request", "webhookEvent", "matchedWebhookIds", "self"),
)


def check_reading(bench: Bench) -> None:
    """Whatever comes in is read, or refused as unreadable, and tells of nothing undeclared."""
    connector, spec = bench.loaded.connector_class, bench.loaded.manifest.webhooks
    if spec is None or not issubclass(connector, ReceivesWebhooks):
        return
    for delivery in _deliveries(spec):
        try:
            reading = connector.read(delivery)
        except UnreadableAnswer:
            continue
        except Exception as error:  # noqa: BLE001  any other is the finding
            expect(
                False,
                f"read() raises {type(error).__name__} for {delivery.body[:80]!r}: decode the body"
                " to a fragment with `decode`, which says UnreadableAnswer",
            )
        else:
            _check_declared(spec, reading)


def _deliveries(spec: WebhookSpec) -> Iterator[Delivery]:
    events = [event.name for event in spec.events]
    bodies = [b"", b"\xff", b"{", *(json.dumps(odd).encode() for odd in _ODD)]
    bodies += [json.dumps(dict.fromkeys(_WORDS, odd)).encode() for odd in _ODD]
    bodies += [json.dumps({name: [odd] for name in events}).encode() for odd in _ODD]
    for body, said in itertools.product(bodies, [None, "", "x", *events]):
        headers = {} if said is None else {name.lower(): said for name in spec.headers}
        yield Delivery(body=body, headers=headers)


def _check_declared(spec: WebhookSpec, reading: Reading) -> None:
    for notice in reading.notices:
        expect(
            spec.address is AddressOf.WEBHOOK or notice.key is not None,
            "read() gives a notice without a key: at an app's address nobody would get it",
        )
        for change in notice.changes:
            event = spec.event(change.event)
            expect(
                event is not None and change.stream in event.streams,
                f"read() tells of {change.event!r} in {change.stream!r}, which"
                " manifest.webhooks.events does not declare",
            )
