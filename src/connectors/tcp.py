"""What a connector that does not speak HTTP works with: a driver, a checked address, a credential.

``run`` looks the host up once, checks what it finds, hands the driver an address with TLS to the
name and the credential of this one call, and hangs up when the work is done. Nothing is kept: the
next call looks up, checks and connects again, so that a revocation holds at once.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, NoReturn, TypeVar, cast
from urllib.parse import urlsplit

from src.connectors.rest.authenticators import TokenProvider
from src.connectors.rest.client import RestClient
from src.connectors.rest.dialect import Address
from src.connectors.rest.errors import Refusal, refused, unsent
from src.connectors.rest.restraint import Restraint
from src.connectors.rest.retry import Retrier
from src.core.dialing import Locator
from src.core.errors import (
    AppError,
    CredentialStale,
    ProviderTimeout,
    ProviderUnavailable,
    RateLimited,
    UnreadableAnswer,
)
from src.core.lines import CallLoop, Lines, NamedContext, tls_to
from src.core.logging import get_logger
from src.core.outbound import CONNECT_TIMEOUT, AddressRefused, OutboundError, TimedOut, Unreachable
from src.models.credential import Credential

GOODBYE_SECONDS = 2.0
GRACE_SECONDS = 0.5
SCHEME = "tcp"

_OUTCOMES: dict[type[AppError], str] = {
    ProviderUnavailable: "unreachable",
    ProviderTimeout: "timeout",
    RateLimited: "rate_limited",
    UnreadableAnswer: "unreadable",
}

T = TypeVar("T")
R = TypeVar("R")

log = get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How the provider is known by its certificate."""

    certificates: str | None = None
    """The authorities that count, in PEM form; None = the public ones."""
    off: bool = False
    """In the clear: an address of the operator's, or an allowed one by a ``bounded`` driver."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a driver connects with. It belongs to one call and is not to be kept."""

    host: str
    """An IP address, never a name: there is nothing left to look up."""
    port: int
    tls: NamedContext | None
    """Verifies the name that was looked up, whatever the driver says; None = in the clear."""
    credential: Credential = field(repr=False)
    seconds: float
    """What is left of the call's time."""
    loop: asyncio.AbstractEventLoop
    """Connects like the running loop, bounds what comes in, and ends lines with the call."""


class Driver(ABC, Generic[T]):
    """A provider's protocol, as its library speaks it; ``T`` is what is connected."""

    bounded: ClassVar[bool] = False
    """It connects by ``Access.loop`` alone, so that lines in the clear are bounded as well."""

    @abstractmethod
    async def dial(self, access: Access) -> T:
        """Connect and log in. Whatever comes of it is the provider's doing.

        Raises:
            OSError: Nobody answers there; the next address is tried.
            Exception: Anything else, which ``classify`` reads.
        """

    @abstractmethod
    async def hang_up(self, line: T) -> None:
        """End a connection that is well."""

    @abstractmethod
    def cut(self, line: T) -> None:
        """End one at once: the work on it has failed, or nobody waits for it any more."""

    @abstractmethod
    def classify(self, error: Exception) -> Refusal | None:
        """What an error of the library means; None = it is none of the provider's."""

    def sentence_of(self, error: Exception) -> str | None:  # noqa: ARG002  by default nothing
        """What the provider itself says in an error: no address, and nothing of the library's."""
        return None

    @abstractmethod
    def imitate(self, rest: RestClient) -> T:
        """The same over the imitation of ``Manifest.sandbox``, which speaks HTTP."""


class TcpClient:
    """Calls one provider with one credential, by whatever driver the connector brings."""

    def __init__(
        self,
        address: Address,
        locator: Locator,
        tokens: TokenProvider,
        retrier: Retrier,
        deadline: float,
        *,
        restraint: Restraint,
        lines: Lines,
        count: Callable[[str], None],
    ) -> None:
        """Work at ``address`` over one of ``lines``; ``count`` hears how each call went."""
        self._address = address
        self._locator = locator
        self._tokens = tokens
        self._retrier = retrier
        self._deadline = deadline
        self._restraint = restraint
        self._lines = lines
        self._count = count

    async def run(
        self,
        driver: Driver[T],
        work: Callable[[T], Awaitable[R]],
        *,
        tls: Tls = Tls(),
        repeatable: bool = False,
    ) -> R:
        """Connect, work, hang up.

        Args:
            driver: How the provider is spoken to.
            work: What is done with the connection, which is not to be kept.
            tls: How the provider is known.
            repeatable: Doing it twice is harmless, so that an outage may be tried again.

        Raises:
            AppError: By consequence, see ``core.errors``; nothing of it names an address.
        """
        return await self._retrier.run(
            lambda: self._attempt(driver, work, tls), repeatable=repeatable
        )

    async def _attempt(self, driver: Driver[T], work: Callable[[T], Awaitable[R]], tls: Tls) -> R:
        """Once, and once more with a newer credential if this one is stale."""
        try:
            return await self._once(driver, work, tls)
        except CredentialStale:
            if not await self._tokens.renew():
                raise
        return await self._once(driver, work, tls)

    async def _once(self, driver: Driver[T], work: Callable[[T], Awaitable[R]], tls: Tls) -> R:
        outcome = "unreachable"
        try:
            answer = await self._called(driver, work, tls)
            outcome = "ok"
        except AppError as error:
            outcome = _OUTCOMES.get(type(error), "refused")
            raise
        finally:
            self._count(outcome)
        return answer

    async def _called(self, driver: Driver[T], work: Callable[[T], Awaitable[R]], tls: Tls) -> R:
        credential = await self._tokens.credential()
        started = time.perf_counter()
        loop = CallLoop()
        is_new = self._restraint.owner is None
        try:
            async with (
                self._restraint.turn(),
                self._lines.one(is_new=is_new),
                asyncio.timeout(self._deadline),
            ):
                line = await self._connect(driver, credential, tls, loop)
                answer = await _worked(driver, line, work)
        except AppError:
            raise
        except TimeoutError:
            error = TimedOut(f"no answer within {self._deadline:g} seconds")
            _fail(unsent(error), error)
        except OutboundError as error:
            _fail(unsent(error), error)
        except OSError as error:
            _fail(unsent(Unreachable(f"it broke off ({type(error).__name__})")), error)
        except Exception as error:
            verdict = driver.classify(error)
            if verdict is None:
                raise
            _fail(refused(verdict, driver.sentence_of(error), _secrets(credential)), error)
        finally:
            loop.end()
        log.debug("provider.answered", ms=round((time.perf_counter() - started) * 1000, 1))
        return answer

    async def _connect(
        self, driver: Driver[T], credential: Credential, tls: Tls, loop: CallLoop
    ) -> T:
        """A line to the first address that answers; none is tried after one that has refused."""
        parts = urlsplit(self._address.url)
        host, port = parts.hostname or "", parts.port or 0
        location = await self._locator.locate(
            host, port, operator_address=self._address.by_operator
        )
        in_the_clear = location.is_trusted and (self._address.by_operator or driver.bounded)
        if tls.off and not in_the_clear:
            raise AddressRefused("only addresses with TLS are allowed")
        context = None if tls.off else tls_to(host, tls.certificates)
        problem: OutboundError = Unreachable("nobody answers there")
        for address in location.addresses:
            access = Access(
                host=address,
                port=port,
                tls=context,
                credential=credential,
                seconds=self._deadline,
                loop=cast("asyncio.AbstractEventLoop", loop),
            )
            try:
                async with asyncio.timeout(CONNECT_TIMEOUT):
                    return await driver.dial(access)
            except TimeoutError:
                problem = TimedOut(f"no connection within {CONNECT_TIMEOUT:g} seconds")
            except OSError as error:
                # TLS that does not hold is an OSError, too. Its text may hold the address.
                problem = Unreachable(f"no connection ({type(error).__name__})")
        raise problem


async def _worked(driver: Driver[T], line: T, work: Callable[[T], Awaitable[R]]) -> R:
    working = asyncio.ensure_future(work(line))
    try:
        # Shielded, so that a driver that waits for its server cannot hold up who is cancelled.
        answer = await asyncio.shield(working)
    except BaseException:
        await _given_up(driver, line, working)
        raise
    try:
        async with asyncio.timeout(GOODBYE_SECONDS):
            await driver.hang_up(line)
    except BaseException as error:
        with suppress(Exception):
            driver.cut(line)
        # The answer is there: that the goodbye has failed is nobody's concern.
        if not isinstance(error, Exception):
            raise
    return answer


async def _given_up(driver: Driver[T], line: T, working: asyncio.Future[Any]) -> None:
    """End work that nobody waits for: time to tell the server so, and then the line is cut."""
    working.cancel()
    try:
        await asyncio.wait({working}, timeout=GRACE_SECONDS)
    finally:
        driver.cut(line)
    await asyncio.wait({working}, timeout=GRACE_SECONDS)
    if working.done() and not working.cancelled():
        # It is nobody's concern any more, and asyncio complains of what nobody has looked at.
        working.exception()


def checked_certificates(text: str) -> str:
    """Authorities in PEM form, as they stand in a configuration, which everybody may read.

    Raises:
        ValueError: They are none, or there is a secret among them.
    """
    if "PRIVATE KEY" in text:
        raise ValueError("must be certificates alone, without a private key")
    tls_to("example.com", text)
    return text


def _secrets(credential: Credential) -> tuple[str, ...]:
    held = (credential.access_token, credential.secret, credential.refresh_token)
    return tuple(one.get_secret_value() for one in held if one is not None)


def _fail(error: AppError, cause: Exception) -> NoReturn:
    log.info("provider.failed", reason=type(cause).__name__)
    # Texts of drivers hold addresses, and parts of what was sent.
    raise error from None


class ImitatedClient(TcpClient):
    """The same over an imitation: the driver is replaced by what asks it over HTTP."""

    def __init__(self, rest: RestClient) -> None:
        self.imitation = rest

    async def run(
        self,
        driver: Driver[T],
        work: Callable[[T], Awaitable[R]],
        *,
        tls: Tls = Tls(),  # noqa: ARG002  an imitation has no certificate
        repeatable: bool = False,  # noqa: ARG002  the REST client tries again by itself
    ) -> R:
        """Work with the imitation."""
        return await work(driver.imitate(self.imitation))
