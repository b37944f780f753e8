"""The stream of files: the account's and the shared drives' feeds together tell everything."""

import pytest

from src.connectors.base import Syncs
from src.connectors.google.drive.access import DriveAccess
from src.connectors.google.drive.reader import DriveReader
from src.connectors.syncing import CheckpointExpired
from src.testing.streams import hand
from tests.connectors.google.deeds import NOTES, change_file, make_file
from tests.connectors.google.runs import asked, bench_of, full, later, read_by, tokens

ROOT = "drive:folder:0AAnnRootFolder0000PVA"
PROJECTS, NESTED = "1ProjectsFolder0000000000000", "1NestedFolder000000000000000"
DEEP_NOTE = "drive:file:1DeepNote0000000000000000000"
ENGINEERING = "0AEngineeringDrive0PVA"
LEGAL = "0ALegalSecretDrive0PVA"
FOLDER = "application/vnd.google-apps.folder"
LINKED = "drive:file:1LinkSharedFile0000000000000"


async def test_files_of_all_drives_are_read_once_and_those_in_the_trash_are_not() -> None:
    bench = bench_of()
    done = await full(bench, "files")
    assert len(done.ids) == len(set(done.ids))
    ids = set(done.ids)
    assert {DEEP_NOTE, "drive:file:1OnCallDocument0000000000000"} <= ids
    assert f"drive:folder:1HandbookFolder0000000000000@{ENGINEERING}" in ids
    assert "drive:file:1CaseBrief000000000000000000" in ids, "shared out of a drive of others"
    assert "drive:file:1LegalDocument00000000000000" not in ids
    assert "drive:file:1OldDraft0000000000000000000" not in ids
    assert set(tokens(done)) == {
        "drive:account",
        f"drive:drive:{ENGINEERING}",
        "drive:drive:0AEmptySharedDrive0PVA",
    }
    assert {page.container_id for page in done.pages if page.records} <= set(tokens(done))


async def test_small_pages_give_the_same() -> None:
    bench = bench_of()
    access = DriveAccess(bench.connector().rest)
    whole = await full(bench, "files")
    paged = await read_by(DriveReader(access, limit=60), asked(bench, "files"))
    assert sorted(paged.ids) == sorted(whole.ids)
    for number in range(7):
        await change_file(hand(bench), f"1Many{number:03}0000000000000000000", name=f"{number}")
    changed = await read_by(DriveReader(access, limit=3), asked(bench, "files", whole))
    assert len(changed.ids) == len(set(changed.ids)) == 7
    assert tokens(changed) == tokens(await later(bench, "files", whole))


async def test_a_folder_takes_what_is_in_it_into_the_trash_and_back() -> None:
    bench = bench_of()
    first = await full(bench, "files")
    await change_file(hand(bench), PROJECTS, trashed=True)
    trashed = await later(bench, "files", first)
    gone = {f"drive:folder:{PROJECTS}", f"drive:folder:{NESTED}", DEEP_NOTE}
    assert gone <= trashed.deleted
    assert not trashed.ids
    assert DEEP_NOTE not in (await full(bench, "files")).ids
    await change_file(hand(bench), PROJECTS, trashed=False)
    back = await later(bench, "files", trashed)
    assert gone <= set(back.ids)
    assert not gone & back.deleted


async def test_what_moves_between_drives_is_not_lost_whichever_feed_comes_last() -> None:
    bench = bench_of()
    first = await full(bench, "files")
    for folder in (ENGINEERING, "0AAnnRootFolder0000PVA"):
        await change_file(hand(bench), NOTES, into=folder)
        moved = await later(bench, "files", first)
        assert f"drive:file:{NOTES}" in moved.ids
        assert f"drive:file:{NOTES}" not in moved.deleted
        first = moved


async def test_a_file_that_is_gone_is_told_under_each_id_that_it_may_have_had() -> None:
    bench = bench_of()
    folder = await make_file(hand(bench), kind=FOLDER)
    inner = await make_file(hand(bench), folder)
    first = await full(bench, "files")
    assert {f"drive:folder:{folder}", f"drive:file:{inner}"} <= set(first.ids)
    await hand(bench).rest.change("DELETE", "/drive/v3/files/{file}", file=folder)
    done = await later(bench, "files", first)
    assert {f"drive:folder:{folder}", f"drive:file:{inner}"} <= done.deleted
    assert not done.ids


@pytest.mark.parametrize(("method", "drive"), [("PUT", LEGAL), ("DELETE", ENGINEERING)])
async def test_a_shared_drive_that_comes_or_goes_asks_for_a_full_run(
    method: str, drive: str
) -> None:
    bench = bench_of()
    first = await full(bench, "files")
    await hand(bench).switch(method, f"/drives/{drive}/members/ann")
    with pytest.raises(CheckpointExpired):
        await later(bench, "files", first)
    again = await full(bench, "files")
    assert (f"drive:drive:{drive}" in tokens(again)) == (method == "PUT")
    assert not (await later(bench, "files", again)).ids


async def test_a_chosen_folder_is_read_with_all_that_is_below_it_each_time() -> None:
    bench = bench_of()
    chosen = (f"drive:folder:{PROJECTS}",)
    done = await full(bench, "files", chosen)
    budget = "drive:file:1BudgetSpreadsheet0000000000"
    deep = "drive:folder:1DeepFolder00000000000000000"
    assert set(done.ids) == {f"drive:folder:{NESTED}", deep, DEEP_NOTE, budget}
    access = DriveAccess(bench.connector().rest)
    paged = await read_by(DriveReader(access, limit=1), asked(bench, "files", containers=chosen))
    assert sorted(paged.ids) == sorted(done.ids)
    for count in range(1, len(paged.pages)):
        query = paged.before(count, asked(bench, "files", containers=chosen))
        rest = await read_by(DriveReader(access, limit=1), query)
        had = {one.id for page in paged.pages[:count] for one in page.records}
        assert had | set(rest.ids) == set(done.ids)
    with pytest.raises(CheckpointExpired):
        await later(bench, "files", done, chosen)


async def test_a_record_has_an_id_that_a_feed_can_tell_without_a_resource_key() -> None:
    connector = bench_of("ya29.sandbox-ben").connector()
    assert isinstance(connector, Syncs)
    found = await connector.fetch("files", LINKED)
    assert found is not None
    assert found.id == LINKED
    assert await connector.fetch("files", f"{LINKED}~0-r9EHLOeLinkKey") is None
