"""The broker is not there: nobody's request is refused for it."""

from src.db.client import Mongo
from tests.api.answers import data_of
from tests.api.books import Books


async def test_jobs_are_taken_and_readiness_says_what_they_wait_for(
    idle_books: Books, mongo: Mongo
) -> None:
    """What is to be done stands in the database, where the sweep of a worker finds it."""
    made = data_of(await idle_books.ask(schedule="0 * * * *"), 202)
    (job,) = made["jobs"]
    assert job["status"] == "queued"
    found = await mongo.database["jobs"].find_one({"_id": job["jobId"]})
    assert found is not None
    assert found["live"]
    assert found["dueAt"] is not None
    ready = data_of(await idle_books.client.get("/api/health/ready"))
    assert "cannot be reached" in ready["broker"]
    assert ready["mongodb"] == "ok"
    assert data_of(await idle_books.client.post(f"/api/jobs/{job['jobId']}/cancel"))
