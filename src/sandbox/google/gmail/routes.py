"""The part of the Gmail API that is imitated, with its limit for a user."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.routing import Route

from src.sandbox.google import errors
from src.sandbox.google.gmail import views
from src.sandbox.google.gmail.mailbox import Mailbox, parse
from src.sandbox.google.gmail.records import Mail
from src.sandbox.google.gmail.search import Search
from src.sandbox.google.tokens import cut
from src.sandbox.kit import Refused, json_answer

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from src.sandbox.kit import SandboxStore

UNITS = 6_000
"""Of quota, which a user of a new project may spend in a minute: gmail/reference/quota."""

_ME = "/gmail/v1/users/{user}"
_PREFIX = "https://www.googleapis.com/auth/gmail"
_READING = (f"{_PREFIX}.readonly", f"{_PREFIX}.modify")
SCOPES = (
    ("GET", r"/gmail/v1/users/[^/]+/labels", (*_READING, f"{_PREFIX}.labels")),
    ("GET", r"/gmail/v1/.*", _READING),
    ("POST", r"/gmail/v1/users/[^/]+/messages/send", (f"{_PREFIX}.send", f"{_PREFIX}.modify")),
    ("POST", r"/gmail/v1/.*", (f"{_PREFIX}.modify",)),
)
_ASIDE = frozenset({"SPAM", "TRASH"})
_MOST = 500
_MOST_LABELS = 100
_FORMATS = ("full", "metadata", "minimal")

Endpoint = Callable[["Call"], Any]


def _refused(status: int, reason: str, message: str, word: str) -> Refused:
    return Refused(errors.legacy(status, reason, message, word=word))


def _invalid(message: str) -> Refused:
    return _refused(400, "invalidArgument", message, "INVALID_ARGUMENT")


def _gone() -> Refused:
    return _refused(404, "notFound", "Requested entity was not found.", "NOT_FOUND")


class Change(msgspec.Struct, rename="camel"):
    """What is asked of labels."""

    add_label_ids: list[str] = []
    remove_label_ids: list[str] = []


class Sending(msgspec.Struct, rename="camel"):
    """A mail to be sent."""

    raw: str | None = None
    thread_id: str | None = None


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
            raise _invalid("Invalid JSON payload received.") from None

    @property
    def form(self) -> str:
        """The format that is asked for."""
        form = self.params.get("format", "full").lower()
        if form not in _FORMATS:
            raise _invalid(f"Invalid value at 'format': {form}")
        return form

    def shown(self, mail: Mail) -> dict[str, Any]:
        """Show a mail as it is asked for."""
        return views.message(mail, self.form, self.params.getlist("metadataHeaders"))

    async def matching(self) -> list[Mail]:
        """The mails that the list's parameters mean."""
        wanted = set(self.params.getlist("labelIds"))
        if wanted - {one.id for one in self.mailbox.labels}:
            raise _invalid("Invalid label: " + min(wanted))
        search = Search(self.params.get("q", ""), self.mailbox.labels)
        sees_all = search.sees_all or self.params.get("includeSpamTrash") == "true"
        return [
            mail
            for mail in await self.mailbox.mails()
            if wanted <= set(mail.labels)
            and (sees_all or _ASIDE.isdisjoint(mail.labels))
            and search.test(mail)
        ]

    def page(self, name: str, rows: Sequence[dict[str, Any]]) -> "Response":
        """Show a page; without rows the key is not there."""
        invalid = errors.legacy(
            400, "invalidArgument", "Invalid pageToken", word="INVALID_ARGUMENT"
        )
        shown, token = cut(
            self.request, rows, size="maxResults", default=100, most=_MOST, invalid=invalid
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
        raise _gone()

    async def thread(self, name: str | None = None) -> list[Mail]:
        """The mails of the thread that the path names, the oldest first."""
        name = name or self.request.path_params["thread"]
        mails = [mail for mail in await self.mailbox.mails() if mail.thread == name]
        if not mails:
            raise _gone()
        return mails[::-1]


async def _show_profile(call: Call) -> "Response":
    mails = await call.mailbox.mails()
    return json_answer(
        {
            "emailAddress": call.request.scope["google.caller"].user.email,
            "messagesTotal": len(mails),
            "threadsTotal": len({mail.thread for mail in mails}),
            "historyId": "1768478400",
        }
    )


async def _list_labels(call: Call) -> "Response":
    return json_answer({"labels": [views.label(one) for one in call.mailbox.labels]})


async def _list_messages(call: Call) -> "Response":
    rows = [{"id": mail.id, "threadId": mail.thread} for mail in await call.matching()]
    return call.page("messages", rows)


async def _list_threads(call: Call) -> "Response":
    newest = {mail.thread: mail for mail in reversed(await call.matching())}
    rows = sorted(newest.values(), key=lambda mail: -mail.at)
    return call.page(
        "threads",
        [
            {"id": one.thread, "snippet": one.text[:100], "historyId": str(one.at // 1000)}
            for one in rows
        ],
    )


async def _show_message(call: Call) -> "Response":
    return json_answer(call.shown(await call.message()))


async def _show_thread(call: Call) -> "Response":
    mails = await call.thread()
    return json_answer(
        {
            "id": mails[0].thread,
            "historyId": str(mails[-1].at // 1000),
            "messages": [call.shown(mail) for mail in mails],
        }
    )


async def _show_attachment(call: Call) -> "Response":
    content = views.content_of(await call.message(), call.request.path_params["attachment"])
    if content is None:
        raise _invalid("Invalid attachment token")
    return json_answer({"size": len(content), "data": views.encoded(content)})


async def _send(call: Call) -> "Response":
    sending = await call.body(Sending)
    if not sending.raw:
        words = (
            "'raw' RFC822 payload message string or uploading message via /upload/* URL required"
        )
        raise _invalid(words)
    try:
        mail = parse(sending.raw)
    except ValueError:
        raise _invalid("Invalid value for ByteString") from None
    if not any(mail[name] for name in ("To", "Cc", "Bcc")):
        raise _invalid("Recipient address required")
    if sending.thread_id is not None:
        await call.thread(sending.thread_id)
    sent = await call.mailbox.send(sending.raw, sending.thread_id)
    return json_answer({"id": sent.id, "threadId": sent.thread, "labelIds": [*sent.labels]})


async def _changed(call: Call, mails: list[Mail]) -> list[Mail]:
    change = await call.body(Change)
    known = {one.id for one in call.mailbox.labels}
    given = [*change.add_label_ids, *change.remove_label_ids]
    if not given:
        raise _invalid("No label add or removes specified")
    if lost := [one for one in given if one not in known]:
        raise _invalid(f"Invalid label: {lost[0]}")
    if max(len(change.add_label_ids), len(change.remove_label_ids)) > _MOST_LABELS:
        raise _invalid("Too many labels")
    return await call.mailbox.relabel(mails, change.add_label_ids, change.remove_label_ids)


async def _modify_message(call: Call) -> "Response":
    mail = (await _changed(call, [await call.message()]))[0]
    return json_answer(views.message(mail, "minimal"))


async def _modify_thread(call: Call) -> "Response":
    mails = await _changed(call, await call.thread())
    told = [views.message(mail, "minimal") for mail in mails]
    return json_answer({"id": mails[0].thread, "messages": told})


_ROUTES: tuple[tuple[str, str, Endpoint, int], ...] = (
    ("GET", "/profile", _show_profile, 1),
    ("GET", "/labels", _list_labels, 1),
    ("GET", "/messages", _list_messages, 5),
    ("POST", "/messages/send", _send, 100),
    ("GET", "/messages/{message}", _show_message, 20),
    ("GET", "/messages/{message}/attachments/{attachment}", _show_attachment, 20),
    ("POST", "/messages/{message}/modify", _modify_message, 5),
    ("GET", "/threads", _list_threads, 10),
    ("GET", "/threads/{thread}", _show_thread, 40),
    ("POST", "/threads/{thread}/modify", _modify_thread, 10),
)


def routes(store: "SandboxStore", clock: Callable[[], float], units: int) -> tuple[Route, ...]:
    """Return the routes; a user may spend `units` in a minute."""

    async def spend(login: str, cost: int) -> None:
        minute = int(clock()) // 60
        if await store.increment(f"google/gmail/{login}/units/{minute}", "units", cost) > units:
            raise Refused(errors.user_limit())

    def route(method: str, path: str, endpoint: Endpoint, cost: int) -> Route:
        async def answer(request: "Request") -> "Response":
            user = request.scope["google.caller"].user
            if request.path_params["user"] not in {"me", user.email}:
                raise _refused(403, "forbidden", "Delegation denied", "PERMISSION_DENIED")
            if not user.has_mail:
                words = "Mail service not enabled"
                raise _refused(400, "failedPrecondition", words, "FAILED_PRECONDITION")
            await spend(user.login, cost)
            done: Response = await endpoint(Call(request, Mailbox(store, user, clock)))
            return done

        return Route(_ME + path, answer, methods=[method])

    return tuple(route(*one) for one in _ROUTES)
