"""A rotation that is killed in the middle, as a process, and the one after it."""

import asyncio
import sys
from pathlib import Path

from cryptography.fernet import Fernet

from src.db.client import Mongo
from src.models.credential import Place
from src.services.encryption import Encryption
from src.services.maintenance.rotation import Keys
from src.services.readiness import Readiness
from tests.cli.test_commands import PATIENCE, ROOT, environment, run

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))
SECRETS = 3000


def place(number: int) -> Place:
    return Place("acme", f"con_{number}", "credential", "")


async def resealed(mongo: Mongo) -> int:
    uses = await Keys(mongo.database, Encryption(f"{NEW},{OLD}")).report()
    return sum(use.count for use in uses if use.is_newest)


async def test_the_next_rotation_finishes_what_a_killed_one_began(
    mongo: Mongo, mongo_url: str, database_name: str, tmp_path: Path
) -> None:
    old = Encryption(OLD)
    await Readiness(mongo, old).prepare()
    secrets = [
        {"tenantId": "acme", "connectionId": f"con_{number}", "sealed": sealed}
        for number in range(SECRETS)
        for sealed in [old.seal({"accessToken": str(number)}, place(number))]
    ]
    await mongo.database["tokens"].insert_many(secrets)
    env = environment(
        tmp_path,
        MONGODB_URL=mongo_url,
        MONGODB_DB=database_name,
        ENCRYPTION_KEY=f"{NEW},{OLD}",
    )
    command = [sys.executable, "-m", "src.cli", "keys", "rotate"]
    rotating = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=env)
    async with asyncio.timeout(PATIENCE):
        while await resealed(mongo) < 10:  # noqa: ASYNC110  nobody tells us of it
            await asyncio.sleep(0.01)
    rotating.kill()
    assert await rotating.wait() < 0
    assert 10 <= await resealed(mongo) < SECRETS

    ended = await asyncio.to_thread(run, "keys", "rotate", env=env)

    assert ended.returncode == 0, ended.stderr
    new = Encryption(NEW)
    stored = await mongo.database["tokens"].find({}).to_list(None)
    opened = {
        document["connectionId"]: new.open(
            document["sealed"], Place("acme", document["connectionId"], "credential", "")
        )
        for document in stored
    }
    assert opened == {f"con_{number}": {"accessToken": str(number)} for number in range(SECRETS)}
