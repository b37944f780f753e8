"""The part of the Gmail API that is imitated, with its limit for a user."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from src.sandbox.google import errors
from src.sandbox.google.gmail import views
from src.sandbox.google.gmail.call import Call, gone, invalid_value, refused
from src.sandbox.google.gmail.history import KINDS, chosen
from src.sandbox.google.gmail.mailbox import Mailbox, order_of, parse
from src.sandbox.google.gmail.records import Mail
from src.sandbox.google.people import user_of
from src.sandbox.kit import Refused, json_answer

if TYPE_CHECKING:
    from starlette.requests import Request

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
_MOST_LABELS = 100

Endpoint = Callable[["Call"], Any]


class Change(msgspec.Struct, rename="camel"):
    """What is asked of labels."""

    add_label_ids: list[str] = []
    remove_label_ids: list[str] = []


class Sending(msgspec.Struct, rename="camel"):
    """A mail to be sent."""

    raw: str | None = None
    thread_id: str | None = None


async def _show_profile(call: Call) -> "Response":
    mails = await call.mailbox.mails()
    return json_answer(
        {
            "emailAddress": call.request.scope["google.caller"].user.email,
            "messagesTotal": len(mails),
            "threadsTotal": len({mail.thread for mail in mails}),
            "historyId": str(await call.mailbox.log.end()),
        }
    )


async def _list_history(call: Call) -> "Response":
    start = call.params.get("startHistoryId", "")
    kinds = call.params.getlist("historyTypes")
    if not start.isdecimal() or set(kinds) - KINDS.keys():
        raise invalid_value("Invalid value for historyTypes or startHistoryId")
    entries = await call.mailbox.log.since(start)
    if entries is None:
        raise gone()
    end = call.kept or await call.mailbox.log.end()
    told_of = [(number, entry) for number, entry in entries if number <= end]
    rows = chosen(told_of, kinds, call.params.get("labelId"))
    told = msgspec.json.decode(
        call.page("history", rows, [int(row["id"]) for row in rows], end).body
    )
    del told["resultSizeEstimate"]
    return json_answer(told | {"historyId": str(await call.mailbox.log.end())})


async def _list_labels(call: Call) -> "Response":
    return json_answer({"labels": [views.label(one) for one in call.mailbox.labels]})


async def _list_messages(call: Call) -> "Response":
    mails = await call.matching()
    rows = [{"id": mail.id, "threadId": mail.thread} for mail in mails]
    return call.page("messages", rows, [order_of(mail) for mail in mails])


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
        raise invalid_value("Invalid attachment token")
    return json_answer({"size": len(content), "data": views.encoded(content)})


async def _send(call: Call) -> "Response":
    sending = await call.body(Sending)
    if not sending.raw:
        words = (
            "'raw' RFC822 payload message string or uploading message via /upload/* URL required"
        )
        raise invalid_value(words)
    try:
        mail = parse(sending.raw)
    except ValueError:
        raise invalid_value("Invalid value for ByteString") from None
    if not any(mail[name] for name in ("To", "Cc", "Bcc")):
        raise invalid_value("Recipient address required")
    if sending.thread_id is not None:
        await call.thread(sending.thread_id)
    sent = await call.mailbox.send(sending.raw, sending.thread_id)
    return json_answer({"id": sent.id, "threadId": sent.thread, "labelIds": [*sent.labels]})


async def _changed(call: Call, mails: list[Mail]) -> list[Mail]:
    change = await call.body(Change)
    known = {one.id for one in call.mailbox.labels}
    given = [*change.add_label_ids, *change.remove_label_ids]
    if not given:
        raise invalid_value("No label add or removes specified")
    if lost := [one for one in given if one not in known]:
        raise invalid_value(f"Invalid label: {lost[0]}")
    if max(len(change.add_label_ids), len(change.remove_label_ids)) > _MOST_LABELS:
        raise invalid_value("Too many labels")
    return await call.mailbox.relabel(mails, change.add_label_ids, change.remove_label_ids)


async def _modify_message(call: Call) -> "Response":
    mail = (await _changed(call, [await call.message()]))[0]
    return json_answer(views.message(mail, "minimal"))


async def _trash(call: Call) -> "Response":
    mail = await call.message()
    trashed = await call.mailbox.relabel([mail], ["TRASH"], ["INBOX"])
    return json_answer(views.message(trashed[0], "minimal"))


async def _untrash(call: Call) -> "Response":
    mail = await call.message()
    restored = await call.mailbox.relabel([mail], [], ["TRASH"])
    return json_answer(views.message(restored[0], "minimal"))


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
    ("POST", "/messages/{message}/trash", _trash, 5),
    ("POST", "/messages/{message}/untrash", _untrash, 5),
    ("GET", "/history", _list_history, 2),
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
                raise refused(403, "forbidden", "Delegation denied", "PERMISSION_DENIED")
            if not user.has_mail:
                words = "Mail service not enabled"
                raise refused(400, "failedPrecondition", words, "FAILED_PRECONDITION")
            await spend(user.login, cost)
            done: Response = await endpoint(Call(request, Mailbox(store, user, clock)))
            return done

        return Route(_ME + path, answer, methods=[method])

    return tuple(route(*one) for one in _ROUTES)


def controls(store: "SandboxStore", clock: Callable[[], float]) -> tuple[Route, ...]:
    """Return the switch that deletes a mail for good, which takes a scope that no app has."""

    async def forget(request: "Request") -> Response:
        user = user_of(request.path_params["login"])
        mailbox = Mailbox(store, user, clock) if user else None
        mails = await mailbox.mails() if mailbox else []
        doomed = next((one for one in mails if one.id == request.path_params["message"]), None)
        if mailbox is None or doomed is None:
            return Response(status_code=404)
        await mailbox.forget(doomed)
        return Response(status_code=204)

    return (Route("/mails/{login}/{message}", forget, methods=["DELETE"]),)
