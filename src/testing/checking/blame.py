"""Which line of a connector is at fault when a check fails."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from src.connectors.registry import LoadedConnector
from src.testing.code import read_package
from src.testing.findings import Finding, Source, split
from src.testing.manifests import folder_of
from src.testing.places import Place, class_place, manifest_place, verb_place

_VERB = re.compile(
    r"(identify|containers|items|item|comments|resource_parents|resources|read|fetch|sync)\b"
)
"""A verb at the beginning of a message is what the check struck."""
_ABOUT_THE_SUITE = re.compile(
    r"landmark|StreamSample|^tools |^tools:|^resource_parents names|^`streams`|^auth_method |^word="
    r"|^parent=|: name one in resource_parents|name containers that hold|fits on one page"
)
_REFUSED_CREDENTIALS = ("CredentialStale", "CredentialRefused", "ReauthorizationRequired")
_RAISED = re.compile(r"[A-Z]\w*(Error|Exception): ")
"""An error that Python raised, and no check."""
_BY_CHECK = {
    "test_the_account_is_the_same_each_time": "identify",
    "test_every_container_can_be_listed": "containers",
    "test_a_repeated_page_is_an_error": "items",
    "test_a_search_stays_in_its_container": "items",
    "test_following_pages_ends_and_repeats_nothing": "items",
    "test_resources_can_be_picked": "resources",
    "test_any_delivery_is_read_or_refused": "read",
}


class Event(msgspec.Struct, omit_defaults=True):
    """What the plugin in the child tells."""

    kind: str
    test: str
    passed: bool = False
    path: str = ""
    check: str = ""
    why: str = ""
    suite: str = ""
    conformance: bool = False
    message: str = ""
    frames: list[tuple[str, int | None]] = []


def finding_of(loaded: LoadedConnector, event: Event) -> Finding:
    """A failure as a finding: the line that is at fault where that can be known, else the class."""
    place = _place(loaded, folder_of(loaded), event)
    message = event.message.strip() or event.check
    if _is_about_the_token(event):
        what = "The sandbox does not accept the suite's credential"
        remedy = "Correct token, secret, auth_method or config of the suite, or the sandbox"
    elif event.conformance:
        wanted = " ".join(event.why.split()) or "see src/testing/conformance.py"
        otherwise = f"This is what the check wants: {wanted}"
        if _RAISED.match(message):
            otherwise = f"Correct that line; the check wants: {wanted}"
        what, remedy = split(message, otherwise)
    else:
        what = message.partition("\n")[0]
        remedy = f"Correct it, or the test; run it alone with: python -m pytest {event.path}"
    return Finding(
        source=Source.SUITE if event.conformance else Source.TESTS,
        path=place.path,
        line=place.line,
        what=what,
        remedy=remedy,
        check=event.test.rpartition("::")[2],
    )


def _is_about_the_token(event: Event) -> bool:
    """Whether the imitation refused what the suite signs with, and nothing else was looked at."""
    return event.conformance and event.message.startswith(_REFUSED_CREDENTIALS)


def _place(loaded: LoadedConnector, folder: Path, event: Event) -> Place:
    """The line of the connector that failed, the verb, or where the suite says what it needs."""
    if _is_about_the_token(event):
        return _suite_place(Path(event.path), event.suite)
    frames = [Place(Path(name), line or 1) for name, line in event.frames]
    inside = [one for one in frames if _is_connectors(one.path, folder)]
    if inside:
        return inside[-1]
    if not event.conformance:
        of_test = [one for one in frames if str(one.path) == event.path]
        return of_test[-1] if of_test else Place(Path(event.path))
    if _ABOUT_THE_SUITE.search(event.message):
        return _suite_place(Path(event.path), event.suite)
    return _at_fault(loaded, folder, event)


def _is_connectors(path: Path, folder: Path) -> bool:
    if not path.is_relative_to(folder):
        return False
    below = path.relative_to(folder).parts
    return below[0] not in {"tests", "sandbox", "sandbox.py"} and not below[0].startswith("test_")


def _at_fault(loaded: LoadedConnector, folder: Path, event: Event) -> Place:
    message, manifest = event.message, loaded.manifest
    if found := re.match(r"(?:id: )?manifest\.?(\w*)", message):
        files = read_package(folder)
        return manifest_place(files, [found[1]] if found[1] else ["id"]) or class_place(folder)
    for tool in manifest.tools:
        code = getattr(tool.run, "__code__", None)
        if code is not None and re.match(rf"(?:tool )?'?{tool.name}\b", message):
            return Place(Path(code.co_filename), code.co_firstlineno)
    return verb_place(loaded.connector_class, _verb(loaded, event), folder)


def _verb(loaded: LoadedConnector, event: Event) -> str:
    """The verb that a message is about."""
    message, manifest = event.message, loaded.manifest
    if any(message.startswith(f"{stream.name}:") for stream in manifest.streams):
        return "fetch" if "fetch(" in message else "sync"
    if any(re.match(rf"(?:resources )?{one.name}\b", message) for one in manifest.resource_types):
        return "resources"
    said = _VERB.match(message)
    return said[1] if said else _BY_CHECK.get(event.check, "")


def _suite_place(path: Path, name: str) -> Place:
    """Where a suite's class begins in its file."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if re.match(rf"class {re.escape(name)}\b", line):
            return Place(path, number)
    return Place(path)
