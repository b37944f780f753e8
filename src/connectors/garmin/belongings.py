"""Devices and gear as our nouns. Pure functions, no I/O; distances are metres."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec

from src.connectors.garmin.ids import DEVICES, GEAR, item_id
from src.connectors.garmin.schemas import Device, GearStats
from src.connectors.garmin.schemas import Gear as GearRow
from src.connectors.rest.values import timestamp
from src.models.unified import Item, Resource

PICKED_GEAR = "garmin_gear"
RETIRED = "retired"
_GEAR_TYPES = {"Bike": "bike", "Shoes": "shoe", "Other": "other"}
_LONGEST_TITLE = 200


def device_to_item(row: Device) -> Item:
    """A device."""
    product = row.product_display_name
    return Item(
        id=item_id("device", row.device_id),
        type="device",
        container_id=DEVICES,
        title=(row.display_name or product or str(row.device_id))[:_LONGEST_TITLE],
        body=product or "",
        body_format="text",
        fields={
            "product": product,
            "serialNumber": None if row.serial_number is None else str(row.serial_number),
            "firmware": row.current_firmware_version,
        },
    )


def name_of_gear(row: GearRow) -> str:
    """What the user calls it, or what it is."""
    made = " ".join(filter(None, (row.gear_make_name, row.gear_model_name)))
    return row.display_name or row.custom_make_model or made or row.uuid


def gear_fields(row: GearRow, stats: GearStats | None) -> dict[str, Any]:
    """What is typical of gear; Garmin has no distance of one that was removed."""
    return {
        "gearType": _GEAR_TYPES.get(row.gear_type_name or ""),
        "brand": row.gear_make_name,
        "model": row.gear_model_name,
        "nickname": row.display_name or row.custom_make_model,
        "distance": stats.total_distance if stats else None,
        "activities": stats.total_activities if stats else None,
        "retired": row.gear_status_name == RETIRED,
        "maximumDistance": row.maximum_meters,
        "usedFrom": row.date_begin[:10] if row.date_begin else None,
        "usedUntil": row.date_end[:10] if row.date_end else None,
    }


def gear_to_item(row: GearRow) -> Item:
    """A gear, of which the list does not tell the distance."""
    name = name_of_gear(row)
    return Item(
        id=item_id("gear", row.uuid),
        type="gear",
        container_id=GEAR,
        title=name[:_LONGEST_TITLE],
        body=name,
        body_format="text",
        state="closed" if row.gear_status_name == RETIRED else "open",
        status=row.gear_status_name,
        created_at=timestamp(row.create_date),
        updated_at=timestamp(row.update_date),
        fields=gear_fields(row, None),
    )


def gear_to_resource(row: GearRow) -> Resource:
    """A gear that can be picked."""
    return Resource(
        id=item_id("gear", row.uuid),
        name=name_of_gear(row),
        type=PICKED_GEAR,
        fields=gear_fields(row, None),
    )


def named_gear(used: Sequence[Item]) -> dict[str, Any]:
    """What an activity says of its gear: Garmin allows several, of which one stands for all."""
    first = used[0] if used else None
    return {
        "gearId": first.id if first else None,
        "gearName": first.title if first else None,
        "gear": [{"id": one.id, "name": one.title} for one in used],
    }


G = TypeVar("G", Item, Resource)


def with_stats(gear: G, stats: GearStats | None) -> G:
    """The same with its distance."""
    if stats is None or isinstance(gear.fields, msgspec.UnsetType):
        return gear
    told = {"distance": stats.total_distance, "activities": stats.total_activities}
    return msgspec.structs.replace(gear, fields={**gear.fields, **told})
