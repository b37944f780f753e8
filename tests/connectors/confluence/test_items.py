"""Pages and blog posts of a space."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from src.connectors.confluence.connector import ConfluenceConnector
from src.core.errors import CredentialRefused, ProviderNotFound, UnsupportedFilter, ValidationFailed
from src.models.query import ItemQuery, Sort
from src.sandbox.atlassian.people import BEN, MIA
from src.testing.walking import entries, follow
from tests.connectors.confluence.conftest import (
    BIG,
    DISCUSSED,
    EMPTY,
    HIDDEN,
    OVERVIEW,
    POST,
    PROJ,
    Imitation,
    Open,
)

PAGES = ItemQuery(container_id=PROJ, limit=100)
USERS = "POST /wiki/api/v2/users-bulk"


async def test_a_page_is_mapped_whole(connector: ConfluenceConnector) -> None:
    found = {one.id: one for one in (await connector.items(PAGES)).items}
    page = found[OVERVIEW]
    assert (page.type, page.container_id, page.title) == ("page", PROJ, "Overview")
    assert (page.status, page.state, page.parent_id, page.has_children) == (
        *("current", None, None, True),
    )
    assert page.url == "https://acme.atlassian.net/wiki/spaces/PROJ/pages/98487/Overview"
    assert page.author is not None
    assert (page.author.id, page.author.name) == (MIA.account_id, "Mia Krystof")
    assert page.author.avatar_url == (f"https://acme.atlassian.net/wiki/aa-avatar/{MIA.account_id}")
    assert page.fields["version"] == 3
    assert page.fields["versionMessage"] == "Third"
    assert page.fields["modifiedBy"] == BEN.account_id
    assert (page.body, page.body_format) == (None, None)
    assert found[DISCUSSED].parent_id == OVERVIEW


async def test_a_page_of_items_with_bodies_takes_two_requests(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    page = await connector.items(replace(PAGES, include_body=True, limit=100))
    assert len(page.items) == 50
    assert all(item.body is not None for item in page.items)
    assert imitation.asked() == ["GET /wiki/api/v2/spaces/98305/pages", USERS]


async def test_people_who_left_or_are_gone_keep_their_pages(
    connector: ConfluenceConnector,
) -> None:
    found = {one.title: one for one in (await connector.items(PAGES)).items}
    former = found["Nested"].author
    assert former is not None
    assert former.name == "Former user"
    assert found["Nobody's"].author is None


async def test_without_its_scope_people_have_their_ids_for_names(
    open_with: Open, imitation: Imitation
) -> None:
    imitation.network.add("confluence.sandbox", Lacking(imitation))
    page = await open_with().items(PAGES)
    assert {one.author.name for one in page.items if one.author} >= {MIA.account_id}


class Lacking:
    """The imitation, for a token that lacks the scope for names."""

    def __init__(self, imitation: Imitation) -> None:
        self._app = imitation.app

    async def __call__(self, scope, receive, send) -> None:
        if not scope["path"].endswith("/users-bulk"):
            await self._app(scope, receive, send)
            return
        body = b'{"code":401,"message":"Unauthorized; scope does not match"}'
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def test_names_are_asked_for_again_after_an_outage(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    outage = {"kind": "server_error", "status": 503, "path": "/ex/.*/users-bulk", "times": 1}
    await imitation.fault(outage)
    page = await connector.items(PAGES)
    assert {one.author.name for one in page.items if one.author} >= {"Mia Krystof"}
    assert imitation.asked()[1:] == [USERS, USERS]


async def test_a_refused_credential_is_no_missing_name(
    open_with: Open, imitation: Imitation
) -> None:
    await imitation.fault({"kind": "unauthorized", "path": "/ex/.*/users-bulk"})
    with pytest.raises(CredentialRefused):
        await open_with().items(PAGES)


async def test_pages_come_before_blog_posts(connector: ConfluenceConnector) -> None:
    found = entries(await follow(connector.items, replace(PAGES, limit=20)))
    kinds = [one.type for one in found]
    assert kinds == ["page"] * 50 + ["blog_post"] * 6
    assert found[-6].id == POST
    assert found[-6].has_children is False


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"type": "page"}, 50),
        ({"type": "blog_post"}, 6),
        ({"status": "archived"}, 1),
        ({"status": "trashed"}, 1),
        ({"status": "current"}, 55),
        ({"parent_id": "root"}, 2),
        ({"container_id": EMPTY}, 0),
    ],
    ids=str,
)
async def test_filters(connector: ConfluenceConnector, query: dict, count: int) -> None:
    pages = await follow(connector.items, replace(PAGES, **query))
    assert len(entries(pages)) == count


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "open"}, "state"),
        ({"status": "draft"}, "status"),
        ({"type": "issue"}, "type"),
        ({"type": "folder"}, "type"),
        ({"sort": Sort.UPDATED_DESCENDING}, "sort"),
        ({"type": "blog_post", "parent_id": "root"}, "type"),
        (
            {
                "type": "page",
                "sort": Sort.UPDATED_ASCENDING,
                "updated_since": datetime(2024, 1, 1, tzinfo=UTC),
            },
            "sort",
        ),
        ({"parent_id": OVERVIEW, "sort": Sort.UPDATED_ASCENDING}, "sort"),
        ({"parent_id": OVERVIEW, "status": "archived"}, "status"),
        ({"parent_id": OVERVIEW, "type": "issue"}, "type"),
        ({"q": "x", "status": "archived"}, "status"),
        ({"q": "x", "type": "folder"}, "type"),
        ({"q": "x", "parent_id": "root"}, "parentId"),
    ],
    ids=str,
)
async def test_what_cannot_be_honoured_is_refused(
    connector: ConfluenceConnector, imitation: Imitation, query: dict, field: str
) -> None:
    with pytest.raises(UnsupportedFilter) as caught:
        await connector.items(replace(PAGES, **query))
    assert caught.value.details["errors"][0]["field"] == field
    assert imitation.asked() == []


async def test_sorted_by_change(connector: ConfluenceConnector) -> None:
    query = replace(PAGES, container_id=BIG, type="page", limit=50)
    for sort in (Sort.UPDATED_ASCENDING, Sort.UPDATED_DESCENDING):
        pages = await follow(connector.items, replace(query, sort=sort), most=3)
        times = [one.updated_at or "" for one in entries(pages)]
        assert times == sorted(times, reverse=sort is Sort.UPDATED_DESCENDING)


async def test_what_has_changed_since_is_read_from_the_newest_on(
    connector: ConfluenceConnector, imitation: Imitation
) -> None:
    since = datetime(2024, 3, 2, 8, 30, 0, tzinfo=UTC)
    query = replace(PAGES, container_id=BIG, type="page", updated_since=since)
    found = entries(await follow(connector.items, query))
    assert [one.title for one in found][-1] == "Leaf 1950"
    assert len(found) == 50
    # The first page ends with one that is too old, so no other is asked for.
    assert imitation.asked() == ["GET /wiki/api/v2/spaces/98307/pages", USERS]


async def test_what_has_changed_since_is_found_in_raw_pages_too(
    connector: ConfluenceConnector,
) -> None:
    since = datetime(2024, 3, 2, 8, 30, 0, tzinfo=UTC)
    query = replace(PAGES, container_id=BIG, updated_since=since, include_raw=True)
    found = entries(await follow(connector.items, query))
    assert len(found) == 50
    assert b'"spaceId":"98307"' in bytes(found[0].raw)  # type: ignore[arg-type]


async def test_two_thousand_pages_come_once_each(connector: ConfluenceConnector) -> None:
    pages = await follow(connector.items, ItemQuery(container_id=BIG, type="page", limit=100))
    assert len(entries(pages)) == 2_000
    assert len(pages) == 20


async def test_a_hidden_space_is_not_found(connector: ConfluenceConnector) -> None:
    with pytest.raises(ProviderNotFound):
        await connector.items(replace(PAGES, container_id=HIDDEN))


@pytest.mark.parametrize("container", ["98305", "space:", "space:9/../1", "page:1", "space:-1"])
async def test_a_container_is_a_space(connector: ConfluenceConnector, container: str) -> None:
    with pytest.raises(ValidationFailed):
        await connector.items(replace(PAGES, container_id=container))
