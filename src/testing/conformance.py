"""The base class: derive from it, name a few landmarks, and a connector is checked whole.

    class TestGitHub(ConnectorConformance):
        connector_id = "github"
        token = "ghp_sandbox_octocat"
        container = "repo:1296269"
        item = "1296269:pull:101"
        word = "theme"

Everything runs over the connector's own sandbox (``manifest.sandbox``): no network, no database.
The tests are coroutines: run pytest with ``asyncio_mode = "auto"``. The checks of streams are in
``src.testing.syncing``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

import pytest

from src.connectors.base import BrowsesComments, BrowsesContainers, BrowsesItems
from src.connectors.webhooks import Wish
from src.core.errors import AppError, UnreadableAnswer, UnsupportedCapability
from src.models.query import CommentQuery, ContainerQuery, ItemQuery
from src.testing.bench import Bench, expect, open_bench
from src.testing.code import findings, read_package
from src.testing.faults import (
    TROUBLES,
    Landmarks,
    Trouble,
    beyond,
    browsing,
    check_answers,
    check_trouble,
    verbs,
)
from src.testing.filtering import check_container_filters, check_item_filters
from src.testing.hooks import check_reading
from src.testing.hostile.claims import check_claim, check_exemptions
from src.testing.hostile.examination import examine
from src.testing.listing import check_containers, need_pages
from src.testing.manifests import check_manifest, folder_of
from src.testing.picking import (
    Parents,
    check_pages,
    check_parents,
    check_types,
    search_resources,
)
from src.testing.replaying import check_recordings
from src.testing.searching import hostile, search_containers, search_items
from src.testing.streams import Hand
from src.testing.syncing import SyncConformance
from src.testing.tools import Samples, check_runs, check_sent_once, check_tools
from src.testing.walking import follow, follow_to_the_end


class ConnectorConformance(SyncConformance):
    """What every connector must pass; a subclass named ``Test…`` is collected by pytest."""

    connector_id: ClassVar[str]
    """The connector's id."""
    module: ClassVar[str | None] = None
    """Dotted path of its ``connector`` module; None = one of ours."""
    token: ClassVar[str]
    """A key or token that the sandbox accepts."""
    secret: ClassVar[str | None] = None
    """The second half of the credential, where there is one."""
    auth_method: ClassVar[str | None] = None
    """Id of the auth method of ``token``; None = the first that takes a key."""
    config: ClassVar[Mapping[str, Any]] = {}
    """The connection's config."""
    settings: ClassVar[Mapping[str, Any]] = {}
    """The connection's settings."""
    container: ClassVar[str] = ""
    """Id of a container with more than ``limit`` items, if the connector has items."""
    item: ClassVar[str] = ""
    """Id of an item with more than ``limit`` comments, if the connector has comments."""
    parent: ClassVar[str | None] = None
    """Id of a container that holds containers, if there is one."""
    word: ClassVar[str | None] = None
    """A word found in some items of ``container`` and in other containers; None = no search."""
    attacks: ClassVar[tuple[str, ...]] = ()
    """Searches in the provider's own language that would leave ``container``."""
    tools: ClassVar[Samples] = {}
    """For each tool arguments that the sandbox takes."""
    resource_parents: ClassVar[Parents] = {}
    """For each resource type that looks into something, the id of a parent that holds some."""
    beyond: ClassVar[tuple[str, ...]] = ()
    """Tools and resource types that ``auth_method`` does not open: UnsupportedCapability."""
    requests: ClassVar[Mapping[str, int]] = {}
    """How many requests a verb of browsing takes, where the provider's API needs more than one."""
    lists_bodies: ClassVar[bool] = True
    """Whether a page of items can come with its bodies; False = the connector refuses it."""
    limit: ClassVar[int] = 20
    """The page size of the walks."""
    deviations: ClassVar[Mapping[str, str]] = {}
    """For each check that a subclass overrides, the reason."""
    graded_elsewhere: ClassVar[bool] = False
    """Another suite of the same connector is graded: once is enough."""
    webhook_method: ClassVar[str | None] = None
    """Id of an auth method that ``token`` can stand for, too, where only its connections have
    webhooks."""
    webhook_by_hand: ClassVar[Callable[[Hand, Wish], Awaitable[None]] | None] = None
    """Sets a webhook up at the sandbox, for a provider where a person does; a static method."""
    exemptions: ClassVar[Mapping[str, str]] = {}
    """For each rule of silver or gold that cannot hold at this provider, the reason."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        checks = [name for name in dir(ConnectorConformance) if name.startswith("test_")]
        own = {
            name
            for name in checks
            if getattr(cls, name, None) is not getattr(ConnectorConformance, name)
        }
        if silent := sorted(name for name in own if not cls.deviations.get(name, "").strip()):
            raise TypeError(f"{cls.__name__} overrides {silent}: write the reason in `deviations`")
        if stale := sorted(set(cls.deviations) - own):
            raise TypeError(f"{cls.__name__} overrides no {stale}: take it out of `deviations`")
        check_exemptions(cls.__name__, cls.exemptions)

    def open_bench(self) -> Bench:
        """The connector over its sandbox."""
        return open_bench(
            self.connector_id,
            self.module or f"src.connectors.{self.connector_id}.connector",
            token=self.token,
            secret=self.secret,
            auth_method=self.auth_method,
            config=self.config,
            settings=self.settings,
        )

    def landmarks(self) -> Landmarks:
        """What the suite names."""
        return Landmarks(
            self.container,
            self.item,
            self.tools,
            self.resource_parents,
            self.lists_bodies,
            self.beyond,
        )

    @pytest.fixture
    def bench(self) -> Bench:
        """A fresh bench for each check."""
        return self.open_bench()

    def test_the_registry_loads_it_and_the_manifest_is_complete(self, bench: Bench) -> None:
        """Everything that the catalogue, the forms and the operator rely on."""
        check_manifest(bench, self.connector_id)

    def test_the_code_keeps_to_the_toolkit(self, bench: Bench) -> None:
        """No HTTP client, clock, header or path of its own."""
        found = findings(read_package(folder_of(bench.loaded)))
        expect(
            not found, "Leave to the toolkit what is the toolkit's:\n" + "\n".join(map(str, found))
        )

    async def test_every_verb_answers_when_nothing_is_wrong(self, bench: Bench) -> None:
        """The sandbox knows every path, and the suite names what is there."""
        connector = bench.connector()
        for name, verb in verbs(connector, self.landmarks()).items():
            await check_answers(bench, name, verb)

    async def test_the_account_is_the_same_each_time(self, bench: Bench) -> None:
        """The account id pins a connection, so it must not change."""
        connector = bench.connector()
        first, second = await connector.identify(), await connector.identify()
        expect(
            first.account.id.strip(), "identify() gives an empty account id: use a stable number"
        )
        expect(
            first.account.id == second.account.id,
            "identify() gives another account id the second time: use what never changes",
        )

    async def test_every_container_can_be_listed(self, bench: Bench) -> None:
        """Ids are ours in form, come once, and the next call takes them unchanged."""
        connector = bench.connector()
        if isinstance(connector, BrowsesContainers):
            await check_containers(connector, self.limit)

    async def test_every_filter_is_heeded_or_refused(self, bench: Bench) -> None:
        """A filter that is ignored answers what nobody asked for."""
        connector = bench.connector()
        if isinstance(connector, BrowsesContainers):
            await check_container_filters(connector, self.container)
        if isinstance(connector, BrowsesItems):
            await check_item_filters(connector, self.container, self.item)

    async def test_following_pages_ends_and_repeats_nothing(self, bench: Bench) -> None:
        """Every listing, to its end, on the provider's host only."""
        connector = bench.connector()
        if isinstance(connector, BrowsesContainers):
            await follow_to_the_end(connector.containers, ContainerQuery(limit=2))
        if isinstance(connector, BrowsesItems):
            items = ItemQuery(container_id=self.container, limit=self.limit)
            pages = await follow_to_the_end(connector.items, items)
            need_pages(len(pages), f"container={self.container!r}", self.limit)
        if isinstance(connector, BrowsesComments):
            comments = CommentQuery(item_id=self.item, limit=self.limit)
            said = await follow_to_the_end(connector.comments, comments)
            need_pages(len(said), f"item={self.item!r}", self.limit)
        strangers = {request.url.host for request in bench.wires.requests} - {bench.wires.host}
        expect(not strangers, f"It called {strangers}: build every request with self.rest")

    async def test_browsing_takes_no_more_requests_than_the_provider_needs(
        self, bench: Bench
    ) -> None:
        """A page of items comes with its bodies: no request for each."""
        connector = bench.connector()
        for name, verb in browsing(connector, self.landmarks()).items():
            _, asked = await bench.answers(verb)
            allowed = self.requests.get(name, 1)
            expect(
                len(asked) == allowed,
                f"{name} takes {len(asked)} requests, not {allowed} ({', '.join(asked[:4])}): ask"
                " for all of a page at once, or say in `requests` how many the provider needs",
            )

    async def test_resources_can_be_picked(self, bench: Bench) -> None:
        """Ids are ours in form, come once, are taken back; the way to them begins at the top."""
        check_types(bench, self.resource_parents)
        for kind in bench.loaded.manifest.resource_types:
            if kind.name in self.beyond:
                continue
            await check_pages(bench, kind, self.resource_parents, self.limit)
            await check_parents(bench, kind, self.resource_parents)

    async def test_tools_can_be_run(self, bench: Bench) -> None:
        """A form and an agent can be drawn from them; a change is sent once."""
        check_tools(bench, self.tools)
        await check_runs(bench, self.tools, self.beyond)
        await check_sent_once(bench, self.tools, self.beyond)

    async def test_recorded_answers_are_still_read(self, bench: Bench) -> None:
        """Answers of the provider itself, where the folder ``recorded`` holds some."""
        await check_recordings(bench)

    def test_any_delivery_is_read_or_refused(self, bench: Bench) -> None:
        """Whoever knows an address can send anything to it."""
        check_reading(bench)

    async def test_what_the_way_to_authorize_does_not_open_is_refused(self, bench: Bench) -> None:
        """Before any call, and as what it is."""
        for name, verb in beyond(bench.connector(), self.landmarks()).items():
            with pytest.raises(UnsupportedCapability):
                await verb()
            expect(not bench.wires.requests, f"{name} calls the provider: refuse it before")

    async def test_a_repeated_page_is_an_error(self, bench: Bench) -> None:
        """A provider that pages in circles must not keep us busy."""
        connector = bench.connector()
        if not isinstance(connector, BrowsesItems):
            return
        await bench.fault(kind="repeated_page")
        query = ItemQuery(container_id=self.container, limit=self.limit)
        try:
            pages = await follow(connector.items, query)
        except UnreadableAnswer:
            return
        expect(
            pages[-1].next_token is None,
            "A page that names itself as the next one is followed for ever: page with"
            " self.rest.page and a paginator of the toolkit, which raise UnreadableAnswer",
        )

    @pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
    async def test_trouble_has_its_error_and_shows_no_secret(
        self, bench: Bench, trouble: Trouble
    ) -> None:
        """The consequence decides the class; the credential is nowhere."""
        await check_trouble(bench, trouble, self.landmarks())

    async def test_a_refused_key_is_not_tried_again(self, bench: Bench) -> None:
        """A second try with a bad key locks accounts."""
        connector = bench.connector()
        for name, verb in verbs(connector, self.landmarks()).items():
            await bench.fault(kind="unauthorized")
            with pytest.raises(AppError):
                await verb()
            expect(
                len(bench.wires.requests) == 1,
                f"{name} sent {len(bench.wires.requests)} requests after a 401: stop at the first",
            )

    async def test_cancellation_closes_the_answer(self, bench: Bench) -> None:
        """A caller who goes away must not leave a connection behind."""
        connector = bench.connector()
        for name, verb in verbs(connector, self.landmarks()).items():
            bench.wires.forget()
            bench.wires.stalled = True
            task = asyncio.ensure_future(verb())
            reading = asyncio.ensure_future(bench.wires.reading.wait())
            await asyncio.wait({task, reading}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
            expect(reading.done(), f"{name} reads no answer: name landmarks that need a request")
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            expect(
                all(body.closed for body in bench.wires.bodies),
                f"{name} leaves an answer open when it is cancelled: await the call directly",
            )
            bench.wires.stalled = False

    async def test_the_claimed_grade_is_earned(self, bench: Bench) -> None:
        """The catalogue shows no grade that a hostile provider would take away."""
        if self.graded_elsewhere or bench.loaded.manifest.grade is None:
            return
        # The ground of all grades is the other checks of this class, which fail by themselves.
        check_claim(await examine(type(self), failed={}))

    async def test_a_search_stays_in_its_container(self, bench: Bench) -> None:
        """What a caller types is data."""
        if self.word is None or not issubclass(bench.loaded.connector_class, BrowsesItems):
            return
        # A bench for each search: many in a row may be too many for the imitation's limits.
        searches = hostile(self.word, self.attacks)
        await search_items(self.open_bench, self.container, self.word, searches)
        if self.parent is not None:
            await search_containers(self.open_bench, self.parent, searches)
        await search_resources(self.open_bench, self.resource_parents, searches)
