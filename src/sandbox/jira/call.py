"""One call: who asks, of which world, for which project or issue, with which parameters."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from src.sandbox.jira import errors
from src.sandbox.jira.jql.finding import Context, find_issue
from src.sandbox.jira.seed.people import PEOPLE
from src.sandbox.jira.seed.world import DATA_CENTER, world
from src.sandbox.kit import base_url

if TYPE_CHECKING:
    from starlette.requests import Request

    from src.sandbox.atlassian.callers import Caller
    from src.sandbox.atlassian.people import Site
    from src.sandbox.jira.hooks import Happening, Hooks
    from src.sandbox.jira.records import Issue, Person, Project, World
    from src.sandbox.jira.state import State

_DIGITS = 10


class Call:
    """Reads a request the way Jira does; what cannot be answered is raised as Refused."""

    def __init__(self, request: "Request", state: "State", hooks: "Hooks") -> None:
        """Take the caller and the site that the gate has found."""
        self.request = request
        self.params = request.query_params
        self.state = state
        self.hooks = hooks
        self.happened: list[Happening] = []
        self.caller: Caller = request.scope["atlassian.caller"]
        self.site: Site | None = request.scope["atlassian.site"]
        self._issues: dict[int, Issue] | None = None

    @property
    def is_server(self) -> bool:
        """Tell whether it is a data center."""
        return self.site is None

    @property
    def world(self) -> "World":
        """Return where the call goes."""
        return world(self.site.id if self.site else DATA_CENTER)

    @property
    def person(self) -> "Person":
        """Return who asks, as the site knows them."""
        return PEOPLE[self.caller.user.login]

    @property
    def api(self) -> str:
        """Return the address that links begin with."""
        version = "2" if self.is_server else "3"
        gateway = f"/ex/jira/{self.request.path_params.get('cloud', '')}"
        prefix = gateway if "cloud" in self.request.path_params else ""
        return f"{base_url(self.request)}{prefix}/rest/api/{version}"

    def projects(self) -> "dict[int, Project]":
        """Return the projects that the caller sees."""
        login = self.caller.user.login
        return {
            one.id: one
            for one in self.world.projects
            if one.members is None or login in one.members
        }

    def world_project(self, number: int) -> "Project":
        """Return a project that is surely there."""
        return next(one for one in self.world.projects if one.id == number)

    def project(self, name: str) -> "Project":
        """Find a project by id or key."""
        for one in self.projects().values():
            if name.upper() in {str(one.id), one.key}:
                return one
        raise errors.no_project(name)

    async def issues(self) -> "dict[int, Issue]":
        """Return every issue as it is now."""
        if self._issues is None:
            self._issues = await self.state.issues(self.world)
        return self._issues

    @property
    def present(self) -> "dict[int, Issue]":
        """Return every issue as far as it has been looked at."""
        return self.world.issues if self._issues is None else self._issues

    async def context(self) -> Context:
        """Return what a query is looked for in."""
        return Context(
            login=self.caller.user.login,
            offset=self.caller.user.offset,
            projects=self.projects(),
            issues=await self.issues(),
            is_server=self.is_server,
        )

    async def issue(self) -> "Issue":
        """Find the issue of the path."""
        found = find_issue(self.request.path_params["issue"], await self.context())
        if found is None:
            raise errors.no_issue()
        return found

    def window(self, *, most: int, usual: int = 50) -> tuple[int, int]:
        """Return the offset and the size of a page."""
        start = self.whole("startAt", 0)
        size = self.whole("maxResults", usual)
        return start, min(size, most)

    def whole(self, name: str, usual: int) -> int:
        """Return a number among the parameters."""
        text = self.params.get(name)
        if text is None:
            return usual
        if not (text.isascii() and text.isdecimal() and len(text) < _DIGITS):
            raise errors.refused(400, f"The value '{text}' of {name} is no number.")
        return int(text)

    async def body(self) -> dict[str, Any]:
        """Return what was sent."""
        try:
            return msgspec.json.decode(await self.request.body(), type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise errors.refused(400, "There was an error parsing JSON.") from error

    def time(self, moment: int | None) -> str | None:
        """Write a time as Jira does: in the caller's zone, the offset without a colon."""
        if moment is None:
            return None
        offset = self.caller.user.offset
        local = datetime.fromtimestamp(moment + offset * 3_600, UTC)
        sign = "-" if offset < 0 else "+"
        return f"{local:%Y-%m-%dT%H:%M:%S.000}{sign}{abs(offset):02}00"
