"""Searches that never end, or never stand still, end a run."""

import pytest

from src.core.errors import ProviderUnavailable
from src.testing.streams import query_of, run, whole_run
from tests.connectors.jira.test_conformance import TestCloudByOAuth as _Cloud
from tests.connectors.jira.test_conformance import TestDataCenter as _DataCenter


@pytest.mark.parametrize("name", ["issues", "comments"])
async def test_a_search_that_is_cut_says_so(name: str) -> None:
    bench = _Cloud().open_bench()
    bench.page_cap = 2
    await bench.fault(kind="endless_pages")
    (stream,) = [one for one in bench.loaded.manifest.streams if one.name == name]
    done = await whole_run(bench, query_of(stream, _Cloud.streams[name]))
    assert done.pages[-1].truncated


@pytest.mark.parametrize("name", ["issues", "comments"])
async def test_a_search_that_shifts_for_ever_is_given_up_for_now(name: str) -> None:
    bench = _DataCenter().open_bench()
    await bench.fault(kind="endless_pages")
    (stream,) = [one for one in bench.loaded.manifest.streams if one.name == name]
    done = await run(bench, query_of(stream, _DataCenter.streams[name]))
    assert isinstance(done.error, ProviderUnavailable)
    assert len(bench.wires.requests) < 100
