"""Webhooks that come twice, and the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from src.connectors.base import ReceivesWebhooks, SubscribesWebhooks
from src.connectors.manifest import AuthMethod, Stream
from src.connectors.webhooks import (
    Change,
    Delivery,
    MadeBy,
    Reading,
    Subscription,
    WebhookSpec,
    Wish,
)
from src.testing.bench import Bench, Delivered, expect, refuse
from src.testing.hostile.proving import check_ended, check_sent, check_told
from src.testing.hostile.trials import Ledger
from src.testing.runs import some
from src.testing.streams import Run, StreamSample, hand, query_of, syncing, whole_run, written

if TYPE_CHECKING:
    from src.testing.conformance import ConnectorConformance

_RULE = "calm-webhooks"
_SCENARIO = "doubled and unordered webhooks"
_BY_HAND = "Its webhooks are set up by hand, and the suite names no hand (webhook_by_hand)."
_UNTOLD = "No sample of its streams changes a record that webhooks tell of."
_ADDRESS = "https://us.example/api/hooks/wh_hostile/c2VjcmV0LWluLWFuLWFkZHJlc3M"  # no secret


async def check_webhooks(suite: type[ConnectorConformance], ledger: Ledger) -> None:
    """Every stream whose records webhooks tell of, and that the suite can change."""
    loaded = suite().open_bench().loaded
    spec = loaded.manifest.webhooks
    if spec is None or not issubclass(loaded.connector_class, ReceivesWebhooks):
        return
    by_hand = suite.webhook_by_hand
    if by_hand is None and not issubclass(loaded.connector_class, SubscribesWebhooks):
        ledger.excuse(_RULE, _SCENARIO, "webhooks", _BY_HAND)
        return
    method = _method(suite().open_bench(), spec, suite.webhook_method)
    if method is None:
        why = f"Connections by {suite().open_bench().method.id} have no webhooks."
        ledger.excuse(_RULE, _SCENARIO, "webhooks", why)
        return
    told = {name for event in spec.events for name in event.streams}
    tried = [
        (stream, sample)
        for stream in loaded.manifest.streams
        if stream.name in told
        and (sample := suite.streams.get(stream.name)) is not None
        and (sample.add or sample.change)
        # A webhook is for one container, and without any the sample may change another.
        and (spec.container != "required" or sample.container_ids)
    ]
    if not tried:
        ledger.excuse(_RULE, _SCENARIO, "webhooks", _UNTOLD)
    for stream, sample in tried:
        async with ledger.trial(_RULE, _SCENARIO, f"stream {stream.name}"):
            bench = suite().open_bench()
            bench.method = method
            full = await whole_run(bench, query_of(stream, sample))
            wish = _wish(spec, stream, sample)
            if by_hand is not None:
                await by_hand(hand(bench), wish)
                await _check(bench, wish, Subscription(handle={}), stream, sample, full)
                continue
            connector = _subscribing(bench, spec)
            subscription = await connector.subscribe(wish)
            await _check(bench, wish, subscription, stream, sample, full)
            await check_ended(bench, connector, subscription, sample)


def _method(bench: Bench, spec: WebhookSpec, other: str | None) -> AuthMethod | None:
    """The suite's way to authorize, or the other one that it names for webhooks."""
    method = bench.loaded.manifest.auth_method(other) if other else bench.method
    if method is None or spec.auth_methods is None or method.id in spec.auth_methods:
        return method
    return None


async def _check(
    bench: Bench,
    wish: Wish,
    subscription: Subscription,
    stream: Stream,
    sample: StreamSample,
    full: Run,
) -> None:
    spec = bench.loaded.manifest.webhooks
    assert spec is not None  # noqa: S101  the caller has looked
    bench.delivered.clear()
    await bench.faults({"kind": "held_delivery"}, {"kind": "doubled_delivery"})
    # A deed may be told of as a switch that delivers nothing; one that is done twice is two.
    deeds = [deed for deed in (sample.add, sample.change, sample.change) if deed is not None]
    touched = {await deed(hand(bench)) for deed in deeds}
    expect(not bench.delivered, "the imitation sends by other means than the `post` it is handed")
    answer = await bench.wires.control("POST", "/deliveries")
    expect(answer.is_success, f"the sandbox cannot let deliveries go: {answer.text[:200]}")
    expect(
        bench.delivered,
        f"the sandbox tells nothing when a record of {stream.name} is added or changed: let it"
        " call `post`",
    )
    check_sent(bench, spec, wish)
    readings = [_read(bench, subscription, one) for one in bench.delivered]
    _check_twins(readings)
    told = [
        change for _, reading in readings for notice in reading.notices for change in notice.changes
    ]
    check_told(spec, told)
    changes = [one for one in told if one.stream == stream.name and one.event in wish.events]
    named = {change.record_id for change in changes if change.record_id is not None}
    if any(change.record_id is None for change in changes):
        later = await whole_run(bench, query_of(stream, sample, full.checkpoint))
        named |= set(later.ids)
    expect(touched <= named, f"{some(touched - named)} were changed, and no delivery tells of it")
    await _check_followed(bench, stream, changes)


def _wish(spec: WebhookSpec, stream: Stream, sample: StreamSample) -> Wish:
    inside = next(iter(sample.container_ids or ()), None)
    return Wish(
        webhook_id="wh_hostile",
        url=SecretStr(_ADDRESS),
        secret=SecretStr("c2VjcmV0LW9mLWEtd2ViaG9vaw"),
        events=tuple(event.name for event in spec.events if stream.name in event.streams),
        container_id=inside if spec.container == "required" else None,
    )


def _subscribing(bench: Bench, spec: WebhookSpec) -> SubscribesWebhooks:
    """Whoever sets them up: the connection, or the app."""
    manifest = bench.loaded.manifest
    connector = bench.connector()
    if spec.made_by is MadeBy.APP:
        if manifest.sandbox_app is None:
            refuse("name an OAuth app that the sandbox knows in manifest.sandbox_app")
        opened = bench.manager().open_as_app(manifest.id, manifest.sandbox_app, bench.config)
        connector = opened
    if not isinstance(connector, SubscribesWebhooks):
        refuse("derive from SubscribesWebhooks")
    return connector


def _read(bench: Bench, subscription: Subscription, one: Delivered) -> tuple[str | None, Reading]:
    """What the connector reads out of a delivery, and the id that tells it from others."""
    spec = bench.loaded.manifest.webhooks
    assert spec is not None  # noqa: S101  the caller has looked
    found = {name.lower(): value for name, value in one.headers.items()}
    wanted = {name.lower() for name in spec.headers}
    connector = bench.loaded.connector_class
    assert issubclass(connector, ReceivesWebhooks)  # noqa: S101  the caller has looked
    reading = connector.read(
        Delivery(
            body=one.body,
            headers={name: found[name] for name in wanted & set(found)},
            handle=subscription.handle,
        )
    )
    by_header = found.get(spec.delivery_id.lower()) if spec.delivery_id else None
    return by_header or reading.delivery_id, reading


def _check_twins(readings: list[tuple[str | None, Reading]]) -> None:
    """Each comes twice here: those two are one to whoever counts, and no others are."""
    seen: set[str] = set()
    for (first, reading), (second, again) in zip(readings[::2], readings[1::2], strict=True):
        expect(
            first == second and reading == again,
            f"a delivery that comes again is read as another one ({first}, {second}): read() must"
            " be pure, and a delivery_id stay the same",
        )
        expect(
            first is None or first not in seen,
            f"two deliveries have the id {first}: the second would be taken for the first",
        )
        seen |= {first} if first is not None else set()


async def _check_followed(bench: Bench, stream: Stream, changes: list[Change]) -> None:
    """After all of them, in the wrong order, records are what the provider has now."""
    connector = syncing(bench)
    assert isinstance(connector, ReceivesWebhooks)  # noqa: S101  the caller has looked
    stored: dict[str, bytes | None] = {}
    for change in changes:
        if change.record_id is None and change.ticket is None:
            continue
        page = await connector.follow(change)
        stored |= {record.id: written(record) for record in page.records}
        stored |= dict.fromkeys(page.deleted)
    for record_id, kept in stored.items():
        now = await connector.fetch(stream.name, record_id)
        expect(
            kept == (None if now is None else written(now)),
            f"{record_id} is stored as it was before: follow() must fetch what a delivery names,"
            " since deliveries come in any order",
        )
