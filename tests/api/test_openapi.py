"""The document that callers read."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from src.api.generate_openapi import TARGET, document, main, rendered
from src.core.config import Settings

CAMEL = re.compile(r"[a-z][A-Za-z0-9]*")
ROOT = Path(__file__).parents[2]
ODD_ENVIRONMENT = {
    "APP_NAME": "Something Else",
    "APP_VERSION": "99.0.0",
    "API_PREFIX": "/elsewhere",
    "PUBLIC_URL": "https://elsewhere.example",
    "SANDBOX": "true",
    "AUTH_REQUIRED": "true",
    "CORS_ALLOW_ORIGINS": "https://app.example",
}


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of the document."""
    if isinstance(value, dict):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for entry in inner:
        yield from nodes(entry)


def schemas() -> dict[str, dict[str, Any]]:
    """The named schemas."""
    found: dict[str, dict[str, Any]] = document()["components"]["schemas"]
    return found


def test_the_file_is_up_to_date() -> None:
    assert TARGET.read_text() == rendered()
    assert json.loads(rendered())["info"]["version"] == Settings.model_fields["app_version"].default


@pytest.mark.parametrize("environment", [{}, ODD_ENVIRONMENT], ids=["plain", "odd"])
def test_the_document_is_the_same_in_every_process(environment: dict[str, str]) -> None:
    code = "from src.api.generate_openapi import rendered; print(rendered(), end='')"
    fresh = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONHASHSEED": "1", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert fresh.stdout == rendered()


def test_a_stale_file_is_told_and_not_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "interfaces" / "openapi.json"
    assert main(["--check"], target) == 1
    assert "make openapi" in capsys.readouterr().err
    assert not target.exists()
    assert main([], target) == 0
    assert target.read_text() == rendered()
    assert main(["--check"], target) == 0
    target.write_text("{}")
    assert main(["--check"], target) == 1
    assert target.read_text() == "{}"


def test_every_reference_resolves() -> None:
    references = {node["$ref"] for node in nodes(document()) if isinstance(node.get("$ref"), str)}
    assert references
    assert references <= {f"#/components/schemas/{name}" for name in schemas()}


def test_every_schema_is_used() -> None:
    used = {node["$ref"].rpartition("/")[2] for node in nodes(document()) if "$ref" in node}
    assert set(schemas()) <= used


def test_every_key_is_camel_case() -> None:
    names = {name for node in nodes(document()) for name in _properties(node)}
    assert len(names) > 50
    assert [name for name in sorted(names) if CAMEL.fullmatch(name) is None] == []


def _properties(node: dict[str, Any]) -> list[str]:
    properties = node.get("properties")
    return list(properties) if isinstance(properties, dict) else []


def test_every_parameter_is_camel_case() -> None:
    for path, operations in document()["paths"].items():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "query":
                    assert CAMEL.fullmatch(parameter["name"]), (path, parameter["name"])


def test_no_schema_is_the_frameworks_own() -> None:
    assert {"HTTPValidationError", "ValidationError"}.isdisjoint(schemas())
    assert "HTTPValidationError" not in rendered()
    assert "detail" not in schemas()["ErrorEnvelope"]["properties"]


def test_request_bodies_refuse_unknown_keys() -> None:
    for operations in document()["paths"].values():
        for operation in operations.values():
            if body := operation.get("requestBody"):
                reference = body["content"]["application/json"]["schema"]["$ref"]
                assert schemas()[reference.rpartition("/")[2]]["additionalProperties"] is False


def test_secrets_are_write_only() -> None:
    marked = {
        name
        for schema in schemas().values()
        for name, property_ in schema.get("properties", {}).items()
        if "password" in json.dumps(property_)
    }
    assert {"apiKey", "apiSecret", "clientSecret", "accessToken", "refreshToken"} <= marked


def test_operation_ids_are_unique_and_routes_tagged() -> None:
    found = [
        operation["operationId"]
        for operations in document()["paths"].values()
        for operation in operations.values()
    ]
    assert len(found) == len(set(found))


def test_bounds_are_told_in_the_words_of_json_schema() -> None:
    assert not [node for node in nodes(document()) if {"ge", "gt", "le", "lt"} & node.keys()]
