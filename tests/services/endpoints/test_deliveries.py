"""Deliveries: signed, tried for hours, never to a private address, none for another to wait for."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from cryptography.fernet import Fernet
from standardwebhooks import Webhook, WebhookVerificationError

from src.db.leases import Leases
from src.db.repositories.events import DeliveryFilter
from src.models.event import Delivery, DeliveryStatus, Endpoint, EndpointStop
from src.services.encryption import Encryption
from src.services.endpoints.deliveries import AT_ONCE, TURN_SECONDS
from src.services.endpoints.patience import FAILURES_UNTIL_PAUSE, WAITS
from tests.services.endpoints.stage import Stage, say

DONE = DeliveryStatus.DELIVERED
DEAD = DeliveryStatus.DEAD
PENDING = DeliveryStatus.PENDING


async def only(stage: Stage, made: Endpoint) -> Delivery:
    (found,) = await stage.look(made)
    return found


async def test_a_receiver_verifies_with_the_library(stage: Stage) -> None:
    made, secret = await stage.open("a.test")
    _, other = await stage.open("b.test")
    stage.servers.says["a.test"] = say(200)
    await stage.emit(7)
    await stage.deliver(made)
    (request,) = stage.servers.got
    headers = dict(request.headers)
    told = Webhook(secret).verify(request.content, headers)
    assert told["data"] == {"number": 7}
    assert request.method == "POST"
    assert headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(request.content, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(request.content + b" ", headers)
    delivery = await only(stage, made)
    assert delivery.status is DONE
    assert delivery.attempts[0].status == 200
    await stage.deliver(made)
    assert len(stage.servers.got) == 1


async def test_both_secrets_sign_until_the_former_one_ends(stage: Stage) -> None:
    made, former = await stage.open("a.test")
    stage.servers.says["a.test"] = say(200)
    secret, sealed = stage.secrets.make("acme", made.id)
    until = stage.at + timedelta(minutes=1)
    await stage.scope_of("acme").endpoints.rotate(made, sealed, until)
    await stage.emit()
    await stage.deliver(made)
    for one in (former, secret.get_secret_value()):
        Webhook(one).verify(stage.servers.got[0].content, dict(stage.servers.got[0].headers))
    stage.later(minutes=1)
    await stage.emit()
    await stage.deliver(made)
    headers = dict(stage.servers.got[1].headers)
    Webhook(secret.get_secret_value()).verify(stage.servers.got[1].content, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(former).verify(stage.servers.got[1].content, headers)


async def test_failures_are_tried_for_hours_and_then_are_dead(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    stage.servers.says["a.test"] = say(500)
    await stage.emit()
    begin = stage.at
    tries = 0
    while (delivery := await only(stage, made)).status is PENDING:
        tries += 1
        endpoint = await stage.reread(made)
        stage.at = max(delivery.due_at, endpoint.paused_until or stage.at)
        await stage.deliver(made)
        await stage.deliver(made)
        assert stage.servers.times("a.test") == tries
    assert tries == len(WAITS) + 1
    assert delivery.status is DEAD
    assert [attempt.status for attempt in delivery.attempts] == [500] * tries
    assert timedelta(hours=12) < stage.at - begin < timedelta(days=2)
    ids = {request.headers["webhook-id"] for request in stage.servers.got}
    assert ids == {delivery.event_id}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (say(404), "refused"),
        (say(302, location="https://elsewhere.test/"), "refused"),
        (None, "unreachable"),
        (lambda _: httpx.Response(200, content=b"x" * 70_000), "answer_too_large"),
    ],
    ids=["refused", "redirect", "unreachable", "endless"],
)
async def test_what_is_no_success(stage: Stage, answer: object, error: str) -> None:
    made, _ = await stage.open("a.test")
    if answer is not None:
        stage.servers.says["a.test"] = answer  # type: ignore[assignment]
    await stage.emit()
    await stage.deliver(made)
    delivery = await only(stage, made)
    assert delivery.status is PENDING
    assert delivery.attempts[0].error == error
    assert delivery.due_at == stage.at + timedelta(seconds=WAITS[0])
    assert stage.servers.times("elsewhere.test") == 0


@pytest.mark.parametrize(
    "url",
    ["https://127.0.0.1/x", "https://[::1]/x", "https://169.254.169.254/latest", "http://a.test/"],
)
async def test_a_private_address_is_never_called(stage: Stage, url: str) -> None:
    made, _ = await stage.open("a.test")
    await stage.scope_of("acme").endpoints.update(made.id, {"url": url})
    await stage.emit()
    await stage.deliver(made)
    assert stage.servers.got == []
    assert (await only(stage, made)).attempts[0].error == "address_refused"


async def test_retry_after_is_heeded_for_the_whole_endpoint(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    stage.servers.says["a.test"] = say(429, **{"retry-after": "600"})
    await stage.emit()
    await stage.deliver(made)
    stage.servers.says["a.test"] = say(200)
    await stage.emit(2)
    stage.later(seconds=599)
    await stage.deliver(made)
    assert len(stage.servers.got) == 1
    stage.later(seconds=1)
    await stage.deliver(made)
    assert {delivery.status for delivery in await stage.look(made)} == {DONE}


async def test_the_circuit_opens_probes_and_closes(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    stage.servers.says["a.test"] = say(503)
    await stage.emit(*range(20))
    await stage.deliver(made)
    assert stage.servers.times("a.test") == AT_ONCE >= FAILURES_UNTIL_PAUSE
    pauses = []
    for probes in range(1, 4):
        endpoint = await stage.reread(made)
        assert endpoint.paused_until is not None
        pauses.append(endpoint.paused_until - stage.at)
        await stage.emit()
        await stage.deliver(made)
        assert stage.servers.times("a.test") == AT_ONCE + probes - 1
        assert await stage.due() == []
        stage.at = endpoint.paused_until
        await stage.deliver(made)
        assert stage.servers.times("a.test") == AT_ONCE + probes
    assert pauses == [timedelta(seconds=seconds) for seconds in (30, 60, 120)]
    stage.servers.says["a.test"] = say(200)
    paused_until = (await stage.reread(made)).paused_until
    assert paused_until is not None
    stage.at = paused_until
    await stage.deliver(made)
    stage.later(hours=1)
    await stage.deliver(made)
    assert {delivery.status for delivery in await stage.look(made)} == {DONE}
    endpoint = await stage.reread(made)
    assert (endpoint.failures, endpoint.failing_since, endpoint.paused_until) == (0, None, None)


async def test_one_refused_event_does_not_hold_up_the_others(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    stage.servers.says["a.test"] = lambda request: httpx.Response(
        400 if b'"number":3}' in request.content else 200
    )
    await stage.emit(*range(12))
    for _ in range(4):
        stage.later(minutes=20)
        await stage.deliver(made)
    waiting = [one for one in await stage.look(made) if one.status is PENDING]
    assert len(waiting) == 1
    assert len(waiting[0].attempts) == 4


async def test_an_endpoint_that_is_gone_is_switched_off(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    stage.servers.says["a.test"] = say(410)
    await stage.emit(*range(20))
    await stage.deliver(made)
    endpoint = await stage.reread(made)
    assert (endpoint.enabled, endpoint.stopped_by) == (False, EndpointStop.GONE)
    assert {delivery.status for delivery in await stage.look(made)} == {DEAD}
    assert await stage.due() == []


async def test_an_endpoint_that_fails_for_days_is_switched_off(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    await stage.emit()
    for _ in range(6):
        await stage.emit()
        await stage.deliver(made)
        stage.later(days=1)
    endpoint = await stage.reread(made)
    assert (endpoint.enabled, endpoint.stopped_by) == (False, EndpointStop.FAILING)
    assert PENDING not in {delivery.status for delivery in await stage.look(made)}


async def test_two_processes_do_not_send_the_same(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    stage.servers.says["a.test"] = say(200)
    door = stage.servers.doors["a.test"] = asyncio.Event()
    await stage.emit(1)
    first = asyncio.create_task(stage.deliver(made))
    await stage.servers.knocked.wait()
    await stage.process().deliver("acme", made.id)
    # What happens while another is at it is seen by that one before it goes.
    await stage.emit(2)
    await stage.process().deliver("acme", made.id)
    assert len(stage.servers.got) == 1
    door.set()
    await first
    assert len(stage.servers.got) == 2
    assert {delivery.status for delivery in await stage.look(made)} == {DONE}


async def test_what_comes_at_the_very_end_of_a_turn_is_sent(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    stage.servers.says["a.test"] = say(200)

    class Late(Leases):
        """Something happens, and its hint is in vain, just before the lease is given back."""

        async def release(self, name: str, owner: str) -> None:
            if len(stage.servers.got) == 1:
                await stage.emit(2)
                await stage.process().deliver("acme", made.id)
            await super().release(name, owner)

    await stage.emit(1)
    await stage.process(Late).deliver("acme", made.id)
    assert len(stage.servers.got) == 2


async def test_a_dead_process_is_followed_by_another(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    stage.servers.says["a.test"] = say(200)
    stage.servers.doors["a.test"] = asyncio.Event()
    await stage.emit()
    dying = asyncio.create_task(stage.deliver(made))
    await stage.servers.knocked.wait()
    dying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await dying
    stage.servers.doors.clear()
    await stage.process().deliver("acme", made.id)
    assert (await only(stage, made)).status is DONE
    assert len(stage.servers.got) == 2


async def test_a_slow_server_holds_up_no_other(stage: Stage) -> None:
    slow, _ = await stage.open("slow.test")
    quick, _ = await stage.open("quick.test")
    stage.servers.says = {"slow.test": say(200), "quick.test": say(200)}
    door = stage.servers.doors["slow.test"] = asyncio.Event()
    await stage.emit()
    waiting = asyncio.create_task(stage.deliver(slow))
    await stage.servers.knocked.wait()
    await stage.deliver(quick)
    assert (await only(stage, quick)).status is DONE
    door.set()
    await waiting


async def test_a_turn_ends_and_the_next_one_is_hinted(stage: Stage) -> None:
    made, _ = await stage.open("a.test")

    def slowly(_: httpx.Request) -> httpx.Response:
        stage.stopwatch += TURN_SECONDS
        return httpx.Response(200)

    stage.servers.says["a.test"] = slowly
    await stage.emit(*range(AT_ONCE + 1))
    stage.hints.sent.clear()
    await stage.deliver(made)
    assert len(stage.servers.got) == AT_ONCE
    assert [hint.id for hint in stage.hints.sent] == [made.id]
    await stage.deliver(made)
    assert {delivery.status for delivery in await stage.look(made)} == {DONE}


async def test_a_process_that_ends_begins_nothing(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    stage.servers.says["a.test"] = say(200)
    stage.ending = True
    await stage.emit()
    await stage.deliver(made)
    assert stage.servers.got == []
    assert (await only(stage, made)).status is PENDING


async def test_a_replay_while_it_is_tried_is_not_lost(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    stage.servers.says["a.test"] = say(200)
    door = stage.servers.doors["a.test"] = asyncio.Event()
    await stage.emit()
    sending = asyncio.create_task(stage.deliver(made))
    await stage.servers.knocked.wait()
    stage.later(seconds=1)
    delivery = await only(stage, made)
    events = stage.scope_of("acme").events
    assert (
        await events.replay(made.id, DeliveryFilter(delivery_id=delivery.id), stage.at, limit=9)
        == 1
    )
    door.set()
    await sending
    assert len(stage.servers.got) == 2
    assert (await only(stage, made)).status is DONE


async def test_a_removed_endpoint_leaves_nothing_to_do(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    await stage.emit()
    await stage.scope_of("acme").endpoints.delete(made.id)
    await stage.deliver(made)
    assert await stage.look(made) == []
    assert stage.servers.got == []


async def test_another_key_sends_nothing_and_loses_nothing(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    stage.servers.says["a.test"] = say(200)
    await stage.emit()
    stranger = Stage(stage.mongo, Encryption(Fernet.generate_key().decode()))
    stranger.at = stage.at
    stranger.servers.says["a.test"] = say(200)
    await stranger.deliver(made)
    assert stranger.servers.got == []
    assert await stage.due() == []
    stage.later(minutes=10)
    await stage.deliver(made)
    assert (await only(stage, made)).status is DONE


async def test_a_tenant_is_not_sent_what_is_anothers(stage: Stage) -> None:
    made, _ = await stage.open("a.test")
    stage.servers.says["a.test"] = say(200)
    await stage.emit()
    await stage.deliveries.deliver("globex", made.id)
    assert stage.servers.got == []
    assert (await only(stage, made)).status is PENDING
