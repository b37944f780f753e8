"""No test finds what another has left behind."""

from pymongo.read_concern import ReadConcern

from src.db.client import Mongo
from src.db.indexes import INDEXES
from tests.slate import Slate

SEALED = b"gAAAAAbcdefg"


async def test_a_document_is_gone_wherever_it_was_put(mongo: Mongo, slate: Slate) -> None:
    await mongo.database["tokens"].insert_one({"sealed": SEALED})
    await mongo.database["anywhere"].insert_many([{"number": number} for number in range(200)])
    assert slate.wipe() == set()
    for name in ("tokens", "anywhere"):
        assert await mongo.database[name].find_one({}) is None


async def test_it_is_gone_for_readers_of_the_majority_too(mongo: Mongo, slate: Slate) -> None:
    concern = ReadConcern("majority")
    for _ in range(20):
        for name in ("anywhere", "connections", "tokens"):
            await mongo.database[name].insert_one({})
        slate.wipe()
        for name in ("tokens", "connections", "anywhere"):
            collection = mongo.database[name].with_options(read_concern=concern)
            assert await collection.find_one({}) is None


async def test_a_sealed_field_that_nobody_registered_is_found(mongo: Mongo, slate: Slate) -> None:
    await mongo.database["tokens"].insert_one({"sealed": SEALED, "other": {"deep": [SEALED]}})
    await mongo.database["anywhere"].insert_one({"text": SEALED.decode()})
    assert slate.wipe() == {"tokens.other.deep[]", "anywhere.text"}


async def test_what_a_test_does_to_the_indexes_is_undone(mongo: Mongo, slate: Slate) -> None:
    await mongo.database["tokens"].drop_indexes()
    await mongo.database["jobs"].create_index([("mine", 1)], name="mine")
    await slate.begin(mongo)
    for name in ("tokens", "jobs"):
        found = await mongo.database[name].index_information()
        assert found.keys() - {"_id_"} == {model.document["name"] for model in INDEXES[name]}


async def test_what_comes_late_is_gone_too(mongo: Mongo, slate: Slate) -> None:
    await mongo.database["tokens"].insert_one({"late": True})
    await slate.begin(mongo)
    assert await mongo.database["tokens"].find_one({}) is None
