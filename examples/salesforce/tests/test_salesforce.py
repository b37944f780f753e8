"""The whole suite over the imitation."""

from pathlib import Path
from typing import Any, ClassVar

from msgspec import Struct

from src.connectors.registry import module_of
from src.testing import ConnectorConformance
from src.testing.streams import Hand, StreamSample

HERE = Path(__file__).parents[1]
ACME = {"instanceUrl": "https://acme-dev-ed.develop.my.salesforce.com"}
TOKEN = "00D000000000001!AQ4" + "a" * 40


class Saved(Struct):
    id: str


async def add(hand: Hand) -> str:
    data = hand.rest.below("/services/data/v64.0")
    made = await data.write(
        "POST", "/sobjects/{object}/", Saved, json={"Subject": "New"}, object="Task"
    )
    return f"Task:{made.id}"


async def change(hand: Hand) -> str:
    await _change(hand, "00T000000000070AAA", {"Subject": "Other"})
    return "Task:00T000000000070AAA"


async def delete(hand: Hand, record_id: str) -> None:
    name, _, record = record_id.partition(":")
    data = hand.rest.below("/services/data/v64.0")
    await data.change("DELETE", "/sobjects/{object}/{record}", object=name, record=record)


async def _change(hand: Hand, record: str, values: dict[str, Any]) -> None:
    data = hand.rest.below("/services/data/v64.0")
    path = "/sobjects/{object}/{record}"
    await data.change("PATCH", path, json=values, object="Task", record=record)


class TestSalesforce(ConnectorConformance):
    connector_id = "salesforce"
    module = module_of(HERE)
    token = TOKEN
    config: ClassVar = ACME
    container = "Account"
    item = "Case:500000000000001AAA"
    word = "Whale"
    attacks = (
        "%' OR Name LIKE '%",
        "\\' OR Name != '",
        "' OR Id != '' LIMIT 2000 --",
        "_",
        "%",
    )
    tools: ClassVar = {
        "salesforce_create_record": {"object": "Case", "fields": {"Subject": "Leak"}},
        "salesforce_update_record": {
            "object": "Case",
            "record": "Case:500000000000002AAA",
            "fields": {"Status": "Closed"},
        },
    }
    resource_parents: ClassVar = {"salesforce_record": "Account"}
    requests: ClassVar = {"items": 2, "item": 2}
    streams: ClassVar = {
        "records": StreamSample(
            container_ids=("Task", "Lead"),
            add=add,
            change=change,
            delete=delete,
            gone="Nothing__c",
            # The describe, the log of deletions and the query of each object.
            requests=6,
        )
    }
