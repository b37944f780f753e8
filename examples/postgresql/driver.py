"""How PostgreSQL is spoken to: asyncpg, and what its errors mean."""

from __future__ import annotations

import asyncpg

from src.connectors.rest.client import RestClient
from src.connectors.rest.errors import Refusal, Verdict
from src.connectors.tcp import Access, Driver

from .database import Database
from .imitated import Imitated
from .server import Server

# Source: postgresql.org/docs, "PostgreSQL Error Codes"; a code wins over its class.
_BY_CODE = {
    "3D000": Verdict.GONE,
    "3F000": Verdict.GONE,
    "42P01": Verdict.GONE,
    "42703": Verdict.GONE,
    "42501": Verdict.FORBIDDEN,
    "25006": Verdict.FORBIDDEN,
    "57014": Verdict.TIMEOUT,
    "55P03": Verdict.TIMEOUT,
}
_BY_CLASS = {
    "08": Verdict.OUTAGE,
    "28": Verdict.BAD_KEY,
    "40": Verdict.OUTAGE,
    "53": Verdict.OUTAGE,
    "57": Verdict.OUTAGE,
    "58": Verdict.OUTAGE,
    "XX": Verdict.OUTAGE,
}


class PostgresDriver(Driver[Database]):
    """Connects a role to a database."""

    bounded = True

    def __init__(self, user: str, database: str) -> None:
        self._user = user
        self._database = database

    async def dial(self, access: Access) -> Database:
        """Log in; everything is named, so that no variable of the environment is asked."""
        connection = await asyncpg.connect(
            loop=access.loop,
            host=access.host,
            port=access.port,
            user=self._user,
            password=access.credential.access_token.get_secret_value(),
            database=self._database,
            ssl=access.tls or False,
            direct_tls=False,
            timeout=access.seconds,
            target_session_attrs="any",
            krbsrvname="postgres",
            gsslib="gssapi",
            # Prepared statements outlive a transaction, which poolers do not take.
            statement_cache_size=0,
        )
        return Server(connection, access.seconds)

    async def hang_up(self, line: Database) -> None:
        """Say goodbye."""
        if isinstance(line, Server):
            await line.connection.close()

    def cut(self, line: Database) -> None:
        """Leave at once."""
        if isinstance(line, Server):
            line.connection.terminate()

    def classify(self, error: Exception) -> Refusal | None:
        """What an error of asyncpg, or of the server behind it, means."""
        if isinstance(error, asyncpg.PostgresError):
            code = error.sqlstate or ""
            verdict = _BY_CODE.get(code) or _BY_CLASS.get(code[:2], Verdict.REJECTED)
            return Refusal(verdict, reason=code or None)
        if isinstance(error, asyncpg.InterfaceError):
            return Refusal(Verdict.OUTAGE)
        # What a server sends that is none breaks the driver in many ways.
        if isinstance(error, asyncpg.InternalClientError | ValueError | BufferError | EOFError):
            return Refusal(Verdict.NONSENSE)
        return None

    def sentence_of(self, error: Exception) -> str | None:
        """The server's own message."""
        return error.message if isinstance(error, asyncpg.PostgresError) else None

    def imitate(self, rest: RestClient) -> Database:
        """The same over the imitation."""
        return Imitated(rest, self._database)
