"""Asks a connector by the name of a verb, with the question as plain data.

For whoever has words and not code at hand: the command line, and recorded answers.
"""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar, cast

import msgspec
from pydantic import BaseModel, ValidationError
from pydantic.alias_generators import to_camel

from src.connectors.base import BaseConnector, Identity, Syncs
from src.connectors.manifest import Capability, Manifest
from src.connectors.rest.paths import UnfitId
from src.connectors.syncing import SyncPage, SyncQuery
from src.core.errors import UnsupportedCapability, ValidationFailed
from src.models.base import complaint
from src.models.query import CommentQuery, ContainerQuery, ItemQuery, OneItemQuery, ResourceQuery
from src.models.unified import Comment, Container, Item, Page, Resource

Fields = Mapping[str, Any]
"""A question: the fields of the verb's query, as JSON has them."""

Answer = Identity | Page[Container] | Page[Item] | Item | Page[Comment] | Page[Resource]

T = TypeVar("T")
Q = TypeVar("Q")
M = TypeVar("M", bound=BaseModel)


class Verb(StrEnum):
    """What a connector can be asked."""

    IDENTIFY = "identify"
    CONTAINERS = "containers"
    ITEMS = "items"
    ITEM = "item"
    COMMENTS = "comments"
    RESOURCES = "resources"
    SYNC = "sync"


_IDS = frozenset({"container_id", "item_id", "parent_id"})
_NEEDS = {
    Verb.CONTAINERS: Capability.CONTAINERS,
    Verb.ITEMS: Capability.ITEMS,
    Verb.ITEM: Capability.ITEMS,
    Verb.COMMENTS: Capability.COMMENTS,
    Verb.RESOURCES: Capability.RESOURCES,
    Verb.SYNC: Capability.SYNC,
}
_QUERIES: dict[Verb, type] = {
    Verb.CONTAINERS: ContainerQuery,
    Verb.ITEMS: ItemQuery,
    Verb.ITEM: OneItemQuery,
    Verb.COMMENTS: CommentQuery,
}


async def ask(connector: BaseConnector, verb: Verb, fields: Fields) -> Answer:
    """One answer of any verb but ``sync``.

    Raises:
        UnsupportedCapability: The connector has no such verb.
        ValidationFailed: The question has a field that is wrong or missing.
        AppError: Whatever the provider does.
    """
    need(connector, verb)
    if verb is Verb.IDENTIFY:
        return await connector.identify()
    if verb is Verb.RESOURCES:
        question = _resource_query(connector.manifest, fields)
    else:
        question = _convert(fields, _QUERIES[verb])
    answer: Answer = await put(getattr(connector, verb.value), question)
    return answer


async def put(verb: Callable[[Q], Awaitable[T]], question: Q) -> T:
    """Ask a verb; an id that fits no path is told by the field that it came in.

    Raises:
        AppError: Whatever the verb does.
    """
    try:
        return await verb(question)
    except UnfitId as error:
        field = _field_of(error.value, question)
        if field is None:
            raise
        raise error.in_field(to_camel(field)) from error


def _field_of(value: str, question: object) -> str | None:
    """The id among the fields of a question that a value is, or is a part of."""
    ids = {
        field.name: getattr(question, field.name)
        for field in dataclasses.fields(question)  # type: ignore[arg-type]
        if field.name in _IDS
    }
    given = {name: id_ for name, id_ in ids.items() if id_ is not None}
    whole = (name for name, id_ in given.items() if id_ == value)
    part = (name for name, id_ in given.items() if value in id_)
    return next(whole, None) or next(part, None)


def run(connector: BaseConnector, fields: Fields) -> AsyncGenerator[SyncPage, None]:
    """The pages of a stream, or what is left of them.

    Raises:
        UnsupportedCapability: The connector has no streams.
        ValidationFailed: There is no such stream, or a field is wrong.
    """
    need(connector, Verb.SYNC)
    return cast("Syncs", connector).sync(_sync_query(connector.manifest, fields))


def need(connector: BaseConnector, verb: Verb) -> None:
    """Refuse a verb that the connector has not.

    Raises:
        UnsupportedCapability: It has not.
    """
    capability = _NEEDS.get(verb)
    known = connector.capabilities()
    if capability is not None and capability not in known:
        names = ", ".join(known) or "nothing but identify"
        raise UnsupportedCapability(f"{connector.manifest.name} has no {verb}, only: {names}.")


def _sync_query(manifest: Manifest, fields: Fields) -> SyncQuery:
    streams = {stream.name: stream for stream in manifest.streams}
    stream = streams.get(str(fields.get("stream")))
    if stream is None:
        raise ValidationFailed([("stream", f"must be one of: {', '.join(streams)}")])
    told = fields.get("checkpoint")
    checkpoint = None if told is None else _model(stream.checkpoint, told, "checkpoint")
    rest = {name: value for name, value in fields.items() if name != "checkpoint"}
    return dataclasses.replace(_convert(rest, SyncQuery), checkpoint=checkpoint)


def _resource_query(manifest: Manifest, fields: Fields) -> ResourceQuery:
    kind = manifest.resource_type(str(fields.get("type")))
    if kind is None:
        known = ", ".join(one.name for one in manifest.resource_types)
        raise ValidationFailed([("type", f"must be one of: {known}")])
    filters = _model(kind.filters, fields.get("filters", {}), "filters")
    rest = {name: value for name, value in fields.items() if name != "filters"}
    query: ResourceQuery = _convert({**rest, "filters": filters}, ResourceQuery)
    return query


def _convert(fields: Fields, kind: type[T]) -> T:
    names = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    if strangers := sorted(set(fields) - names):
        known = ", ".join(sorted(names))
        raise ValidationFailed([(strangers[0], f"is not known here, only: {known}")])
    try:
        return msgspec.convert(dict(fields), kind, dec_hook=_as_it_is)
    except msgspec.ValidationError as error:
        raise ValidationFailed([("query", str(error))]) from error


def _as_it_is(_: type, value: Any) -> Any:
    """Models among the fields are read already."""
    return value


def _model(kind: type[M], given: Any, field: str) -> M:
    try:
        return kind.model_validate_json(msgspec.json.encode(given))
    except ValidationError as error:
        each = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(map(str, (field, *each["loc"])))
        raise ValidationFailed([(name, complaint(each))]) from error
