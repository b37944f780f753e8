"""First requests with an ``Idempotency-Key``, and their answers."""

from __future__ import annotations

from datetime import datetime

from src.db.collection import Collection, to_document, to_model
from src.db.errors import Duplicate
from src.models.idempotency import FirstRequest


class IdempotencyRepository:
    """One tenant's first requests; the server removes them when they have expired."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection

    async def claim(self, mine: FirstRequest, moment: datetime) -> FirstRequest:
        """Mine, if I am the first; else what is there.

        One that has expired, or whose process did not come back, counts as not there.
        """
        try:
            await self._collection.insert(to_document(mine))
        except Duplicate:
            return await self._take_over(mine, moment)
        return mine

    async def _take_over(self, mine: FirstRequest, moment: datetime) -> FirstRequest:
        over = [{"expiresAt": {"$lte": moment}}, {"sealed": None, "until": {"$lte": moment}}]
        fields = {key: value for key, value in to_document(mine).items() if key != "_id"}
        await self._collection.update_one({"_id": mine.id, "$or": over}, {"$set": fields})
        found = await self._collection.find_one({"_id": mine.id})
        # Gone in between: somebody gave it up, and the next try finds the place free.
        return to_model(FirstRequest, found) if found else mine.model_copy(update={"turn": ""})

    async def finish(self, mine: FirstRequest, sealed: str) -> None:
        """Keep the answer, unless somebody has taken over meanwhile."""
        await self._collection.update_one(
            {"_id": mine.id, "turn": mine.turn}, {"$set": {"sealed": sealed}}
        )

    async def give_up(self, mine: FirstRequest) -> None:
        """Forget the request, so that it can be made again."""
        await self._collection.delete_one({"_id": mine.id, "turn": mine.turn})
