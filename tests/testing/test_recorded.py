"""Recorded answers go through the verbs again, and what no longer fits is a finding."""

import json
from pathlib import Path
from typing import Any

import pytest

from src.connectors.registry import load, module_of
from src.core.errors import UnreadableAnswer
from src.models.unified import Page
from src.testing.recorded import Recording, RecordingError, read_recordings, replay
from src.testing.replaying import check_recordings
from src.testing.suites import find_suite
from tests.testing.dropins import Change, drop_shelf

BOOK = {"number": 1, "title": "Whales", "url": "https://library.example/1/1", "text": "…"}
NEXT = '<{provider}/shelves/1/books?per_page=2&page=2>; rel="next"'


def keep(folder: Path, name: str = "items", **changes: Any) -> Path:
    """Write a recording of the shelf's books, with these fields in place of its own."""
    request = {"method": "GET", "path": "/shelves/1/books?per_page=2"}
    response = {"status": 200, "headers": {"link": NEXT}, "json": [BOOK]}
    recording = {
        "format": 1,
        "verb": "items",
        "query": {"container_id": "shelf:1", "limit": 2},
        "exchanges": [{"request": request, "response": response}],
    }
    path = folder / "recorded" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({**recording, **changes}))
    return path


def recording_of(folder: Path) -> Recording:
    return read_recordings(folder / "recorded")["items"]


async def replayed(folder: Path) -> Any:
    return await replay(load("shelf", module_of(folder)), recording_of(folder))


async def test_a_verb_reads_what_was_recorded(tmp_path: Path) -> None:
    folder = drop_shelf(tmp_path)
    keep(folder)
    page = await replayed(folder)
    assert isinstance(page, Page)
    assert [item.title for item in page.items] == ["Whales"]
    assert page.next_token is not None
    assert "per_page=2&page=2" in page.next_token


async def test_the_order_of_parameters_does_not_matter(tmp_path: Path) -> None:
    folder = drop_shelf(tmp_path)
    request = {"method": "GET", "path": "/shelves/1/books?search=%22a%22&per_page=2"}
    exchange = {"request": request, "response": {"status": 200, "json": []}}
    query = {"container_id": "shelf:1", "limit": 2, "q": "a"}
    keep(folder, query=query, exchanges=[exchange])
    assert (await replayed(folder)).items == ()


STALE: list[tuple[Change, str]] = [
    (('/books", Book, PAGES', '/volumes", Book, PAGES'), "it asks GET /shelves/1/volumes"),
    (('"search": search', '"search": search, "all": "1"'), "it asks GET /shelves/1/books"),
]


@pytest.mark.parametrize(("change", "said"), STALE)
async def test_other_requests_than_were_recorded_say_to_record_anew(
    tmp_path: Path, change: Change, said: str
) -> None:
    folder = drop_shelf(tmp_path, change)
    keep(folder)
    with pytest.raises(RecordingError, match="not recorded") as stale:
        await replayed(folder)
    assert said in str(stale.value)


async def test_a_request_that_is_no_longer_made_is_told(tmp_path: Path) -> None:
    folder = drop_shelf(tmp_path)
    path = keep(folder)
    whole = json.loads(path.read_text())
    more = {"request": {"method": "GET", "path": "/me"}, "response": {"status": 200}}
    keep(folder, exchanges=[*whole["exchanges"], more])
    with pytest.raises(RecordingError, match="no longer asks GET /me"):
        await replayed(folder)


async def test_an_answer_that_the_mapping_cannot_read_is_its_error(tmp_path: Path) -> None:
    folder = drop_shelf(tmp_path, ("    title: str\n", "    title: int\n"))
    keep(folder)
    with pytest.raises(UnreadableAnswer):
        await replayed(folder)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 2}, "has the format 2"),
        ({"verb": "books"}, "is no recording"),
        ({"exchanges": {}}, "is no recording"),
    ],
)
def test_a_file_of_another_form_is_named(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    folder = drop_shelf(tmp_path)
    keep(folder, **changes)
    with pytest.raises(RecordingError, match=r"recorded/items\.json") as refused:
        recording_of(folder)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("change", "kept", "said"),
    [
        (None, {}, None),
        (STALE[0][0], {}, "connector record shelf items"),
        (("    title: str\n", "    title: int\n"), {}, "items cannot read recorded/items.json"),
        (None, {"auth_method": "gone"}, "no auth method 'gone'"),
        (None, {"format": 3}, "record it anew"),
    ],
)
async def test_the_suite_replays_them(
    tmp_path: Path, change: Change | None, kept: dict[str, Any], said: str | None
) -> None:
    folder = drop_shelf(tmp_path, *([] if change is None else [change]))
    keep(folder, **kept)
    bench = find_suite(load("shelf", module_of(folder)))().open_bench()
    if said is None:
        await check_recordings(bench)
        return
    with pytest.raises(pytest.fail.Exception) as failed:
        await check_recordings(bench)
    assert said in str(failed.value)
