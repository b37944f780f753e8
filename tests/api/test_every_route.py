"""One walk over every route of the document: what holds for all of them."""

import httpx
import jsonschema
import pytest

from src.api.errors import COMMON_CODES, STATUS_BY_CODE
from src.api.generate_openapi import document
from src.models.principal import ALL_PERMISSIONS, Permission
from tests.api.answers import data_of, error_of
from tests.api.operations import (
    ANY_CALLER,
    EVERY,
    GUARDED,
    OPEN,
    SAMPLES,
    WITH_PERMISSION,
    WITHOUT_WAITING,
    Operation,
)
from tests.conftest import StartService

BAD_ID = "con_0123456789abcdef01234567"
ADMIN_KEY = "platform-key-0123456789"


every_operation = pytest.mark.parametrize("operation", EVERY, ids=lambda one: one.id)
every_guarded_operation = pytest.mark.parametrize("operation", GUARDED, ids=lambda one: one.id)
every_permitted_operation = pytest.mark.parametrize(
    "operation", WITH_PERMISSION, ids=lambda one: one.id
)


def test_each_operation_has_a_name_of_its_own_and_a_good_request() -> None:
    names = [operation.id for operation in EVERY]
    assert sorted(names) == sorted(SAMPLES)
    assert set(names) >= OPEN


@every_operation
def test_a_route_documents_its_permission_and_its_failures(operation: Operation) -> None:
    if operation.id in OPEN | ANY_CALLER:
        assert "x-permission" not in operation.spec
    else:
        assert operation.spec["x-permission"] in {permission.value for permission in Permission}
    responses = operation.spec["responses"]
    told = " ".join(answer.get("description", "") for answer in responses.values())
    for code in COMMON_CODES if operation.id not in OPEN else ():
        assert str(STATUS_BY_CODE[code]) in responses
        assert f"`{code.value}`" in told
    for status, answer in responses.items():
        if int(status) >= 400:
            assert set(answer["content"]) == {"application/json", "application/problem+json"}
    assert operation.spec["tags"]
    assert operation.spec["description"]


@every_guarded_operation
async def test_a_route_needs_a_tenant(client: httpx.AsyncClient, operation: Operation) -> None:
    client.headers.pop("X-Tenant-Id")
    error_of(await operation.call(client, BAD_ID), 400, "tenant_required")


@every_operation
async def test_a_route_refuses_an_unknown_query_key_in_the_documented_forms(
    client: httpx.AsyncClient, operation: Operation
) -> None:
    problem = {"field": "surprise", "message": "is not known here"}
    documented = operation.spec["responses"]["422"]["content"]
    plain = await operation.call(client, BAD_ID, surprise="1")
    assert error_of(plain, 422, "validation_error")["details"] == {"errors": [problem]}
    conform(plain.json(), documented["application/json"]["schema"])
    client.headers["Accept"] = "application/problem+json"
    other = await operation.call(client, BAD_ID, surprise="1")
    assert other.json()["details"] == {"errors": [problem]}
    conform(other.json(), documented["application/problem+json"]["schema"])


@every_operation
async def test_a_route_refuses_a_query_key_that_is_given_twice(
    client: httpx.AsyncClient, operation: Operation
) -> None:
    answer = await operation.call(client, BAD_ID, workspaceId=["acme", "acme"])
    problem = {"field": "workspaceId", "message": "is given twice"}
    assert problem in error_of(answer, 422, "validation_error")["details"]["errors"]


@pytest.fixture
async def strict(start: StartService) -> httpx.AsyncClient:
    """A client of the application with ``AUTH_REQUIRED``, without a key."""
    service = await start(auth_required=True, admin_api_key=ADMIN_KEY)
    service.client.headers.pop("X-Tenant-Id")
    return service.client


async def take_key(client: httpx.AsyncClient, permissions: set[Permission]) -> None:
    """Call with a real key of these permissions from now on."""
    answer = await client.post(
        "/api/auth/api-keys",
        json={"permissions": sorted(permissions)},
        headers={"Authorization": f"Bearer {ADMIN_KEY}", "X-Tenant-Id": "acme"},
    )
    client.headers["Authorization"] = f"Bearer {data_of(answer, 201)['apiKey']}"


@every_permitted_operation
async def test_a_route_needs_its_permission_and_no_other(
    strict: httpx.AsyncClient, operation: Operation
) -> None:
    needed = Permission(operation.spec["x-permission"])

    await take_key(strict, set(ALL_PERMISSIONS - {needed, Permission.ADMIN}))
    error = error_of(await operation.call(strict, BAD_ID), 403, "forbidden")
    assert error["details"] == {"permission": needed.value}

    for enough in (needed, Permission.ADMIN):
        await take_key(strict, {enough})
        assert (await operation.call(strict, BAD_ID)).status_code not in {401, 403}


@every_guarded_operation
async def test_a_route_refuses_whoever_brings_no_key(
    strict: httpx.AsyncClient, operation: Operation
) -> None:
    strict.headers["X-Tenant-Id"] = "acme"
    error_of(await operation.call(strict, BAD_ID), 401, "unauthorized")


@pytest.mark.parametrize("operation", WITHOUT_WAITING, ids=lambda one: one.id)
async def test_a_good_request_is_answered_as_documented(
    client: httpx.AsyncClient, connection_id: str, operation: Operation
) -> None:
    answer = await operation.call(client, connection_id)
    assert answer.status_code < 400, answer.text
    documented = operation.spec["responses"][str(answer.status_code)].get("content", {})
    if answer.is_redirect:
        assert documented == {}
        return
    kind = answer.headers["Content-Type"]
    assert kind in documented
    if kind == "application/json":
        conform(answer.json(), documented[kind]["schema"])


def conform(value: object, schema: dict[str, object]) -> None:
    """Check a value against a schema of the document."""
    root = {**schema, "components": document()["components"]}
    jsonschema.Draft202012Validator(root).validate(value)
