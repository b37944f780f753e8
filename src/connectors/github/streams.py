"""What is synchronized: repositories, issues, pull requests, and what is said about them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from functools import partial

from src.connectors import overlap
from src.connectors.base import Syncs
from src.connectors.github.containers import Owners
from src.connectors.github.discussion import repository_comment, repository_review_comment
from src.connectors.github.ids import (
    CommentRef,
    ItemRef,
    parse_installation,
    parse_organization,
    parse_repository,
)
from src.connectors.github.items import Work
from src.connectors.github.lists import Lists, issue_item
from src.connectors.github.mapping import listed_pull, repository_to_container
from src.connectors.github.runs import Run
from src.connectors.github.schemas import (
    Issue,
    IssueComment,
    PullRequest,
    Repository,
    ReviewComment,
)
from src.connectors.rest.decoding import mapped
from src.connectors.rest.paginators import walk
from src.connectors.syncing import Parts, SyncPage, SyncQuery, Unit
from src.models.query import ContainerQuery
from src.models.unified import Comment, Container, Item

_MOST = 100


class Streams(Owners, Work, Syncs):
    """Streams of an account."""

    async def sync(self, query: SyncQuery) -> AsyncGenerator[SyncPage, None]:
        """A run; its checkpoint lies five minutes before its beginning."""
        yield SyncPage(checkpoint=overlap.next_checkpoint(query))
        run = Run(self.rest, query, self._repository_ids)
        match query.stream:
            case "repositories":
                pages = run.containers(await self._owners(query))
            case "issues":
                pages = run.issues()
            case "pulls":
                pages = run.pulls()
            case _:
                pages = run.comments()
        async with aclosing(pages):
            async for page in pages:
                yield page

    async def fetch(self, stream: str, record_id: str) -> Unit | None:
        """One record as a run gives it."""
        match stream:
            case "repositories":
                return await self._repository(record_id)
            case "issues":
                return await self._issue(ItemRef.parse(record_id))
            case "pulls":
                return await self._listed_pull(ItemRef.parse(record_id))
            case _:
                return await self._comment(CommentRef.parse(record_id))

    @classmethod
    def check_container(cls, stream: str, container_id: str) -> None:
        """Repositories; those themselves are in organisations and installations, too."""
        is_owner = parse_organization(container_id) or parse_installation(container_id)
        if not (stream == "repositories" and is_owner):
            parse_repository(container_id, "containerIds")

    async def _owners(self, query: SyncQuery) -> Parts | None:
        """Where repositories are asked for; None = all of the account's are in one list."""
        if query.container_ids is None and not await self.is_of_app():
            return None
        return self._installation_ids

    async def _installation_ids(self) -> Sequence[str]:
        query = ContainerQuery(limit=_MOST, type="installation")
        pages = await walk(query, self.containers)
        return [one.id for page in pages for one in page.items]

    async def _repository_ids(self, lists: Lists) -> Sequence[str]:
        """All repositories that the account lists, each once."""
        if not await self.is_of_app():
            return await lists.repository_ids()
        found: dict[str, None] = {}
        for installation in await self._installation_ids():
            query = ContainerQuery(limit=_MOST, parent_id=installation)
            for page in await walk(query, self.containers):
                lists.is_partial |= page.truncated
                found |= dict.fromkeys(one.id for one in page.items)
        return list(found)

    async def _repository(self, record_id: str) -> Container | None:
        return await self.rest.find_one(
            "/repositories/{repository}",
            Repository,
            repository_to_container,
            raw=False,
            repository=parse_repository(record_id, "recordId"),
        )

    async def _issue(self, ref: ItemRef) -> Item | None:
        issue = await self.rest.find_one(
            "/repositories/{repository}/issues/{number}",
            Issue,
            lambda issue: issue,
            raw=False,
            **ref.at,
        )
        # A transferred issue is answered from its new place; here it is gone.
        if issue is None or issue.number != ref.number:
            return None
        return mapped(partial(issue_item, repository=ref.repository), issue)

    async def _listed_pull(self, ref: ItemRef) -> Item | None:
        return await self.rest.find_one(
            "/repositories/{repository}/pulls/{number}",
            PullRequest,
            partial(listed_pull, repository=ref.repository),
            raw=False,
            **ref.at,
        )

    async def _comment(self, ref: CommentRef) -> Comment | None:
        at = {"repository": ref.repository, "comment": ref.number}
        if ref.kind == "review":
            # GitHub lists reviews by pull request only, so that a run does not read them.
            return None
        if ref.kind == "comment":
            return await self.rest.find_one(
                "/repositories/{repository}/issues/comments/{comment}",
                IssueComment,
                partial(repository_comment, repository=ref.repository),
                raw=False,
                **at,
            )
        return await self.rest.find_one(
            "/repositories/{repository}/pulls/comments/{comment}",
            ReviewComment,
            partial(repository_review_comment, repository=ref.repository),
            raw=False,
            **at,
        )
