"""The suite notices a connector that is surprised by what anybody may deliver."""

import json
from dataclasses import dataclass
from typing import ClassVar, cast

import pytest

from src.connectors.manifest import Manifest
from src.connectors.registry import LoadedConnector
from src.connectors.webhooks import Change, Delivery, Notice, Reading, SecretHeader, WebhookSpec
from src.testing.bench import Bench
from src.testing.hooks import check_reading
from tests.api.bells import EVENTS, RingsByItself, manifest


class Careful(RingsByItself):
    manifest: ClassVar[Manifest] = manifest(
        "bell", WebhookSpec(events=EVENTS, proof=SecretHeader(header="X-Bell-Secret"))
    )


class Surprised(Careful):
    @classmethod
    def read(cls, delivery: Delivery) -> Reading:
        return Reading(delivery_id=json.loads(delivery.body)["id"])


class Inventive(Careful):
    @classmethod
    def read(cls, delivery: Delivery) -> Reading:
        change = Change(event="thing", stream="others", record_id=str(len(delivery.body)))
        return Reading(notices=(Notice(changes=(change,)),))


@dataclass
class Alone:
    """All that the check looks at."""

    loaded: LoadedConnector


def check(connector: type[Careful]) -> None:
    check_reading(cast("Bench", Alone(LoadedConnector(connector, b"<svg/>"))))


def test_a_careful_connector_passes() -> None:
    check(Careful)


@pytest.mark.parametrize(
    ("connector", "words"),
    [(Surprised, "raises JSONDecodeError"), (Inventive, "does not declare")],
)
def test_others_do_not(connector: type[Careful], words: str) -> None:
    with pytest.raises(pytest.fail.Exception, match=words):
        check(connector)
