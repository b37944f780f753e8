"""Bodies of the catalogue's routes."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field

from src.api.schemas.base import Body, JsonObject, Query, Reply, Secret, Text
from src.api.schemas.tools import ToolOut
from src.connectors.grade import Grade
from src.connectors.manifest import AuthMethod, Capability, Deletions, KeyField, Manifest
from src.connectors.webhooks import MadeBy
from src.models.record import RecordKind
from src.services.catalogue import CatalogueEntry


class CatalogueQuery(Query):
    """What the catalogue takes."""

    category: Text | None = None
    capability: Capability | None = None
    q: Text | None = None


class KeyFieldOut(Reply):
    """One thing that a person types; `name` is its path in the callback's body."""

    name: str
    label: str
    secret: bool
    required: bool
    help: str

    @classmethod
    def of(cls, field: KeyField) -> Self:
        """From the manifest."""
        return cls(**field.model_dump())


class AuthMethodOut(Reply):
    """One way to authorize."""

    id: str
    kind: str
    label: str
    fields: list[KeyFieldOut]

    @classmethod
    def of(cls, method: AuthMethod) -> Self:
        """From the manifest."""
        return cls(
            id=method.id,
            kind=method.kind.value,
            label=method.label,
            fields=[KeyFieldOut.of(field) for field in method.fields],
        )


class ConnectorOut(Reply):
    """A connector as the catalogue lists it."""

    id: str
    name: str
    description: str
    category: str
    grade: Grade | None = Field(
        description="What the connector has been shown to stand; null = it was not graded."
    )
    version: str
    icon_url: str
    docs_url: str
    auth_methods: list[AuthMethodOut]
    capabilities: list[Capability]
    resource_types: list[str]
    scopes: list[str]
    configured: bool
    enabled: bool

    @classmethod
    def of(cls, entry: CatalogueEntry, base_url: str) -> Self:
        """From the catalogue; ``base_url`` is where the connectors' routes begin."""
        return cls(**_common(entry, base_url))


class StreamOut(Reply):
    """Something that can be synchronized."""

    name: str
    kind: RecordKind = Field(description="What its records are.")
    incremental: bool
    deletions: bool
    deletions_by: Deletions = Field(
        description="`feed`: each run carries deletions over. `sweep`: a full run finds them."
    )
    auth_methods: list[str] = Field(description="Whose connections can be asked for it.")


class WebhookEventOut(Reply):
    """Something that a webhook can be for."""

    name: str
    description: str
    streams: list[str] = Field(description="The streams whose records it changes.")


class WebhooksOut(Reply):
    """What a connector's webhooks are like."""

    events: list[WebhookEventOut]
    container: Literal["required", "optional", "none"] = Field(
        description="Whether a webhook is for one container."
    )
    made_by_hand: bool = Field(description="Whether a person sets them up at the provider.")
    scopes: list[str]
    auth_methods: list[str]

    @classmethod
    def of(cls, manifest: Manifest) -> Self | None:
        """From the manifest; None where there are none."""
        spec = manifest.webhooks
        if spec is None:
            return None
        every = [method.id for method in manifest.auth_methods]
        return cls(
            events=[
                WebhookEventOut(
                    name=event.name, description=event.description, streams=list(event.streams)
                )
                for event in spec.events
            ],
            container=spec.container,
            made_by_hand=spec.made_by is MadeBy.HAND,
            scopes=list(spec.scopes),
            auth_methods=every if spec.auth_methods is None else list(spec.auth_methods),
        )


class ConnectorDetailOut(ConnectorOut):
    """A connector with what is needed to draw its forms."""

    config_schema: dict[str, Any]
    credentials_schema: dict[str, Any]
    settings_schema: dict[str, Any]
    streams: list[StreamOut]
    webhooks: WebhooksOut | None
    tools: list[ToolOut]
    has_client_id: bool
    has_client_secret: bool

    @classmethod
    def of(cls, entry: CatalogueEntry, base_url: str) -> Self:
        """From the catalogue; ``base_url`` is where the connectors' routes begin."""
        manifest = entry.loaded.manifest
        settings = entry.settings
        return cls(
            **_common(entry, base_url),
            config_schema=manifest.config_model.model_json_schema(),
            credentials_schema=_credentials_schema(manifest.auth_methods),
            settings_schema=manifest.settings_model.model_json_schema(),
            streams=[
                StreamOut(
                    name=stream.name,
                    kind=stream.kind,
                    incremental=stream.incremental,
                    deletions=stream.deletions is not Deletions.NEVER,
                    deletions_by=stream.deletions,
                    auth_methods=[
                        method.id
                        for method in manifest.auth_methods
                        if stream in manifest.streams_of(method.id)
                    ],
                )
                for stream in manifest.streams
            ],
            webhooks=WebhooksOut.of(manifest),
            tools=[ToolOut.of(tool) for tool in manifest.tools],
            has_client_id=settings is not None and settings.client_id is not None,
            has_client_secret=settings is not None and settings.sealed_client_secret is not None,
        )


def _common(entry: CatalogueEntry, base_url: str) -> dict[str, Any]:
    manifest = entry.loaded.manifest
    own_scopes = entry.settings.scopes if entry.settings else None
    return {
        "id": manifest.id,
        "name": manifest.name,
        "description": manifest.description,
        "category": manifest.category,
        "grade": manifest.grade,
        "version": manifest.version,
        "icon_url": f"{base_url}/{manifest.id}/icon.svg",
        "docs_url": manifest.docs_url,
        "auth_methods": [AuthMethodOut.of(method) for method in manifest.auth_methods],
        "capabilities": list(entry.loaded.connector_class.capabilities()),
        "resource_types": [kind.name for kind in manifest.resource_types],
        "scopes": list(manifest.scopes.default if own_scopes is None else own_scopes),
        "configured": entry.configured,
        "enabled": entry.enabled,
    }


def _credentials_schema(methods: tuple[AuthMethod, ...]) -> dict[str, Any]:
    """One alternative for each way to authorize that is typed in."""
    typed = [method for method in methods if method.fields]
    return {"anyOf": [_method_schema(method) for method in typed]}


def _method_schema(method: AuthMethod) -> dict[str, Any]:
    return {
        "title": method.label,
        "type": "object",
        "properties": {
            "method": {"const": method.id},
            **{
                field.name: {
                    "type": "string",
                    "title": field.label,
                    "description": field.help,
                    "writeOnly": field.secret,
                }
                for field in method.fields
            },
        },
        "required": [field.name for field in method.fields if field.required],
    }


class ConnectorPatch(Body):
    """The tenant's own settings of a connector; null goes back to the default."""

    enabled: bool | None = None
    client_id: Text | None = None
    client_secret: Secret | None = None
    scopes: list[Text] | None = None
    config: JsonObject | None = None
