"""The whole log of the whole run is searched for every secret that was used in it.

Secrets are noted where they pass: at ``SecretStr``, which all of ours become; on both wires, by the
names of fields and headers; and by whoever knows one (``SECRETS.note``). The log is what the tests
and the processes that they started wrote to standard error and output. Each test process hands its
secrets to the one that leads the run, which has all the reports, and searches at the end.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from pydantic import SecretStr

_FIELDS = re.compile(
    r"(api_?(key|secret)|(access|refresh|id)_?token|(code_?)?verifier|client_?secret|csrf(_?token)?"
    r"|code|state|token|session|password|secret|connect_?url)",
    re.IGNORECASE,
)
_SETTINGS = re.compile(r"(KEY|SECRET|PASSPHRASE)$")
_SHORTEST = 8
_FEWEST_DIFFERENT = 5
_SHORTEST_ON_THE_WIRE = 12
_RUN = re.compile(r"[A-Za-z0-9]+")
_FORM = re.compile(
    r"gAAAAA[\w-]{20,}|uck_key_[0-9a-f]{24}_[0-9a-f]{64}|gh[ours]_[A-Za-z0-9]{20,}"
    r"|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
)
"""What is a secret by its form: those of other processes, too, which nobody has noted."""
_AROUND = 60


class Secrets:
    """The secrets that this process has seen."""

    def __init__(self) -> None:
        self.known: set[str] = set()

    def note(self, *texts: str) -> None:
        """Remember secrets; very short or simple ones would be found in any text."""
        self.known.update(
            text for text in texts if len(text) >= _SHORTEST and len(set(text)) >= _FEWEST_DIFFERENT
        )

    def note_fields(self, found: object) -> None:
        """Remember what stands under the names of secrets, however deep."""
        if isinstance(found, Mapping):
            for name, value in found.items():
                if isinstance(value, str) and _FIELDS.fullmatch(str(name)):
                    self._note_from_wire(value)
                else:
                    self.note_fields(value)
        elif isinstance(found, list):
            for value in found:
                self.note_fields(value)

    def note_headers(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Remember credentials and cookies."""
        for name, value in headers:
            text = value.decode("latin-1")
            match name.lower():
                case b"authorization":
                    self._note_from_wire(text.rpartition(" ")[2])
                case b"cookie" | b"set-cookie":
                    for pair in text.split(";"):
                        self._note_from_wire(pair.partition("=")[2])
                case b"location":
                    self.note_query(text.partition("?")[2])

    def note_query(self, text: str) -> None:
        """Remember the secrets of a query or a form."""
        self.note_fields(dict(parse_qsl(text)))

    def note_body(self, body: bytes) -> None:
        """Remember the secrets of JSON or a form."""
        text = body.decode("utf-8", "replace")
        try:
            self.note_fields(json.loads(text))
        except ValueError:
            if len(text.splitlines()) == 1:
                self.note_query(text)

    def note_settings(self, settings: Mapping[str, str]) -> None:
        """Remember the secrets among environment variables."""
        for name, value in settings.items():
            if _SETTINGS.search(name):
                self.note(*value.split(","))

    def _note_from_wire(self, text: str) -> None:
        # Error codes and words that tests make up stand under the same names.
        if len(text) >= _SHORTEST_ON_THE_WIRE and re.search(r"\d", text):
            self.note(text)


SECRETS = Secrets()


def leaks(secrets: Iterable[str], log: str) -> Iterator[tuple[str, str]]:
    """Each secret that stands in the log, and what stands around it."""
    for match in _FORM.finditer(log):
        yield match[0], _around(log, match.start())
    words = set(_RUN.findall(log))
    for secret in _candidates(secrets, words):
        at = log.find(secret)
        if at >= 0:
            yield secret, _around(log, at)


def _candidates(secrets: Iterable[str], words: Iterable[str]) -> set[str]:
    """Secrets that may be there: one look at each different word, however many secrets."""
    by_beginning: dict[str, list[tuple[str, str]]] = defaultdict(list)
    candidates = set()
    for secret in secrets:
        core = max(_RUN.findall(secret), key=len, default="")
        if len(core) < _SHORTEST:
            candidates.add(secret)
        else:
            by_beginning[core[:_SHORTEST]].append((core, secret))
    for word in words:
        for at in range(len(word) - _SHORTEST + 1):
            for core, secret in by_beginning.get(word[at : at + _SHORTEST], ()):
                if word.startswith(core, at):
                    candidates.add(secret)
    return candidates


def _around(log: str, at: int) -> str:
    return " ".join(log[max(0, at - _AROUND) : at + _AROUND].split())


class Overheard:
    """An ASGI layer that notes the secrets of requests and answers."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        SECRETS.note_headers(scope["headers"])
        SECRETS.note_query(scope["query_string"].decode("latin-1"))
        came, went = bytearray(), bytearray()

        async def hear() -> Any:
            message = await receive()
            came.extend(message.get("body", b""))
            return message

        async def tell(message: Any) -> None:
            went.extend(message.get("body", b""))
            SECRETS.note_headers(message.get("headers", ()))
            await send(message)

        try:
            await self._app(scope, hear, tell)
        finally:
            SECRETS.note_body(bytes(came))
            SECRETS.note_body(bytes(went))


class Search:
    """Gathers log and secrets of a run, and fails it when one stands in the other."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.found: list[tuple[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            # The last report of a test holds what all its phases wrote.
            self.log.extend(
                text for title, text in report.sections if not title.startswith("Captured log")
            )

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        SECRETS.note(*getattr(node, "workeroutput", {}).get("secrets", ()))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["secrets"] = sorted(SECRETS.known)
            return
        self.found = list(leaks(SECRETS.known, "\n".join(self.log)))
        if self.found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        size = sum(map(len, self.log))
        terminalreporter.write_line(
            f"{len(SECRETS.known)} secrets were looked for in {size} characters of log"
        )
        for secret, around in self.found:
            terminalreporter.write_line(f"SECRET IN THE LOG: {secret} in: {around}", red=True)


def watch(config: pytest.Config) -> None:
    """Begin: observe ``SecretStr``, and search at the end."""
    original = SecretStr.__init__

    def noted(self: SecretStr, secret_value: str) -> None:
        original(self, secret_value)
        SECRETS.note(*secret_value.split(","))

    SecretStr.__init__ = noted
    config.pluginmanager.register(Search(), "secrecy")


def told(log: Path) -> None:
    """Let a process's log be part of the run's: it stands in the report of the test, too."""
    print(log.read_text(errors="replace"))  # noqa: T201
