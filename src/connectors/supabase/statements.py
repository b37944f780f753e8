"""Statements sent to a project's database through the Management API, which answers 201."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from src.connectors.rest.client import RestClient
from src.connectors.supabase.database import Rows
from src.connectors.supabase.mapping import ACTIVE
from src.connectors.supabase.schemas import Project
from src.core.errors import (
    AppError,
    ProviderConflict,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
)

READ_ONLY = "/v1/projects/{ref}/database/query/read-only"
WRITING = "/v1/projects/{ref}/database/query"


class Statements:
    """Sends them."""

    def __init__(self, rest: RestClient) -> None:
        self.rest = rest

    async def read(self, ref: str, text: str, parameters: Sequence[Any]) -> bytes:
        """What the address answers whose transactions are read-only; sent again if need be."""
        body = {"query": text, "parameters": list(parameters)}
        try:
            response = await self.rest.call("POST", READ_ONLY, json=body, repeatable=True, ref=ref)
        except (ProviderRejected, ProviderUnavailable, ProviderTimeout) as error:
            # A project that is not up fails its statements in several ways: its status tells. One
            # whose database has answered with a code of its own is up.
            if "reason" not in error.details:
                await self._need_active(ref)
            raise
        return response.content

    async def execute(self, ref: str, text: str, parameters: Sequence[Any]) -> Rows:
        """What the other address answers, which takes anything."""
        body = {"query": text, "parameters": list(parameters)}
        return await self.rest.write("POST", WRITING, Rows, json=body, ref=ref)

    async def project(self, ref: str) -> Project:
        """The project, as it is now."""
        return await self.rest.get("/v1/projects/{ref}", Project, ref=ref)

    async def _need_active(self, ref: str) -> None:
        try:
            status = (await self.project(ref)).status
        except AppError:
            # The grant may not hold projects:read; then the first error stands.
            return
        if not status.startswith(ACTIVE):
            raise ProviderConflict(
                f"The project is {status}: it answers when it is up again.",
                details={"at": "provider", "reason": status},
            )
