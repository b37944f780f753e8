"""Database webhooks of Supabase: triggers that a person makes, which call with each changed row.

A call is not signed, has no id of its own and is not sent again: it proves itself with a header
that the trigger sends. Source: supabase.com/docs/guides/database/webhooks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct
from pydantic import SecretStr

from src.connectors.rest.decoding import Fragment, decode
from src.connectors.supabase.ids import Row, Table
from src.connectors.webhooks import (
    Change,
    Delivery,
    MadeBy,
    Notice,
    Reading,
    SecretHeader,
    WebhookEvent,
    WebhookSpec,
)

STREAM = "rows"
_LONGEST = 512
"""Characters of a value that may be a key: an id holds no more."""

_TELLS = {
    "INSERT": "A row was added.",
    "UPDATE": "A row was changed.",
    "DELETE": "A row was deleted.",
}


def spec(auth_methods: tuple[str, ...]) -> WebhookSpec:
    """The webhooks of connections by these methods, which read rows."""
    return WebhookSpec(
        events=tuple(
            WebhookEvent(name=name, description=text, streams=(STREAM,))
            for name, text in _TELLS.items()
        ),
        proof=SecretHeader(header="X-Webhook-Secret"),
        made_by=MadeBy.HAND,
        container="required",
        auth_methods=auth_methods,
        instructions=(
            "In the Supabase dashboard open Integrations → Database Webhooks, enable them, and"
            " create one for the table: the events, type HTTP Request, method POST, the url, the"
            " header with the secret, and 5000 ms of timeout."
        ),
    )


class _Payload(Fragment):
    type: str = ""
    table: str = ""
    schema: str = ""
    record: dict[str, Any] | None = None
    old_record: dict[str, Any] | None = None


class Ticket(Struct, frozen=True):
    """Which row a call was about: the values that its key may be made of, before and after."""

    schema: str
    table: str
    rows: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, change: Change) -> Ticket | None:
        """What a change came with."""
        if change.ticket is None:
            return None
        return msgspec.json.decode(change.ticket.get_secret_value(), type=cls)

    def rows_of(self, table: Table) -> tuple[Row, ...]:
        """The rows of a table that it names; none if it is about another table."""
        if (self.schema, self.table) != (table.schema, table.name) or not table.key:
            return ()
        found = [_row(table, values) for values in self.rows]
        return tuple(dict.fromkeys(row for row in found if row is not None))


def read(delivery: Delivery) -> Reading:
    """The row that a call is about. What is its key, the connection's settings may say.

    Raises:
        UnreadableAnswer: It is no call of a database webhook.
    """
    payload = decode(delivery.body, _Payload)
    if payload.type not in _TELLS:
        return Reading()
    rows = [_keylike(row) for row in (payload.record, payload.old_record) if row]
    ticket = Ticket(payload.schema, payload.table, tuple(rows))
    change = Change(
        event=payload.type,
        stream=STREAM,
        ticket=SecretStr(msgspec.json.encode(ticket).decode()),
    )
    return Reading(notices=(Notice(changes=(change,)),))


def _keylike(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if _is_keylike(value)}


def _is_keylike(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST
    return isinstance(value, int) and not isinstance(value, bool)


def _row(table: Table, values: Mapping[str, Any]) -> Row | None:
    if any(column not in values for column in table.key):
        return None
    row = Row(table, tuple(str(values[column]) for column in table.key))
    return row if row.fits else None
