"""airbyte-cdk's declarative source, its messages written as JSON lines."""

import logging
import sys
import tempfile
import time
from typing import Any

from airbyte_cdk.models import (
    AirbyteStream,
    ConfiguredAirbyteCatalog,
    ConfiguredAirbyteStream,
    DestinationSyncMode,
    SyncMode,
    Type,
)
from airbyte_cdk.sources.declarative.concurrent_declarative_source import (
    ConcurrentDeclarativeSource,
)

SCHEMA = {"type": "object", "additionalProperties": True, "properties": {}}


def manifest(url: str) -> dict[str, Any]:
    return {
        "version": "6.0.0",
        "type": "DeclarativeSource",
        "check": {"type": "CheckStream", "stream_names": ["issues"]},
        "streams": [
            {
                "type": "DeclarativeStream",
                "name": "issues",
                "primary_key": "id",
                "schema_loader": {"type": "InlineSchemaLoader", "schema": SCHEMA},
                "retriever": {
                    "type": "SimpleRetriever",
                    "requester": {
                        "type": "HttpRequester",
                        "url_base": url,
                        "path": "/repositories/1/issues",
                        "http_method": "GET",
                        "request_parameters": {"state": "all"},
                    },
                    "record_selector": {
                        "type": "RecordSelector",
                        "extractor": {"type": "DpathExtractor", "field_path": []},
                    },
                    "paginator": {
                        "type": "DefaultPaginator",
                        "page_size_option": {
                            "type": "RequestOption",
                            "inject_into": "request_parameter",
                            "field_name": "per_page",
                        },
                        "page_token_option": {
                            "type": "RequestOption",
                            "inject_into": "request_parameter",
                            "field_name": "page",
                        },
                        "pagination_strategy": {
                            "type": "PageIncrement",
                            "start_from_page": 1,
                            "page_size": 100,
                        },
                    },
                },
            }
        ],
        "spec": {
            "type": "Spec",
            "connection_specification": {"type": "object", "properties": {}},
        },
    }


def main(url: str) -> None:
    from airbyte_cdk.models import AirbyteMessageSerializer  # noqa: PLC0415
    from orjson import dumps  # noqa: PLC0415

    catalog = ConfiguredAirbyteCatalog(
        streams=[
            ConfiguredAirbyteStream(
                stream=AirbyteStream(
                    name="issues", json_schema=SCHEMA, supported_sync_modes=[SyncMode.full_refresh]
                ),
                sync_mode=SyncMode.full_refresh,
                destination_sync_mode=DestinationSyncMode.append,
            )
        ]
    )
    source = ConcurrentDeclarativeSource(
        catalog=catalog, config={}, state=[], source_config=manifest(url)
    )
    log = logging.getLogger("airbyte")  # noqa: TID251  its own, which it asks for
    log.setLevel(logging.WARNING)
    count, began = 0, time.perf_counter()
    with tempfile.TemporaryFile() as lines:
        for message in source.read(log, {}, catalog, []):
            if message.type is Type.RECORD:
                count += 1
                lines.write(dumps(AirbyteMessageSerializer.dump(message)) + b"\n")
    seconds = time.perf_counter() - began
    sys.stdout.write(f'\n{{"items": {count}, "seconds": {seconds}}}\n')


main(sys.argv[1])
