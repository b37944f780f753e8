"""Coverage is measured where it can still grow: looking costs a third of the time of a test.

The cases of a test run the same lines, and so does what is set up for the tests of a file. Once
several in a row have brought nothing new, the others run unobserved. What is reported as covered
has been run; at worst, a branch that only a late case takes is missing.
"""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

import pytest
from coverage import Coverage

ENOUGH = {"setup": 3, "call": 25, "teardown": 3}
"""After so many in a row that brought nothing new, the others are taken to bring nothing either.

The tests of a file are set up alike, and that costs most; their cases are there for a difference.
"""


class Sampling:
    """Observes the phases of tests by turns."""

    def __init__(self, coverage: Coverage) -> None:
        self._coverage = coverage
        self._idle: Counter[Hashable] = Counter()

    def pytest_collection_finish(self) -> None:
        # What has been seen up to here, the imports above all, is kept.
        self._coverage.stop()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Iterator[None]:
        with self._observed("setup", _surroundings(item)):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        with self._observed("call", item.nodeid.partition("[")[0]):
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> Iterator[None]:
        with self._observed("teardown", _surroundings(item)):
            return (yield)

    @contextmanager
    def _observed(self, phase: str, of: Hashable) -> Iterator[None]:
        kind = (phase, of)
        if self._idle[kind] >= ENOUGH[phase]:
            yield
            return
        before = self._size()
        self._coverage.start()
        try:
            yield
        finally:
            self._coverage.stop()
            self._idle[kind] = self._idle[kind] + 1 if self._size() == before else 0

    def _size(self) -> int:
        """How many branches have been seen."""
        collector = self._coverage._collector
        return sum(map(len, collector.data.values())) if collector else 0


def _surroundings(item: pytest.Item) -> tuple[Hashable, ...]:
    """What the set-up of a test depends on, but for parameters."""
    return (item.path, *getattr(item, "fixturenames", ()))


def begin(config: pytest.Config) -> None:
    """Take over from the plugin that measures, if it does."""
    coverage = Coverage.current()
    if coverage is None:
        return
    if config.pluginmanager.hasplugin("dsession"):
        # This process only hands out the tests and gathers the reports.
        coverage.stop()
    else:
        config.pluginmanager.register(Sampling(coverage), "sampling")
