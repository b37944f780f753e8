"""Rotation: everything sealed opens with the new key alone, whatever goes on meanwhile."""

import asyncio
from collections import Counter

import pytest

from src.core.errors import CredentialsUnreadable
from src.db.maintenance.sealed import SEALED_FIELDS, SealedStore
from src.db.platform import PlatformStore
from src.models.credential import Place
from src.services.encryption import Encryption
from src.services.maintenance.rotation import Keys, Progress
from tests.services.maintenance.conftest import NEW, OLD, OTHER, Vault, app_place

BOTH = f"{NEW},{OLD}"
NEW_PRINT, OLD_PRINT = (Encryption(key).fingerprint for key in (NEW, OLD))


def keys(vault: Vault, names: str) -> Keys:
    return Keys(vault.mongo.database, Encryption(names))


async def under(vault: Vault) -> Counter[str | None]:
    """How many secrets each key seals."""
    uses = await keys(vault, BOTH).report()
    counts: Counter[str | None] = Counter()
    for use in uses:
        counts[use.fingerprint] += use.count
    return counts


async def test_afterwards_the_new_key_alone_opens_everything(vault: Vault) -> None:
    before = (await vault.rooted(OLD)).mac("audit", b"text")
    rotation = await keys(vault, BOTH).rotate()
    assert rotation.complete
    assert rotation.resealed == {
        "platform_secrets.sealed": 1,
        "tokens.sealed": 6,
        "connections.sealedClientSecret": 6,
        "connector_settings.sealedClientSecret": 2,
    }
    for connection in vault.connections:
        opened = await vault.opened(connection, NEW)
        assert opened == {"accessToken": f"secret of {connection.id}"}
        scope = vault.scope(connection.tenant_id)
        settings = await scope.connector_settings.get("github")
        record = await scope.connections.get(connection.id)
        assert record
        assert record.sealed_client_secret
        assert settings
        assert settings.sealed_client_secret
        for sealed in (record.sealed_client_secret, settings.sealed_client_secret):
            place = app_place(connection.tenant_id)
            assert Encryption(NEW).open(sealed, place) == {"clientSecret": "hush"}
    assert (await vault.rooted(NEW)).mac("audit", b"text") == before
    root = await PlatformStore(vault.mongo.database).root()
    assert root
    assert root.fingerprint == NEW_PRINT


async def test_a_second_rotation_changes_nothing(vault: Vault) -> None:
    await keys(vault, BOTH).rotate()
    again = await keys(vault, BOTH).rotate()
    assert (again.complete, again.resealed) == (True, Counter())


async def test_a_rotation_that_ended_half_way_goes_on_where_it_was(vault: Vault) -> None:
    class Killed(Exception):
        pass

    def die(progress: Progress) -> None:
        if (progress.field, progress.seen) == ("tokens.sealed", 2):
            raise Killed

    with pytest.raises(Killed):
        await keys(vault, BOTH).rotate(die)
    half = await under(vault)
    assert (half[NEW_PRINT], half[OLD_PRINT]) == (3, 12)
    for connection in vault.connections:
        assert await vault.opened(connection, BOTH)
    rotation = await keys(vault, BOTH).rotate()
    assert sum(rotation.resealed.values()) == 12
    assert await under(vault) == {NEW_PRINT: 15}


async def test_what_is_written_meanwhile_is_never_overwritten(vault: Vault) -> None:
    """A writer with the former key first, as during a rolling restart."""
    rotating = asyncio.create_task(keys(vault, BOTH).rotate())
    last: dict[str, str] = {}
    for turn in range(30):
        for connection in vault.connections:
            last[connection.id] = f"turn {turn}"
            await vault.write(connection, BOTH if turn else OLD, f"turn {turn}")
    rotation = await rotating
    assert rotation.unreadable == []
    await keys(vault, BOTH).rotate()
    for connection in vault.connections:
        opened = await vault.opened(connection, NEW)
        assert opened == {"accessToken": last[connection.id]}


async def test_a_secret_that_changed_since_it_was_read_stays(vault: Vault) -> None:
    store = SealedStore(vault.mongo.database)
    tokens = next(field for field in SEALED_FIELDS if field.collection == "tokens")
    read = [secret async for secret in store.walk(tokens)]
    connection = vault.connections[0]
    await vault.write(connection, OLD, "newer")
    (stale,) = [secret for secret in read if connection.id in secret.name]
    assert not await store.replace(stale, b"resealed", NEW_PRINT)
    assert await vault.opened(connection, OLD) == {"accessToken": "newer"}


async def test_somebody_who_goes_on_sealing_with_the_former_key_is_noticed(vault: Vault) -> None:
    rotation_keys = keys(vault, BOTH)
    writes: list[asyncio.Task[None]] = []

    def keep_writing(progress: Progress) -> None:
        if (progress.field, progress.seen) == ("connections.sealedClientSecret", 6):
            writes.append(asyncio.create_task(vault.write(vault.connections[0], OLD, "stubborn")))

    rotation = await rotation_keys.rotate(keep_writing)
    await asyncio.gather(*writes)
    assert not rotation.complete
    assert rotation.left


async def test_without_the_key_of_the_database_nothing_is_changed(vault: Vault) -> None:
    with pytest.raises(CredentialsUnreadable, match="not the key of this database"):
        await keys(vault, f"{NEW},{OTHER}").rotate()
    assert await under(vault) == {OLD_PRINT: 15}


async def test_a_secret_of_a_lost_key_is_named_and_the_others_are_rotated(vault: Vault) -> None:
    lost = vault.connections[0]
    await vault.write(lost, OTHER, "lost")
    rotation = await keys(vault, BOTH).rotate()
    assert not rotation.complete
    assert rotation.unreadable == [f"tokens.sealed acme/{lost.id}"]
    assert await under(vault) == {NEW_PRINT: 14, None: 1}


async def test_the_report_names_the_documents_of_former_keys(vault: Vault) -> None:
    lost = vault.connections[5]
    await vault.write(lost, OTHER, "lost")
    uses = {(use.place, use.fingerprint): use for use in await keys(vault, BOTH).report()}
    former = uses["tokens.sealed", OLD_PRINT]
    assert (former.count, former.is_newest) == (5, False)
    assert set(former.documents) == {
        f"{each.tenant_id}/{each.id}" for each in vault.connections[:5]
    }
    assert uses["tokens.sealed", None].documents == [f"globex/{lost.id}"]
    await keys(vault, BOTH).rotate()
    (use,) = [
        use for use in await keys(vault, NEW).report() if use.place == "platform_secrets.sealed"
    ]
    assert (use.count, use.is_newest, use.documents) == (1, True, [])


async def test_a_sealed_field_that_nobody_registered_is_found(vault: Vault) -> None:
    assert await SealedStore(vault.mongo.database).unregistered() == []
    sealed = Encryption(OLD).seal({}, Place("acme", "x", "new", ""))
    records = vault.mongo.database["connections"]
    await records.update_one({"_id": vault.connections[0].id}, {"$set": {"config.deep": sealed}})
    assert await SealedStore(vault.mongo.database).unregistered() == ["connections.config.deep"]
    await records.update_one(
        {"_id": vault.connections[0].id}, {"$set": {"config": {"list": [sealed.decode()]}}}
    )
    assert await SealedStore(vault.mongo.database).unregistered() == ["connections.config.list[]"]
    await records.delete_many({})
