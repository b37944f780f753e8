"""What forms can let their users pick: databases, and the tables below their schemas."""

from __future__ import annotations

from src.models.unified import Container, Page, Resource

from .ids import Database, Schema
from .manifest import DATABASE, TABLE

_MEDIA = "application/vnd.postgresql."


def database_to_resource(container: Container) -> Resource:
    """A database where it is picked."""
    return Resource(
        id=container.id, name=container.name, type=DATABASE, mime_type=f"{_MEDIA}database"
    )


def container_to_resource(container: Container) -> Resource:
    """A table, or a schema that is opened to find some."""
    is_schema = container.type == "schema"
    return Resource(
        id=container.id,
        name=container.name,
        type=TABLE,
        mime_type=f"{_MEDIA}{container.type.replace('_', '-')}",
        parent_id=container.parent_id,
        has_children=is_schema,
        selectable=not is_schema,
    )


def resources_of(page: Page[Container], kind: str) -> Page[Resource]:
    """A list of containers as one that is picked from."""
    mapping = database_to_resource if kind == DATABASE else container_to_resource
    return Page(items=tuple(map(mapping, page.items)), next_token=page.next_token)


def way_to(place: Database | Schema) -> tuple[Resource, ...]:
    """From the database down; names say where things are, so that nobody is asked."""
    name = place.name if isinstance(place, Database) else place.database
    way = [Resource(id=str(Database(name)), name=name, type=DATABASE)]
    if isinstance(place, Schema):
        way.append(
            Resource(
                id=str(place),
                name=place.name,
                type=TABLE,
                mime_type=f"{_MEDIA}schema",
                parent_id=str(place.place),
                has_children=True,
                selectable=False,
            )
        )
    return tuple(way)
