"""One request to Gmail, and what it may be refused with."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from src.sandbox.google import errors
from src.sandbox.google.gmail import views
from src.sandbox.google.gmail.mailbox import Mailbox
from src.sandbox.google.gmail.records import Mail
from src.sandbox.google.gmail.search import Search
from src.sandbox.google.tokens import cut, read_token
from src.sandbox.kit import Refused, json_answer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_ASIDE = frozenset({"SPAM", "TRASH"})
_MOST = 500
_FORMATS = ("full", "metadata", "minimal")


def refused(status: int, reason: str, message: str, word: str) -> Refused:
    """Return Gmail's own envelope."""
    return Refused(errors.legacy(status, reason, message, word=word))


def invalid_value(message: str) -> Refused:
    """Refuse a value."""
    return refused(400, "invalidArgument", message, "INVALID_ARGUMENT")


def _invalid_page() -> "Response":
    return errors.legacy(400, "invalidArgument", "Invalid pageToken", word="INVALID_ARGUMENT")


def gone() -> Refused:
    """Say 404."""
    return refused(404, "notFound", "Requested entity was not found.", "NOT_FOUND")


class Call:
    """One request, and the mailbox it is about."""

    def __init__(self, request: "Request", mailbox: Mailbox) -> None:
        """Read the parameters as they are needed."""
        self.request = request
        self.mailbox = mailbox
        self.params = request.query_params

    async def body(self, kind: type[Any]) -> Any:
        """Read the body."""
        try:
            return msgspec.json.decode(await self.request.body(), type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise invalid_value("Invalid JSON payload received.") from None

    @property
    def form(self) -> str:
        """The format that is asked for."""
        form = self.params.get("format", "full").lower()
        if form not in _FORMATS:
            raise invalid_value(f"Invalid value at 'format': {form}")
        return form

    def shown(self, mail: Mail) -> dict[str, Any]:
        """Show a mail as it is asked for."""
        return views.message(mail, self.form, self.params.getlist("metadataHeaders"))

    async def matching(self) -> list[Mail]:
        """The mails that the list's parameters mean."""
        wanted = set(self.params.getlist("labelIds"))
        if wanted - {one.id for one in self.mailbox.labels}:
            raise invalid_value("Invalid label: " + min(wanted))
        search = Search(self.params.get("q", ""), self.mailbox.labels)
        sees_all = search.sees_all or self.params.get("includeSpamTrash") == "true"
        return [
            mail
            for mail in await self.mailbox.mails()
            if wanted <= set(mail.labels)
            and (sees_all or _ASIDE.isdisjoint(mail.labels))
            and search.test(mail)
        ]

    @property
    def kept(self) -> int:
        """What the first page of the list has kept for this one."""
        token = read_token(self.request, _invalid_page())
        return token.kept if token else 0

    def page(
        self,
        name: str,
        rows: Sequence[dict[str, Any]],
        keys: Sequence[Any] | None = None,
        kept: int = 0,
    ) -> "Response":
        """Show a page; without rows the key is not there."""
        shown, token = cut(
            self.request,
            rows,
            size="maxResults",
            default=100,
            most=_MOST,
            invalid=_invalid_page(),
            keys=keys,
            kept=kept,
        )
        told: dict[str, Any] = {name: list(shown)} if shown else {}
        if token is not None:
            told["nextPageToken"] = token
        return json_answer(told | {"resultSizeEstimate": min(len(rows), 201)})

    async def message(self) -> Mail:
        """The mail that the path names."""
        name = self.request.path_params["message"]
        for mail in await self.mailbox.mails():
            if mail.id == name:
                return mail
        raise gone()

    async def thread(self, name: str | None = None) -> list[Mail]:
        """The mails of the thread that the path names, the oldest first."""
        name = name or self.request.path_params["thread"]
        mails = [mail for mail in await self.mailbox.mails() if mail.thread == name]
        if not mails:
            raise gone()
        return mails[::-1]
