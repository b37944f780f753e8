"""The store behaves like a database: what it hands out is a copy."""

import pytest

from src.sandbox.kit import MemoryStore


async def test_documents_are_copies() -> None:
    store = MemoryStore()
    value = {"list": [1]}
    await store.put("key", value)
    value["list"].append(2)
    first = await store.get("key")
    assert first == {"list": [1]}
    first["list"].append(3)
    assert await store.get("key") == {"list": [1]}


async def test_increment_creates_and_returns_the_new_value() -> None:
    store = MemoryStore()
    assert await store.increment("key", "calls") == 1
    assert await store.increment("key", "calls", 4) == 5
    assert await store.increment("key", "calls", -1) == 4
    assert await store.get("key") == {"calls": 4}


async def test_delete_forgets_and_is_no_error_twice() -> None:
    store = MemoryStore()
    await store.put("key", {})
    await store.delete("key")
    await store.delete("key")
    assert await store.get("key") is None


@pytest.mark.parametrize("field", ["a.b", "$set"])
async def test_field_names_that_a_document_database_refuses(field: str) -> None:
    with pytest.raises(ValueError, match="field name"):
        await MemoryStore().increment("key", field)
